import { Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { parseDate } from "../lib/dates.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined, declinedOrThrow } from "../platform/errors.ts";
import { optionalLine, readForm, typedIn, uuidIn } from "../platform/forms.ts";
import { type AuditFilter, auditActions, idOf, searchAudit } from "./audit-queries.ts";

const day = z
  .string()
  .default("")
  .transform((text, context) => {
    const iso = parseDate(text);
    if (iso || !text.trim()) return iso ?? undefined;
    context.addIssue({ code: "custom", message: "Enter the date as month, day and four-digit year, like 03/12/1984" });
    return z.NEVER;
  });
const filterForm = z.object({
  person: optionalLine(),
  subject: optionalLine(),
  action: optionalLine(),
  from: day,
  to: day,
});

/** The audit log, for administrators: who did what, when, from where. Reading it is a line of its own. */
export function auditRoutes(parts: { db: Db; clock: Clock; program: { timeZone: string } }): Router {
  const router = Router();
  const { db, clock, program } = parts;

  const readFilter = async (query: unknown): Promise<AuditFilter> => {
    const { person, subject, action, from, to } = readForm(filterForm, query);
    const find = async (field: string, typed: string) => {
      const id = typed && (await idOf(db, typed));
      if (id === null) throw new Declined({ [field]: "Nobody has that User ID. Check it, or paste an id." });
      return id || undefined;
    };
    const { before } = typedIn(query);
    return {
      person: await find("person", person),
      subject: await find("subject", subject),
      action: action || undefined,
      from,
      to,
      before: before ? uuidIn(before) : undefined,
    };
  };

  router.get("/admin/audit", may("see the audit log"), async (req, res) => {
    const { before, ...typed } = typedIn(req.query);
    const page = { title: "Audit log", wide: true };
    const actions = await auditActions(db);
    try {
      const found = await searchAudit(db, await readFilter(req.query), program.timeZone);
      await audit(db, res.locals.actor, { at: clock.now(), action: "audit log read" });
      const asked = new URLSearchParams(Object.entries(typed).filter(([, text]) => text)).toString();
      res.locals.show("console/audit", { page, typed, actions, ...found, asked, isLater: Boolean(before) });
    } catch (error) {
      const errors = declinedOrThrow(error);
      res.locals.show("console/audit", { page, typed, actions, lines: [], asked: "", errors });
    }
  });

  return router;
}
