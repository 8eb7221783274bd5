import type { Request, Response } from "express";
import { sealedCookie } from "../platform/sealed-cookie.ts";
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

/**
 * The page that somebody wanted before they were logged in. It waits in the browser: a patient's name may stand in the
 * address, and in the session it would cost a row for whatever a stranger asks for.
 */
const returnTo = (parts: ReturnParts) =>
  sealedCookie(parts, { name: "return", maxAge: 3_600_000, context: () => "page to return to" });

/** Remembers where to go after the log-in. */
export function rememberReturnTo(req: Request, res: Response, parts: ReturnParts): void {
  const wanted = [req.originalUrl, req.path].find(({ length }) => length <= 1_000);
  if (wanted) returnTo(parts).leave(req, res, wanted);
}

/** Forgets it: whoever is at this desk next wants something else. */
export const forgetReturnTo = (res: Response, parts: ReturnParts): void => returnTo(parts).forget(res);

/** Where to go after the log-in: only a path of ours, never an address elsewhere. */
export function takeReturnTo(req: Request, res: Response, parts: ReturnParts): string {
  const path = returnTo(parts).take(req, res) ?? "/";
  if (req.session.keptFormId) return "/login/continue";
  return /^\/(?![/\\])/.test(path) ? path : "/";
}

/** From where a request comes, as far as it says. */
export const whereFrom = (req: Request) => ({
  address: req.ip ?? "",
  browser: (req.get("user-agent") ?? "").slice(0, 300),
  requestId: req.res?.locals.requestId ?? null,
});
