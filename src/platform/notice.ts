import type { Request, Response } from "express";
import type { Vault } from "./secrets.ts";

/** Leaves a sentence for the next page, and takes it there, once. */
export type Notices = ReturnType<typeof openNotices>;

/**
 * What a form did is said on the page after it. The sentence waits in the browser, in a sealed cookie, and is read by
 * the log-in that left it alone: kept in the session it would cost two rows written for each form.
 */
export function openNotices({ vault, secure }: { vault: Vault; secure: boolean }) {
  const name = secure ? "__Host-notice" : "notice";
  const options = { httpOnly: true, sameSite: "lax", secure, path: "/" } as const;
  const lasting = { ...options, maxAge: 5 * 60_000 };
  const longest = 1_000; // characters: a browser drops a cookie of more than 4 kB
  const context = (req: Request) => `notice of ${req.session?.loginId ?? "nobody"}`;
  return {
    leave(req: Request, res: Response, text: string): void {
      res.cookie(name, vault.seal(text.slice(0, longest), context(req)).toString("base64url"), lasting);
    },
    take(req: Request, res: Response): { text: string } | null {
      const sealed: unknown = req.cookies?.[name];
      if (typeof sealed !== "string") return null;
      res.clearCookie(name, options);
      try {
        return { text: vault.open(Buffer.from(sealed, "base64url"), context(req)) };
      } catch {
        return null; // another log-in's, or made up
      }
    },
  };
}
