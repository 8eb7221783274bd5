import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { defaultPlans, isPlanId, planLabel } from "../credit/plans.ts";
import { may } from "../identity/permissions.ts";
import { freshlyProved, practiceViewer, refuseHeldBack } from "../identity/viewer.ts";
import { formatDecimal } from "../lib/money.ts";
import { states } from "../lib/states.ts";
import { audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { keyIn, line, optionalAmount, phoneNumber, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import * as practices from "../practices/change-practice.ts";
import { depositAccountOf } from "../practices/deposit-account.ts";
import { lawAgainst } from "../practices/plan-choice.ts";
import { locationsOf, offeredPlans } from "../practices/queries.ts";
import { changeDepositAccount } from "./change-deposit-account.ts";
import type { EnrolParts } from "./links.ts";
import { depositForm, locationForm } from "./steps.ts";

const detailsForm = z.object({
  name: line("Enter the name that patients know", 80),
  phone: phoneNumber("Enter a phone number of ten digits"),
});

const base = "/settings/practice";
const back = { href: base, label: "Practice" };

/** What an owner keeps up to date of the practice: name, locations, plans offered, where deposits go. */
export function profileRoutes(parts: EnrolParts): Router {
  const router = Router();
  const { db, clock } = parts;
  const manage = may("manage the practice");
  const fresh = freshlyProved(clock);
  const idOf = (res: Response) => practiceViewer(res).practice.id;

  /** One change of the practice: it is held, and a line in the audit log says what was done. */
  const change = (
    res: Response,
    action: string,
    run: (trx: Trx, practice: { id: string; state: string }) => Promise<void>,
  ) =>
    db.transaction(async (trx) => {
      const id = idOf(res);
      const { state } = await practices.lockPractice(trx, id);
      await run(trx, { id, state });
      await audit(trx, res.locals.actor, { at: clock.now(), action, subjectId: id });
    });

  const showProfile = async (res: Response, errors?: Record<string, string>) => {
    const id = idOf(res);
    const [practice, locations, offered, account] = await Promise.all([
      db("practices")
        .where({ id })
        .first("name", "phone", "specialty", "state", "legal_name as legalName", "tax_id_last4 as taxIdLast4"),
      locationsOf(db, id),
      offeredPlans(db, id),
      depositAccountOf(db, id),
    ]);
    const plans = defaultPlans.filter((plan) => offered.some(({ planId }) => planId === plan.id)).map(planLabel);
    const page = { title: "Practice", back: { href: "/settings", label: "Settings" } };
    res.locals.show("enrolment/profile", { page, practice, locations, plans, account, errors });
  };
  router.get(base, manage, (_req, res) => showProfile(res));

  // Name and phone

  router.get(`${base}/details`, manage, async (_req, res) => {
    const typed = await db("practices")
      .where({ id: idOf(res) })
      .first("name", "phone");
    res.locals.show("enrolment/profile-details", { page: { title: "Name and phone", back }, typed });
  });
  router.post(`${base}/details`, manage, async (req, res) => {
    try {
      const details = readForm(detailsForm, req.body);
      await change(res, "practice changed", (trx, { id }) => practices.changeDetails(trx, id, details));
      goTo(res, base, "Saved.");
    } catch (error) {
      const data = {
        page: { title: "Name and phone", back },
        typed: typedIn(req.body),
        errors: declinedOrThrow(error),
      };
      res.locals.show("enrolment/profile-details", data);
    }
  });

  // Locations

  const showLocation = (
    res: Response,
    given: { locationId: string; isNew: boolean; typed: Typed; errors?: Record<string, string> },
  ) => {
    const title = given.isNew ? "Add a location" : "Change a location";
    res.locals.show("enrolment/profile-location", { page: { title, back }, states, ...given });
  };
  router.get(`${base}/locations/new`, manage, (_req, res) =>
    showLocation(res, {
      locationId: randomUUIDv7(),
      isNew: true,
      typed: { state: practiceViewer(res).practice.state },
    }),
  );
  router.post(`${base}/locations`, manage, async (req, res) => {
    const id = keyIn(req.body);
    try {
      const location = readForm(locationForm, req.body);
      await change(res, "location added", (trx, practice) =>
        practices.addLocation(trx, practice.id, { id, ...location }),
      );
      goTo(res, base, `Added: ${location.name}.`);
    } catch (error) {
      showLocation(res, { locationId: id, isNew: true, typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });
  router.get(`${base}/locations/:id`, manage, async (req, res) => {
    const location = await practices.findLocation(db, idOf(res), uuidIn(req.params.id));
    showLocation(res, { locationId: location.id, isNew: false, typed: location });
  });
  router.post(`${base}/locations/:id`, manage, async (req, res) => {
    const { id } = await practices.findLocation(db, idOf(res), uuidIn(req.params.id));
    try {
      const location = readForm(locationForm, req.body);
      await change(res, "location changed", (trx, practice) =>
        practices.changeLocation(trx, practice.id, { id, ...location }),
      );
      goTo(res, base, "Saved.");
    } catch (error) {
      showLocation(res, { locationId: id, isNew: false, typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });
  router.post(`${base}/locations/:id/closing`, manage, async (req, res) => {
    const { id } = await practices.findLocation(db, idOf(res), uuidIn(req.params.id));
    try {
      await change(res, "location closed", (trx, practice) =>
        practices.closeLocation(trx, practice.id, { id, at: clock.now() }),
      );
      goTo(res, base, "Closed. Its past stays in the reports.");
    } catch (error) {
      await showProfile(res, declinedOrThrow(error));
    }
  });

  // Plans

  const showPlans = async (res: Response, errors?: Record<string, string>) => {
    const { practice } = practiceViewer(res);
    const offered = await offeredPlans(db, practice.id);
    const plans = defaultPlans.map((plan) => {
      const isOffered = offered.some(({ planId }) => planId === plan.id);
      const law = lawAgainst(plan.id, { state: practice.state, today: clock.today() });
      const { id, minimumSaleCents, merchantRate } = plan;
      return { id, label: planLabel(plan), minimumSaleCents, merchantRate, isOffered, law: isOffered ? null : law };
    });
    res.locals.show("enrolment/profile-plans", { page: { title: "Plans you offer", back }, plans, errors });
  };
  router.get(`${base}/plans`, manage, (_req, res) => showPlans(res));
  router.post(`${base}/plans`, manage, async (req, res) => {
    const planIds = Object.entries(typedIn(req.body))
      .filter(([, value]) => value === "yes")
      .map(([name]) => name)
      .filter(isPlanId);
    try {
      await change(res, "plans offered", (trx, practice) =>
        practices.offerPlans(trx, practice, { planIds, today: clock.today() }),
      );
      goTo(res, base, "Saved. New sales offer these plans.");
    } catch (error) {
      await showPlans(res, declinedOrThrow(error));
    }
  });

  const showAmounts = async (res: Response, given: { typed?: Typed; errors?: Record<string, string> } = {}) => {
    const offered = await offeredPlans(db, idOf(res));
    const kept = offered.flatMap(({ planId, leastCents, mostCents }) => [
      [`${planId}-least`, leastCents === null ? "" : formatDecimal(leastCents)],
      [`${planId}-most`, mostCents === null ? "" : formatDecimal(mostCents)],
    ]);
    const plans = defaultPlans.filter(({ id }) => offered.some(({ planId }) => planId === id));
    res.locals.show("enrolment/profile-amounts", {
      page: { title: "Amounts for each plan", back: { href: `${base}/plans`, label: "Plans you offer" } },
      plans: plans.map((plan) => ({ ...plan, label: planLabel(plan) })),
      typed: Object.fromEntries(kept),
      ...given,
    });
  };
  router.get(`${base}/plans/amounts`, manage, (_req, res) => showAmounts(res));
  router.post(`${base}/plans/amounts`, manage, async (req, res) => {
    try {
      const offered = await offeredPlans(db, idOf(res));
      const fields = offered.flatMap(({ planId }) => [`${planId}-least`, `${planId}-most`]);
      const typed = readForm(z.object(Object.fromEntries(fields.map((name) => [name, optionalAmount]))), req.body);
      const ranges = offered.map(({ planId }) => ({
        planId,
        leastCents: typed[`${planId}-least`] ?? null,
        mostCents: typed[`${planId}-most`] ?? null,
      }));
      await change(res, "plan amounts changed", (trx, practice) => practices.narrowPlans(trx, practice.id, ranges));
      goTo(res, base, "Saved. New sales keep to these amounts.");
    } catch (error) {
      await showAmounts(res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  // Where deposits go: a fresh proof, and every owner is told

  const showAccount = async (res: Response, given: { typed?: Typed; errors?: Record<string, string> } = {}) => {
    const account = await depositAccountOf(db, idOf(res));
    const typed = { key: randomUUIDv7(), ...given.typed };
    res.locals.show("enrolment/profile-account", {
      page: { title: "Deposit account", back },
      account,
      typed,
      errors: given.errors,
    });
  };
  router.get(`${base}/deposit-account`, manage, fresh, (_req, res) => showAccount(res));
  router.post(`${base}/deposit-account`, manage, fresh, async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    const id = keyIn(req.body);
    try {
      const form = readForm(depositForm, req.body);
      await changeDepositAccount(parts, practiceViewer(res), { id, form });
      goTo(res, base, "Changed. Every owner of the practice was told by e-mail.");
    } catch (error) {
      await showAccount(res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  return router;
}
