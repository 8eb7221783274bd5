import type { Viewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import { findAnyChat, otherAgents } from "./chat-queries.ts";
import { sayInChat, tellChats } from "./say-in-chat.ts";

/**
 * Hands a chat on to another agent, with a note that the person does not see.
 * @throws Declined when there is no such agent
 * @throws Refused 409 when the chat is not the agent's (any more)
 */
export async function transferChat(
  { db, clock }: { db: Db; clock: Clock },
  agent: Viewer,
  given: { chatId: string; toId: string; note: string },
): Promise<void> {
  const { chatId, toId, note } = given;
  await db.transaction(async (trx) => {
    await trx("chats").where({ id: chatId }).forUpdate().first("id");
    const chat = await findAnyChat(trx, chatId);
    if (chat.endedAt || chat.agentId !== agent.id) throw new Refused(409, "This chat is not yours any more.");
    const to = (await otherAgents(trx, agent)).find(({ id }) => id === toId);
    if (!to) throw new Declined({ to: "Choose who takes over" });
    await trx("chats").where({ id: chatId }).update({ agent_id: to.id });
    const body = `For ${to.name}: ${note || "no note"}`;
    await sayInChat(trx, { clock }, { chatId, saidBy: "note", author: agent, body });
    const told = `${agent.name} handed the chat on to ${to.name}.`;
    await sayInChat(trx, { clock }, { chatId, saidBy: "portal", author: agent, body: told });
    await audit(trx, agent.actor, {
      at: clock.now(),
      action: "chat transferred",
      subjectId: chatId,
      details: { to: to.id },
    });
    await tellChats(trx, { chat: chatId, what: "changed" });
  });
}
