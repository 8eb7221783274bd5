import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { declinedOrThrow } from "../platform/errors.ts";
import { line, readForm, typedIn, typedPassword } from "../platform/forms.ts";
import { againLater, goTo } from "../platform/view.ts";
import { knownDevice, rememberDevice } from "./device-cookie.ts";
import { dropKeptForm, findKeptForm } from "./kept-forms.ts";
import { finishLogIn, type LogInParts, logIn, normalUserId } from "./log-in.ts";
import { logOut } from "./logins.ts";
import { proofRoutes } from "./proof-routes.ts";
import { endSession, forgetReturnTo, newSession, takeReturnTo, whereFrom } from "./web-session.ts";

const logInForm = z.object({
  userId: line("Enter your User ID", 100),
  // A password manager may fill in anything; what is longer than any password may be is simply not right.
  password: typedPassword("Enter your password"),
});

/** Logging in and out. Every rise of rights makes a new session id, saved before the browser is sent on. */
export function identityRoutes(parts: LogInParts & { secure: boolean }): Router {
  const router = Router();
  const showLogIn = (res: Response, given: { typed?: string; error?: unknown } = {}) => {
    const errors = given.error ? declinedOrThrow(given.error) : undefined;
    const data = { page: { title: "Log in" }, userId: given.typed ?? "", errors };
    res.locals.show("identity/log-in", data, againLater(res, given.error));
  };

  const enter = async (req: Request, res: Response, login: { loginId: string; userId: string }) => {
    await newSession(req, { loginId: login.loginId });
    rememberDevice(req, parts, login.userId);
    goTo(res, takeReturnTo(req, res, parts));
  };

  router.get("/login", (_req, res) => (res.locals.viewer ? res.redirect(303, "/") : showLogIn(res)));

  router.post("/login", async (req, res) => {
    try {
      const form = readForm(logInForm, req.body);
      const device = knownDevice(req, parts, normalUserId(form.userId));
      const result = await logIn(parts, { ...form, device, ...whereFrom(req) });
      if ("loginId" in result) return await enter(req, res, result);
      await newSession(req, { challengeId: result.challengeId, challengedUserId: normalUserId(form.userId) });
      goTo(res, "/login/code");
    } catch (error) {
      showLogIn(res, { error, typed: typedIn(req.body).userId ?? "" });
    }
  });

  router.use(
    proofRoutes(parts, {
      base: "/login/code",
      purpose: "log in",
      orElse: "/login",
      finish: async (req, res, challengeId, proof) => {
        const device = knownDevice(req, parts, req.session.challengedUserId ?? "");
        await enter(req, res, await finishLogIn(parts, { challengeId, proof, device, ...whereFrom(req) }));
      },
    }),
  );

  // A form that came after its log-in had ended: nothing of it was done, and it can be sent again.
  router.get("/login/continue", async (req, res) => {
    const { keptFormId } = req.session;
    const kept = keptFormId && res.locals.viewer ? await findKeptForm(parts, res.locals.viewer, keptFormId) : null;
    if (kept) return res.locals.show("identity/continue", { page: { title: "Go on where you were" }, kept });
    delete req.session.keptFormId;
    res.redirect(303, takeReturnTo(req, res, parts));
  });

  router.post("/login/continue", async (req, res) => {
    if (req.session.keptFormId && res.locals.viewer)
      await dropKeptForm(parts.db, res.locals.viewer, req.session.keptFormId);
    delete req.session.keptFormId;
    goTo(res, "/");
  });

  router.post("/logout", async (req, res) => {
    if (req.session.loginId && res.locals.viewer) await logOut(parts, res.locals.actor, req.session.loginId);
    await endSession(req);
    forgetReturnTo(res, parts);
    // At a shared desk nothing stays behind. The cache may: pages are never in it, and what is is everybody's.
    res.set("Clear-Site-Data", '"storage"');
    goTo(res, "/login");
  });

  /** "Stay logged in": being answered is all that it takes. */
  router.post("/session", (req, res) => {
    if (req.get("hx-request") === "true") res.status(204).end();
    else res.redirect(303, "/");
  });

  return router;
}
