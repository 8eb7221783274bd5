import { type Response, Router } from "express";
import { z } from "zod";
import { changeContact } from "../accounts/change-contact.ts";
import { recipientsOf } from "../accounts/tell-patient.ts";
import { may } from "../identity/permissions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { auditedReason, choice, readForm, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { needsReason } from "./reason-routes.ts";

const contactForm = z.object({
  language: choice(["en", "es"], "Choose a language"),
  reachedBy: choice(["email", "sms"], "Choose how the patient is written to"),
  reason: auditedReason,
});

/** How a patient is written to: the language and the way, as the patient asks support for it. */
export function contactRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const write = may("write to patients");
  const why = needsReason(parts, "account");

  router.get("/console/accounts/:id/contact", write, why, (req, res) => show(res, uuidIn(req.params.id)));

  router.post("/console/accounts/:id/contact", write, why, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    try {
      await changeContact(parts, res.locals.actor, { accountId, ...readForm(contactForm, req.body) });
      goTo(res, `/console/accounts/${accountId}`, "Saved: it holds for what is sent from now on.");
    } catch (error) {
      await show(res, accountId, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  async function show(res: Response, id: string, shown: object = {}): Promise<void> {
    const path = `/console/accounts/${id}`;
    if (!res.locals.look) return goTo(res, path); // to be seen it needs a reason first
    const patient = (await recipientsOf(parts.db, [id])).get(id);
    if (!patient) throw notFound();
    const page = { title: "How the patient is written to", back: { href: path, label: patient.name } };
    res.locals.show("console/contact", { page, patient, path, typed: patient, ...shown });
  }

  return router;
}
