import type { Request, Response } from "express";
import type { Vault } from "./secrets.ts";

type Given = {
  name: string;
  /** Milliseconds that it is kept. */
  maxAge: number;
  /** What it is sealed for: only under the same words does it open again. */
  context: (req: Request) => string;
};

/** A text that waits in the browser and says nothing to it, until a request brings it back. */
export function sealedCookie(
  { vault, secure }: { vault: Vault; secure: boolean },
  { maxAge, context, ...given }: Given,
) {
  const name = secure ? `__Host-${given.name}` : given.name;
  const options = { httpOnly: true, sameSite: "lax", secure, path: "/" } as const;
  const forget = (res: Response) => void res.clearCookie(name, options);
  return {
    /** @param text of a thousand characters at most: a browser drops a cookie of more than 4 kB */
    leave(req: Request, res: Response, text: string): void {
      res.cookie(name, vault.seal(text, context(req)).toString("base64url"), { ...options, maxAge });
    },
    /** What was left, once; null where nothing was, and where it was made up or meant for another. */
    take(req: Request, res: Response): string | null {
      const sealed: unknown = req.cookies?.[name];
      if (typeof sealed !== "string") return null;
      forget(res);
      try {
        return vault.open(Buffer.from(sealed, "base64url"), context(req));
      } catch {
        return null;
      }
    },
    forget,
  };
}
