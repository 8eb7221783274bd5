import { randomUUIDv7 } from "node:crypto";
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
import { type DecideParts, decideSoon } from "./decide-application.ts";
import { withdrawApplication } from "./end-application.ts";
import { applicationForm, housings, incomeSources } from "./form.ts";
import { findApplication, listApplications } from "./queries.ts";
import { applicationStates, isApplicationState } from "./states.ts";
import { submitApplication } from "./submit-application.ts";

/** Applications keyed by the practice. */
export function applicationRoutes(parts: DecideParts): Router {
  const router = Router();
  const { db, clock } = parts;

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
      state: isApplicationState(state) ? state : undefined,
      before: before ? uuidIn(before) : undefined,
    };
    const list = await listApplications(db, practiceViewer(res), filter);
    const page = { title: "Applications", wide: true };
    res.locals.show("applications/list", { page, states: applicationStates, ...list, filter });
  });

  router.get("/applications/new", may("take applications"), (_req, res) =>
    showForm(res, { typed: { key: randomUUIDv7() } }),
  );

  router.post("/applications", may("take applications"), async (req, res) => {
    const key = keyIn(req.body);
    try {
      const form = { key, ...readForm(applicationForm(clock.today()), req.body) };
      await submitApplication(parts, practiceViewer(res), form);
      await decideSoon(parts, form.key);
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
    const page = {
      title: applicationStates[application.state].text,
      back: { href: "/applications", label: "Applications" },
    };
    // Without script the page asks again by itself; a decision seldom takes longer than one of these rounds.
    if (application.state === "deciding") res.set("Refresh", `3;url=/applications/${application.id}?waiting`);
    res.locals.show("applications/application", { page, states: applicationStates, application });
  });

  router.get("/applications/:id/withdraw", may("take applications"), (req, res) =>
    showWithdrawal(res, uuidIn(req.params.id)),
  );

  router.post("/applications/:id/withdraw", may("take applications"), async (req, res) => {
    const { id } = await findApplication(db, practiceViewer(res), uuidIn(req.params.id));
    try {
      await withdrawApplication(parts, res.locals.actor, { id });
      goTo(res, `/applications/${id}`, "Withdrawn. We wrote to the patient.");
    } catch (error) {
      await showWithdrawal(res, id, declinedOrThrow(error));
    }
  });

  const showWithdrawal = async (res: Response, id: string, errors?: Record<string, string>) => {
    const application = await findApplication(db, practiceViewer(res), id);
    const back = { href: `/applications/${id}`, label: application.patientName };
    res.locals.show("applications/withdraw", {
      page: { title: "Withdraw the application", back },
      application,
      errors,
    });
  };

  return router;
}
