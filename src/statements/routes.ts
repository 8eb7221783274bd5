import { type RequestHandler, type Response, Router } from "express";
import { statementsOf } from "../accounts/standing.ts";
import { recipientsOf } from "../accounts/tell-patient.ts";
import { may } from "../identity/permissions.ts";
import type { Language } from "../lib/language.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { composeStatement, type Program } from "./compose.ts";
import { composeFigures } from "./compose-figures.ts";
import { explainStatement } from "./explain-statement.ts";
import { findStatement, type StatementFacts } from "./find-statement.ts";
import { sendLinkAgain } from "./send-link-again.ts";
import { statementPdf } from "./statement-pdf.ts";

/**
 * Statements for the program's staff: the whole of each, which no practice sees. Every look stands in the audit log.
 * @param parts.reason the console's guard, which asks why, as for the account itself
 */
export function statementRoutes(parts: {
  db: Db;
  clock: Clock;
  program: Program;
  publicUrl: string;
  reason: RequestHandler;
}): Router {
  const router = Router();
  const { db, clock, program, reason } = parts;
  const staff = may("see statements");

  /** The statement that an address names; the look is written down with it. */
  const look = async (res: Response, params: Record<string, unknown>): Promise<StatementFacts> => {
    const facts = await findStatement(db, uuidIn(params.id), numberIn(params.number));
    const details = { number: facts.statement.number };
    await audit(db, res.locals.actor, {
      at: clock.now(),
      action: "statement looked at",
      subjectId: facts.accountId,
      details,
    });
    return facts;
  };

  router.get("/console/accounts/:id/statements", staff, reason, async (req, res) => {
    const id = uuidIn(req.params.id);
    const patient = (await recipientsOf(db, [id])).get(id);
    if (!patient) throw notFound();
    const statements = await statementsOf(db, { id }, 240);
    const back = { href: `/console/accounts/${id}`, label: patient.name };
    res.locals.show("statements/list", { page: { title: "Statements", back }, patient, statements });
  });

  router.post("/console/accounts/:id/statements/link", may("write to patients"), reason, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const path = `/console/accounts/${accountId}/statements`;
    const given = res.locals.look;
    if (!given) return goTo(res, path); // it asks for the reason
    try {
      await sendLinkAgain(parts, res.locals.actor, { accountId, reason: given.reason });
      goTo(res, path, "The link is on its way to the patient. The one before opens nothing any more.");
    } catch (error) {
      goTo(res, path, declinedOrThrow(error).form);
    }
  });

  router.get("/console/accounts/:id/statements/:number", staff, reason, async (req, res) => {
    const facts = await look(res, req.params);
    const path = `/console/accounts/${facts.accountId}/statements`;
    const asked = languageIn(req.query);
    const statement = composeStatement(facts, program, asked ?? facts.language);
    const page = { title: statement.title, back: { href: path, label: "Statements" } };
    res.locals.show("statements/statement", {
      page,
      statement,
      path: `${path}/${facts.statement.number}`,
      figures: figuresPath(`${path}/${facts.statement.number}`, asked),
    });
  });

  router.get("/console/accounts/:id/statements/:number/pdf", staff, reason, async (req, res) => {
    const facts = await look(res, req.params);
    await sendPdf(res, facts, { program, language: languageIn(req.query) });
  });

  router.get("/console/accounts/:id/statements/:number/figures", staff, reason, async (req, res) => {
    const facts = await look(res, req.params);
    const explanation = await explainStatement(db, facts);
    const back = {
      href: `/console/accounts/${facts.accountId}/statements/${facts.statement.number}`,
      label: "Statement",
    };
    const explained = composeFigures(facts, explanation, languageIn(req.query) ?? facts.language);
    res.locals.show("statements/figures", { page: { title: explained.title, back }, explained });
  });

  return router;
}

/** Answers with a statement as a PDF, under a name that says whose month it is and nothing of the person. */
export async function sendPdf(
  res: Response,
  facts: StatementFacts,
  { program, language = facts.language }: { program: Program; language: Language | undefined },
): Promise<void> {
  const pdf = await statementPdf(composeStatement(facts, program, language), program);
  res.set("Content-Disposition", `attachment; filename="statement-${facts.statement.closedOn}.pdf"`);
  res.type("pdf").send(pdf);
}

/** The number of a statement, from an address; what is none is not there. */
function numberIn(text: unknown): number {
  if (typeof text === "string" && /^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw notFound();
}

/** Where the figures of a statement are explained, in the language that was asked for. */
export const figuresPath = (path: string, asked: Language | undefined): string =>
  `${path}/figures${asked ? `?language=${asked}` : ""}`;

/** The language that an address asks for, if it does. */
export function languageIn(query: unknown): Language | undefined {
  const { language } = typedIn(query);
  return language === "en" || language === "es" ? language : undefined;
}
