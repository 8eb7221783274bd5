import type { IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { closeOnOrAfter } from "./cycle.ts";
import type { PlanId, PlanKind } from "./plans.ts";
import type { Percent } from "./rates.ts";

/** Why a balance changes. Positive cents raise what is owed; `credit` is a credit moved from one balance to another. */
export type MovementKind =
  | "sale"
  | "payment"
  | "refund"
  | "credit"
  | "credit-refund"
  | "interest"
  | "minimum-interest"
  | "deferred-interest"
  | "late-fee";

/** A change of a balance; `on` is the first day that ends with it. */
export type Movement = { on: IsoDate; kind: MovementKind; cents: Cents };

/** The id of the balance that standard purchases and late fees share. */
export const standardId = "standard";

export type Balance = {
  /** "standard", or the id of the promotional sale. */
  id: string;
  plan: PlanId;
  kind: PlanKind;
  /** Per cent a year that it bears, or will once its promotion has ended; copied at the sale, so it never changes. */
  apr: Percent;
  /** The sale's date; the account's opening for `standard`. */
  openedOn: IsoDate;
  /** The last day of a deferred or converting promotion; null where nothing ends. */
  promotionEndsOn: IsoDate | null;
  /** The promotion is over: true from the morning after its last day. */
  ended: boolean;
  /** The level payment of a fixed plan, which no refund changes. */
  fixedPaymentCents: Cents | null;
  /** Owed; below zero, on `standard` only, a credit. Deferred interest is no part of it. */
  balanceCents: Cents;
  /** The part of it that the patient disputes (1026.13). */
  disputedCents: Cents;
  /** Interest accrues from this day: the first of the cycle, or the day after the promotion ended. */
  accruesFrom: IsoDate;
  /** Since `accruesFrom`, oldest first; for a deferred balance that still runs, since the sale. */
  movements: Movement[];
  /** Billed since the last close, deferred interest apart. */
  interestCents: Cents;
  /** Deferred interest billed since the last close. */
  deferredInterestCents: Cents;
};

/** A sale as the engine needs it for refunds: several standard sales share one balance. */
export type Sale = { id: string; balance: string; amountCents: Cents; refundedCents: Cents };

/** What is kept of the last statement, because rules of the next cycle read it. */
export type LastStatement = {
  closedOn: IsoDate;
  dueOn: IsoDate;
  /** When it was mailed or shown; under 21 days before `dueOn`, no late fee and no loss of grace follow. */
  sentOn: IsoDate;
  newBalanceCents: Cents;
  minimumPaymentCents: Cents;
  /** What it showed on `standard` and on ended promotions: to be credited by `dueOn` for grace. */
  graceBalances: { balance: string; cents: Cents }[];
  /** The fixed payments in its minimum. */
  fixedPayments: { balance: string; cents: Cents }[];
};

/** The state of an account between two moments: plain data, so that a job stores it and goes on from it. */
export type Account = {
  openedOn: IsoDate;
  /** 1 to 28. */
  cycleDay: number;
  standardApr: Percent;
  limitCents: Cents;
  /** The day the account stands in; its late fee and its ends of promotions are done. */
  day: IsoDate;
  /** That day has ended too: its close, if it had one, is done, and it takes no more events. */
  dayOver: boolean;
  cycle: {
    /** 1 for the first. */
    number: number;
    firstDay: IsoDate;
    closesOn: IsoDate;
    /** Payments and refunds since the last close: what counts toward the minimum. */
    paidCents: Cents;
    feesCents: Cents;
    /** The cycle before bore no interest on `standard` because of grace. */
    previousWasFree: boolean;
  };
  /** `standard` first, then each promotional sale in the order of sale, paid ones too. */
  balances: [Balance, ...Balance[]];
  sales: Sale[];
  lastStatement: LastStatement | null;
  /** The number of the last cycle with a late fee. */
  lastLateFeeCycle: number | null;
  /** Since when a credit has stood without a break (1026.11: to be refunded within six months). */
  creditSince: IsoDate | null;
  /** Interest and fees billed in the calendar year of the last close: 1026.7(b)(6)(iii). */
  yearToDate: { year: string; interestCents: Cents; feesCents: Cents };
};

export type Opening = { openedOn: IsoDate; cycleDay: number; standardApr: Percent; limitCents: Cents };

/** A new account on the morning of its first day. */
export function openAccount({ openedOn, cycleDay, standardApr, limitCents }: Opening): Account {
  if (!Number.isInteger(cycleDay) || cycleDay < 1 || cycleDay > 28) throw new Error(`no cycle day: ${cycleDay}`);
  const standard = newBalance({
    id: standardId,
    plan: "standard",
    kind: "revolving",
    apr: standardApr,
    openedOn,
  });
  return {
    openedOn,
    cycleDay,
    standardApr,
    limitCents,
    day: openedOn,
    dayOver: false,
    cycle: {
      number: 1,
      firstDay: openedOn,
      closesOn: closeOnOrAfter(openedOn, cycleDay),
      paidCents: 0,
      feesCents: 0,
      previousWasFree: true,
    },
    balances: [standard],
    sales: [],
    lastStatement: null,
    lastLateFeeCycle: null,
    creditSince: null,
    yearToDate: { year: openedOn.slice(0, 4), interestCents: 0, feesCents: 0 },
  };
}

export function newBalance(
  own: Pick<Balance, "id" | "plan" | "kind" | "apr" | "openedOn"> & Partial<Balance>,
): Balance {
  return {
    promotionEndsOn: null,
    ended: false,
    fixedPaymentCents: null,
    balanceCents: 0,
    disputedCents: 0,
    accruesFrom: own.openedOn,
    movements: [],
    interestCents: 0,
    deferredInterestCents: 0,
    ...own,
  };
}

/** All that is owed; below zero when a credit stands. Interest not yet billed and deferred interest are no part of it. */
export function owedCents(account: Account): Cents {
  return account.balances.reduce((sum, each) => sum + each.balanceCents, 0);
}

/** What a sale may still take; below zero when interest and fees went over the limit. */
export function availableCents(account: Account): Cents {
  return account.limitCents - owedCents(account);
}

/** The promotion of a deferred or converting balance still runs. */
export function isRunning(balance: Balance): boolean {
  return balance.promotionEndsOn !== null && !balance.ended;
}

export function findBalance(account: Account, id: string): Balance {
  const balance = account.balances.find((each) => each.id === id);
  if (!balance) throw new Error(`no balance ${id}`);
  return balance;
}
