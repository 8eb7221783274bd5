import { Router } from "express";
import { z } from "zod";
import { declinedOrThrow } from "../platform/errors.ts";
import { choice, readForm, typedIn, typedPassword } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import type { LogInParts } from "./log-in.ts";
import { proofRoutes } from "./proof-routes.ts";
import { chooseNewPassword, findReset, finishReset, sendRecovery } from "./recover.ts";
import { newSession, whereFrom } from "./web-session.ts";

const askForm = z
  .object({
    what: choice(["userId", "password"], "Choose what you forgot"),
    email: z
      .string({ error: "Enter your e-mail address" })
      .trim()
      .pipe(z.email({ error: "Enter an e-mail address like name@example.com" }).max(254)),
    userId: z.string().trim().max(100).default(""),
  })
  .refine(({ what, userId }) => what === "userId" || userId !== "", {
    path: ["userId"],
    error: "Enter your User ID too, for a new password",
  });

const passwordForm = z.object({
  newPassword: typedPassword("Enter a new password"),
});

/** "Forgot User ID/Password?" */
export function recoverRoutes(parts: LogInParts & { publicUrl: string }): Router {
  const router = Router();

  router.get("/recover", (_req, res) => res.locals.show("identity/recover", { page: askPage, typed: {} }));

  router.post("/recover", async (req, res) => {
    try {
      const asked = readForm(askForm, req.body);
      await sendRecovery(parts, { ...asked, ...whereFrom(req) });
      goTo(res, "/recover/sent");
    } catch (error) {
      const data = { page: askPage, typed: typedIn(req.body), errors: declinedOrThrow(error) };
      res.locals.show("identity/recover", data);
    }
  });

  router.get("/recover/sent", (_req, res) => {
    res.locals.show("identity/recover-sent", {
      page: { title: "Check your e-mail", back: { href: "/login", label: "Log in" } },
    });
  });

  router.get("/recover/password/:token", async (req, res) => {
    const works = Boolean(await findReset(parts, req.params.token));
    res.locals.show("identity/new-password", { page: { title: "New password" }, token: req.params.token, works });
  });

  router.post("/recover/password/:token", async (req, res) => {
    const { token } = req.params;
    try {
      const { newPassword } = readForm(passwordForm, req.body);
      const result = await chooseNewPassword(parts, { token, newPassword, ...whereFrom(req) });
      const isDone = !("challengeId" in result);
      await newSession(req, isDone ? {} : { challengeId: result.challengeId });
      if (isDone) goTo(res, "/login", changed);
      else goTo(res, "/recover/code");
    } catch (error) {
      const data = { page: { title: "New password" }, token, works: true, errors: declinedOrThrow(error) };
      res.locals.show("identity/new-password", data);
    }
  });

  router.use(
    proofRoutes(parts, {
      base: "/recover/code",
      purpose: "reset password",
      orElse: "/recover",
      finish: async (req, res, challengeId, proof) => {
        await finishReset(parts, { challengeId, proof, ...whereFrom(req) });
        await newSession(req, {});
        goTo(res, "/login", changed);
      },
    }),
  );

  return router;
}

const askPage = { title: "Forgot User ID or password", back: { href: "/login", label: "Log in" } };
const changed = "Your password is changed, and every log-in with the old one was ended. Log in with the new one.";
