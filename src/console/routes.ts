import { type Response, Router } from "express";
import { z } from "zod";
import { exceptFromFactor } from "../identity/factor-policy.ts";
import { factorNames } from "../identity/factors.ts";
import type { LogInParts } from "../identity/log-in.ts";
import { may } from "../identity/permissions.ts";
import { resetFactors, unlockUser } from "../identity/support-acts.ts";
import { audit } from "../platform/audit.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { line, readForm, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { findPerson, searchPeople } from "./queries.ts";

const reasonForm = z.object({ reason: line("Enter the reason: it stands in the audit log", 200) });
const resetForm = reasonForm.extend({ checked: z.literal("yes", { error: "Check who the person is first" }) });

/** The console of support: people and what helps them in. Every look and act stands in the audit log. */
export function consoleRoutes(parts: LogInParts): Router {
  const router = Router();
  const { db, clock } = parts;
  const support = may("use the console");

  router.get("/console", support, async (req, res) => {
    const q = (typedIn(req.query).q ?? "").slice(0, 100);
    const found = q.trim() ? await searchPeople(db, q) : [];
    if (q.trim())
      await audit(db, res.locals.actor, {
        at: clock.now(),
        action: "console searched",
        details: { hits: found.length },
      });
    res.locals.show("console/search", { page: { title: "Console" }, q, found }, { fragment: "console/_hits" });
  });

  const showPerson = async (res: Response, id: string, errors?: Record<string, string>) => {
    const person = await findPerson(parts, id);
    const page = { title: person.name, back: { href: "/console", label: "Console" } };
    const data = { page, person, factorNames, errors };
    res.locals.show("console/person", data);
  };

  router.get("/console/people/:id", support, async (req, res) => {
    const id = uuidIn(req.params.id);
    await audit(db, res.locals.actor, { at: clock.now(), action: "user looked up", subjectId: id });
    await showPerson(res, id);
  });

  router.post("/console/people/:id/unlocking", support, async (req, res) => {
    const personId = uuidIn(req.params.id);
    try {
      await unlockUser(parts, res.locals.actor, res.locals.viewer, { personId, ...readForm(reasonForm, req.body) });
      goTo(req, res, `/console/people/${personId}`, "Unlocked. The person was told by e-mail.");
    } catch (error) {
      await showPerson(res, personId, declinedOrThrow(error));
    }
  });

  router.post("/console/people/:id/factor-reset", support, async (req, res) => {
    const personId = uuidIn(req.params.id);
    try {
      const { reason } = readForm(resetForm, { ...req.body, reason: req.body?.resetReason });
      await resetFactors(parts, res.locals.actor, res.locals.viewer, { personId, reason });
      goTo(req, res, `/console/people/${personId}`);
    } catch (error) {
      const { reason, ...errors } = declinedOrThrow(error);
      await showPerson(res, personId, { ...errors, ...(reason && { resetReason: reason }) });
    }
  });

  router.post("/console/people/:id/factor-exception", may("except from second factors"), async (req, res) => {
    const personId = uuidIn(req.params.id);
    try {
      const { reason } = readForm(reasonForm, { reason: req.body?.exceptionReason });
      await exceptFromFactor(parts, res.locals.actor, res.locals.viewer, { personId, reason });
      goTo(req, res, `/console/people/${personId}`);
    } catch (error) {
      await showPerson(res, personId, { exceptionReason: declinedOrThrow(error).reason ?? "" });
    }
  });

  return router;
}
