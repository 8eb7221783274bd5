import { setTimeout } from "node:timers/promises";
import type { Account } from "../credit/account.ts";
import { nextWorkingDay, runThrough } from "../credit/engine.ts";
import { goOn, type Run } from "../credit/run.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { type Change, saveBooks } from "./books.ts";
import { postingsOf } from "./postings.ts";

/** So many accounts are ended in one transaction: a tenth of a second or two, in which a sale on one of them waits. */
const batchSize = 200;

/** Where the look for work goes on; the order in which accounts are due, and the one of their index. */
type Place = { next_work_on: IsoDate; account_id: string };

/**
 * Ends the day of every account on which the calendar has work to do by then: late fees, ends of promotions, interest,
 * statements. What is done is no longer due, so that a run which was killed goes on where it was, and two at once share
 * the work: each takes accounts that the other does not hold. Whoever finds none left waits for those that are held.
 *
 * @param onBatch is told how many accounts were done, after each batch
 * @returns how many accounts this run has ended the day of
 */
export async function endDays(
  parts: { db: Db; clock: Clock },
  night: IsoDate,
  { onBatch = () => {}, signal }: { onBatch?: (accounts: number) => void; signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const { db } = parts;
  let done = 0;
  while (await isAnyDue(db, night)) {
    const before = done;
    const walk = async () => {
      for (let from: Place | undefined, taken = batchSize; taken === batchSize; ) {
        signal?.throwIfAborted();
        const batch: Place[] = await endBatch(parts, night, from);
        taken = batch.length;
        from = batch.at(-1);
        done += taken;
        if (taken) onBatch(done);
      }
    };
    // Two by two: while the database writes one batch, the engine works on another.
    await Promise.all([walk(), walk()]);
    if (done === before) await setTimeout(50); // others hold what is left
  }
  return done;
}

/** One batch of those that are due and held by nobody else, in one transaction. */
function endBatch({ db, clock }: { db: Db; clock: Clock }, night: IsoDate, from: Place | undefined): Promise<Place[]> {
  return db.transaction(async (trx) => {
    const due = await takeDue(trx, night, from);
    const postedAt = clock.now();
    const changes = due.map(({ account_id, state }) =>
      endDay(account_id, state, { night, today: clock.today(), postedAt }),
    );
    if (due.length) await saveBooks(trx, changes);
    return due;
  });
}

/**
 * An account at the end of its last day of work up to a night. It is not taken further: where it stands depends on
 * what happened to it alone, and not on how often the nights were run; and on when only as far as the law asks: a statement
 * that goes out late costs no fee (1026.5(b)(2)(ii)). The account given is changed in place.
 */
export function endDay(
  accountId: string,
  account: Account,
  { night, today, postedAt }: { night: IsoDate; today: IsoDate; postedAt: Date },
): Change {
  const run: Run = { ...goOn(account), closings: [], today };
  for (let day = nextWorkingDay(run.account); day <= night; day = nextWorkingDay(run.account)) runThrough(run, day);
  const postings = postingsOf(accountId, run.postings, { postedAt });
  return { accountId, account: run.account, postings, statements: run.statements, closings: run.closings ?? [] };
}

/** A batch of accounts that are due, held; those that somebody else holds are passed over. */
function takeDue(trx: Trx, night: IsoDate, from: Place | undefined): Promise<(Place & { state: Account })[]> {
  const due = trx("account_states").where("next_work_on", "<=", night);
  // Behind the last one: what was done before it has left rows in the index that would be read again each time.
  if (from) due.whereRaw("(next_work_on, account_id) > (?, ?)", [from.next_work_on, from.account_id]);
  return due
    .orderBy(["next_work_on", "account_id"])
    .limit(batchSize)
    .forUpdate()
    .skipLocked()
    .select("account_id", "next_work_on", "state");
}

async function isAnyDue(db: Db, night: IsoDate): Promise<boolean> {
  return Boolean(await db("account_states").where("next_work_on", "<=", night).first("account_id"));
}
