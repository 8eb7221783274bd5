import { type Response, Router } from "express";
import { may } from "../identity/permissions.ts";
import { reinstate, suspend } from "../identity/suspend.ts";
import { suspensionCauses } from "../identity/suspensions.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { readForm, uuidIn } from "../platform/forms.ts";
import { actRoutes, type Declining, reasonForm, suspensionForm } from "./act-routes.ts";
import { findPracticeSeen } from "./queries.ts";

/** A practice's page in the console. */
export function practiceRoutes(parts: { db: Db; clock: Clock; program: { name: string; phone: string } }): Router {
  const router = Router();
  const { db, clock } = parts;
  const support = may("use the console");

  const showPractice = async (res: Response, id: string, { errors, typed }: Partial<Declining> = {}) => {
    const practice = await findPracticeSeen(db, id);
    const page = { title: practice.name, back: { href: "/console", label: "Console" } };
    res.locals.show("console/practice", { page, practice, suspensionCauses, typed: typed ?? {}, errors });
  };

  router.get("/console/practices/:id", support, async (req, res) => {
    const id = uuidIn(req.params.id);
    await audit(db, res.locals.actor, { at: clock.now(), action: "practice looked up", subjectId: id });
    await showPractice(res, id);
  });

  const act = actRoutes(router, "/console/practices/:id", showPractice);
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

  return router;
}
