import { randomUUIDv7 } from "node:crypto";
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { newSession, saveSession, whereFrom } from "../identity/web-session.ts";
import { states } from "../lib/states.ts";
import { timeZones } from "../lib/time-zones.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { emailAddress, keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { kindsOfCare } from "../practices/kinds-of-care.ts";
import * as fill from "./fill-in.ts";
import { type EnrolParts, findLink, sendLinks } from "./links.ts";
import { type Enrollment, findEnrollment, missingSteps } from "./queries.ts";
import { sendEnrollment } from "./send-enrollment.ts";
import {
  agreement,
  depositForm,
  locationForm,
  type StepPath,
  steps,
  type TypedStep,
  taxIdForm,
  typedSteps,
} from "./steps.ts";

const startForm = z.object({ email: emailAddress("Enter the owner’s e-mail address") });
const resumeForm = z.object({ email: emailAddress("Enter the e-mail address that you gave us") });

/** Registering a practice, for whoever opens the form: a page a step, each kept at once. */
export function enrolmentRoutes(parts: EnrolParts): Router {
  const router = Router();
  const { db } = parts;

  const mine = async (req: Request): Promise<Enrollment | null> =>
    req.session.enrollmentId ? findEnrollment(db, req.session.enrollmentId) : null;
  const isOpen = ({ state }: Enrollment) => state === "filling" || state === "asked";

  /** Runs a page of the form for the registration of this browser; sent ones are only looked at. */
  const filling =
    (page: (req: Request, res: Response, enrollment: Enrollment) => unknown) => async (req: Request, res: Response) => {
      const enrollment = await mine(req);
      if (!enrollment) return res.redirect(303, "/enroll");
      if (!isOpen(enrollment)) return res.redirect(303, "/enroll/sent");
      await page(req, res, enrollment);
    };

  const holdTo = async (req: Request, enrollmentId: string) => {
    const { loginId } = req.session;
    await newSession(req, { ...(loginId && { loginId }), enrollmentId });
  };

  // Beginning, and coming back

  const showStart = async (
    req: Request,
    res: Response,
    given: { typed?: Typed; errors?: Record<string, string> } = {},
  ) => {
    const begun = await mine(req);
    const typed = { key: randomUUIDv7(), ...given.typed };
    const page = { title: "Register your practice", back: { href: "/login", label: "Log in" } };
    res.locals.show("enrolment/start", {
      page,
      begun: begun && isOpen(begun) ? begun : null,
      typed,
      errors: given.errors,
    });
  };

  router.get("/enroll", (req, res) => showStart(req, res));

  router.post("/enroll", async (req, res) => {
    const key = keyIn(req.body);
    try {
      const { email } = readForm(startForm, req.body);
      await fill.beginEnrollment(parts, { id: key, email, address: whereFrom(req).address });
      await holdTo(req, key);
      goTo(req, res, "/enroll/practice");
    } catch (error) {
      await showStart(req, res, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  const resumePage = { title: "Go on with a registration", back: { href: "/enroll", label: "Register your practice" } };
  router.get("/enroll/resume", (_req, res) =>
    res.locals.show("enrolment/resume", { page: resumePage, typed: {}, sent: false }),
  );
  router.post("/enroll/resume", async (req, res) => {
    try {
      const { email } = readForm(resumeForm, req.body);
      await sendLinks(parts, { email, address: whereFrom(req).address });
      goTo(req, res, "/enroll/resume/sent");
    } catch (error) {
      const data = { page: resumePage, typed: typedIn(req.body), sent: false, errors: declinedOrThrow(error) };
      res.locals.show("enrolment/resume", data);
    }
  });
  router.get("/enroll/resume/sent", (_req, res) =>
    res.locals.show("enrolment/resume", {
      page: { title: "Check your e-mail", back: resumePage.back },
      typed: {},
      sent: true,
    }),
  );
  router.get("/enroll/resume/:token", async (req, res) => {
    const works = Boolean(await findLink(parts, req.params.token));
    res.locals.show("enrolment/come-back", {
      page: { title: "Go on with your registration" },
      token: req.params.token,
      works,
    });
  });
  router.post("/enroll/resume/:token", async (req, res) => {
    const enrollmentId = await findLink(parts, req.params.token);
    if (!enrollmentId) return goTo(req, res, `/enroll/resume/${encodeURIComponent(req.params.token)}`);
    await holdTo(req, enrollmentId);
    const enrollment = await findEnrollment(db, enrollmentId);
    goTo(req, res, enrollment ? whereToGoOn(enrollment) : "/enroll");
  });

  // The steps

  const show = (
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
      ...{ at, of: steps.length, enrollment, agreement, kindsOfCare, states, timeZones },
      missing: missingSteps(enrollment),
      titles: Object.fromEntries(steps.map((one) => [one.path, one.title])),
      ...{ typed: given.typed ?? {}, errors: given.errors },
    };
    res.locals.show(`enrolment/${path}`, data);
  };

  /** Where the pressed button leads: on, back, or out with all of it kept. */
  const leave = (req: Request, res: Response, path: StepPath): boolean => {
    const at = steps.findIndex((step) => step.path === path);
    const { go } = typedIn(req.body);
    if ("keep" in req.query) res.status(204).end();
    else if (go === "back") goTo(req, res, at > 0 ? `/enroll/${steps[at - 1]?.path}` : "/enroll");
    else if (go === "later") goTo(req, res, "/enroll/kept");
    else return false;
    return true;
  };
  const goOn = (req: Request, res: Response, path: StepPath) => {
    const at = steps.findIndex((step) => step.path === path);
    goTo(req, res, `/enroll/${"review" in req.query ? "review" : steps[at + 1]?.path}`);
  };

  for (const step of Object.keys(typedSteps) as TypedStep[]) {
    router.get(
      `/enroll/${step}`,
      filling((_req, res, enrollment) => show(res, step, enrollment, { typed: enrollment.answers[step] ?? {} })),
    );
    router.post(
      `/enroll/${step}`,
      filling(async (req, res, enrollment) => {
        const typed = typedIn(req.body);
        await fill.keepTyped(parts, enrollment.id, step, typed);
        if (leave(req, res, step)) return;
        try {
          const form = readForm(typedSteps[step], typed);
          if ("email" in form) await fill.keepOwnerEmail(parts, enrollment.id, form.email);
          goOn(req, res, step);
        } catch (error) {
          show(res, step, enrollment, { typed, errors: declinedOrThrow(error) });
        }
      }),
    );
  }

  router.get(
    "/enroll/tax-id",
    filling((_req, res, enrollment) => show(res, "tax-id", enrollment)),
  );
  router.post(
    "/enroll/tax-id",
    filling(async (req, res, enrollment) => {
      const typed = typedIn(req.body);
      const isEmpty = !typed.taxId?.trim();
      try {
        if (isEmpty && leave(req, res, "tax-id")) return;
        if (!isEmpty || !enrollment.taxIdLast4)
          await fill.keepTaxId(parts, enrollment.id, readForm(taxIdForm, typed).taxId);
        if (!leave(req, res, "tax-id")) goOn(req, res, "tax-id");
      } catch (error) {
        show(res, "tax-id", enrollment, { errors: declinedOrThrow(error) });
      }
    }),
  );

  router.get(
    "/enroll/deposit-account",
    filling((_req, res, enrollment) => show(res, "deposit-account", enrollment, { typed: typedAccount(enrollment) })),
  );
  router.post(
    "/enroll/deposit-account",
    filling(async (req, res, enrollment) => {
      const typed = typedIn(req.body);
      const isEmpty =
        !typed.accountNumber?.trim() && !typed.accountAgain?.trim() && isSame(typed, typedAccount(enrollment));
      try {
        if (isEmpty && leave(req, res, "deposit-account")) return;
        if (!isEmpty || !enrollment.account)
          await fill.keepDepositAccount(parts, enrollment.id, readForm(depositForm, typed));
        if (!leave(req, res, "deposit-account")) goOn(req, res, "deposit-account");
      } catch (error) {
        show(res, "deposit-account", enrollment, { typed, errors: declinedOrThrow(error) });
      }
    }),
  );

  // Locations: a list, and a page for each

  router.get(
    "/enroll/locations",
    filling((_req, res, enrollment) => {
      if (!enrollment.answers.locations?.length) return res.redirect(303, "/enroll/locations/new");
      show(res, "locations", enrollment);
    }),
  );
  router.post(
    "/enroll/locations",
    filling((req, res, enrollment) => {
      if (leave(req, res, "locations")) return;
      if (!enrollment.answers.locations?.length) return goTo(req, res, "/enroll/locations/new");
      goOn(req, res, "locations");
    }),
  );

  const showLocation = (
    res: Response,
    enrollment: Enrollment,
    given: { typed: Typed; isNew: boolean; errors?: Record<string, string> },
  ) => {
    const count = enrollment.answers.locations?.length ?? 0;
    const back = count
      ? { href: "/enroll/locations", label: "Locations" }
      : { href: "/enroll/deposit-account", label: "Deposit account" };
    const data = { ...given, at: 4, of: steps.length, states, count };
    res.locals.show("enrolment/location", {
      page: { title: given.isNew ? "Add a location" : "Change a location", back },
      ...data,
    });
  };
  router.get(
    "/enroll/locations/new",
    filling((_req, res, enrollment) => {
      const { practice, care, locations = [] } = enrollment.answers;
      const first = locations.length
        ? {}
        : { name: practice?.knownAs || practice?.legalName || "", phone: practice?.phone ?? "" };
      showLocation(res, enrollment, { typed: { id: randomUUIDv7(), state: care?.state ?? "", ...first }, isNew: true });
    }),
  );
  router.get(
    "/enroll/locations/:id",
    filling((req, res, enrollment) => {
      const typed = enrollment.answers.locations?.find(({ id }) => id === uuidIn(req.params.id));
      if (!typed) throw notFound();
      showLocation(res, enrollment, { typed, isNew: false });
    }),
  );
  router.post(
    "/enroll/locations/:id",
    filling(async (req, res, enrollment) => {
      const id = uuidIn(req.params.id);
      try {
        await fill.keepLocation(parts, enrollment.id, { ...readForm(locationForm, req.body), id });
        goTo(req, res, "/enroll/locations");
      } catch (error) {
        const isNew = !enrollment.answers.locations?.some((one) => one.id === id);
        showLocation(res, enrollment, { typed: { ...typedIn(req.body), id }, isNew, errors: declinedOrThrow(error) });
      }
    }),
  );
  router.post(
    "/enroll/locations/:id/removal",
    filling(async (req, res, enrollment) => {
      await fill.dropLocation(parts, enrollment.id, uuidIn(req.params.id));
      goTo(req, res, "/enroll/locations");
    }),
  );

  // The end

  router.get(
    "/enroll/review",
    filling((_req, res, enrollment) => show(res, "review", enrollment)),
  );
  router.post("/enroll/review", async (req, res) => {
    const enrollment = await mine(req);
    if (!enrollment) return goTo(req, res, "/enroll");
    try {
      await sendEnrollment(parts, res.locals.actor, enrollment.id, typedIn(req.body));
      goTo(req, res, "/enroll/sent");
    } catch (error) {
      show(res, "review", enrollment, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });
  router.get(
    "/enroll/kept",
    filling((_req, res, enrollment) =>
      res.locals.show("enrolment/kept", { page: { title: "Kept" }, enrollment, next: whereToGoOn(enrollment) }),
    ),
  );
  router.get("/enroll/sent", async (req, res) => {
    const enrollment = await mine(req);
    if (!enrollment) return res.redirect(303, "/enroll");
    if (isOpen(enrollment)) return res.redirect(303, whereToGoOn(enrollment));
    res.locals.show("enrolment/sent", { page: { title: "Your registration" }, enrollment });
  });
  router.post("/enroll/leaving", async (req, res) => {
    delete req.session.enrollmentId;
    await saveSession(req);
    goTo(req, res, "/login", "What you filled in is kept. The link in your e-mail leads back to it.");
  });

  return router;
}

/** The first step that lacks something; the review when none does. */
function whereToGoOn(enrollment: Enrollment): string {
  if (enrollment.state !== "filling" && enrollment.state !== "asked") return "/enroll/sent";
  return `/enroll/${enrollment.state === "asked" ? "review" : (missingSteps(enrollment)[0] ?? "review")}`;
}

const typedAccount = ({ account }: Enrollment): Typed =>
  account ? { holder: account.holder, kind: account.kind, routingNumber: account.routingNumber } : {};

const isSame = (typed: Typed, kept: Typed) =>
  ["holder", "kind", "routingNumber"].every((name) => (typed[name] ?? "").trim() === (kept[name] ?? ""));
