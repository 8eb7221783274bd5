import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { declinedOrThrow } from "../platform/errors.ts";
import { line, readForm, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { findChallenge, type LogInParts, logIn, logOut, sendNewCode } from "./log-in.ts";
import { verifyCode } from "./verify-code.ts";

const logInForm = z.object({
  userId: line("Enter your User ID", 100),
  // A password manager may fill in anything; what is longer than any password may be is simply not right.
  password: z
    .string({ error: "Enter your password" })
    .min(1, { error: "Enter your password" })
    .max(1000, { error: "That password is too long" }),
});
const codeForm = z.object({ code: line("Enter the six digits of the code", 20) });

/** Logging in and out. Every rise of rights makes a new session id, saved before the browser is sent on. */
export function identityRoutes(parts: LogInParts): Router {
  const router = Router();

  const showLogIn = (
    req: Request,
    res: Response,
    given: { typed?: string | undefined; errors?: Record<string, string> } = {},
  ) =>
    res.locals.show(
      "identity/log-in",
      {
        page: { title: "Log in" },
        userId: given.typed ?? "",
        errors: given.errors ?? {},
        sentBack: Boolean(req.session.returnTo),
      },
      { status: given.errors ? 422 : 200 },
    );

  const showCode = async (req: Request, res: Response, errors?: Record<string, string>) => {
    const challenge = req.session.challengeId && (await findChallenge(parts.db, req.session.challengeId));
    if (!challenge) return res.redirect(303, "/login");
    const page = { title: "Verification code", back: { href: "/login", label: "Log in" } };
    const sentAgain = req.query.sent === "1" && !errors;
    res.locals.show(
      "identity/code",
      { page, challenge, sentAgain, errors: errors ?? {} },
      { status: errors ? 422 : 200 },
    );
  };

  router.get("/login", (req, res) => (res.locals.viewer ? res.redirect(303, "/") : showLogIn(req, res)));

  router.post("/login", async (req, res) => {
    try {
      const form = readForm(logInForm, req.body);
      const result = await logIn(parts, { ...form, ...whereFrom(req) });
      await newSession(req, result);
      goTo(req, res, "challengeId" in result ? "/login/code" : takeReturnTo(req));
    } catch (error) {
      showLogIn(req, res, { errors: declinedOrThrow(error), typed: typedIn(req.body).userId });
    }
  });

  router.get("/login/code", (req, res) => showCode(req, res));

  router.post("/login/code", async (req, res) => {
    const { challengeId } = req.session;
    if (!challengeId) return goTo(req, res, "/login");
    try {
      const { code } = readForm(codeForm, req.body);
      await newSession(req, await verifyCode(parts, { challengeId, code, ...whereFrom(req) }));
      goTo(req, res, takeReturnTo(req));
    } catch (error) {
      await showCode(req, res, declinedOrThrow(error));
    }
  });

  router.post("/login/code/sendings", async (req, res) => {
    const { challengeId } = req.session;
    if (!challengeId) return goTo(req, res, "/login");
    try {
      await sendNewCode(parts, challengeId);
      goTo(req, res, "/login/code?sent=1");
    } catch (error) {
      await showCode(req, res, declinedOrThrow(error));
    }
  });

  router.post("/logout", async (req, res) => {
    if (req.session.loginId) await logOut(parts, res.locals.actor, req.session.loginId);
    await new Promise<void>((done, fail) => req.session.destroy((error) => (error ? fail(error) : done())));
    goTo(req, res, "/login");
  });

  return router;
}

async function newSession(req: Request, contents: { loginId: string } | { challengeId: string }): Promise<void> {
  const { returnTo } = req.session;
  await new Promise<void>((done, fail) => req.session.regenerate((error) => (error ? fail(error) : done())));
  Object.assign(req.session, contents, returnTo && { returnTo });
  await new Promise<void>((done, fail) => req.session.save((error) => (error ? fail(error) : done())));
}

/** Back to the page that asked for the log-in; only a path of ours, never an address elsewhere. */
function takeReturnTo(req: Request): string {
  const path = req.session.returnTo ?? "/";
  delete req.session.returnTo;
  return /^\/(?![/\\])/.test(path) ? path : "/";
}

const whereFrom = (req: Request) => ({ address: req.ip ?? "", browser: (req.get("user-agent") ?? "").slice(0, 300) });
