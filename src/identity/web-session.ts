import type { Request } from "express";

/** Makes a new session id, keeps what outlives a log-in, and saves it before the browser is sent on. */
export async function newSession(
  req: Request,
  contents: { loginId: string } | { challengeId: string } | object,
): Promise<void> {
  const { returnTo, keptFormId, chatId } = req.session;
  await new Promise<void>((done, fail) => req.session.regenerate((error) => (error ? fail(error) : done())));
  Object.assign(req.session, contents, returnTo && { returnTo }, keptFormId && { keptFormId }, chatId && { chatId });
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

/** Where to go after the log-in: only a path of ours, never an address elsewhere. */
export function takeReturnTo(req: Request): string {
  if (req.session.keptFormId) return "/login/continue";
  const path = req.session.returnTo ?? "/";
  delete req.session.returnTo;
  return /^\/(?![/\\])/.test(path) ? path : "/";
}

/** From where a request comes, as far as it says. */
export const whereFrom = (req: Request) => ({
  address: req.ip ?? "",
  browser: (req.get("user-agent") ?? "").slice(0, 300),
  requestId: req.res?.locals.requestId ?? null,
});
