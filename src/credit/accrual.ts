import { daysBetween, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, isRunning, standardId } from "./account.ts";
import { standardAccrual } from "./grace.ts";
import { type Accrual, accruedInterest } from "./interest.ts";
import { type Fraction, percentFraction, roundHalfUp } from "./rates.ts";

/** What a balance bears interest on in the cycle that now closes, before it is billed; null where it bears none. */
export function cycleAccrual(account: Account, balance: Balance): Accrual | null {
  if (balance.id === standardId) return standardAccrual(account);
  if (isRunning(balance)) return null;
  const { apr, accruesFrom: from, movements: changes } = balance;
  return { openingCents: openingOf(balance), changes, apr, from, through: account.cycle.closesOn };
}

/** The interest of the cycle that now closes, exact, in cents. */
export function cycleInterest(account: Account, balance: Balance): Fraction {
  const accrual = cycleAccrual(account, balance);
  return accrual ? accruedInterest(accrual.openingCents, accrual.changes, accrual) : { num: 0n, den: 1n };
}

/**
 * The balance subject to interest of the cycle that now closes (1026.7(b)(5)): so much, times the days of the cycle,
 * times APR / 365 is the interest, so it holds the interest that compounded within the cycle. Of a promotion that still
 * runs, which bears none, it is the average of what was owed at the end of each day.
 */
export function averageDailyBalance(account: Account, balance: Balance): Cents {
  const { firstDay, closesOn } = account.cycle;
  const days = daysBetween(firstDay, closesOn) + 1;
  if (isRunning(balance)) return Math.round(sumOfDays(balance, { from: firstDay, through: closesOn }) / days);
  const interest = cycleInterest(account, balance);
  const rate = percentFraction(balance.apr);
  if (interest.num === 0n || rate.num === 0n) return 0;
  return roundHalfUp({ num: interest.num * 365n * rate.den, den: interest.den * rate.num * BigInt(days) });
}

/** Cents times days: what was owed at the end of each day, added up. */
function sumOfDays(balance: Balance, { from, through }: { from: IsoDate; through: IsoDate }): number {
  const opening = openingOf(balance) * (daysBetween(from, through) + 1);
  return balance.movements.reduce(
    (sum, { on, cents }) => sum + cents * (daysBetween(on > from ? on : from, through) + 1),
    opening,
  );
}

const openingOf = (balance: Balance): Cents =>
  balance.movements.reduce((sum, each) => sum - each.cents, balance.balanceCents);
