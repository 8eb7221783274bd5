import { randomUUIDv7 } from "node:crypto";
import type { Db } from "./db.ts";

export type Message = { channel: "email" | "sms"; to: string; subject: string; text: string };

/**
 * Puts a message into the outbox, in the transaction of what it tells: what was rolled back is never announced,
 * what was committed always is.
 */
export async function sendMessage(db: Db, at: Date, message: Message): Promise<void> {
  const { to, text, ...rest } = message;
  await db("messages").insert({ id: randomUUIDv7(), at, recipient: to, body: text, ...rest });
}

/** The latest messages, newest first (of one instant: the last written first). For the demo outbox. */
export async function latestMessages(db: Db, most = 200): Promise<(Message & { at: Date })[]> {
  return db("messages")
    .select("at", "channel", "recipient as to", "subject", "body as text")
    .orderBy("written", "desc")
    .limit(most);
}
