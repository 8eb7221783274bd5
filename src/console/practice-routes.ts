import { type Response, Router } from "express";
import { may } from "../identity/permissions.ts";
import { reinstate, suspend } from "../identity/suspend.ts";
import { suspensionCauses } from "../identity/suspensions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { readForm, typedIn, uuidIn } from "../platform/forms.ts";
import { chargingNeedsTraining } from "../training/queries.ts";
import { setTrainingRule } from "../training/set-training-rule.ts";
import { actRoutes, type Declining, reasonForm, suspensionForm } from "./act-routes.ts";
import { findPracticeSeen } from "./queries.ts";
import { needsReason } from "./reason-routes.ts";

/** A practice's page in the console. */
export function practiceRoutes(parts: { db: Db; clock: Clock; program: { name: string; phone: string } }): Router {
  const router = Router();
  const { db } = parts;
  const support = may("use the console");

  const showPractice = async (res: Response, id: string, { errors, typed }: Partial<Declining> = {}) => {
    const [practice, needsTraining] = await Promise.all([findPracticeSeen(db, id), chargingNeedsTraining(db, id)]);
    const page = { title: practice.name, back: { href: "/console", label: "Console" } };
    res.locals.show("console/practice", {
      page,
      practice,
      needsTraining,
      suspensionCauses,
      typed: typed ?? {},
      errors,
    });
  };

  const reason = needsReason(parts, "practice");
  router.get("/console/practices/:id", support, reason, (req, res) => showPractice(res, uuidIn(req.params.id)));

  const act = actRoutes(router, { path: "/console/practices/:id", reason, show: showPractice });
  act("suspension", support, {
    prefix: "suspension",
    told: "Suspended, with everybody there. The owners were told by e-mail.",
    run: ({ actor, viewer }, practiceId, body) =>
      suspend(parts, actor, viewer, { practiceId, ...readForm(suspensionForm, body) }),
  });
  act("reinstatement", support, {
    prefix: "reinstatement",
    told: "Reinstated. The owners were told by e-mail.",
    run: ({ actor, viewer }, practiceId, body) =>
      reinstate(parts, actor, viewer, { practiceId, ...readForm(reasonForm, body) }),
  });
  act("training", may("set training rules"), {
    prefix: "training",
    told: "Saved.",
    run: ({ actor }, practiceId, body) => {
      const { reason } = readForm(reasonForm, body);
      const needed = typedIn(body).needed === "yes";
      return setTrainingRule(parts, actor, { practiceId, chargingNeedsTraining: needed, reason });
    },
  });

  return router;
}
