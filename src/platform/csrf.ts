import { doubleCsrf } from "csrf-csrf";
import type { NextFunction, Request, Response } from "express";
import type { Config } from "./config.ts";
import { Refused } from "./errors.ts";

const sentence =
  "This form could not be accepted, and nothing was changed. Open the page again from the portal and send it once more.";

/**
 * Two locks on every post. Where the browser says where a request comes from, it must be from here; and the form's
 * hidden token must match this browser's cookie and log-in, which is all that a text browser can show.
 */
export function csrfProtection(config: Config) {
  const cookieName = config.production ? "__Host-csrf" : "csrf";
  const { generateCsrfToken, validateRequest } = doubleCsrf({
    getSecret: () => config.sessionSecret,
    getSessionIdentifier: (req) => req.session.loginId ?? req.session.challengeId ?? "",
    cookieName,
    cookieOptions: { sameSite: "lax", secure: config.production, httpOnly: true, path: "/" },
    getCsrfTokenFromRequest: (req) => req.body?._csrf,
  });
  const ownOrigin = new URL(config.publicUrl).origin;

  return {
    /** The token for the forms of this answer; sets its cookie when there is none. */
    token: (req: Request, res: Response) => generateCsrfToken(req, res, { overwrite: false, validateOnReuse: false }),

    /** Whether a form comes from here, with the token of this browser and its log-in. */
    isOurs: (req: Request): boolean => fromHere(req, ownOrigin) && validateRequest(req),

    /**
     * Middleware: refuses a post from elsewhere or without the token. A form that the browser itself says is ours, with
     * the token of an earlier log-in, is stale; `answerStale` may answer it, and says whether it did. Whether the token
     * was that of a log-in is told by `madeFor`.
     */
    protect(answerStale: (req: Request, res: Response, madeFor: (loginId: string) => boolean) => Promise<boolean>) {
      return async (req: Request, res: Response, next: NextFunction) => {
        if (req.method === "GET" || req.method === "HEAD") return next();
        if (fromHere(req, ownOrigin)) {
          if (validateRequest(req)) return next();
          const said = req.get("sec-fetch-site") ?? req.get("origin");
          const token = req.body?._csrf;
          const asOf = { body: req.body, cookies: { [cookieName]: token } };
          const madeFor = (loginId: string) => validateRequest({ ...asOf, session: { loginId } } as unknown as Request);
          if (said && typeof token === "string" && (await answerStale(req, res, madeFor))) return;
        }
        throw new Refused(403, sentence);
      };
    },
  };
}

/** Whether a post comes from a page of ours, as far as the browser says; where it says nothing, the token alone decides. */
export function fromHere(req: Request, ownOrigin: string): boolean {
  const site = req.get("sec-fetch-site");
  if (site) return site === "same-origin";
  const origin = req.get("origin");
  return !origin || origin === ownOrigin;
}
