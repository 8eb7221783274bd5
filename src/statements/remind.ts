import { readBooks } from "../accounts/books.ts";
import type { Program } from "../accounts/letters.ts";
import { type Recipient, recipientsOf, tellPatients } from "../accounts/tell-patient.ts";
import { type Account, type Balance, findBalance, isRunning } from "../credit/account.ts";
import { paymentToClear } from "../credit/clearing.ts";
import { deferredInterest } from "../credit/deferred.ts";
import { addDays, daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { reminderLetter } from "./letters.ts";

/** So many days before a promotion ends, the patient is reminded. */
const reminderDays = [90, 60, 30, 7] as const;

/** So many promotions in one transaction: each is asked of the engine, some milliseconds. */
const batchSize = 50;

type Due = { sale_id: string; account_id: string; ends_on: IsoDate; days: number; is_taken: boolean };
type Parts = { db: Db; clock: Clock; program: Program };

/**
 * Reminds of the promotions that end 90, 60, 30 or 7 days after the morning that follows a night, each once whatever
 * happens in between: the row in `reminders` and the letter are one transaction. Where nights are caught up, what a
 * later reminder says better is left out. A balance that is paid needs none.
 * @returns how many letters were written
 */
export async function sendReminders(
  parts: Parts,
  night: IsoDate,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<number> {
  let sent = 0;
  for (;;) {
    signal?.throwIfAborted();
    const batch = await parts.db.transaction((trx) => remindBatch(trx, parts, addDays(night, 1)));
    sent += batch.sent;
    if (batch.taken < batchSize) return sent;
  }
}

async function remindBatch(trx: Trx, { clock, program }: Omit<Parts, "db">, morning: IsoDate) {
  // Two nodes insert in the same order: the second waits for the first and then finds the rows there.
  const { rows } = await trx.raw<{ rows: Due[] }>(
    `with due as (
       select p.sale_id, p.account_id, p.ends_on, d.days from promotions p
         join unnest(?::int[]) as d (days) on p.ends_on = ?::date + d.days
         where not exists (select from reminders r where r.sale_id = p.sale_id and r.days = d.days)
         order by p.sale_id limit ?
     ), taken as (
       insert into reminders (sale_id, days, sent_at) select sale_id, days, ? from due on conflict do nothing
         returning sale_id, days
     )
     select due.*, taken.sale_id is not null as is_taken from due left join taken using (sale_id, days) order by 1`,
    [[...reminderDays], morning, batchSize, clock.now()],
  );
  const today = clock.today() > morning ? clock.today() : morning;
  const timely = rows.filter((each) => each.is_taken && isTimely(each, today));
  const recipients = await recipientsOf(
    trx,
    timely.map(({ account_id }) => account_id),
  );
  const letters = [];
  for (const { account_id, sale_id } of timely) {
    const recipient = recipients.get(account_id);
    const account = await readBooks(trx, account_id);
    const balance = findBalance(account, sale_id);
    if (!recipient || !isRunning(balance) || balance.balanceCents <= 0) continue;
    letters.push({ recipient, letter: letterFor({ program, account, balance, recipient, today }) });
  }
  await tellPatients(trx, clock.now(), letters);
  return { taken: rows.length, sent: letters.length };
}

/** No later reminder is due already, and the promotion still runs. */
function isTimely({ ends_on, days }: Due, today: IsoDate): boolean {
  const left = daysBetween(today, ends_on);
  const next = reminderDays.find((each) => each < days) ?? -1;
  return left >= 0 && left > next;
}

function letterFor(given: {
  program: Program;
  account: Account;
  balance: Balance;
  recipient: Recipient;
  today: IsoDate;
}) {
  const { program, account, balance, recipient, today } = given;
  const from = account.dayOver && account.day >= today ? addDays(account.day, 1) : today;
  return reminderLetter(program, recipient, {
    balance,
    endsOn: balance.promotionEndsOn ?? today,
    today,
    accruedCents: deferredInterest(balance, today),
    clearing: paymentToClear(account, balance, { from }),
  });
}
