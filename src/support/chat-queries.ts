import { keptOutSql } from "../identity/suspensions.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

export type Chat = {
  id: string;
  personId: string | null;
  practiceId: string | null;
  practiceName: string | null;
  /** Of the practice. */
  timeZone: string | null;
  name: string;
  email: string;
  beganAt: Date;
  seenAt: Date;
  agentId: string | null;
  agentName: string | null;
  endedAt: Date | null;
  endedBecause: "person" | "agent" | "unanswered" | "left" | null;
  transcriptAt: Date | null;
  lastSeq: number;
  /** The place in the queue, 1 for who is next; null once an agent is there, or it has ended. */
  place: number | null;
  /** The case that became of it. */
  caseNumber: number | null;
};

export type ChatMessage = {
  seq: number;
  saidBy: "person" | "agent" | "portal" | "note";
  authorName: string;
  body: string;
  wasMasked: boolean;
  at: Date;
};

/** A chat of this browser's: of the person who is logged in, or the one that a stranger's session began. */
export async function findOwnChat(
  db: Db,
  by: { viewer: Viewer | undefined; sessionChatId: string | undefined },
  id: string,
): Promise<Chat> {
  const chat = await chats(db).where("c.id", id).first();
  const isOwn = chat?.personId ? chat.personId === by.viewer?.id : chat?.id === by.sessionChatId;
  if (!chat || !isOwn) throw notFound();
  return chat;
}

/** The chat that somebody is in already: a second is not begun. */
export async function openChatOf(db: Db, by: { personId: string } | { chatId: string }): Promise<Chat | undefined> {
  const query = chats(db).whereNull("c.ended_at").orderBy("c.began_at", "desc");
  return "personId" in by
    ? query.where("c.person_id", by.personId).first()
    : query.where("c.id", by.chatId).whereNull("c.person_id").first();
}

/** Any chat, for the program's support. */
export async function findAnyChat(db: Db, id: string): Promise<Chat> {
  const chat = await chats(db).where("c.id", id).first();
  if (!chat) throw notFound();
  return chat;
}

/** The chats that go on, those that wait longest first, and whether the person had the last word. */
export async function openChats(db: Db): Promise<(Chat & { waitsForAgent: boolean })[]> {
  const lastWord = `(select said_by = 'person' from chat_messages m where m.chat_id = c.id and said_by in ('person', 'agent')
    order by seq desc limit 1)`;
  return chats(db)
    .whereNull("c.ended_at")
    .orderBy(["c.began_at", "c.id"])
    .limit(500)
    .select(db.raw(`coalesce(${lastWord}, true) as "waitsForAgent"`));
}

/** The chats that ended last. */
export async function endedChats(db: Db, most = 20): Promise<Chat[]> {
  return chats(db).whereNotNull("c.ended_at").orderBy("c.began_at", "desc").limit(most);
}

/** What was said after a place in a chat. Numbers have no gaps, so who has read up to one has missed nothing. */
export async function chatMessages(db: Db, chatId: string, after = 0): Promise<ChatMessage[]> {
  return db("chat_messages")
    .where({ chat_id: chatId })
    .where("seq", ">", after)
    .orderBy("seq")
    .select("seq", "said_by as saidBy", "author_name as authorName", "body", "was_masked as wasMasked", "at");
}

/** What the person of a chat may read of it: notes are between agents. */
export const withoutNotes = (messages: ChatMessage[]) => messages.filter(({ saidBy }) => saidBy !== "note");

/** Who waits, in the order of the queue, as ids of chats. */
export async function queue(db: Db): Promise<string[]> {
  return db("chats").whereNull("ended_at").whereNull("agent_id").orderBy(["began_at", "id"]).pluck("id");
}

/** The other people of support who are not kept out, to whom a chat can be handed on. */
export async function otherAgents(db: Db, agent: Viewer): Promise<{ id: string; name: string }[]> {
  return db("users as u")
    .whereIn("u.role", ["support", "administrator"])
    .whereNot("u.id", agent.id)
    .whereRaw(`not ${keptOutSql()}`)
    .orderBy("u.name")
    .select("u.id", "u.name");
}

const chats = (db: Db) =>
  db("chats as c")
    .leftJoin("practices as p", "p.id", "c.practice_id")
    .leftJoin("users as a", "a.id", "c.agent_id")
    .select<Chat[]>(
      "c.id",
      "c.person_id as personId",
      "c.practice_id as practiceId",
      "p.name as practiceName",
      "p.time_zone as timeZone",
      "c.name",
      "c.email",
      "c.began_at as beganAt",
      "c.seen_at as seenAt",
      "c.agent_id as agentId",
      "a.name as agentName",
      "c.ended_at as endedAt",
      "c.ended_because as endedBecause",
      "c.transcript_at as transcriptAt",
      "c.last_seq as lastSeq",
      db.raw(`case when c.ended_at is null and c.agent_id is null then (select count(*)::int from chats w
        where w.ended_at is null and w.agent_id is null and (w.began_at, w.id) <= (c.began_at, c.id)) end as place`),
      db.raw(`(select number from support_cases s where s.chat_id = c.id) as "caseNumber"`),
    );
