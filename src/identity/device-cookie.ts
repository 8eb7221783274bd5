import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Request } from "express";
import type { Vault } from "../platform/secrets.ts";

/**
 * A browser that a person fully logged in with carries a signed cookie, and its failures are counted apart: a stranger
 * who guesses locks the User ID for other browsers, not for this one (OWASP, Device Cookies).
 */
const deviceCookieName = (secure: boolean) => (secure ? "__Host-device" : "device");

const halfYear = 180 * 24 * 3_600_000;

/** People share the computer at a desk: the cookie knows the last five of them. */
const mostPeople = 5;

type Parts = { vault: Vault; secure: boolean };

/** The nonce that this browser's cookie holds for this person, else undefined. */
export function knownDevice(req: Request, parts: Parts, userId: string): string | undefined {
  return marksIn(req, parts.secure)
    .find((mark) => isOf(parts.vault, userId, mark))
    ?.split(".")[0];
}

/** Marks this browser as one that the person logged in with, beside those who did before. */
export function rememberDevice(req: Request, { vault, secure }: Parts, userId: string): void {
  const nonce = randomBytes(18).toString("base64url");
  const mark = `${nonce}.${sign(vault, userId, nonce).toString("base64url")}`;
  const others = marksIn(req, secure).filter((other) => !isOf(vault, userId, other));
  const value = [mark, ...others].slice(0, mostPeople).join("~");
  req.res?.cookie(deviceCookieName(secure), value, {
    httpOnly: true,
    secure,
    sameSite: "lax",
    path: "/",
    maxAge: halfYear,
  });
}

const marksIn = (req: Request, secure: boolean) => String(req.cookies?.[deviceCookieName(secure)] ?? "").split("~");

function isOf(vault: Vault, userId: string, mark: string): boolean {
  const [nonce, signature] = mark.split(".");
  if (!nonce || !signature) return false;
  const expected = sign(vault, userId, nonce);
  const given = Buffer.from(signature, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const sign = (vault: Vault, userId: string, nonce: string) => vault.digest("device cookie", `${userId} ${nonce}`);
