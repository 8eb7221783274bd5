import type { Request, Response } from "express";
import { sealedCookie } from "./sealed-cookie.ts";
import type { Vault } from "./secrets.ts";

/** Leaves a sentence for the next page, and takes it there, once. */
export type Notices = ReturnType<typeof openNotices>;

/**
 * What a form did is said on the page after it. The sentence waits in the browser, in a sealed cookie, and is read by
 * the log-in that left it alone: kept in the session it would cost two rows written for each form.
 */
export function openNotices(parts: { vault: Vault; secure: boolean }) {
  const context = (req: Request) => `notice of ${req.session?.loginId ?? "nobody"}`;
  const cookie = sealedCookie(parts, { name: "notice", maxAge: 5 * 60_000, context });
  return {
    leave: (req: Request, res: Response, text: string): void => cookie.leave(req, res, text.slice(0, 1_000)),
    take(req: Request, res: Response): { text: string } | null {
      const text = cookie.take(req, res);
      return text === null ? null : { text };
    },
  };
}
