import { addDays, daysBetween, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, findBalance } from "./account.ts";
import { averageDailyBalance, cycleAccrual } from "./accrual.ts";
import type { Clearing } from "./clearing.ts";
import { applyAll } from "./engine.ts";
import { type Accrual, accruedInterest } from "./interest.ts";
import { percentOf, roundHalfUp } from "./rates.ts";
import type { Statement } from "./statement.ts";
import type { Terms } from "./terms.ts";

/** Days in a row on which nothing changed: what they bore interest on, and all that had accrued by their end. */
export type InterestStep = { from: IsoDate; through: IsoDate; days: number; balanceCents: Cents; accruedCents: Cents };

/**
 * The arithmetic behind the deferred interest of a balance, from its sale through a day or the end of the promotion: the
 * last step's accrued cents are `deferredInterest`. A refunded part counts as never bought.
 */
export function deferredSteps(balance: Balance, asOf: IsoDate): InterestStep[] {
  const { apr, openedOn: from, promotionEndsOn } = balance;
  const through = promotionEndsOn !== null && promotionEndsOn < asOf ? promotionEndsOn : asOf;
  const openingCents = balance.movements.reduce((sum, each) => (each.kind === "refund" ? sum + each.cents : sum), 0);
  const changes = balance.movements.filter((each) => each.kind !== "refund" && each.on <= through);
  return stepsOf({ openingCents, changes, apr, from, through });
}

/**
 * The arithmetic behind the interest that the close of a cycle bills on a balance: the last step's accrued cents are
 * what is billed, the minimum interest charge apart. Empty where nothing bears interest.
 * @param account on the day of the close, before it ends
 */
export function interestSteps(account: Account, balance: Balance): InterestStep[] {
  const accrual = cycleAccrual(account, balance);
  return accrual ? stepsOf(accrual) : [];
}

/**
 * As `interestSteps`, of what has accrued since the last close and is not billed yet. Not for `standard`: only the close
 * decides whether that bears any.
 */
export function unbilledSteps(account: Account, balance: Balance, asOf: IsoDate): InterestStep[] {
  const accrual = cycleAccrual(account, balance);
  if (!accrual || asOf < accrual.from) return [];
  const through = asOf < accrual.through ? asOf : accrual.through;
  return stepsOf({ ...accrual, through, changes: accrual.changes.filter((each) => each.on <= through) });
}

/** The account on the evening of a close, before its interest, and the statement that came of it. */
export type Close = { before: Account; statement: Statement };

/** The interest that one close billed on a balance, deferred interest apart. */
export type Bill = {
  firstDay: IsoDate;
  closedOn: IsoDate;
  days: number;
  /** The last step's accrued cents are `accruedCents`. */
  steps: InterestStep[];
  accruedCents: Cents;
  /** So much, times the days of the cycle, times APR / 365 is what accrued (1026.7(b)(5)). */
  averageDailyCents: Cents;
  /** What brought the account's interest of the cycle to the minimum interest charge; on `standard` alone. */
  leastCents: Cents;
};

/** What each close billed on a balance, in their order; closes that billed nothing on it are left out. */
export function billsOf(closes: readonly Close[], id: string): Bill[] {
  return closes.flatMap(({ before, statement }) => {
    const { firstDay, closedOn, balances } = statement;
    const billed = balances.find((each) => each.balance === id);
    const billedCents = billed ? billed.interestCents - billed.deferredBilledCents : 0;
    if (billedCents === 0) return [];
    const balance = findBalance(before, id);
    const steps = interestSteps(before, balance);
    const accruedCents = steps.at(-1)?.accruedCents ?? 0;
    return {
      firstDay,
      closedOn,
      days: daysBetween(firstDay, closedOn) + 1,
      steps,
      accruedCents,
      averageDailyCents: averageDailyBalance(before, balance),
      leastCents: billedCents - accruedCents,
    };
  });
}

function stepsOf({ openingCents, changes, apr, from, through }: Accrual): InterestStep[] {
  const starts = [...new Set([from, ...changes.map((each) => (each.on > from ? each.on : from))])].sort();
  return starts.map((start, index) => {
    const next = starts[index + 1];
    const last = next ? addDays(next, -1) : through;
    const before = changes.filter((each) => each.on <= last);
    return {
      from: start,
      through: last,
      days: daysBetween(start, last) + 1,
      balanceCents: before.reduce((sum, each) => sum + each.cents, openingCents),
      accruedCents: roundHalfUp(accruedInterest(openingCents, before, { apr, from, through: last })),
    };
  });
}

/** A payment on the way to clear a balance, what of it goes there, and what is left of that balance then. */
export type ClearingStep = { on: IsoDate; paidCents: Cents; hereCents: Cents; leftCents: Cents };

/** The payments that clear a deferred balance in time, one after another, as the engine allocates them. */
export function clearingSteps(account: Account, balance: Balance, { paymentCents, dates }: Clearing): ClearingStep[] {
  const events = dates.map((date) => ({ type: "payment" as const, id: date, date, amountCents: paymentCents }));
  let leftCents = balance.balanceCents;
  return applyAll(account, { events }).payments.map(({ on, allocated }) => {
    const hereCents = allocated.find((share) => share.balance === balance.id)?.cents ?? 0;
    leftCents -= hereCents;
    return { on, paidCents: paymentCents, hereCents, leftCents };
  });
}

/** What a minimum payment is made of: `minimumPayment`, part by part. */
export type MinimumParts = {
  fixed: { balance: string; cents: Cents }[];
  pastDueCents: Cents;
  /** The balances without a fixed payment, together, and what is asked of them. */
  others: {
    balanceCents: Cents;
    percentCents: Cents;
    interestCents: Cents;
    feesCents: Cents;
    askedCents: Cents;
  } | null;
  /** The whole, before "never more than the new balance". */
  sumCents: Cents;
};

/** @param account right after the close of the statement */
export function minimumParts(account: Account, statement: Statement, terms: Terms): MinimumParts {
  const fixed = account.lastStatement?.fixedPayments ?? [];
  const isFixed = (id: string) => account.balances.some((each) => each.id === id && each.fixedPaymentCents !== null);
  const rest = statement.balances.filter((each) => !isFixed(each.balance));
  const balanceCents = rest.reduce((sum, each) => sum + each.balanceCents, 0);
  // Deferred interest is billed on a promotion that ended, and is no part of what is asked at once.
  const interestCents = rest.reduce((sum, each) => sum + each.interestCents - each.deferredBilledCents, 0);
  const percentCents = percentOf(Math.max(0, balanceCents), terms.minimumPercent);
  const asked = Math.max(terms.minimumFloorCents, percentCents + interestCents + statement.feesCents);
  const others = balanceCents > 0 && {
    balanceCents,
    percentCents,
    interestCents,
    feesCents: statement.feesCents,
    askedCents: Math.min(balanceCents, asked),
  };
  const fixedCents = fixed.reduce((sum, each) => sum + each.cents, 0);
  const sumCents = fixedCents + statement.pastDueCents + (others ? others.askedCents : 0);
  return { fixed, pastDueCents: statement.pastDueCents, others: others || null, sumCents };
}
