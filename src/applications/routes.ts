import { randomUUIDv7 } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { type Response, Router } from "express";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import { states } from "../lib/states.ts";
import { audit } from "../platform/audit.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { locationsOf } from "../practices/queries.ts";
import { consents } from "./consents.ts";
import { type DecideParts, decideApplication } from "./decide-application.ts";
import { applicationForm, housings, incomeSources } from "./form.ts";
import { applicationStates, findApplication, listApplications } from "./queries.ts";
import { submitApplication } from "./submit-application.ts";

/** A page waits this long for a decision; a slower one appears on the application's own page. */
const waitMs = 2_500;

/** Applications keyed by the practice. */
export function applicationRoutes(parts: DecideParts): Router {
  const router = Router();
  const { db, clock, log } = parts;

  const showForm = async (res: Response, given: { typed: Typed; errors?: Record<string, string> }) => {
    const viewer = practiceViewer(res);
    const locations = await locationsOf(db, viewer.practice.id);
    const typed: Typed = { location: viewer.practice.homeLocationId ?? "", ...given.typed };
    delete typed.ssn;
    const page = { title: "New application", back: { href: "/applications", label: "Applications" } };
    const lists = { locations, states, housings, incomeSources, consents };
    res.locals.show("applications/new", { page, typed, ...lists, errors: given.errors });
  };

  router.get("/applications", may("take applications"), async (req, res) => {
    const { before, state } = typedIn(req.query);
    const filter = {
      state: applicationStates.find((one) => one === state),
      before: before ? uuidIn(before) : undefined,
    };
    const list = await listApplications(db, practiceViewer(res), filter);
    res.locals.show("applications/list", { page: { title: "Applications", wide: true }, ...list, filter });
  });

  router.get("/applications/new", may("take applications"), (_req, res) =>
    showForm(res, { typed: { key: randomUUIDv7() } }),
  );

  router.post("/applications", may("take applications"), async (req, res) => {
    const key = keyIn(req.body);
    try {
      const form = { key, ...readForm(applicationForm(clock.today()), req.body) };
      await submitApplication(parts, practiceViewer(res), form);
      const decided = decideApplication(parts, form.key).catch((error) =>
        log.error({ err: error, applicationId: form.key }, "deciding failed"),
      );
      await Promise.race([decided, setTimeout(waitMs, undefined, { ref: false })]);
      goTo(res, `/applications/${form.key}`);
    } catch (error) {
      await showForm(res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.get("/applications/:id", may("take applications"), async (req, res) => {
    const application = await findApplication(db, practiceViewer(res), uuidIn(req.params.id));
    if (!("waiting" in req.query)) {
      const line = { at: clock.now(), action: "application looked at", subjectId: application.id };
      await audit(db, res.locals.actor, line);
    }
    const page = { title: titles[application.state], back: { href: "/applications", label: "Applications" } };
    // Without script the page asks again by itself; a decision seldom takes longer than one of these rounds.
    if (application.state === "deciding") res.set("Refresh", `3;url=/applications/${application.id}?waiting`);
    res.locals.show("applications/application", { page, application });
  });

  return router;
}

const titles = {
  deciding: "Being decided",
  approved: "Approved",
  declined: "Declined",
  pending: "Pending",
} as const;
