import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { audit } from "../platform/audit.ts";
import { Declined, declinedOrThrow } from "../platform/errors.ts";
import { readForm, typedPassword } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { openChallenge } from "./challenges.ts";
import { factorsOf } from "./factors.ts";
import { countTry, forgetFailures } from "./failures.ts";
import type { LogInParts } from "./log-in.ts";
import { liftHold } from "./logins.ts";
import { may } from "./permissions.ts";
import { proofRoutes } from "./proof-routes.ts";
import { prove } from "./prove.ts";
import { newSession, whereFrom } from "./web-session.ts";

const passwordForm = z.object({ password: typedPassword("Enter your password") });

/** "Confirm that it is you": the second factor again before what must not be done at an unattended desk. */
export function confirmRoutes(parts: LogInParts): Router {
  const router = Router();
  const { db, clock, vault, passwords } = parts;

  const showConfirm = async (res: Response, errors?: Record<string, string>) => {
    const [strongest] = await factorsOf(db, res.locals.viewer.id);
    const page = { title: "Confirm that it is you" };
    res.locals.show("identity/confirm", { page, byPassword: !strongest, errors });
  };

  const goOn = async (req: Request, res: Response) => {
    const { loginId, confirmFor } = req.session;
    await newSession(req, { loginId });
    goTo(res, confirmFor && /^\/(?![/\\])/.test(confirmFor) ? confirmFor : "/settings");
  };

  router.get("/confirm", may("change own settings"), (_req, res) => showConfirm(res));

  router.post("/confirm", may("change own settings"), async (req, res) => {
    const { viewer } = res.locals;
    try {
      if ((await factorsOf(db, viewer.id)).length) {
        const given = { userId: viewer.id, purpose: "confirm" } as const;
        req.session.challengeId = await db.transaction((trx) => openChallenge(trx, parts, given));
        return goTo(res, "/confirm/code");
      }
      const { password } = readForm(passwordForm, req.body);
      const tried = { userId: viewer.userId, device: viewer.loginId };
      await countTry(db, vault, tried);
      const user = await db("users").where({ id: viewer.id }).first("password_hash");
      if (!(await passwords.matches(password, user.password_hash))) {
        await audit(db, res.locals.actor, { at: clock.now(), action: "password not confirmed", subjectId: viewer.id });
        throw new Declined({ password: "That is not your password." });
      }
      await forgetFailures(db, vault, tried);
      await db("logins").where({ id: viewer.loginId }).update({ confirmed_at: clock.now() });
      await goOn(req, res);
    } catch (error) {
      await showConfirm(res, declinedOrThrow(error));
    }
  });

  router.use(
    proofRoutes(parts, {
      base: "/confirm/code",
      purpose: "confirm",
      orElse: "/confirm",
      finish: async (req, res, challengeId, proof) => {
        const { viewer } = res.locals;
        await prove(
          parts,
          { challengeId, purpose: "confirm", proof, device: viewer.loginId, ...whereFrom(req) },
          async (trx, { challenge, provedBy, provedSince }) => {
            if (challenge.person.id !== viewer.id) throw new Declined({ code: "That code was for something else." });
            await trx("logins")
              .where({ id: viewer.loginId })
              .update({ confirmed_at: clock.now(), proved_by: provedBy });
            if (provedBy !== "email") await liftHold(trx, viewer.id, provedSince);
          },
        );
        await goOn(req, res);
      },
    }),
  );

  return router;
}
