import { type Request, type Response, Router } from "express";
import { states } from "../lib/states.ts";
import { timeZones } from "../lib/time-zones.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { readForm, type Typed, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { kindsOfCare } from "../practices/kinds-of-care.ts";
import * as fill from "./fill-in.ts";
import type { EnrolParts } from "./links.ts";
import { type Enrollment, findEnrollment, missingSteps, unfinished } from "./queries.ts";
import { agreement, depositForm, type StepPath, steps, type TypedStep, taxIdForm, typedSteps } from "./steps.ts";

/** The registration of this browser. */
export const mine = async (db: Db, req: Request): Promise<Enrollment | null> =>
  req.session.enrollmentId ? findEnrollment(db, req.session.enrollmentId) : null;

export const isOpen = ({ state }: Enrollment) => state === "filling" || state === "asked";

type FormPage = (req: Request, res: Response, enrollment: Enrollment) => unknown;

/** Runs a page of the form for the registration of this browser; sent ones are only looked at. */
export const filling = (db: Db, page: FormPage) => async (req: Request, res: Response) => {
  const enrollment = await mine(db, req);
  if (!enrollment) return res.redirect(303, "/enroll");
  if (!isOpen(enrollment)) return res.redirect(303, "/enroll/sent");
  await page(req, res, enrollment);
};

export const showStep = (
  res: Response,
  path: StepPath,
  enrollment: Enrollment,
  given: { typed?: Typed; errors?: Record<string, string> } = {},
) => {
  const at = steps.findIndex((step) => step.path === path);
  const step = steps[at] ?? steps[0];
  const before = steps[at - 1];
  const data = {
    page: {
      title: step.title,
      back: { href: before ? `/enroll/${before.path}` : "/enroll", label: before?.title ?? "Register your practice" },
    },
    at,
    of: steps.length,
    enrollment,
    agreement,
    kindsOfCare,
    states,
    timeZones,
    missing: missingSteps(enrollment),
    unfinished: unfinished(enrollment),
    titles: Object.fromEntries(steps.map((one) => [one.path, one.title])),
    typed: given.typed ?? {},
    errors: given.errors,
  };
  res.locals.show(`enrolment/${path}`, data);
};

/** Where the pressed button leads: on, back, or out with all of it kept. */
export const leave = (req: Request, res: Response, path: StepPath): boolean => {
  const at = steps.findIndex((step) => step.path === path);
  const { go } = typedIn(req.body);
  if ("keep" in req.query) res.status(204).end();
  else if (go === "back") goTo(res, at > 0 ? `/enroll/${steps[at - 1]?.path}` : "/enroll");
  else if (go === "later") goTo(res, "/enroll/kept");
  else return false;
  return true;
};
export const goOn = (req: Request, res: Response, path: StepPath) => {
  const at = steps.findIndex((step) => step.path === path);
  goTo(res, `/enroll/${"review" in req.query ? "review" : steps[at + 1]?.path}`);
};

/** The first step that lacks something; the review when none does. */
export function whereToGoOn(enrollment: Enrollment): string {
  if (enrollment.state !== "filling" && enrollment.state !== "asked") return "/enroll/sent";
  return `/enroll/${enrollment.state === "asked" ? "review" : (missingSteps(enrollment)[0] ?? "review")}`;
}

/** The steps that are one page each, kept as they are left. */
export function stepRoutes(parts: EnrolParts): Router {
  const router = Router();
  const { db } = parts;

  for (const step of Object.keys(typedSteps) as TypedStep[]) {
    router.get(
      `/enroll/${step}`,
      filling(db, (_req, res, enrollment) =>
        showStep(res, step, enrollment, { typed: enrollment.answers[step] ?? {} }),
      ),
    );
    router.post(
      `/enroll/${step}`,
      filling(db, async (req, res, enrollment) => {
        const typed = typedIn(req.body);
        await fill.keepTyped(parts, enrollment.id, step, typed);
        if (leave(req, res, step)) return;
        try {
          const form = readForm(typedSteps[step], typed);
          if ("email" in form) await fill.keepOwnerEmail(parts, enrollment.id, form.email);
          goOn(req, res, step);
        } catch (error) {
          showStep(res, step, enrollment, { typed, errors: declinedOrThrow(error) });
        }
      }),
    );
  }

  // A number is kept when a button is pressed, not as its field is left: who sees that it is the wrong one empties the
  // field, and an empty field means the number that was kept before.
  router.get(
    "/enroll/tax-id",
    filling(db, (_req, res, enrollment) => showStep(res, "tax-id", enrollment)),
  );
  router.post(
    "/enroll/tax-id",
    filling(db, async (req, res, enrollment) => {
      const typed = typedIn(req.body);
      const isEmpty = !typed.taxId?.trim();
      try {
        if (isEmpty) await fill.forgetHalfTaxId(parts, enrollment.id);
        else if ("keep" in req.query) await fill.keepHalfTaxId(parts, enrollment.id, typed);
        if ((isEmpty || "keep" in req.query) && leave(req, res, "tax-id")) return;
        if (!isEmpty || !enrollment.taxIdLast4)
          await fill.keepTaxId(parts, enrollment.id, readForm(taxIdForm, typed).taxId);
        if (!leave(req, res, "tax-id")) goOn(req, res, "tax-id");
      } catch (error) {
        const errors = declinedOrThrow(error);
        // Half a number is not kept, and holds nobody back who leaves.
        if (!isEmpty) await fill.keepHalfTaxId(parts, enrollment.id, typed);
        if (!leave(req, res, "tax-id")) showStep(res, "tax-id", enrollment, { errors });
      }
    }),
  );

  router.get(
    "/enroll/deposit-account",
    filling(db, (_req, res, enrollment) =>
      showStep(res, "deposit-account", enrollment, {
        typed: enrollment.answers.halfAccount ?? typedAccount(enrollment),
      }),
    ),
  );
  router.post(
    "/enroll/deposit-account",
    filling(db, async (req, res, enrollment) => {
      const typed = typedIn(req.body);
      const isEmpty =
        !typed.accountNumber?.trim() && !typed.accountAgain?.trim() && isSame(typed, typedAccount(enrollment));
      try {
        if (isEmpty) await fill.forgetHalfAccount(parts, enrollment.id);
        else if ("keep" in req.query) await fill.keepHalfAccount(parts, enrollment.id, typed);
        if ((isEmpty || "keep" in req.query) && leave(req, res, "deposit-account")) return;
        if (!isEmpty || !enrollment.account)
          await fill.keepDepositAccount(parts, enrollment.id, readForm(depositForm, typed));
        if (!leave(req, res, "deposit-account")) goOn(req, res, "deposit-account");
      } catch (error) {
        const errors = declinedOrThrow(error);
        await fill.keepHalfAccount(parts, enrollment.id, typed);
        if (!leave(req, res, "deposit-account")) showStep(res, "deposit-account", enrollment, { typed, errors });
      }
    }),
  );

  return router;
}

const typedAccount = ({ account }: Enrollment): Typed =>
  account ? { holder: account.holder, kind: account.kind, routingNumber: account.routingNumber } : {};

const isSame = (typed: Typed, kept: Typed) =>
  ["holder", "kind", "routingNumber"].every((name) => (typed[name] ?? "").trim() === (kept[name] ?? ""));
