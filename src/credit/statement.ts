import { addDays, addMonths, daysBetween, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Balance, isRunning, owedCents } from "./account.ts";
import { dueDateOf } from "./cycle.ts";
import { deferredInterest } from "./deferred.ts";
import { fixedPaymentDue, minimumPayment, pastDue } from "./minimum-payment.ts";
import type { PlanId } from "./plans.ts";
import type { Percent } from "./rates.ts";
import { type Run, termsToday } from "./run.ts";

export type StatementBalance = {
  /** "standard", or the id of the promotional sale. */
  balance: string;
  plan: PlanId;
  /** Per cent a year that it bears on the close; of a running deferred balance, the deferred rate. */
  apr: Percent;
  balanceCents: Cents;
  /** Interest billed on it this cycle, deferred interest included. */
  interestCents: Cents;
  /** The part of it that is deferred interest, billed because the promotion ended unpaid. */
  deferredBilledCents: Cents;
  /** Accrued and not owed; to be paid in full by `promotionEndsOn` (1026.7(b)(14)). */
  deferredInterestCents: Cents;
  /** The promotion's last day, kept after it; null where nothing ends. */
  promotionEndsOn: IsoDate | null;
};

/** What closed a cycle: 1026.7(b). Warnings and "what if" stand apart (`disclosures.ts`), for they look ahead. */
export type Statement = {
  /** 1 for the first. */
  number: number;
  firstDay: IsoDate;
  closedOn: IsoDate;
  dueOn: IsoDate;
  /** When it went out at the soonest: on its close, or as much later as that was worked out. Missing in old ones, sent in time. */
  sentOn?: IsoDate;
  openingBalanceCents: Cents;
  newBalanceCents: Cents;
  minimumPaymentCents: Cents;
  /** The part of the minimum that the last one left unpaid. */
  pastDueCents: Cents;
  interestCents: Cents;
  feesCents: Cents;
  /** Interest and fees of the calendar year so far: 1026.7(b)(6)(iii). */
  yearToDate: { interestCents: Cents; feesCents: Cents };
  balances: StatementBalance[];
};

/** Ends the cycle, interest billed: writes its statement and opens the next cycle. */
export function closeCycle(run: Run, { wasFree }: { wasFree: boolean }): void {
  const { account } = run;
  const sent = run.again?.sent.get(run.account.day);
  const statement = writeStatement(run, sent?.sentOn);
  run.statements.push(statement);
  account.yearToDate = { year: statement.closedOn.slice(0, 4), ...statement.yearToDate };
  account.lastStatement = {
    closedOn: statement.closedOn,
    dueOn: statement.dueOn,
    sentOn: statement.sentOn ?? statement.closedOn,
    newBalanceCents: statement.newBalanceCents,
    minimumPaymentCents: Math.min(statement.minimumPaymentCents, sent?.minimumPaymentCents ?? Infinity),
    graceBalances: account.balances
      .filter((each) => each.kind === "revolving" || each.ended)
      .map((each) => ({ balance: each.id, cents: Math.min(each.balanceCents, shownOn(sent, each.id)) }))
      .filter(({ cents }) => cents > 0),
    fixedPayments: account.balances
      .filter((each) => fixedPaymentDue(each) > 0)
      .map((each) => ({ balance: each.id, cents: fixedPaymentDue(each) })),
  };
  account.cycle = {
    number: account.cycle.number + 1,
    firstDay: addDays(statement.closedOn, 1),
    closesOn: addMonths(statement.closedOn, 1),
    paidCents: 0,
    feesCents: 0,
    previousWasFree: wasFree,
  };
  for (const balance of account.balances) openNextCycle(balance, account.cycle.firstDay);
}

/** What a statement that was sent showed on a balance; no bound where none was. */
function shownOn(sent: Statement | undefined, id: string): Cents {
  return sent ? (sent.balances.find(({ balance }) => balance === id)?.balanceCents ?? 0) : Infinity;
}

function writeStatement(run: Run, sentOn: IsoDate | undefined): Statement {
  const { account, today = account.day } = run;
  const { cycle, yearToDate } = account;
  const closedOn = account.day;
  const balances = account.balances.map((each) => statementBalance(each, closedOn));
  const interestCents = balances.reduce((sum, each) => sum + each.interestCents, 0);
  const sameYear = yearToDate.year === closedOn.slice(0, 4);
  return {
    number: cycle.number,
    firstDay: cycle.firstDay,
    closedOn,
    dueOn: dueDateOf(closedOn),
    sentOn: sentOn ?? (daysBetween(closedOn, today) > 0 ? today : closedOn),
    openingBalanceCents: account.lastStatement?.newBalanceCents ?? 0,
    newBalanceCents: owedCents(account),
    minimumPaymentCents: minimumPayment(account, termsToday(run)),
    pastDueCents: pastDue(account),
    interestCents,
    feesCents: cycle.feesCents,
    yearToDate: {
      interestCents: interestCents + (sameYear ? yearToDate.interestCents : 0),
      feesCents: cycle.feesCents + (sameYear ? yearToDate.feesCents : 0),
    },
    balances,
  };
}

function statementBalance(balance: Balance, closedOn: IsoDate): StatementBalance {
  return {
    balance: balance.id,
    plan: balance.plan,
    apr: balance.kind === "convert" && isRunning(balance) ? "0.00" : balance.apr,
    balanceCents: balance.balanceCents,
    interestCents: balance.interestCents + balance.deferredInterestCents,
    deferredBilledCents: balance.deferredInterestCents,
    deferredInterestCents: deferredInterest(balance, closedOn),
    promotionEndsOn: balance.promotionEndsOn,
  };
}

function openNextCycle(balance: Balance, firstDay: IsoDate): void {
  balance.interestCents = 0;
  balance.deferredInterestCents = 0;
  balance.accruesFrom = firstDay;
  // A running deferred balance keeps its history: a refund still reaches back to the sale.
  if (balance.kind !== "deferred" || !isRunning(balance)) balance.movements = [];
}
