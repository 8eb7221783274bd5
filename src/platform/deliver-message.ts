import type { Clock } from "./clock.ts";
import type { Db } from "./db.ts";
import { addJob } from "./jobs.ts";
import type { Log } from "./log.ts";
import { deliverTask, type Message } from "./messages.ts";

/** A message as it goes out. Its id stays the same however often it is tried, so that a second delivery shows as one. */
export type Letter = { id: string; at: Date; to: string; subject: string; text: string };

/** What brings messages of one channel to their recipients: resolves when they are taken, or throws `Undelivered`. */
export type Carrier = (letter: Letter, signal: AbortSignal) => Promise<void>;

/** Not delivered. The message is a code of the protocol alone: what servers say often repeats addresses and content. */
export class Undelivered extends Error {
  readonly isFinal: boolean;
  constructor(code: string, { isFinal }: { isFinal: boolean }) {
    super(code);
    this.isFinal = isFinal;
  }
}

export type DeliverParts = {
  db: Db;
  clock: Clock;
  log: Log;
  /** Of a channel without a carrier, messages stand in the outbox. */
  carriers: Partial<Record<Message["channel"], Carrier>>;
  /** Whether what was delivered stays readable; codes do in the demo's outbox alone. */
  demo: boolean;
};

/** As mail servers do it: four days without success, and the sender has to find another way. */
const giveUpAfterMs = 4 * 86_400_000;

/**
 * Delivers a message, at least once. It is tried again after 1, 2, 4… seconds, at last every five minutes (every fifteen
 * seconds while a code waits), for four days or until it is of no use; a refusal for good ends it at once. The row in
 * `messages` tells how it went.
 */
export async function deliverMessage(parts: DeliverParts, id: string, stopping: AbortSignal): Promise<void> {
  const { db, clock, carriers, log, demo } = parts;
  const row = await db("messages").where({ id }).whereNull("sent_at").whereNull("failed_at").first();
  if (!row) return;
  const carrier: Carrier | undefined = carriers[row.channel as Message["channel"]];
  if (!carrier && demo) return;

  const attempts = row.attempts + 1;
  const usefulMs = row.useful_until ? row.useful_until - clock.now().getTime() : undefined;
  const body = row.useful_until && !demo ? "" : row.body; // nobody needs a code that was used or is void
  const about = { messageId: id, channel: row.channel, domain: row.recipient.split("@")[1], attempts };
  const endWith = (reason: string) =>
    db("messages").where({ id }).update({ failed_at: clock.now(), last_error: reason, attempts, body });

  if (usefulMs !== undefined && usefulMs <= 0) {
    log.warn(about, "message not delivered while it was useful");
    return void (await endWith("too late"));
  }
  try {
    if (!carrier) throw new Undelivered("not configured", { isFinal: true });
    const inTime = usefulMs === undefined ? [] : [AbortSignal.timeout(usefulMs)];
    const letter = { id, at: row.at, to: row.recipient, subject: row.subject, text: row.body };
    await carrier(letter, AbortSignal.any([stopping, ...inTime]));
  } catch (error) {
    if (stopping.aborted || !(error instanceof Undelivered)) throw error;
    const reason = error.message;
    if (error.isFinal || clock.now().getTime() - row.at > giveUpAfterMs) {
      log.error({ ...about, reason }, "message not delivered");
      return void (await endWith(reason));
    }
    log.warn({ ...about, reason }, "message not delivered yet");
    const inSeconds = Math.min(2 ** (attempts - 1), row.useful_until ? 15 : 300);
    return db.transaction(async (trx) => {
      await trx("messages").where({ id }).update({ attempts, last_error: reason });
      await addJob(trx, { task: deliverTask, id, inSeconds, priority: row.useful_until ? -10 : 0 });
    });
  }
  await db("messages").where({ id }).update({ sent_at: clock.now(), attempts, last_error: null, body });
}
