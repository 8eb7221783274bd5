import type { Account } from "../accounts/queries.ts";
import { type PlanId, planLabel, rateLabel } from "../credit/plans.ts";
import { type Quote, quotePlan } from "../credit/quote.ts";
import { planOn } from "../credit/terms.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { offeredPlans } from "../practices/queries.ts";

/** A plan to choose: its words, what it costs whom once the amount is known, or why it cannot be had for the amount. */
export type PlanOption = {
  planId: PlanId;
  label: string;
  rate: string;
  quote: Quote | null;
  unavailable: string | null;
};

/** The plans that the viewer's practice offers, in the order of the table of plans. */
export async function planOptions(
  db: Db,
  viewer: PracticeViewer,
  account: Account,
  sale: { amountCents: Cents | null; on: IsoDate },
): Promise<PlanOption[]> {
  const { amountCents, on } = sale;
  const offered = await offeredPlans(db, viewer.practice.id);
  return offered.map(({ planId, leastCents, mostCents }) => {
    const plan = planOn(on, planId);
    const least = Math.max(plan.minimumSaleCents, leastCents ?? 0);
    const unavailable = !amountCents
      ? null
      : amountCents < least
        ? `For sales of ${formatMoney(least)} or more`
        : mostCents && amountCents > mostCents
          ? `For sales up to ${formatMoney(mostCents)}`
          : null;
    const quote = amountCents && !unavailable ? planQuote(account, planId, { amountCents, on }) : null;
    return { planId, label: planLabel(plan), rate: rateLabel(plan, account.standardApr), quote, unavailable };
  });
}

/** What a plan means for an account: the payments, their total and time, and what the practice pays. */
export function planQuote(account: Account, planId: PlanId, sale: { amountCents: Cents; on: IsoDate }): Quote {
  const { standardApr, cycleDay } = account;
  return quotePlan({ plan: planId, amountCents: sale.amountCents, standardApr, cycleDay, saleDate: sale.on });
}
