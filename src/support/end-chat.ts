import { randomUUIDv7 } from "node:crypto";
import { formatDateTime, formatTime } from "../lib/dates.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { removeJob } from "../platform/jobs.ts";
import { sendMessage } from "../platform/messages.ts";
import { unansweredTask } from "./begin-chat.ts";
import { mailAbout, type SupportParts } from "./case-mail.ts";
import { type Chat, chatMessages, findAnyChat, withoutNotes } from "./chat-queries.ts";
import { insertCase, insertCaseMessage } from "./open-case.ts";
import { sayInChat, tellChats } from "./say-in-chat.ts";

/**
 * Ends a chat; ended twice, or by both at once, it ended once.
 * @throws Refused 409 when the agent has handed it on meanwhile
 */
export async function endChat(
  parts: SupportParts,
  actor: Actor,
  given: { chatId: string; because: "person" | "agent"; author: { id: string | null; name: string } },
): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const { chatId, because, author } = given;
    const chat = await lockChat(trx, chatId);
    if (chat.endedAt) return;
    if (because === "agent" && chat.agentId !== author.id) throw new Refused(409, "This chat is not yours any more.");
    await closeChat(trx, parts, actor, { chat, because, author, told: `${author.name} ended the chat.` });
  });
}

/**
 * Whether there is a transcript to send. A stranger's address is not proved: what nobody but they wrote is not sent to it.
 */
export const hasTranscript = ({ personId, agentId }: Chat) => personId !== null || agentId !== null;

/** Sends the person what was said, once, if they ask for it. */
export async function mailTranscript(parts: SupportParts, actor: Actor, chatId: string): Promise<void> {
  const { db, clock, program } = parts;
  await db.transaction(async (trx) => {
    const chat = await lockChat(trx, chatId);
    if (chat.transcriptAt || !hasTranscript(chat)) return;
    const now = clock.now();
    await trx("chats").where({ id: chatId }).update({ transcript_at: now });
    await sendMessage(trx, now, {
      channel: "email",
      to: chat.email,
      subject: `Your chat with ${program.name} support`,
      text: `${formatDateTime(chat.beganAt, zoneOf(chat, program))}, with ${program.name} support:\n\n${await transcriptOf(trx, parts, chat)}\n\n${program.name} support, ${program.phone}`,
    });
    await audit(trx, actor, { at: now, action: "chat transcript sent", subjectId: chatId });
    await tellChats(trx, { chat: chatId, what: "changed" });
  });
}

/** The chat with its row locked, so that it ends, or changes hands, once. */
export async function lockChat(trx: Trx, chatId: string): Promise<Chat> {
  await trx("chats").where({ id: chatId }).forUpdate().first("id");
  return findAnyChat(trx, chatId);
}

/** Ends a locked chat with a last word. */
export async function closeChat(
  trx: Trx,
  parts: SupportParts,
  actor: Actor,
  given: {
    chat: Chat;
    because: NonNullable<Chat["endedBecause"]>;
    author: { id: string | null; name: string };
    told: string;
  },
): Promise<void> {
  const { chat, because, author, told } = given;
  const now = parts.clock.now();
  await sayInChat(trx, parts, { chatId: chat.id, saidBy: "portal", author, body: told });
  await trx("chats").where({ id: chat.id }).update({ ended_at: now, ended_because: because });
  await removeJob(trx, { task: unansweredTask, id: chat.id });
  await audit(trx, actor, { at: now, action: "chat ended", subjectId: chat.id, details: { because } });
  await tellChats(trx, { chat: chat.id, what: "changed" });
}

/** Makes a case of a chat that nobody answered, with what was said in it. */
export async function makeCaseOf(trx: Trx, parts: SupportParts, actor: Actor, chat: Chat): Promise<number> {
  const said = (await chatMessages(trx, chat.id)).filter(({ saidBy }) => saidBy === "person");
  const subject = said[0]?.body.split("\n")[0]?.slice(0, 100) ?? `${chat.name} waited for a chat`;
  const from = { personId: chat.personId, practiceId: chat.practiceId, name: chat.name, email: chat.email };
  const opened = await insertCase(trx, parts, actor, { id: randomUUIDv7(), from, subject, chatId: chat.id });
  await insertCaseMessage(trx, parts, {
    id: randomUUIDv7(),
    caseId: opened.id,
    saidBy: "person",
    author: { id: chat.personId, name: chat.name },
    body: await transcriptOf(trx, parts, chat),
  });
  const told = `Your chat found no answer, which we are sorry for. It is now case ${opened.number}, and we answer by e-mail.`;
  await mailAbout(trx, parts, { ...opened, subject: "your chat", email: chat.email, personId: chat.personId }, told);
  return opened.number;
}

/** Times are the person's, as their page of the chat shows them. */
const zoneOf = (chat: Chat, program: SupportParts["program"]) => chat.timeZone ?? program.timeZone;

async function transcriptOf(trx: Trx, { program }: SupportParts, chat: Chat): Promise<string> {
  const lines = withoutNotes(await chatMessages(trx, chat.id)).map(({ at, authorName, saidBy, body }) => {
    const time = formatTime(at, zoneOf(chat, program));
    return saidBy === "portal" ? `${time} · ${body}` : `${time} · ${authorName}: ${body}`;
  });
  return lines.join("\n") || "Nothing was said.";
}
