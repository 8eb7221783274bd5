import type { Viewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { removeJob } from "../platform/jobs.ts";
import { unansweredTask } from "./begin-chat.ts";
import { findAnyChat } from "./chat-queries.ts";
import { sayInChat, tellChats } from "./say-in-chat.ts";

/**
 * An agent joins a chat that waits.
 * @throws Refused 409 when another agent was quicker, or the person is gone
 */
export async function joinChat({ db, clock }: { db: Db; clock: Clock }, agent: Viewer, chatId: string): Promise<void> {
  await db.transaction(async (trx) => {
    await trx("chats").where({ id: chatId }).forUpdate().first("id");
    const chat = await findAnyChat(trx, chatId);
    if (chat.agentId === agent.id) return;
    if (chat.endedAt) throw new Refused(409, "This chat has ended meanwhile.");
    if (chat.agentId) throw new Refused(409, `${chat.agentName} joined this chat a moment ago.`);
    const now = clock.now();
    await trx("chats").where({ id: chatId }).update({ agent_id: agent.id, joined_at: now });
    const joined = `${agent.name} of support joined.`;
    await sayInChat(trx, { clock }, { chatId, saidBy: "portal", author: agent, body: joined });
    await removeJob(trx, { task: unansweredTask, id: chatId });
    await audit(trx, agent.actor, { at: now, action: "chat joined", subjectId: chatId });
    await tellChats(trx, { chat: chatId, what: "changed" });
  });
}
