import { randomUUIDv7 } from "node:crypto";
import type { Clock } from "./clock.ts";
import type { Db } from "./db.ts";
import { addJobs } from "./jobs.ts";

export type Message = { channel: "email" | "sms"; to: string; subject: string; text: string };

/** The job that carries a message to its recipient; see `deliver-message.ts`. */
export const deliverTask = "deliver-message";

/**
 * Puts a message into the outbox, and the job that delivers it beside it, in the transaction of what it tells: what was
 * rolled back is never announced, what was committed always is. A message with a code says until when it is useful: it
 * is not delivered afterwards, and goes before others.
 */
export function sendMessage(db: Db, at: Date, message: Message & { usefulUntil?: Date | undefined }): Promise<void> {
  const { usefulUntil } = message;
  return sendAll(db, at, [message], { usefulUntil, priority: usefulUntil ? -10 : 0 });
}

/** As `sendMessage`, many at once, in the order in which they are given. */
export async function sendMessages(db: Db, at: Date, messages: readonly Message[]): Promise<void> {
  if (messages.length) await sendAll(db, at, messages, { priority: 0 });
}

async function sendAll(
  db: Db,
  at: Date,
  messages: readonly Message[],
  { usefulUntil, priority }: { usefulUntil?: Date | undefined; priority: number },
): Promise<void> {
  const useful_until = usefulUntil ?? null;
  const rows = messages.map(({ channel, to, subject, text }) => ({
    id: randomUUIDv7(),
    at,
    channel,
    recipient: to,
    subject,
    body: text,
    useful_until,
  }));
  await db("messages").insert(rows);
  await addJobs(db, { task: deliverTask, ids: rows.map(({ id }) => id), priority });
}

/** All messages, newest first (of one instant: the last written first), or the latest of them. For the demo outbox. */
export async function latestMessages(db: Db, most?: number): Promise<(Message & { at: Date })[]> {
  const messages = db("messages").select("at", "channel", "recipient as to", "subject", "body as text");
  if (most) messages.limit(most);
  return messages.orderBy("at", "desc").orderBy("written", "desc");
}

/** Forgets messages whose code or link has been useless for a day; notices stay, as the law wants (1002.12(b): 25 months). */
export async function forgetOldCodes({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  const yesterday = new Date(clock.now().getTime() - 24 * 3_600_000);
  await db("messages").where("useful_until", "<", yesterday).delete();
}

/** Calls off what has not been delivered yet, so that a made-up history announces nothing to anybody. */
export async function withdrawMessages(db: Db, at: Date): Promise<void> {
  const withdrawn = await db("messages")
    .whereNull("sent_at")
    .whereNull("failed_at")
    .update({ failed_at: at, last_error: "withdrawn" })
    .returning("id");
  await db.raw("select graphile_worker.remove_job(key) from unnest(?::text[]) key", [
    withdrawn.map(({ id }) => `${deliverTask}:${id}`),
  ]);
}
