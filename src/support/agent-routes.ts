import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { type LookParts, lookAtOwn, occasions, type Why } from "../identity/looks.ts";
import { may } from "../identity/permissions.ts";
import { audit } from "../platform/audit.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { choice, keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { answerCase } from "./answer-case.ts";
import type { SupportParts } from "./case-mail.ts";
import { otherAgents } from "./chat-queries.ts";
import { closeCase } from "./close-case.ts";
import { caseMessages, caseShelves, casesOn, findAnyCase } from "./queries.ts";
import { replyForm } from "./routes.ts";
import { noteInCase, takeCase } from "./take-case.ts";

const handOnForm = z.object({ to: z.uuid({ error: "Choose who takes over" }) });
const shelfForm = z.object({ shelf: choice(caseShelves, "Choose which cases to show").catch("waiting") });

/** The agent's side of cases. Every look and act stands in the audit log. */
export function agentRoutes(parts: SupportParts & LookParts): Router {
  const router = Router();
  const { db, clock } = parts;
  const answer = may("answer support");

  router.get("/console/cases", answer, async (req, res) => {
    const { shelf } = readForm(shelfForm, req.query);
    const cases = await casesOn(db, { shelf, agentId: res.locals.viewer.id });
    const details = { hits: cases.length, reason: "The list of cases" };
    await audit(db, res.locals.actor, { at: clock.now(), action: "cases listed", details });
    const page = { title: "Cases", wide: true };
    res.locals.show("support/agent-cases", { page, shelf, shelves: caseShelves, cases, now: clock.now() });
  });

  const showCase = async (res: Response, id: string, typed: Typed = {}, errors?: Record<string, string>) => {
    const about = await findAnyCase(db, id);
    const page = { title: `Case ${about.number}`, back: { href: "/console/cases", label: "Cases" } };
    const isMine = about.agentId === res.locals.viewer.id;
    const form = { key: randomUUIDv7(), typed };
    const [messages, agents] = await Promise.all([
      caseMessages(db, id, { withNotes: true }),
      otherAgents(db, res.locals.viewer),
    ]);
    res.locals.show("support/agent-case", { page, about, messages, agents, isMine, form, errors });
  };

  const look = async (res: Response, caseId: string, goesOn = false): Promise<Why> => {
    const { id, number } = await findAnyCase(db, caseId);
    const why: Why = { occasion: occasions[0], reason: `Case ${number}`, caseNumber: String(number) };
    await lookAtOwn(parts, res.locals.viewer, { kind: "case", id }, { ...why, goesOn });
    return why;
  };
  const showDeclined = async (res: Response, caseId: string, error: unknown) => {
    const errors = declinedOrThrow(error);
    await look(res, caseId, true);
    await showCase(res, caseId, typedIn(res.req.body), errors);
  };

  router.get("/console/cases/:id", answer, async (req, res) => {
    const id = uuidIn(req.params.id);
    req.session.lookWhy = await look(res, id);
    await showCase(res, id);
  });

  router.post("/console/cases/:id/answers", answer, async (req, res) => {
    const caseId = uuidIn(req.params.id);
    const id = keyIn(req.body);
    try {
      const { message } = readForm(replyForm, req.body);
      if (typedIn(req.body).how === "note") {
        await noteInCase(parts, res.locals.viewer, { id, caseId, note: message });
        return goTo(res, `/console/cases/${caseId}`, "Noted. The person does not see it.");
      }
      await answerCase(parts, res.locals.viewer, { id, caseId, message });
      goTo(res, `/console/cases/${caseId}`, "Answered. The person was told by e-mail.");
    } catch (error) {
      await showDeclined(res, caseId, error);
    }
  });

  router.post("/console/cases/:id/taking", answer, async (req, res) => {
    const caseId = uuidIn(req.params.id);
    const { from = "" } = typedIn(req.body);
    await takeCase(parts, res.locals.viewer, { caseId, from });
    goTo(res, `/console/cases/${caseId}`, "The case is yours.");
  });

  router.post("/console/cases/:id/transfers", answer, async (req, res) => {
    const caseId = uuidIn(req.params.id);
    const { from = "" } = typedIn(req.body);
    try {
      const { to: toId } = readForm(handOnForm, req.body);
      await takeCase(parts, res.locals.viewer, { caseId, from, toId });
      goTo(res, `/console/cases/${caseId}`, "Handed on.");
    } catch (error) {
      await showDeclined(res, caseId, error);
    }
  });

  for (const [act, isClosed] of [
    ["closing", true],
    ["reopening", false],
  ] as const) {
    router.post(`/console/cases/:id/${act}`, answer, async (req, res) => {
      const caseId = uuidIn(req.params.id);
      await closeCase(parts, res.locals.actor, { caseId, isClosed });
      goTo(res, `/console/cases/${caseId}`, isClosed ? "The case is closed." : "The case is open again.");
    });
  }

  return router;
}
