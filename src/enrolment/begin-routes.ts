import { randomUUIDv7 } from "node:crypto";
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { newSession, saveSession, whereFrom } from "../identity/web-session.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { emailAddress, keyIn, readForm, type Typed, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { beginEnrollment } from "./fill-in.ts";
import { type EnrolParts, findLink, sendLinks } from "./links.ts";
import { findEnrollment } from "./queries.ts";
import { isOpen, mine, whereToGoOn } from "./step-routes.ts";

const startForm = z.object({ email: emailAddress("Enter the owner’s e-mail address") });
const resumeForm = z.object({ email: emailAddress("Enter the e-mail address that you gave us") });

/** Beginning a registration, leaving it, and coming back by a link. */
export function beginRoutes(parts: EnrolParts): Router {
  const router = Router();
  const { db } = parts;

  const holdTo = async (req: Request, enrollmentId: string) => {
    const { loginId } = req.session;
    await newSession(req, { ...(loginId && { loginId }), enrollmentId });
  };

  const showStart = async (
    req: Request,
    res: Response,
    given: { typed?: Typed; errors?: Record<string, string> } = {},
  ) => {
    const begun = await mine(db, req);
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
      await beginEnrollment(parts, { id: key, email, address: whereFrom(req).address });
      await holdTo(req, key);
      goTo(res, "/enroll/practice");
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
      goTo(res, "/enroll/resume/sent");
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
    if (!enrollmentId) return goTo(res, `/enroll/resume/${encodeURIComponent(req.params.token)}`);
    await holdTo(req, enrollmentId);
    const enrollment = await findEnrollment(db, enrollmentId);
    goTo(res, enrollment ? whereToGoOn(enrollment) : "/enroll");
  });

  router.post("/enroll/leaving", async (req, res) => {
    delete req.session.enrollmentId;
    await saveSession(req);
    goTo(res, "/login", "What you filled in is kept. The link in your e-mail leads back to it.");
  });

  return router;
}
