import type { Request } from "express";
import type { Vault } from "../platform/secrets.ts";

/** Makes a new session id, keeps what outlives a log-in, and saves it before the browser is sent on. */
export async function newSession(
  req: Request,
  contents: { loginId: string } | { challengeId: string } | object,
): Promise<void> {
  const { keptFormId, chatId } = req.session;
  await new Promise<void>((done, fail) => req.session.regenerate((error) => (error ? fail(error) : done())));
  Object.assign(req.session, contents, keptFormId && { keptFormId }, chatId && { chatId });
  await saveSession(req);
}

/** Waits until the session is stored: an answer must not promise what was not kept. */
export function saveSession(req: Request): Promise<void> {
  return new Promise((done, fail) => req.session.save((error) => (error ? fail(error) : done())));
}

/** Ends the session of this browser. */
export function endSession(req: Request): Promise<void> {
  return new Promise((done, fail) => req.session.destroy((error) => (error ? fail(error) : done())));
}

type ReturnParts = { vault: Vault; secure: boolean };

const returnCookie = (secure: boolean) => (secure ? "__Host-return" : "return");
const ofReturn = "page to return to";

/**
 * Remembers the page that somebody wanted before they were logged in. It waits in the browser, sealed: a patient's name
 * may stand in the address, and in the session it would cost a row for whatever a stranger asks for.
 */
export function rememberReturnTo(req: Request, { vault, secure }: ReturnParts): void {
  const wanted = req.originalUrl.length > 1_000 ? req.path : req.originalUrl;
  if (wanted.length > 1_000) return;
  const sealed = vault.seal(wanted, ofReturn).toString("base64url");
  const lasting = { httpOnly: true, sameSite: "lax", secure, path: "/", maxAge: 3_600_000 } as const;
  req.res?.cookie(returnCookie(secure), sealed, lasting);
}

/** Forgets it: whoever is at this desk next wants something else. */
export function forgetReturnTo(req: Request, { secure }: Pick<ReturnParts, "secure">): void {
  req.res?.clearCookie(returnCookie(secure), { httpOnly: true, sameSite: "lax", secure, path: "/" });
}

/** Where to go after the log-in: only a path of ours, never an address elsewhere. */
export function takeReturnTo(req: Request, { vault, secure }: ReturnParts): string {
  const sealed: unknown = req.cookies?.[returnCookie(secure)];
  if (sealed !== undefined) forgetReturnTo(req, { secure });
  if (req.session.keptFormId) return "/login/continue";
  if (typeof sealed !== "string") return "/";
  try {
    const path = vault.open(Buffer.from(sealed, "base64url"), ofReturn);
    return /^\/(?![/\\])/.test(path) ? path : "/";
  } catch {
    return "/"; // made up
  }
}

/** From where a request comes, as far as it says. */
export const whereFrom = (req: Request) => ({
  address: req.ip ?? "",
  browser: (req.get("user-agent") ?? "").slice(0, 300),
  requestId: req.res?.locals.requestId ?? null,
});
