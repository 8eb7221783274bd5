import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import type { Passwords } from "../identity/passwords.ts";
import { may } from "../identity/permissions.ts";
import { audit } from "../platform/audit.ts";
import { Declined, declinedOrThrow, notFound } from "../platform/errors.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { approveEnrollment, askApplicant, declineEnrollment } from "./decide-enrollment.ts";
import type { EnrolParts } from "./links.ts";
import * as queries from "./queries.ts";
import { sendOwnerLink } from "./send-owner-link.ts";

const text = (sentence: string) =>
  z
    .string({ error: sentence })
    .trim()
    .min(1, { error: sentence })
    .max(1000, { error: "Use 1,000 characters or fewer" });
const questionForm = z.object({ question: text("Write what the applicant should answer") });
const declineForm = z.object({ reason: text("Write the reason: the applicant reads it") });

/** Registrations as administrators review them: ask, approve, decline. Every look and act stands in the audit log. */
export function reviewRoutes(parts: EnrolParts & { passwords: Passwords }): Router {
  const router = Router();
  const { db, clock } = parts;
  const review = may("review enrollments");

  router.get("/admin/enrollments", review, async (req, res) => {
    const asked = queries.enrollmentStates.find((state) => state === typedIn(req.query).state) ?? "waiting";
    const [enrollments, counts] = await Promise.all([queries.listEnrollments(db, asked), queries.countEnrollments(db)]);
    res.locals.show("enrolment/list", {
      page: { title: "Enrollments" },
      enrollments,
      counts,
      filter: { state: asked },
    });
  });

  const showEnrollment = async (
    res: Response,
    id: string,
    given: { typed?: Typed; errors?: Record<string, string> } = {},
  ) => {
    const enrollment = await queries.findEnrollment(db, id);
    if (!enrollment) throw notFound();
    const [same, link] = await Promise.all([queries.sameTaxId(db, id), queries.ownersLink(db, id)]);
    const ownersLink = link && { ...link, tooOld: link.expiresAt <= clock.now() };
    const back = { href: "/admin/enrollments", label: "Enrollments" };
    const { practice = {} } = enrollment.answers;
    const title = practice.knownAs || practice.legalName || "Unnamed practice";
    const typed = { key: randomUUIDv7(), ...given.typed };
    res.locals.show("enrolment/enrollment", {
      page: { title, back },
      enrollment,
      ownersLink,
      same,
      typed,
      errors: given.errors,
    });
  };

  router.get("/admin/enrollments/:id", review, async (req, res) => {
    const id = uuidIn(req.params.id);
    await audit(db, res.locals.actor, { at: clock.now(), action: "enrollment looked at", subjectId: id });
    await showEnrollment(res, id);
  });

  router.post("/admin/enrollments/:id/questions", review, async (req, res) => {
    const id = uuidIn(req.params.id);
    const key = keyIn(req.body);
    try {
      const { question } = readForm(questionForm, req.body);
      await askApplicant(parts, res.locals.actor, { key, id, question, by: res.locals.viewer });
      goTo(res, `/admin/enrollments/${id}`, "Asked. The applicant got a link that opens the form again.");
    } catch (error) {
      await showEnrollment(res, id, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.post("/admin/enrollments/:id/approval", review, async (req, res) => {
    const id = uuidIn(req.params.id);
    try {
      if (typedIn(req.body).checked !== "yes")
        throw new Declined({ checked: "Say that you checked the practice, its license and its owner" });
      await approveEnrollment(parts, res.locals.actor, { id, by: res.locals.viewer });
      goTo(res, `/admin/enrollments/${id}`, "Approved. The owner got a User ID and a link to set the password.");
    } catch (error) {
      await showEnrollment(res, id, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.post("/admin/enrollments/:id/owner-links", review, async (req, res) => {
    const id = uuidIn(req.params.id);
    try {
      await sendOwnerLink(parts, res.locals.actor, { id, by: res.locals.viewer });
      goTo(res, `/admin/enrollments/${id}`, "Sent. The link before no longer works.");
    } catch (error) {
      await showEnrollment(res, id, { errors: declinedOrThrow(error) });
    }
  });

  router.post("/admin/enrollments/:id/decline", review, async (req, res) => {
    const id = uuidIn(req.params.id);
    try {
      const { reason } = readForm(declineForm, req.body);
      await declineEnrollment(parts, res.locals.actor, { id, reason, by: res.locals.viewer });
      goTo(res, `/admin/enrollments/${id}`, "Declined. The applicant was told why.");
    } catch (error) {
      await showEnrollment(res, id, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  return router;
}
