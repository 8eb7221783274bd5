import { type Response, Router } from "express";
import { z } from "zod";
import { type DecideParts, decideSoon } from "../applications/decide-application.ts";
import {
  confirmIdentity,
  refuseIdentity,
  sendLinkAgain,
  withdrawApplication,
} from "../applications/end-application.ts";
import { applicationsWaiting, readApplication } from "../applications/queries.ts";
import { applicationStates } from "../applications/states.ts";
import { may } from "../identity/permissions.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { auditedReason, choice, readForm, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { needsReason } from "./reason-routes.ts";

/** What support can have come to know of an application that is not over, and what the portal says of it then. */
const findings = {
  confirmed: { record: confirmIdentity, said: "Recorded. The credit bureau is asked again." },
  link: { record: sendLinkAgain, said: "Sent. The tries at the date of birth begin anew." },
  refused: { record: refuseIdentity, said: "Recorded. The notice is on its way to the patient." },
  withdrawn: { record: withdrawApplication, said: "Withdrawn. We wrote to the patient." },
} as const;
const settlingForm = z.object({
  finding: choice(Object.keys(findings) as (keyof typeof findings)[], "Choose what came of it"),
  reason: auditedReason,
});

/** Applications in the console: those that wait for their patients, and what support found out about one of them. */
export function applicationRoutes(parts: DecideParts): Router {
  const router = Router();
  const { db, clock } = parts;
  const settle = may("settle applications");
  const why = needsReason(parts, "application");

  router.get("/console/applications", settle, async (_req, res) => {
    const page = { title: "Applications that wait", back: { href: "/console", label: "Console" }, wide: true };
    res.locals.show("console/applications", {
      page,
      states: applicationStates,
      applications: await applicationsWaiting(db, clock.today()),
    });
  });

  router.get("/console/applications/:id", may("use the console"), why, (req, res) => show(res, uuidIn(req.params.id)));

  router.post("/console/applications/:id", settle, why, async (req, res) => {
    const id = uuidIn(req.params.id);
    try {
      const { finding, reason } = readForm(settlingForm, req.body);
      await findings[finding].record(parts, res.locals.actor, { id, reason });
      if (finding === "confirmed") await decideSoon(parts, id);
      goTo(res, `/console/applications/${id}`, findings[finding].said);
    } catch (error) {
      await show(res, id, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  async function show(res: Response, id: string, shown: object = {}): Promise<void> {
    const path = `/console/applications/${id}`;
    if (!res.locals.look) return goTo(res, path); // to be seen it needs a reason first
    const application = await readApplication(db, id);
    const page = { title: application.patientName, back: { href: "/console", label: "Console" } };
    res.locals.show("console/application", { page, states: applicationStates, application, typed: {}, ...shown });
  }

  return router;
}
