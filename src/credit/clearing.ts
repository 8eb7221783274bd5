import { addDays, addMonths, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, isRunning, owedCents } from "./account.ts";
import { dueDateOf } from "./cycle.ts";
import { applyAll } from "./engine.ts";
import type { AccountEvent } from "./events.ts";
import type { TermsTable } from "./terms.ts";

/** So much on each of these days pays a deferred balance in full within its promotion, and no interest is billed. */
export type Clearing = { paymentCents: Cents; dates: IsoDate[] };

/**
 * The least level payment that clears a running deferred balance in time, one on each due date that is left, or the
 * whole on the last day where none is. Where other balances take their share of a payment it is more than the balance
 * over the number of dates; so each answer is tried on the engine. Null once the promotion has ended.
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
  const isEnough = (cents: Cents) => {
    const events: AccountEvent[] = dates.map((date) => ({ type: "payment", id: date, date, amountCents: cents }));
    const { postings } = applyAll(account, { events, through: addDays(endsOn, 1) }, table);
    return !postings.some((each) => each.kind === "deferred-interest" && each.balance === balance.id);
  };
  const share = Math.ceil(balance.balanceCents / dates.length);
  if (isEnough(share)) return { paymentCents: share, dates };
  let tooLittle = share;
  let enough = Math.max(share, owedCents(account)) * 2; // fees and interest of the months between come on top
  while (enough - tooLittle > 1) {
    const middle = Math.floor((enough + tooLittle) / 2);
    if (isEnough(middle)) enough = middle;
    else tooLittle = middle;
  }
  return { paymentCents: enough, dates };
}

function dueDatesBetween(account: Account, from: IsoDate, to: IsoDate): IsoDate[] {
  const dates: IsoDate[] = [];
  const { lastStatement, cycle } = account;
  if (lastStatement && lastStatement.dueOn >= from && lastStatement.dueOn <= to) dates.push(lastStatement.dueOn);
  for (let months = 0; ; months += 1) {
    const dueOn = dueDateOf(addMonths(cycle.closesOn, months));
    if (dueOn > to) return dates;
    if (dueOn >= from) dates.push(dueOn);
  }
}
