import { type Request, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import { currentLook, giveReason, type LookParts, minutesOfLook, occasions, tellLook } from "../identity/looks.ts";
import { may } from "../identity/permissions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { auditedReason, choice, optionalLine, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";

type Parts = { db: Db; clock: Clock };

const kinds = {
  person: { table: "users", words: "this user" },
  practice: { table: "practices", words: "this practice" },
  account: { table: "accounts", words: "this account" },
  application: { table: "applications", words: "this application" },
} as const;
type Kind = keyof typeof kinds;

const reasonForm = z.object({
  occasion: choice(occasions, "Choose what it is about"),
  reason: auditedReason,
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
  kind: Kind,
  subjectOf: (req: Request) => Promise<string> | string = (req) => uuidIn(req.params.id),
): RequestHandler {
  return async (req, res, next) => {
    const { viewer, actor } = res.locals;
    const id = await subjectOf(req);
    if (!(await db(kinds[kind].table).where({ id }).first("id"))) throw notFound();
    const look = await currentLook(db, viewer, id, clock.now());
    if (look) res.locals.look = look;
    if (!look && req.method === "GET")
      return askReason(res, { ...req.session.lookWhy, kind, subject: id, to: req.originalUrl });
    if (look && req.method === "GET") await tellLook({ db, clock }, actor, { kind, id }, look);
    next();
  };
}

function askReason(res: Response, typed: Typed & { kind: string }, errors?: Record<string, string>): void {
  const page = { title: "Why do you look?", back: { href: "/console", label: "Console" } };
  const { words } = kinds[typed.kind as Kind] ?? kinds.person;
  res.locals.show("console/reason", { page, typed, words, occasions, minutes: minutesOfLook, errors });
}

/** Takes the reason, and goes on to the page that asked for it. */
export function reasonRoutes(parts: LookParts): Router {
  const router = Router();

  router.post("/console/looks", may("use the console"), async (req, res) => {
    try {
      const { kind, subject, to, ...given } = readForm(reasonForm, req.body);
      await giveReason(parts, res.locals.viewer, { subject: { kind, id: subject }, ...given });
      goTo(res, to);
    } catch (error) {
      const typed = typedIn(req.body);
      askReason(res, { ...typed, kind: typed.kind ?? "" }, declinedOrThrow(error));
    }
  });

  return router;
}
