import { Router } from "express";
import { declinedOrThrow } from "../platform/errors.ts";
import { typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import type { EnrolParts } from "./links.ts";
import { sendEnrollment } from "./send-enrollment.ts";
import { filling, isOpen, mine, showStep, whereToGoOn } from "./step-routes.ts";

/** The end of the form: its review, and how it stands once it was sent. */
export function sendRoutes(parts: EnrolParts): Router {
  const router = Router();
  const { db } = parts;

  router.get(
    "/enroll/review",
    filling(db, (_req, res, enrollment) => showStep(res, "review", enrollment)),
  );
  router.post("/enroll/review", async (req, res) => {
    const enrollment = await mine(db, req);
    if (!enrollment) return goTo(res, "/enroll");
    try {
      await sendEnrollment(parts, res.locals.actor, enrollment.id, typedIn(req.body));
      goTo(res, "/enroll/sent");
    } catch (error) {
      showStep(res, "review", enrollment, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });
  router.get(
    "/enroll/kept",
    filling(db, (_req, res, enrollment) =>
      res.locals.show("enrolment/kept", { page: { title: "Kept" }, enrollment, next: whereToGoOn(enrollment) }),
    ),
  );
  router.get("/enroll/sent", async (req, res) => {
    const enrollment = await mine(db, req);
    if (!enrollment) return res.redirect(303, "/enroll");
    if (isOpen(enrollment)) return res.redirect(303, whereToGoOn(enrollment));
    res.locals.show("enrolment/sent", { page: { title: "Your registration" }, enrollment });
  });

  return router;
}
