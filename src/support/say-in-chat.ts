import { randomUUIDv7 } from "node:crypto";
import { maskNumbers } from "../lib/mask-numbers.ts";
import type { Clock } from "../platform/clock.ts";
import { type Db, sqlState } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import type { ChatMessage } from "./chat-queries.ts";

/** Where every node hears what happens in chats. The payload is no secret: an id and what kind of thing it was. */
export const chatChannel = "chats";
export type ChatSignal =
  | { chat: string; what: "said"; node: string } // the node that said it has told its own streams already
  | { chat: string; what: "changed" }
  | { chat: string; what: "typing"; by: Side };
export type Side = "person" | "agent";

export type Said = {
  /** Of the form: sent again, the message is said once. */
  key?: string;
  chatId: string;
  saidBy: ChatMessage["saidBy"];
  author: { id: string | null; name: string };
  body: string;
};

/**
 * Says something in a chat that goes on, in one statement: it takes the next number under the lock of the chat, so
 * that numbers become visible in their order. Whoever calls tells the streams, once it is committed.
 * @throws Declined when the chat has ended, or this form said something else before
 */
export async function sayInChat(db: Db, { clock }: { clock: Clock }, said: Said): Promise<void> {
  const { key = randomUUIDv7(), chatId, saidBy, author } = said;
  const { text, wasMasked } = maskNumbers(said.body);
  const bindings = {
    key,
    chatId,
    saidBy,
    body: text,
    wasMasked,
    at: clock.now(),
    authorId: author.id,
    authorName: maskNumbers(author.name).text,
  };
  const { rows } = await db
    .raw(
      `with turn as (
         update chats set last_seq = last_seq + 1 where id = :chatId and ended_at is null
           and not exists (select from chat_messages where key = :key)
         returning id, last_seq
       )
       insert into chat_messages (chat_id, seq, key, said_by, author_id, author_name, body, was_masked, at)
         select id, last_seq, :key, :saidBy, :authorId, :authorName, :body, :wasMasked, :at from turn
       returning seq`,
      bindings,
    )
    .catch((error) => {
      if (sqlState(error) === "23505") return { rows: [] }; // the same form, at the same instant
      throw error;
    });
  if (rows.length) return;
  const before = await db("chat_messages").where({ key, chat_id: chatId }).first("body");
  if (before?.body === text) return;
  if (before) throw new Declined({ message: "What stood here before was sent. Press Send again to send this, too." });
  throw new Declined({ message: "This chat has ended. Start another one, or send a message." });
}

/**
 * @throws Refused 429 when a person says more than fifteen things in ten seconds, which nobody types
 */
export async function refuseFlood(db: Db, { clock }: { clock: Clock }, chatId: string): Promise<void> {
  const since = new Date(clock.now().getTime() - 10_000);
  const latest = await db("chat_messages")
    .where({ chat_id: chatId, said_by: "person" })
    .orderBy("seq", "desc")
    .offset(14)
    .first("at");
  if (latest && latest.at > since) throw new Refused(429, "That was too much at once. Wait a few seconds.", 10);
}

/** Tells every node, once the transaction is committed. */
export async function tellChats(db: Db, ...signals: ChatSignal[]): Promise<void> {
  const told = signals.map((signal) => JSON.stringify(signal));
  await db.raw("select pg_notify(?, told) from unnest(?::text[]) told", [chatChannel, told]);
}
