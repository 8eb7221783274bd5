import { addDays, addMonths, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, isRunning, owedCents } from "./account.ts";
import { dueDateOf } from "./cycle.ts";
import { applyAll } from "./engine.ts";
import type { AccountEvent } from "./events.ts";
import { minimumStillDue } from "./minimum-payment.ts";
import type { TermsTable } from "./terms.ts";

/** So much to the account on each of these days pays a deferred balance in full in time: no interest on it is billed. */
export type Clearing = { paymentCents: Cents; dates: IsoDate[] };

/**
 * The least level payment that clears a running deferred balance in time and misses no minimum: one on each due date
 * that is left, or the whole by the last day where none is. It is the payment to the account: where other balances take
 * their share it is more than the balance over the number of dates; so each answer is tried on the engine. The dates
 * end with the one that clears the balance. Null once the promotion has ended.
 *
 * @param from the first day on which a payment can still come
 */
export function paymentToClear(
  account: Account,
  balance: Balance,
  { from, table }: { from: IsoDate; table?: TermsTable },
): Clearing | null {
  const endsOn = balance.promotionEndsOn;
  if (!isRunning(balance) || endsOn === null || from > endsOn || balance.balanceCents <= 0) return null;
  const dueDates = dueDatesBetween(account, from, endsOn);
  const dates = dueDates.length ? dueDates : [endsOn];
  const billed = (cents: Cents, some = dates) => {
    const events: AccountEvent[] = some.map((date) => ({ type: "payment", id: date, date, amountCents: cents }));
    const { postings } = applyAll(account, { events, through: addDays(endsOn, 1) }, table);
    const feesCents = postings.reduce((sum, each) => (each.kind === "late-fee" ? sum + each.cents : sum), 0);
    return {
      feesCents,
      isCleared: !postings.some((each) => each.kind === "deferred-interest" && each.balance === balance.id),
    };
  };
  const share = Math.ceil(balance.balanceCents / dates.length);
  const most = Math.max(share, owedCents(account)) * 2; // fees and interest of the months between come on top
  const unavoidableCents = billed(most).feesCents; // for a minimum that is missed already
  const isEnough = (cents: Cents) => {
    const { feesCents, isCleared } = billed(cents);
    return isCleared && feesCents <= unavoidableCents;
  };
  let [tooLittle, enough] = isEnough(share) ? [share - 1, share] : [share, most];
  while (enough - tooLittle > 1) {
    const middle = Math.floor((enough + tooLittle) / 2);
    if (isEnough(middle)) enough = middle;
    else tooLittle = middle;
  }
  const needed = dates.findIndex((_, last) => billed(enough, dates.slice(0, last + 1)).isCleared) + 1;
  return { paymentCents: enough, dates: dates.slice(0, needed) };
}

/** The due dates of a time; the one of the last statement only while something of its minimum is still asked. */
function dueDatesBetween(account: Account, from: IsoDate, to: IsoDate): IsoDate[] {
  const dates: IsoDate[] = [];
  const { lastStatement, cycle } = account;
  if (lastStatement && minimumStillDue(account) > 0 && lastStatement.dueOn >= from && lastStatement.dueOn <= to)
    dates.push(lastStatement.dueOn);
  for (let months = 0; ; months += 1) {
    const dueOn = dueDateOf(addMonths(cycle.closesOn, months));
    if (dueOn > to) return dates;
    if (dueOn >= from) dates.push(dueOn);
  }
}
