import { addMonths, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import type { Percent } from "./rates.ts";

export const planIds = [
  "standard",
  "deferred-6",
  "deferred-12",
  "deferred-18",
  "deferred-24",
  "fixed-24",
  "fixed-36",
  "fixed-48",
  "fixed-60",
  "convert-12",
] as const;
export type PlanId = (typeof planIds)[number];

/**
 * `revolving` the standard balance · `deferred` no interest if paid in full within the months · `fixed` a reduced APR
 * and a fixed payment until paid · `convert` 0 % for the months, then what is left at a reduced APR.
 */
export type PlanKind = "revolving" | "deferred" | "fixed" | "convert";

export type Plan = {
  id: PlanId;
  kind: PlanKind;
  /** Months of the promotion, or of the fixed payments; null for the standard account, which has no end. */
  months: number | null;
  /** Per cent a year, for `convert` the rate after the period; null: the rate the account was opened with. */
  apr: Percent | null;
  /** The least sale the plan takes, in cents. */
  minimumSaleCents: Cents;
  /** What the practice pays, per cent of the sale. */
  merchantRate: Percent;
};

/** The table of plans as it stands by default; a program changes it with a date (`Terms.effectiveFrom`), never in place. */
export const defaultPlans: readonly Plan[] = [
  revolving("1.90"),
  deferred("deferred-6", 6, "5.00"),
  deferred("deferred-12", 12, "9.90"),
  deferred("deferred-18", 18, "13.50"),
  deferred("deferred-24", 24, "15.00"),
  fixed("fixed-24", 24, "17.90", 100_000),
  fixed("fixed-36", 36, "18.90", 100_000),
  fixed("fixed-48", 48, "19.90", 100_000),
  fixed("fixed-60", 60, "20.90", 250_000),
  {
    id: "convert-12",
    kind: "convert",
    months: 12,
    apr: "17.90",
    minimumSaleCents: 20_000,
    merchantRate: "10.90",
  },
];

function revolving(merchantRate: Percent): Plan {
  return { id: "standard", kind: "revolving", months: null, apr: null, minimumSaleCents: 1, merchantRate };
}

function deferred(id: PlanId, months: number, merchantRate: Percent): Plan {
  return { id, kind: "deferred", months, apr: null, minimumSaleCents: 20_000, merchantRate };
}

function fixed(id: PlanId, months: number, apr: Percent, minimumSaleCents: Cents): Plan {
  return { id, kind: "fixed", months, apr, minimumSaleCents, merchantRate: "5.00" };
}

export function isPlanId(text: string): text is PlanId {
  return (planIds as readonly string[]).includes(text);
}

/** The terms of one plan. A plan id that the table lacks is a mistake of the caller's, not of a person's. */
export function planTerms(id: PlanId, plans: readonly Plan[] = defaultPlans): Plan {
  const plan = plans.find((each) => each.id === id);
  if (!plan) throw new Error(`no plan ${id} in the table`);
  return plan;
}

/** The words on the screen; "if paid in full" may not be left out beside "no interest" (1026.16(h)(3)). */
export function planLabel(plan: Plan): string {
  switch (plan.kind) {
    case "revolving":
      return "Standard account";
    case "deferred":
      return `No interest if paid in full within ${plan.months} months`;
    case "fixed":
      return `Reduced APR, ${plan.months} months`;
    case "convert":
      return `0% for ${plan.months} months, then reduced APR`;
  }
}

/** The last day of a sale's promotion; null where nothing ends. */
export function promotionEnd(plan: Plan, soldOn: IsoDate): IsoDate | null {
  const runs = plan.kind === "deferred" || plan.kind === "convert";
  return runs && plan.months ? addMonths(soldOn, plan.months) : null;
}

/** The rate in words: what a patient asks first. Deferred interest is the account's own rate, if it comes to be charged. */
export function rateLabel(plan: Plan, standardApr: Percent): string {
  const apr = `${plan.apr ?? standardApr}%`;
  if (plan.kind === "deferred") return `${apr}, deferred`;
  return plan.kind === "convert" ? `0%, then ${apr}` : apr;
}
