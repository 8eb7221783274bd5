import { type Actor, audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { addJob } from "../platform/jobs.ts";
import type { SupportParts } from "./case-mail.ts";
import { openChatOf } from "./chat-queries.ts";
import type { Writer } from "./queries.ts";
import { sayInChat, tellChats } from "./say-in-chat.ts";

/** Gives a chat up that found no agent; see `give-up-chats.ts`. */
export const unansweredTask = "chat-unanswered";

/**
 * Begins a chat, or leads back to the one that this person is in. Sent twice, it is begun once.
 * @param given.id the key of the form
 * @param given.message what was typed already, if anything
 * @throws Refused 409 when somebody else's form has this key
 */
export async function beginChat(
  parts: SupportParts & { program: { chatWaitMinutes: number } },
  actor: Actor,
  given: { id: string; from: Writer; sessionChatId: string | undefined; message: string },
): Promise<{ id: string }> {
  const { db, clock, program } = parts;
  const { id, from, sessionChatId, message } = given;
  return db.transaction(async (trx) => {
    if (from.personId) await trx("users").where({ id: from.personId }).forNoKeyUpdate().first("id");
    const open = from.personId
      ? await openChatOf(trx, { personId: from.personId })
      : sessionChatId && (await openChatOf(trx, { chatId: sessionChatId }));
    if (open) return { id: open.id };
    const now = clock.now();
    const begun = await trx("chats")
      .insert({
        id,
        practice_id: from.practiceId,
        person_id: from.personId,
        name: from.name,
        email: from.email,
        began_at: now,
        seen_at: now,
      })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (!begun.length) {
      if (id !== sessionChatId) await refuseOldKey(trx, { id, from, since: new Date(now.getTime() - 60_000) });
      return { id };
    }
    const author = { id: from.personId, name: from.name };
    if (message) await sayInChat(trx, parts, { chatId: id, saidBy: "person", author, body: message });
    await addJob(trx, { task: unansweredTask, id, inSeconds: program.chatWaitMinutes * 60 });
    await audit(trx, actor, { at: now, action: "chat begun", subjectId: id });
    await tellChats(trx, { chat: id, what: "changed" });
    return { id };
  });
}

/** The key of a form is no key to the chat that was begun with it, save for the press that came twice. */
async function refuseOldKey(trx: Trx, begun: { id: string; from: Writer; since: Date }): Promise<void> {
  const { personId, name, email } = begun.from;
  const same = await trx("chats")
    .where({ id: begun.id, person_id: personId, name, email })
    .where("began_at", ">=", begun.since)
    .first("id");
  if (!same) throw new Refused(409, "This form was used before. Open the page again to start another chat.");
}
