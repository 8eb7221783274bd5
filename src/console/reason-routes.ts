import { type Request, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import { currentLook, giveReason, type LookSubject, minutesOfLook, occasions } from "../identity/looks.ts";
import { may } from "../identity/permissions.ts";
import type { Actor } from "../platform/audit.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { choice, line, optionalLine, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";

type Parts = { db: Db; clock: Clock };

const kinds = {
  person: { table: "users", action: "user looked up", words: "this user" },
  practice: { table: "practices", action: "practice looked up", words: "this practice" },
  account: { table: "accounts", action: "account looked up", words: "this account" },
  application: { table: "applications", action: "application looked up", words: "this application" },
} as const;

const reasonForm = z.object({
  occasion: choice(occasions, "Choose what it is about"),
  reason: line("Enter the reason: it stands in the audit log", 200),
  caseNumber: optionalLine(20),
  kind: z.enum(["person", "practice", "account", "application"]),
  subject: z.uuid(),
  // Only back to where the reason was asked for.
  to: z.string().regex(/^\/console\/[\w/-]+(\?[\w=&-]*)?$/),
});

/**
 * Middleware of a page of the console: asks why, once for each subject, and lets on for some minutes. What is not there
 * is a 404 before anything is asked. Each page that is shown is a line of the audit log, with the reason.
 */
export function needsReason(
  { db, clock }: Parts,
  kind: LookSubject["kind"],
  subjectOf: (req: Request) => Promise<string> | string = (req) => uuidIn(req.params.id),
): RequestHandler {
  return async (req, res, next) => {
    const { viewer, actor } = res.locals;
    const id = await subjectOf(req);
    if (!(await db(kinds[kind].table).where({ id }).first("id"))) throw notFound();
    const look = await currentLook(db, viewer, id, clock.now());
    if (look) res.locals.look = look;
    if (!look && req.method === "GET") return askReason(res, { kind, subject: id, to: req.originalUrl });
    if (look && req.method === "GET") await tellLook({ db, clock }, actor, { kind, id, look });
    next();
  };
}

async function tellLook(
  { db, clock }: Parts,
  actor: Actor,
  { kind, id, look }: LookSubject & { look: { occasion: string; reason: string; caseNumber: string } },
): Promise<void> {
  const { occasion, reason, caseNumber } = look;
  const details = { occasion, reason, ...(caseNumber && { case: caseNumber }) };
  await audit(db, actor, { at: clock.now(), action: kinds[kind].action, subjectId: id, details });
}

function askReason(res: Response, typed: Typed & { kind: string }, errors?: Record<string, string>): void {
  const page = { title: "Why do you look?", back: { href: "/console", label: "Console" } };
  const { words } = kinds[typed.kind as LookSubject["kind"]] ?? kinds.person;
  res.locals.show("console/reason", { page, typed, words, occasions, minutes: minutesOfLook, errors });
}

/** Takes the reason, and goes on to the page that asked for it. */
export function reasonRoutes(parts: Parts): Router {
  const router = Router();

  router.post("/console/looks", may("use the console"), async (req, res) => {
    try {
      const { kind, subject, to, ...given } = readForm(reasonForm, req.body);
      await giveReason(parts, res.locals.viewer, { subject: { kind, id: subject }, ...given });
      goTo(req, res, to);
    } catch (error) {
      const typed = typedIn(req.body);
      askReason(res, { ...typed, kind: typed.kind ?? "" }, declinedOrThrow(error));
    }
  });

  return router;
}
