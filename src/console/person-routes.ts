import { type Response, Router } from "express";
import { exceptFromFactor } from "../identity/factor-policy.ts";
import { factorNames } from "../identity/factors.ts";
import type { LogInParts } from "../identity/log-in.ts";
import { may } from "../identity/permissions.ts";
import {
  approveFactorReset,
  askFactorReset,
  type IdentityCheck,
  identityChecks,
  stopFactorReset,
} from "../identity/reset-factors.ts";
import { endLoginsOf, sendRecoveryFor, unlockUser } from "../identity/support-acts.ts";
import { reinstate, suspend } from "../identity/suspend.ts";
import { suspensionCauses } from "../identity/suspensions.ts";
import { readForm, typedIn, uuidIn } from "../platform/forms.ts";
import { actRoutes, type Declining, reasonForm, suspensionForm } from "./act-routes.ts";
import { findPerson } from "./queries.ts";
import { needsReason } from "./reason-routes.ts";

const checksIn = (body: unknown) => {
  const typed = typedIn(body);
  return (Object.keys(identityChecks) as IdentityCheck[]).filter((check) => typed[check] === "yes");
};

/** A person's page in the console, and what support can do for them; each act with a reason of its own. */
export function personRoutes(parts: LogInParts & { publicUrl: string; program: { resetHours: number } }): Router {
  const router = Router();
  const support = may("use the console");

  const showPerson = async (res: Response, id: string, { errors, typed }: Partial<Declining> = {}) => {
    const person = await findPerson(parts, id);
    const page = { title: person.name, back: { href: "/console", label: "Console" } };
    res.locals.show("console/person", {
      page,
      person,
      factorNames,
      identityChecks,
      suspensionCauses,
      resetHours: parts.program.resetHours,
      typed: typed ?? {},
      errors,
    });
  };

  const reason = needsReason(parts, "person");
  router.get("/console/people/:id", support, reason, (req, res) => showPerson(res, uuidIn(req.params.id)));

  const act = actRoutes(router, { path: "/console/people/:id", reason, show: showPerson });

  act("unlocking", support, {
    told: "Unlocked. The person was told by e-mail.",
    run: ({ actor, viewer }, personId, body) =>
      unlockUser(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });
  act("logins-end", support, {
    prefix: "end",
    told: "Every log-in was ended.",
    run: ({ actor, viewer }, personId, body) =>
      endLoginsOf(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });
  act("recovery", support, {
    prefix: "recovery",
    told: "A link to a new password is on its way to the person’s e-mail.",
    run: ({ actor, viewer }, personId, body) =>
      sendRecoveryFor(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });
  act("factor-reset", support, {
    prefix: "reset",
    told: "The reset waits now. Every known address was told.",
    run: ({ actor, viewer }, personId, body) => {
      const checks = checksIn(body);
      return askFactorReset(parts, actor, viewer, { personId, ...readForm(reasonForm, body), checks });
    },
  });
  act("factor-reset-approval", support, {
    prefix: "approval",
    told: "Approved.",
    run: ({ actor, viewer }, personId, body) =>
      approveFactorReset(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });
  act("factor-reset-end", support, {
    prefix: "callOff",
    told: "The reset is called off.",
    run: ({ actor, viewer }, personId, body) =>
      stopFactorReset(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });
  act("suspension", support, {
    prefix: "suspension",
    told: "Suspended. The person was told by e-mail.",
    run: ({ actor, viewer }, personId, body) =>
      suspend(parts, actor, viewer, { personId, ...readForm(suspensionForm, body) }),
  });
  act("reinstatement", support, {
    prefix: "reinstatement",
    told: "Reinstated. The person was told by e-mail.",
    run: ({ actor, viewer }, personId, body) =>
      reinstate(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });
  act("factor-exception", may("except from second factors"), {
    prefix: "exception",
    run: ({ actor, viewer }, personId, body) =>
      exceptFromFactor(parts, actor, viewer, { personId, ...readForm(reasonForm, body) }),
  });

  return router;
}
