import { portalItself } from "../platform/audit.ts";
import type { SupportParts } from "./case-mail.ts";
import { chatMessages } from "./chat-queries.ts";
import { closeChat, lockChat, makeCaseOf } from "./end-chat.ts";
import { forgetCounts } from "./limits.ts";

const portal = { id: null, name: "The portal" };

/** A chat that has waited its time without an agent ends, and becomes a case with what was said. */
export async function giveUpChat(parts: SupportParts, chatId: string): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const chat = await lockChat(trx, chatId);
    if (chat.endedAt || chat.agentId) return;
    const number = await makeCaseOf(trx, parts, portalItself, chat);
    const told = `Nobody was free to answer. This is now case ${number}: we answer by e-mail.`;
    await closeChat(trx, parts, portalItself, { chat, because: "unanswered", author: portal, told });
  });
}

/** Gone for so long, a person has left: a waiting one sooner than one who talks, whose train may be in a tunnel. */
const goneMs = { waiting: 2 * 60_000, talking: 10 * 60_000 };

/**
 * Ends the chats whose person has left, and makes a case of each in which they said something that no agent answered.
 * @returns how many
 */
export async function endLeftChats(parts: SupportParts): Promise<number> {
  const { db, clock } = parts;
  const before = (ms: number) => new Date(clock.now().getTime() - ms);
  const left: string[] = await db("chats")
    .whereNull("ended_at")
    .whereRaw("seen_at < case when agent_id is null then ?::timestamptz else ?::timestamptz end", [
      before(goneMs.waiting),
      before(goneMs.talking),
    ])
    .pluck("id");
  for (const chatId of left) {
    await db.transaction(async (trx) => {
      const chat = await lockChat(trx, chatId);
      if (chat.endedAt || chat.seenAt > before(chat.agentId ? goneMs.talking : goneMs.waiting)) return;
      const lastWord = (await chatMessages(trx, chatId)).findLast(
        ({ saidBy }) => saidBy !== "portal" && saidBy !== "note",
      );
      const number = lastWord?.saidBy === "person" ? await makeCaseOf(trx, parts, portalItself, chat) : null;
      const told = `${chat.name} left${number ? `. This is now case ${number}` : ""}.`;
      await closeChat(trx, parts, portalItself, { chat, because: "left", author: portal, told });
    });
  }
  await forgetCounts(db);
  return left.length;
}
