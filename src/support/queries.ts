import type { Viewer } from "../identity/viewer.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { hasPart, partOf } from "../platform/find-text.ts";

/** Whoever writes to support: somebody who is logged in, or a stranger with a name and an address. */
export type Writer = { personId: string | null; practiceId: string | null; name: string; email: string };

export type Case = {
  id: string;
  number: number;
  subject: string;
  name: string;
  email: string;
  personId: string | null;
  practiceId: string | null;
  practiceName: string | null;
  chatId: string | null;
  openedAt: Date;
  touchedAt: Date;
  waitsFor: "support" | "person";
  agentId: string | null;
  agentName: string | null;
  closedAt: Date | null;
};

export type CaseMessage = {
  id: string;
  saidBy: "person" | "agent" | "portal" | "note";
  authorName: string;
  body: string;
  wasMasked: boolean;
  at: Date;
};

/** The viewer as support writes to them. */
export async function writerOf(db: Db, viewer: Viewer): Promise<Writer> {
  const { email } = await db("users").where({ id: viewer.id }).first("email");
  return { personId: viewer.id, practiceId: viewer.practice?.id ?? null, name: viewer.name, email };
}

/** A case of the viewer's practice, or the viewer's own. */
export async function findOwnCase(db: Db, viewer: Viewer, id: string): Promise<Case> {
  return foundOr404(await ofViewer(cases(db), viewer).where("c.id", id).first());
}

/** The cases of the viewer's practice, or the viewer's own, those that moved last first. */
export async function ownCases(db: Db, viewer: Viewer, most = 100): Promise<Case[]> {
  return ofViewer(cases(db), viewer).orderBy("c.touched_at", "desc").limit(most);
}

const ofViewer = (query: ReturnType<typeof cases>, viewer: Viewer) =>
  viewer.practice ? query.where("c.practice_id", viewer.practice.id) : query.where("c.person_id", viewer.id);

/** Any case, for the program's support, or for whoever shows the link that was sent for it. */
export async function findAnyCase(db: Db, id: string): Promise<Case> {
  return foundOr404(await cases(db).where("c.id", id).first());
}

/** What was said in a case, in the order of saying. Notes are between agents: the person's pages never ask for them. */
export async function caseMessages(
  db: Db,
  caseId: string,
  { withNotes }: { withNotes: boolean } = { withNotes: false },
): Promise<CaseMessage[]> {
  return db("case_messages")
    .where({ case_id: caseId })
    .whereIn("said_by", ["person", "agent", "portal", ...(withNotes ? ["note"] : [])])
    .orderBy("written")
    .select("id", "said_by as saidBy", "author_name as authorName", "body", "was_masked as wasMasked", "at");
}

export const caseShelves = ["waiting", "mine", "open", "closed"] as const;
export type CaseShelf = (typeof caseShelves)[number];

/** Cases for the console: those that wait for support, the agent's own, all open ones, or closed ones. */
export async function casesOn(db: Db, given: { shelf: CaseShelf; agentId: string; most?: number }): Promise<Case[]> {
  const { shelf, agentId, most = 100 } = given;
  const query = cases(db).limit(most);
  if (shelf === "closed") return query.whereNotNull("c.closed_at").orderBy("c.touched_at", "desc");
  query.whereNull("c.closed_at").orderBy("c.touched_at");
  if (shelf === "waiting") query.where("c.waits_for", "support");
  if (shelf === "mine") query.where("c.agent_id", agentId);
  return query;
}

/** Cases by number, or by any part of subject, name, e-mail or practice; the newest first. For the console's search. */
export async function findCases(db: Db, q: string, most = 20): Promise<Case[]> {
  const typed = q.trim().toLowerCase();
  if (!typed) return [];
  const number = /^(?:case\s*)?#?(\d{5,9})$/.exec(typed)?.[1];
  const query = cases(db).orderBy("c.touched_at", "desc").limit(most);
  if (number) return query.where("c.number", Number(number));
  return query.whereRaw(hasPart("concat_ws(' ', c.subject, c.name, c.email, p.name)"), [partOf(typed)]);
}

const cases = (db: Db) =>
  db("support_cases as c")
    .leftJoin("practices as p", "p.id", "c.practice_id")
    .leftJoin("users as a", "a.id", "c.agent_id")
    .select<Case[]>(
      "c.id",
      "c.number",
      "c.subject",
      "c.name",
      "c.email",
      "c.person_id as personId",
      "c.practice_id as practiceId",
      "p.name as practiceName",
      "c.chat_id as chatId",
      "c.opened_at as openedAt",
      "c.touched_at as touchedAt",
      "c.waits_for as waitsFor",
      "c.agent_id as agentId",
      "a.name as agentName",
      "c.closed_at as closedAt",
    );

function foundOr404<Row>(row: Row | undefined): Row {
  if (!row) throw notFound();
  return row;
}
