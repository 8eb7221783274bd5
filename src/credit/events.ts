import type { IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import {
  type Account,
  availableCents,
  type Balance,
  findBalance,
  newBalance,
  type Sale,
  standardId,
} from "./account.ts";
import { allocatePayment } from "./allocation.ts";
import { fixedPayment } from "./payment.ts";
import { type Plan, type PlanId, promotionEnd } from "./plans.ts";
import { move, type Run, settleCredit, termsToday } from "./run.ts";

/** What people do on an account. Amounts are above zero, in cents. */
export type AccountEvent =
  | { type: "sale"; id: string; date: IsoDate; plan: PlanId; amountCents: Cents }
  /** `toward`: "standard" or the sale whose balance the patient asked to pay. */
  | { type: "payment"; id: string; date: IsoDate; amountCents: Cents; toward?: string }
  | { type: "refund"; id: string; date: IsoDate; sale: string; amountCents: Cents }
  /** A credit paid out to the patient, on request or within six months (1026.11). */
  | { type: "credit-refund"; id: string; date: IsoDate; amountCents: Cents }
  /** The disputed part of the balance that a sale is on is now so much; 0 ends the dispute (1026.13). */
  | { type: "dispute"; id: string; date: IsoDate; sale: string; amountCents: Cents };

/** An event that the account does not take: nothing has changed. `field` is the event's field that is wrong. */
export class Refused extends Error {
  readonly field: string;

  constructor(field: string, sentence: string) {
    super(sentence);
    this.name = "Refused";
    this.field = field;
  }
}

/** Puts an event on the account, which stands in the event's day. @throws Refused */
export function takeEvent(run: Run, event: AccountEvent): void {
  switch (event.type) {
    case "sale":
      takeSale(run, event);
      break;
    case "payment":
      takePayment(run, event);
      break;
    case "refund":
      takeRefund(run, event);
      break;
    case "credit-refund":
      takeCreditRefund(run, event);
      break;
    case "dispute":
      takeDispute(run, event);
  }
  settleCredit(run);
}

type EventOf<Type> = Extract<AccountEvent, { type: Type }>;

function takeSale(run: Run, { id, plan: planId, amountCents, date }: EventOf<"sale">): void {
  const { account } = run;
  const plan = termsToday(run).plans.find((each) => each.id === planId);
  if (!plan) throw new Refused("plan", "no such plan");
  mustBeAmount(amountCents);
  if (id === standardId) throw new Refused("id", `"${standardId}" names the standard balance`);
  if (account.sales.some((each) => each.id === id)) throw new Refused("id", "another sale has this id");
  if (amountCents < plan.minimumSaleCents) throw new Refused("amount", "under the least amount of the plan");
  if (!run.again && amountCents > availableCents(account)) throw new Refused("amount", "above the available credit");

  const balance = balanceFor(account, plan, { id, date, amountCents });
  account.sales.push({ id, balance: balance.id, amountCents, refundedCents: 0 });
  move(run, balance, { kind: "sale", cents: amountCents, event: id });
}

/** `standard`, or a new balance of the sale's own, with the plan as it stands today. */
function balanceFor(account: Account, plan: Plan, sale: { id: string; date: IsoDate; amountCents: Cents }): Balance {
  if (plan.kind === "revolving" || plan.months === null) return account.balances[0];
  const apr = plan.apr ?? account.standardApr;
  const balance = newBalance({
    id: sale.id,
    plan: plan.id,
    kind: plan.kind,
    apr,
    openedOn: sale.date,
    promotionEndsOn: promotionEnd(plan, sale.date),
    fixedPaymentCents: plan.kind === "fixed" ? fixedPayment(sale.amountCents, apr, plan.months) : null,
  });
  account.balances.push(balance);
  return balance;
}

function takePayment(run: Run, { id, date, amountCents, toward }: EventOf<"payment">): void {
  const { account } = run;
  mustBeAmount(amountCents);
  const requested = toward === undefined || toward === standardId ? toward : saleOf(account, toward, "toward").balance;
  const allocated = allocatePayment(account, amountCents, { on: date, toward: requested });
  for (const { balance, cents } of allocated) {
    move(run, findBalance(account, balance), { kind: "payment", cents: -cents, event: id });
  }
  account.cycle.paidCents += amountCents;
  run.payments.push({ id, on: date, allocated });
}

/**
 * A refund lowers its sale's balance; what exceeds it is a credit, and a credit stands on `standard`: it first lowers
 * what is owed there, and only what goes below zero is put to the other debts (`settleCredit`).
 */
function takeRefund(run: Run, { id, sale: saleId, amountCents }: EventOf<"refund">): void {
  const { account } = run;
  const sale = saleOf(account, saleId);
  mustBeAmount(amountCents);
  if (amountCents > sale.amountCents - sale.refundedCents)
    throw new Refused("amount", "above what is left of the sale");

  const [standard] = account.balances;
  const balance = findBalance(account, sale.balance);
  const own = balance === standard ? amountCents : Math.min(amountCents, balance.balanceCents);
  sale.refundedCents += amountCents;
  move(run, balance, { kind: "refund", cents: -own, event: id });
  move(run, standard, { kind: "refund", cents: own - amountCents, event: id });
  account.cycle.paidCents += amountCents;
}

function takeCreditRefund(run: Run, { id, amountCents }: EventOf<"credit-refund">): void {
  const [standard] = run.account.balances;
  mustBeAmount(amountCents);
  if (!run.again && amountCents > -standard.balanceCents) throw new Refused("amount", "above the credit");
  move(run, standard, { kind: "credit-refund", cents: amountCents, event: id });
}

function takeDispute(run: Run, { sale, amountCents }: EventOf<"dispute">): void {
  const balance = findBalance(run.account, saleOf(run.account, sale).balance);
  if (!Number.isSafeInteger(amountCents) || amountCents < 0) throw new Refused("amount", "not an amount");
  if (amountCents > balance.balanceCents) throw new Refused("amount", "above what is owed on it");
  balance.disputedCents = amountCents;
}

function saleOf(account: Account, id: string, field = "sale"): Sale {
  const sale = account.sales.find((each) => each.id === id);
  if (!sale) throw new Refused(field, "no such sale");
  return sale;
}

function mustBeAmount(cents: Cents): void {
  if (!Number.isSafeInteger(cents) || cents <= 0) throw new Refused("amount", "must be above zero");
}
