import { addDays, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, openAccount } from "./account.ts";
import { applyEvent, happen, runThrough, runUntil } from "./engine.ts";
import { merchantFee } from "./fees.ts";
import { payMonthly, paymentToClearIn } from "./forecast.ts";
import { clearingPayment, fixedPayment } from "./payment.ts";
import type { Plan, PlanId } from "./plans.ts";
import type { Percent } from "./rates.ts";
import { startRun } from "./run.ts";
import { defaultTerms, planOn, type TermsTable, termsOn } from "./terms.ts";

export type QuoteRequest = {
  /** A plan of the default table by its id, or the terms of a plan. */
  plan: PlanId | Plan;
  amountCents: Cents;
  /** The account's own rate, per cent a year. */
  standardApr: Percent;
  /** 1 to 28. */
  cycleDay: number;
  saleDate: IsoDate;
};

/** What a screen shows before the sale: the payment, and with it the total and the time (1026.16(b)(2)). */
export type Quote = {
  plan: Plan;
  amountCents: Cents;
  /** What to pay on each due date. */
  monthlyPaymentCents: Cents;
  /** How many payments, the last one counted. */
  payments: number;
  /** All payments together. */
  totalCents: Cents;
  /** What the patient pays for the credit: total less amount. */
  financeCostCents: Cents;
  /** What the practice pays. */
  merchantFeeCents: Cents;
  /** The last day of the promotion; null where nothing ends. */
  promotionEndsOn: IsoDate | null;
  /** Deferred plans: what is charged if one cent is still owed the day after; null for other plans. */
  deferredInterestIfMissedCents: Cents | null;
};

/** The standard account has no number of months: it is quoted at the pace that its statements show, 1026.7(b)(12). */
const standardMonths = 36;

/**
 * What a sale on a plan would cost, on an account that owes nothing else. The total and the time come from running the
 * sale through the engine with the payment on each due date, so they are what the statements will say.
 */
export function quotePlan(request: QuoteRequest, table: TermsTable = defaultTerms): Quote {
  const { amountCents, saleDate } = request;
  const plan = typeof request.plan === "string" ? planOn(saleDate, request.plan, table) : request.plan;
  const sold = afterSale(request, plan, table);
  const monthlyPaymentCents = monthlyPayment(sold, plan, amountCents, table);
  const { payments, totalCents, costCents } = payMonthly(sold, monthlyPaymentCents, table);
  const promotionEndsOn = sold.balances.find((each) => each.promotionEndsOn)?.promotionEndsOn ?? null;
  return {
    plan,
    amountCents,
    monthlyPaymentCents,
    payments,
    totalCents,
    financeCostCents: costCents,
    merchantFeeCents: merchantFee(plan, amountCents),
    promotionEndsOn,
    deferredInterestIfMissedCents:
      plan.kind === "deferred" && promotionEndsOn
        ? interestIfMissed(sold, { monthlyPaymentCents, promotionEndsOn }, table)
        : null,
  };
}

/** A new account with the one sale on it. */
function afterSale(
  { amountCents, standardApr, cycleDay, saleDate }: QuoteRequest,
  plan: Plan,
  table: TermsTable,
): Account {
  const account = openAccount({ openedOn: saleDate, cycleDay, standardApr, limitCents: amountCents });
  const ownTerms = { ...termsOn(table, saleDate), plans: [{ ...plan, minimumSaleCents: 1 }] };
  const sale = { type: "sale", id: "quote", date: saleDate, plan: plan.id, amountCents } as const;
  return applyEvent(account, sale, [ownTerms]).account;
}

function monthlyPayment(sold: Account, plan: Plan, amountCents: Cents, table: TermsTable): Cents {
  const { minimumFloorCents } = termsOn(table, sold.day);
  if (plan.months === null) return Math.max(minimumFloorCents, paymentToClearIn(sold, standardMonths, table));
  if (plan.kind === "fixed") return fixedPayment(amountCents, plan.apr ?? sold.standardApr, plan.months);
  return clearingPayment(amountCents, plan.months, minimumFloorCents);
}

/** The deferred interest billed the day after the promotion if all payments were made but for the last cent. */
function interestIfMissed(
  sold: Account,
  { monthlyPaymentCents, promotionEndsOn }: { monthlyPaymentCents: Cents; promotionEndsOn: IsoDate },
  table: TermsTable,
): Cents {
  const run = startRun(sold, table);
  const { account } = run;
  const [, deferred] = account.balances;
  if (!deferred) return 0;
  for (;;) {
    runThrough(run, account.cycle.closesOn);
    const dueOn = account.lastStatement?.dueOn ?? promotionEndsOn;
    if (dueOn > promotionEndsOn) break;
    runUntil(run, dueOn);
    const amountCents = Math.min(monthlyPaymentCents, deferred.balanceCents - 1);
    if (amountCents > 0) happen(run, { type: "payment", id: "quote", date: dueOn, amountCents });
  }
  runUntil(run, addDays(promotionEndsOn, 1));
  return run.postings.find((each) => each.kind === "deferred-interest")?.cents ?? 0;
}
