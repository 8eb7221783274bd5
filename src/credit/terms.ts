import type { IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { defaultPlans, type Plan, type PlanId, planTerms } from "./plans.ts";
import type { Percent } from "./rates.ts";

/**
 * Everything numeric that the program may set, from a date on. An account keeps the standard APR it was opened with,
 * and a sale the plan it was made on (1026.55): both are copied into the account, so a later change cannot reach them.
 */
export type Terms = {
  effectiveFrom: IsoDate;
  /** The standard APR of accounts opened from that date, per cent a year. */
  standardApr: Percent;
  /** The least minimum payment on balances without a fixed payment; also the least payment of the calculator. */
  minimumFloorCents: Cents;
  /** The share of those balances in the minimum payment. */
  minimumPercent: Percent;
  /** A cycle that bills any interest bills at least this. */
  minimumInterestCents: Cents;
  /** The late fee, and the one if there was another in so many cycles before: 1026.52(b)(1)(ii) A and B. */
  lateFeeCents: Cents;
  repeatLateFeeCents: Cents;
  repeatLateFeeCycles: number;
  plans: readonly Plan[];
};

/** Terms by date, the earliest first. */
export type TermsTable = readonly Terms[];

export const defaultTerms: TermsTable = [
  {
    effectiveFrom: "2000-01-01",
    standardApr: "32.99",
    minimumFloorCents: 3_000,
    minimumPercent: "1.00",
    minimumInterestCents: 200,
    lateFeeCents: 3_000,
    repeatLateFeeCents: 4_100,
    repeatLateFeeCycles: 6,
    plans: defaultPlans,
  },
];

/** A plan as sales of a date are made on it: later terms do not reach them. */
export const planOn = (date: IsoDate, id: PlanId, table: TermsTable = defaultTerms): Plan =>
  planTerms(id, termsOn(table, date).plans);

/** The terms in force on a date; before the first row, the first row. */
export function termsOn(table: TermsTable, date: IsoDate): Terms {
  const terms = table.findLast((each) => each.effectiveFrom <= date) ?? table[0];
  if (!terms) throw new Error("a table of terms has at least one row");
  return terms;
}
