import type { Account } from "../credit/account.ts";
import type { AccountEvent } from "../credit/events.ts";
import type { Run } from "../credit/run.ts";
import type { Entry } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Trx } from "../platform/db.ts";
import { businessDay, saveBooks } from "./books.ts";
import { receivableOf } from "./postings.ts";
import { eventsOf, openingOf, replay } from "./replay.ts";

type Payment = Extract<AccountEvent, { type: "payment" }>;
type Correction = { accountId: string; standing: Account; today: IsoDate; postedAt: Date } & (
  | { add: Payment }
  | { takeBack: Payment; returnId: string }
);

/**
 * Brings the books to where they would be had a payment come on its day, or never come: the account is run again from
 * its opening, and the difference is posted today, interest and late fees included. What was posted stays, and so do
 * the statements that were sent; the next one goes on from the corrected account.
 */
export async function correctBooks(trx: Trx, correction: Correction): Promise<void> {
  const { accountId, standing, today, postedAt } = correction;
  const opening = await openingOf(trx, accountId);
  const before = await eventsOf(trx, accountId);
  const was = replay(opening, before, standing);
  mustBeAsKept(accountId, was.account, standing);
  const after =
    "add" in correction ? inserted(before, correction.add) : before.filter(({ id }) => id !== correction.takeBack.id);
  const is = replay(opening, after, standing);

  const cashCents = "add" in correction ? correction.add.amountCents : -correction.takeBack.amountCents;
  const entries: Entry[] = [
    ...differences(was.account, is.account).map(([balance, amountCents]) => ({
      account: receivableOf(accountId, balance),
      amountCents,
    })),
    { account: { kind: "cash_in" }, amountCents: cashCents },
    { account: { kind: "interest_income" }, amountCents: billed(was, interestKinds) - billed(is, interestKinds) },
    { account: { kind: "late_fee_income" }, amountCents: billed(was, feeKinds) - billed(is, feeKinds) },
  ];
  const effectiveOn = businessDay(standing, today);
  const change = { accountId, account: is.account, statements: [] };
  if ("add" in correction) {
    const { id } = correction.add;
    const posting = { id, kind: "payment" as const, effectiveOn, postedAt, entries };
    await saveBooks(trx, [{ ...change, postings: [posting], event: correction.add }]);
  } else {
    const { takeBack, returnId: id } = correction;
    const posting = { id, kind: "returned payment" as const, effectiveOn, postedAt, entries, reversesId: takeBack.id };
    await trx("account_events").where({ account_id: accountId, event_id: takeBack.id }).update({ taken_back_by: id });
    await saveBooks(trx, [{ ...change, postings: [posting] }]);
  }
}

/** Into its place by day, after what happened on the same day. */
function inserted(events: AccountEvent[], event: AccountEvent): AccountEvent[] {
  const place = events.findIndex((each) => each.date > event.date);
  return place < 0 ? [...events, event] : events.toSpliced(place, 0, event);
}

/** How much each balance is higher now; a sale is on an account whatever was paid, so both have the same balances. */
function differences(was: Account, is: Account): [string, Cents][] {
  return is.balances.map((balance) => {
    const before = was.balances.find(({ id }) => id === balance.id)?.balanceCents ?? 0;
    return [balance.id, balance.balanceCents - before];
  });
}

const interestKinds = ["interest", "minimum-interest", "deferred-interest"];
const feeKinds = ["late-fee"];

const billed = ({ postings }: Run, kinds: string[]): Cents =>
  postings.reduce((sum, each) => (kinds.includes(each.kind) ? sum + each.cents : sum), 0);

/** The events are the whole truth about an account; if they do not lead to what is kept, nothing may be built on them. */
function mustBeAsKept(accountId: string, run: Account, kept: Account): void {
  const balances = ({ balances }: Account) => balances.map(({ id, balanceCents }) => `${id} ${balanceCents}`).join();
  if (balances(run) !== balances(kept)) {
    throw new Error(`account ${accountId}: its events do not lead to its books`);
  }
}
