import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { states } from "../lib/states.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { dropLocation, forgetHalfLocation, keepHalfLocation, keepLocation } from "./fill-in.ts";
import type { EnrolParts } from "./links.ts";
import type { Enrollment, TypedLocation } from "./queries.ts";
import { filling, goOn, leave, showStep } from "./step-routes.ts";
import { locationForm, steps } from "./steps.ts";

/** The step of locations: a list, and a page for each. */
export function locationRoutes(parts: EnrolParts): Router {
  const router = Router();
  const { db } = parts;

  router.get(
    "/enroll/locations",
    filling(db, (_req, res, enrollment) => {
      if (!enrollment.answers.locations?.length) return res.redirect(303, "/enroll/locations/new");
      showStep(res, "locations", enrollment);
    }),
  );
  router.post(
    "/enroll/locations",
    filling(db, (req, res, enrollment) => {
      if (leave(req, res, "locations")) return;
      if (!enrollment.answers.locations?.length) return goTo(res, "/enroll/locations/new");
      goOn(req, res, "locations");
    }),
  );

  const showLocation = (
    res: Response,
    enrollment: Enrollment,
    given: { typed: Typed; isNew: boolean; errors?: Record<string, string> },
  ) => {
    const count = enrollment.answers.locations?.length ?? 0;
    const back = backFrom(enrollment);
    const data = { ...given, at: 4, of: steps.length, states, count };
    res.locals.show("enrolment/location", {
      page: { title: given.isNew ? "Add a location" : "Change a location", back },
      ...data,
    });
  };
  router.get(
    "/enroll/locations/new",
    filling(db, (_req, res, enrollment) => {
      const { practice, care, locations = [], halfLocations = [] } = enrollment.answers;
      const begun = halfLocations.find(({ id }) => isNewTo(enrollment, id));
      if (begun) return showLocation(res, enrollment, { typed: begun, isNew: true });
      const first = locations.length
        ? {}
        : { name: practice?.knownAs || practice?.legalName || "", phone: practice?.phone ?? "" };
      showLocation(res, enrollment, { typed: { id: randomUUIDv7(), state: care?.state ?? "", ...first }, isNew: true });
    }),
  );
  router.get(
    "/enroll/locations/:id",
    filling(db, (req, res, enrollment) => {
      const id = uuidIn(req.params.id);
      const { locations = [], halfLocations = [] } = enrollment.answers;
      const typed = [...halfLocations, ...locations].find((one) => one.id === id);
      if (!typed) throw notFound();
      showLocation(res, enrollment, { typed, isNew: isNewTo(enrollment, id) });
    }),
  );
  router.post(
    "/enroll/locations/:id",
    filling(db, async (req, res, enrollment) => {
      const id = uuidIn(req.params.id);
      const typed: TypedLocation = { ...typedIn(req.body), id };
      if (typed.go === "cancel") {
        await forgetHalfLocation(parts, enrollment.id, id);
        return goTo(res, backFrom(enrollment).href);
      }
      if ("keep" in req.query) {
        await keepHalfLocation(parts, enrollment.id, typed);
        leave(req, res, "locations");
        return;
      }
      try {
        await keepLocation(parts, enrollment.id, { ...readForm(locationForm, req.body), id });
        if (!leave(req, res, "locations")) goTo(res, "/enroll/locations");
      } catch (error) {
        const errors = declinedOrThrow(error);
        await keepHalfLocation(parts, enrollment.id, typed);
        if (!leave(req, res, "locations"))
          showLocation(res, enrollment, { typed, isNew: isNewTo(enrollment, id), errors });
      }
    }),
  );
  router.post(
    "/enroll/locations/:id/removal",
    filling(db, async (req, res, enrollment) => {
      await dropLocation(parts, enrollment.id, uuidIn(req.params.id));
      goTo(res, "/enroll/locations");
    }),
  );

  return router;
}

const isNewTo = ({ answers }: Enrollment, id: string) => !answers.locations?.some((one) => one.id === id);

const backFrom = ({ answers }: Enrollment) =>
  answers.locations?.length
    ? { href: "/enroll/locations", label: "Locations" }
    : { href: "/enroll/deposit-account", label: "Deposit account" };
