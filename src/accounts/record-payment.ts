import type { Account } from "../credit/account.ts";
import type { AccountEvent } from "../credit/events.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { applyEvent } from "./apply-event.ts";
import { firstOpenDay, onMorningOf, readBooks } from "./books.ts";
import { correctBooks } from "./correct-books.ts";

/**
 * Records a patient's payment. It counts from the day it was received (1026.10), and the engine says which balances it
 * lowers. If the books of that day are closed, what has happened since is worked out anew, and the difference is posted
 * today. The same id again changes nothing.
 * @returns whether it was recorded now; false when it had been before
 * @throws Declined for a day before the account was opened or after today, an id that was another payment's, and a
 * balance that the account did not have on that day
 */
export async function recordPayment(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  payment: {
    id: string;
    accountId: string;
    amountCents: Cents;
    receivedOn: IsoDate;
    reason?: string;
    /** The balance that the patient asked for: "standard", or a promotional sale's id. */
    toward?: string;
  },
): Promise<boolean> {
  const { id, accountId, amountCents, receivedOn, reason, toward } = payment;
  return db.transaction(async (trx) => {
    await trx("accounts").where({ id: accountId }).forNoKeyUpdate().first("id");
    const recorded = await trx("payments").where({ id }).first();
    if (recorded) {
      const { account_id, amount_cents, received_on } = recorded;
      const told = await trx("account_events").where({ account_id: accountId, event_id: id }).first("event");
      const isSame = account_id === accountId && amount_cents === amountCents && received_on === receivedOn;
      if (isSame && told?.event.toward === toward) return false;
      throw new Declined({ form: "Another payment was recorded under this reference" });
    }
    const account = await readBooks(trx, accountId, { lock: true });
    const today = clock.today();
    if (receivedOn < account.openedOn) throw new Declined({ receivedOn: "The account was not open on that day" });
    if (receivedOn > today) throw new Declined({ receivedOn: "That day is still to come" });

    refuseToward(account, toward, receivedOn);

    // After this line it must succeed.
    const postedAt = clock.now();
    await trx("payments").insert({
      id,
      account_id: accountId,
      amount_cents: amountCents,
      received_on: receivedOn,
      recorded_at: postedAt,
    });
    const event: AccountEvent = { type: "payment", id, date: receivedOn, amountCents, ...(toward && { toward }) };
    if (receivedOn >= firstOpenDay(account)) {
      const run = onMorningOf(account, { day: receivedOn, today });
      const entries = [{ account: { kind: "cash_in" as const }, amountCents }];
      await applyEvent(trx, accountId, { run, event, kind: "payment", entries, postedAt });
    } else {
      await correctBooks(trx, { accountId, standing: account, add: event, today, postedAt });
    }
    await audit(trx, actor, {
      at: postedAt,
      action: "payment recorded",
      subjectId: accountId,
      details: { amountCents, ...(reason && { reason }), ...(toward && { toward }) },
    });
    return true;
  });
}

/** @throws Declined when there was no such balance on the account by that day */
export function refuseToward(account: Account, toward: string | undefined, receivedOn: IsoDate): void {
  if (toward === undefined) return;
  const asked = account.balances.find(({ id }) => id === toward);
  if (!asked || asked.openedOn > receivedOn) throw new Declined({ toward: "There was no such balance on that day" });
}
