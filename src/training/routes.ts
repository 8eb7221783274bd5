import { randomUUIDv7 } from "node:crypto";
import { type NextFunction, type Request, type Response, Router } from "express";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { toPdf } from "../platform/draw-sheet.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { keyIn, type Typed, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { answerQuestions } from "./answer-questions.ts";
import { certificateSheet } from "./certificate-sheet.ts";
import { type Course, courses, findCourse, neededToCharge, passMark } from "./courses.ts";
import { chargingNeedsTraining, missingToCharge, ownCertificates, standingOf, trainingOf } from "./queries.ts";
import { setTrainingRule } from "./set-training-rule.ts";

type Parts = { db: Db; clock: Clock; program: { name: string; accent?: string | undefined } };

/** Training: the courses, their questions, certificates, and who has which. */
export function trainingRoutes(parts: Parts): Router {
  const router = Router();
  const { db, clock, program } = parts;
  const upToCourses = { href: "/resources/training", label: "Training" };

  router.get("/resources/training", may("use resources"), async (_req, res) => {
    const own = await ownCertificates(db, practiceViewer(res));
    const listed = courses.map((course) => {
      const certificate = own.find((one) => one.course === course);
      return { course, certificate, standing: standingOf(certificate?.validUntil, clock.today()) };
    });
    const page = { title: "Training", back: { href: "/resources", label: "Resources" } };
    res.locals.show("training/training", { page, courses: listed });
  });

  router.get("/resources/training/people", may("see training"), async (_req, res) => {
    const viewer = practiceViewer(res);
    const [people, needed] = await Promise.all([trainingOf(db, viewer), chargingNeedsTraining(db, viewer.practice.id)]);
    const today = clock.today();
    const rows = people.map(({ validUntil, ...person }) => ({
      ...person,
      courses: validUntil.map((until) => ({ until, standing: standingOf(until, today) })),
    }));
    const page = { title: "Who is certified", back: upToCourses, wide: true };
    res.locals.show("training/people", { page, people: rows, courses, needed, neededToCharge });
  });

  router.post("/resources/training/rule", may("see training"), async (req, res) => {
    const needed = typedIn(req.body).needed === "yes";
    const practiceId = practiceViewer(res).practice.id;
    await setTrainingRule(parts, res.locals.actor, { practiceId, chargingNeedsTraining: needed });
    const told = needed ? "Charging now needs a valid certificate." : "Charging needs no certificate now.";
    goTo(res, "/resources/training/people", told);
  });

  router.get("/resources/training/:slug", may("use resources"), (req, res) => {
    const course = courseIn(req);
    res.locals.show("training/course", { page: { title: course.title, back: upToCourses }, course });
  });

  router.get("/resources/training/:slug/questions", may("use resources"), (req, res) =>
    showQuestions(res, courseIn(req), { key: randomUUIDv7() }),
  );

  router.post("/resources/training/:slug/questions", may("use resources"), async (req, res) => {
    const course = courseIn(req);
    const typed = typedIn(req.body);
    const given = { id: keyIn(req.body), course, typed };
    try {
      const missed = await answerQuestions(parts, practiceViewer(res), given);
      const address = `/resources/training/${course.slug}/certificate`;
      goTo(res, missed.length ? `${address}?missed=${missed.join(",")}` : address, "Passed. Well done.");
    } catch (error) {
      showQuestions(res, course, typed, declinedOrThrow(error));
    }
  });

  router.get("/resources/training/:slug/certificate", may("use resources"), async (req, res) => {
    const course = courseIn(req);
    const certificate = await certificateOf(res, course);
    const missed = (typedIn(req.query).missed ?? "").split(",");
    res.locals.show("training/certificate", {
      page: { title: `Certificate: ${course.title}`, back: upToCourses },
      certificate,
      course,
      standing: standingOf(certificate.validUntil, clock.today()),
      missed: course.questions.filter(({ name }) => missed.includes(name)),
    });
  });

  router.get("/resources/training/:slug/certificate/pdf", may("use resources"), async (req, res) => {
    const course = courseIn(req);
    const viewer = practiceViewer(res);
    const of = { person: viewer.name, practice: viewer.practice.name, program };
    const pdf = await toPdf(certificateSheet(await certificateOf(res, course), of), program.name);
    res.type("pdf").attachment(`certificate-${course.slug}.pdf`).send(pdf);
  });

  async function certificateOf(res: Response, course: Course) {
    const own = await ownCertificates(db, practiceViewer(res));
    const certificate = own.find((one) => one.course === course);
    if (!certificate) throw notFound();
    return certificate;
  }

  return router;
}

function showQuestions(res: Response, course: Course, typed: Typed, errors?: Record<string, string>): void {
  const { questions } = course;
  const wrong = Object.values(errors ?? {}).filter((text) => text.startsWith("Not right")).length;
  res.locals.show("training/questions", {
    page: {
      title: `Questions: ${course.title}`,
      back: { href: `/resources/training/${course.slug}`, label: course.title },
    },
    course,
    questions,
    typed,
    errors,
    passMark,
    right: wrong ? questions.length - wrong : null,
  });
}

function courseIn(req: Request): Course {
  const course = findCourse(req.params.slug);
  if (!course) throw notFound();
  return course;
}

/** Guards the lines of a sale: where the practice asks for training, whoever has none is told which course to take. */
export function trainedToCharge({ db, clock }: { db: Db; clock: Clock }) {
  return async (_req: Request, res: Response, next: NextFunction) => {
    const missing = await missingToCharge(db, practiceViewer(res), clock.today());
    if (missing.length === 0) return next();
    const page = { title: "Training comes first", back: { href: "/accounts", label: "Accounts" } };
    res.locals.show("training/first", { page, missing }, { status: 403 });
  };
}
