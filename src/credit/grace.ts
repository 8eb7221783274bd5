import { daysBetween, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, findBalance, type LastStatement, type Movement } from "./account.ts";
import type { Accrual } from "./interest.ts";

/** A statement sent later than this many days before its due date costs nobody a fee or grace: 1026.5(b)(2)(ii). */
const leastNoticeDays = 21;

export function sentTooLate({ sentOn, dueOn }: Pick<LastStatement, "sentOn" | "dueOn">): boolean {
  return daysBetween(sentOn, dueOn) < leastNoticeDays;
}

/**
 * Whether `standard` bears no interest in the cycle that now closes: it is the first, or each amount that the last
 * statement showed on `standard` and on ended promotions was credited by its due date.
 */
export function cycleIsFree({ lastStatement, cycle, balances }: Account): boolean {
  if (!lastStatement) return true;
  // Sent too late, grace is not lost; but one that had been lost before does not come back by it.
  if (sentTooLate(lastStatement) && cycle.previousWasFree) return true;
  return lastStatement.graceBalances.every(({ balance, cents }) => {
    const shown = balances.find((each) => each.id === balance);
    return shown !== undefined && creditedBy(shown, lastStatement.dueOn) >= cents;
  });
}

/** Payments, refunds and credits put to a balance in this cycle through a day. */
export function creditedBy(balance: Balance, day: IsoDate): Cents {
  return balance.movements.reduce((sum, each) => (isCreditBy(each, day) ? sum - each.cents : sum), 0);
}

function isCreditBy({ kind, cents, on }: Movement, day: IsoDate): boolean {
  return cents < 0 && on <= day && (kind === "payment" || kind === "refund" || kind === "credit");
}

/**
 * What `standard` bears interest on in the cycle that now closes; null in a free one.
 *
 * When grace is lost, interest runs on the days of this cycle only, never on those of an earlier one. And if the cycle
 * before was free, no interest is taken on what was repaid by the due date: it counts as if it had come on the cycle's
 * first day (1026.54(a)(1)).
 */
export function standardAccrual(account: Account): Accrual | null {
  if (cycleIsFree(account)) return null;
  const { cycle, lastStatement } = account;
  const standard = findBalance(account, "standard");
  const openingCents = standard.movements.reduce((sum, each) => sum - each.cents, standard.balanceCents);
  const dueOn = lastStatement?.dueOn ?? cycle.firstDay;
  const repaidInGrace = (each: Movement) => cycle.previousWasFree && isCreditBy(each, dueOn);
  const changes = [
    ...standard.movements.filter(repaidInGrace).map((each) => ({ ...each, on: cycle.firstDay })),
    ...standard.movements.filter((each) => !repaidInGrace(each)),
  ];
  return { openingCents, changes, apr: standard.apr, from: cycle.firstDay, through: cycle.closesOn };
}
