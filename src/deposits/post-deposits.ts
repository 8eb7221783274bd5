import { type Posting, postAll } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";

const batchSize = 500;

/**
 * Puts the deposits that have arrived by the end of a day in the ledger: the practice's payable, paid out. Each once,
 * under its own id, however often this runs; two nodes share the work.
 *
 * @returns how many were posted
 */
export async function postDeposits(parts: { db: Db; clock: Clock }, night: IsoDate): Promise<number> {
  let posted = 0;
  for (let taken = batchSize; taken === batchSize; ) {
    await parts.db.transaction(async (trx) => {
      taken = await postBatch(trx, night, parts.clock.now());
    });
    posted += taken;
  }
  return posted;
}

type Due = { id: string; practice_id: string; arrives_on: IsoDate; paid_cents: Cents };

async function postBatch(trx: Trx, night: IsoDate, postedAt: Date): Promise<number> {
  const due: Due[] = await trx("deposits")
    .whereNull("posted_at")
    .where("paid_cents", ">", 0)
    .where("arrives_on", "<=", night)
    .orderBy(["arrives_on", "id"])
    .limit(batchSize)
    .forUpdate()
    .skipLocked()
    .select("id", "practice_id", "arrives_on", "paid_cents");
  if (!due.length) return 0;
  await postAll(
    trx,
    due.map((deposit) => postingOf(deposit, postedAt)),
  );
  const ids = due.map(({ id }) => id);
  await trx("deposits").whereIn("id", ids).update({ posted_at: postedAt });
  return due.length;
}

function postingOf({ id, practice_id, arrives_on, paid_cents }: Due, postedAt: Date): Posting {
  return {
    id,
    kind: "deposit",
    effectiveOn: arrives_on,
    postedAt,
    entries: [
      { account: { kind: "payable", ownerId: practice_id }, amountCents: paid_cents },
      { account: { kind: "cash_out" }, amountCents: -paid_cents },
    ],
  };
}
