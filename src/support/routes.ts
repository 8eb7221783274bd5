import { randomUUIDv7 } from "node:crypto";
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { may, roleMay } from "../identity/permissions.ts";
import type { Viewer } from "../identity/viewer.ts";
import { describeHours, type OpeningHours, openAt } from "../lib/opening-hours.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { keyIn, line, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { refuseFalseLetter, type SupportParts } from "./case-mail.ts";
import { countWriting } from "./limits.ts";
import { openCase } from "./open-case.ts";
import { caseMessages, findAnyCase, findOwnCase, ownCases, type Writer, writerOf } from "./queries.ts";
import { replyToCase } from "./reply-to-case.ts";

export const mostLetters = 4_000;

const stranger = {
  name: line("Enter your name", 80),
  email: z.email({ error: "Enter your e-mail address, so that we can answer" }).max(200),
};
export const letter = {
  subject: line("Enter what it is about", 120),
  message: z
    .string({ error: "Write your message" })
    .trim()
    .min(1, { error: "Write your message" })
    .max(mostLetters, { error: `Use ${mostLetters} characters or fewer` }),
};
/** Which time zone a stranger's browser says that it is in. */
const zoneForm = z.object({
  zone: z.string().max(60).refine(isTimeZone).optional().catch(undefined),
});
/** A name of the tz database, old names too, as browsers differ in which they give; an offset is no zone. */
function isTimeZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

export const replyForm = z.object({ message: letter.message });

export type ContactParts = SupportParts & {
  program: SupportParts["program"] & { opening: OpeningHours };
};

/** How to reach support: phone and hours, a message that opens a case, the cases of one's practice. */
export function supportRoutes(parts: ContactParts): Router {
  const router = Router();
  const { db, vault } = parts;
  const ask = may("ask support");

  router.get("/support", async (req, res) => {
    const { zone } = readForm(zoneForm, req.query);
    await showContact(parts, res, { key: randomUUIDv7() }, { zone });
  });

  // One form with two buttons; what the other one begins is the business of chat-routes.ts.
  router.post("/support", async (req, res, next) => {
    if (typedIn(req.body).how === "chat") return next();
    const id = keyIn(req.body);
    try {
      const { from, values } = await readLetter(parts, req, res, letter);
      const { number } = await openCase(parts, res.locals.actor, { id, from, ...values });
      const told = `We have your message. Your case number is ${number}. We answer by e-mail to ${from.email}.`;
      goTo(res, mayAsk(res.locals.viewer) ? `/support/cases/${id}` : "/support", told);
    } catch (error) {
      const errors = declinedOrThrow(error);
      await showContact(parts, res, { ...typedIn(req.body), key: randomUUIDv7() }, { errors });
    }
  });

  router.get("/support/cases", ask, async (_req, res) => {
    const page = { title: "Cases of your practice", back: { href: "/support", label: "Support" } };
    res.locals.show("support/cases", { page, cases: await ownCases(db, res.locals.viewer) });
  });

  const showCase = async (res: Response, id: string, errors?: Record<string, string>, typed: Typed = {}) => {
    const about = await findOwnCase(db, res.locals.viewer, id);
    const page = { title: `Case ${about.number}`, back: { href: "/support/cases", label: "Cases of your practice" } };
    const form = { action: `/support/cases/${id}/messages`, key: randomUUIDv7(), typed };
    res.locals.show("support/case", { page, about, messages: await caseMessages(db, id), form, errors });
  };

  router.get("/support/cases/:id", ask, async (req, res) => showCase(res, uuidIn(req.params.id)));

  router.post("/support/cases/:id/messages", ask, async (req, res) => {
    const about = await findOwnCase(db, res.locals.viewer, uuidIn(req.params.id));
    const id = keyIn(req.body);
    try {
      const { message } = readForm(replyForm, req.body);
      await countWriting(db, vault, { personId: res.locals.viewer.id });
      await replyToCase(parts, res.locals.actor, { id, about, author: res.locals.viewer, message });
      goTo(res, `/support/cases/${about.id}`, "Your message was added to the case.");
    } catch (error) {
      await showCase(res, about.id, declinedOrThrow(error), typedIn(req.body));
    }
  });

  // A stranger's own case, by the link of the e-mail about it.
  const openLetter = async (req: Request) => {
    const { id: caseId = "", proof = "" } = typedIn(req.params);
    refuseFalseLetter(vault, { caseId, proof });
    return findAnyCase(db, caseId);
  };
  const showLetter = async (req: Request, res: Response, errors?: Record<string, string>) => {
    const about = await openLetter(req);
    const typed = typedIn(req.body);
    const form = { action: req.path, key: randomUUIDv7(), typed };
    const page = { title: `Case ${about.number}`, back: { href: "/support", label: "Support" } };
    res.locals.show("support/case", { page, about, messages: await caseMessages(db, about.id), form, errors });
  };

  router.get("/support/letters/:id/:proof", async (req, res) => showLetter(req, res));

  router.post("/support/letters/:id/:proof", async (req, res) => {
    const about = await openLetter(req);
    const id = keyIn(req.body);
    try {
      const { message } = readForm(replyForm, req.body);
      await countWriting(db, vault, { address: req.ip ?? "" });
      await replyToCase(parts, res.locals.actor, { id, about, author: { id: null, name: about.name }, message });
      goTo(res, req.path, "Your message was added to the case.");
    } catch (error) {
      await showLetter(req, res, declinedOrThrow(error));
    }
  });

  return router;
}

export const mayAsk = (viewer: Viewer | undefined) => viewer !== undefined && roleMay(viewer.role, "ask support");

/** Checks what was written, by whom, and counts it. The viewer's own name and address are known. */
export async function readLetter<Shape extends z.ZodRawShape>(
  { db, vault }: SupportParts,
  req: Request,
  res: Response,
  shape: Shape,
): Promise<{ from: Writer; values: z.output<z.ZodObject<Shape>> }> {
  const { viewer } = res.locals;
  const given = readForm(z.object(viewer ? shape : { ...stranger, ...shape }), req.body);
  const from = viewer
    ? await writerOf(db, viewer)
    : { personId: null, practiceId: null, ...readForm(z.object(stranger), req.body) };
  await countWriting(db, vault, viewer ? { personId: viewer.id } : { address: req.ip ?? "" });
  return { from, values: given as z.output<z.ZodObject<Shape>> };
}

/**
 * The contact page: how things stand at this moment, in the viewer's time zone, that of a stranger's browser once it
 * has said so, or else the program's.
 */
export async function showContact(
  { db, clock, program }: ContactParts,
  res: Response,
  typed: Typed,
  given: { errors?: Record<string, string>; zone?: string | undefined } = {},
): Promise<void> {
  const viewer: Viewer | undefined = res.locals.viewer;
  const at = clock.now();
  const timeZone = viewer?.practice?.timeZone ?? given.zone ?? program.timeZone;
  const cases = mayAsk(viewer) ? (await ownCases(db, viewer as Viewer, 5)).filter((one) => !one.closedAt) : [];
  const data = {
    page: { title: "Support" },
    errors: given.errors,
    typed,
    cases,
    timeZone,
    isStranger: !viewer,
    opening: openAt(program.opening, { timeZone: program.timeZone, at }),
    hours: describeHours(program.opening, { timeZone: program.timeZone, readIn: timeZone, at }),
  };
  res.locals.show("support/contact", data, { fragment: "support/_call" });
}
