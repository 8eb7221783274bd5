import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Request, Response } from "express";
import type { Vault } from "../platform/secrets.ts";

/**
 * A browser that a person fully logged in with carries a signed cookie, and its failures are counted apart: a stranger
 * who guesses locks the User ID for other browsers, not for this one (OWASP, Device Cookies).
 */
export const deviceCookieName = (secure: boolean) => (secure ? "__Host-device" : "device");

const halfYear = 180 * 24 * 3_600_000;

/** The nonce of this browser's cookie when it is this person's, else undefined. */
export function knownDevice(req: Request, vault: Vault, userId: string, secure: boolean): string | undefined {
  const [nonce, signature] = String(req.cookies?.[deviceCookieName(secure)] ?? "").split(".");
  if (!nonce || !signature) return undefined;
  const expected = sign(vault, userId, nonce);
  const given = Buffer.from(signature, "base64url");
  return given.length === expected.length && timingSafeEqual(given, expected) ? nonce : undefined;
}

/** Marks this browser as one that the person logged in with. */
export function rememberDevice(res: Response, vault: Vault, userId: string, secure: boolean): void {
  const nonce = randomBytes(18).toString("base64url");
  const value = `${nonce}.${sign(vault, userId, nonce).toString("base64url")}`;
  res.cookie(deviceCookieName(secure), value, {
    ...{ httpOnly: true, secure, sameSite: "lax", path: "/" },
    maxAge: halfYear,
  });
}

const sign = (vault: Vault, userId: string, nonce: string) => vault.digest("device cookie", `${userId} ${nonce}`);
