import { addDays, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type MovementKind, owedCents } from "./account.ts";
import { happen, runThrough, runUntil } from "./engine.ts";
import { minimumStillDue } from "./minimum-payment.ts";
import { type Posting, type Run, startRun } from "./run.ts";
import type { TermsTable } from "./terms.ts";

/** What an account comes to if so much is paid on each due date, and nothing more is bought. */
export type Forecast = {
  /** How many payments, the last one counted. */
  payments: number;
  /** All payments together. */
  totalCents: Cents;
  /** Interest and fees billed from now on. */
  costCents: Cents;
  /** The part of the cost that is deferred interest, billed because a promotion ended unpaid. */
  deferredInterestCents: Cents;
  /** The day of the last payment; null if the account is never cleared this way. */
  clearedOn: IsoDate | null;
};

/** Paying less than the interest goes on for ever; a hundred years of it is called never. */
const mostDueDates = 1200;

/**
 * What if so much is paid a month: when is the account clear, and at what cost? The last payment takes what is left.
 *
 * Where a statement asks for more than that, the minimum is paid. Without this the payment of a fixed plan would not
 * clear it: near the end the minimum interest charge lifts the minimum by a dollar or two above the fixed payment, and
 * a late fee for that dollar, month after month, is nothing that a calculator should promise.
 */
export function payMonthly(account: Account, paymentCents: Cents, table?: TermsTable): Forecast {
  return payOnDueDates(startRun(account, table), atLeastMinimum(paymentCents));
}

function atLeastMinimum(paymentCents: Cents) {
  return (account: Account) => Math.max(paymentCents, minimumStillDue(account));
}

/** What if only the minimum is paid: 1026.7(b)(12)(i)(A) to (C). */
export function payMinimumOnly(account: Account, table?: TermsTable): Forecast {
  return payOnDueDates(startRun(account, table), minimumStillDue);
}

/**
 * The least level payment that clears the account in so many payments: 1026.7(b)(12)(i)(F) asks for 36 months.
 * Found by running the engine, so that it holds to the cent for any mixture of balances.
 */
export function paymentToClearIn(account: Account, payments: number, table?: TermsTable): Cents {
  const clears = (cents: Cents) => {
    const forecast = payOnDueDates(startRun(account, table), atLeastMinimum(cents), payments);
    return forecast.clearedOn !== null;
  };
  let enough = Math.max(1, owedCents(account));
  while (!clears(enough)) enough *= 2;
  let tooLittle = 0;
  while (enough - tooLittle > 1) {
    const middle = Math.floor((enough + tooLittle) / 2);
    if (clears(middle)) enough = middle;
    else tooLittle = middle;
  }
  return enough;
}

/**
 * What to pay on a date so that nothing is owed and nothing more will be billed: what is owed, and the interest that
 * the next close bills for the days before the payment. Deferred interest is no part of it: paid in full it is gone.
 */
export function payoffOn(account: Account, date: IsoDate, table?: TermsTable): Cents {
  const run = startRun(account, table);
  runUntil(run, date);
  return payoffNow(run);
}

function payoffNow(run: Run): Cents {
  const owed = owedCents(run.account);
  const trial = startRun(run.account, run.table);
  if (owed > 0) pay(trial, owed);
  runThrough(trial, trial.account.cycle.closesOn);
  return Math.max(0, owed + owedCents(trial.account));
}

function pay(run: Run, amountCents: Cents): void {
  happen(run, { type: "payment", id: "forecast", date: run.account.day, amountCents });
}

/** Pays what `choose` says on each due date, until nothing is left or so many due dates have passed. */
function payOnDueDates(run: Run, choose: (account: Account) => Cents, dueDates = mostDueDates): Forecast {
  const { account } = run;
  let payments = 0;
  let totalCents = 0;
  let clearedOn = owedCents(account) <= 0 && payoffNow(run) === 0 ? account.day : null;
  let after = account.dayOver ? account.day : addDays(account.day, -1);
  for (let passed = 0; passed < dueDates && clearedOn === null; passed += 1) {
    after = runToDueDate(run, after);
    const wanted = choose(account);
    // The payoff is worked out only when the payment may reach it: it runs the engine to the next close.
    const left = wanted < owedCents(account) ? Number.POSITIVE_INFINITY : payoffNow(run);
    const cents = Math.min(wanted, left);
    if (cents > 0) {
      pay(run, cents);
      payments += 1;
      totalCents += cents;
    }
    if (cents === left) clearedOn = account.day;
  }
  if (clearedOn !== null) runThrough(run, account.cycle.closesOn);
  return { payments, totalCents, ...costOf(run.postings), clearedOn };
}

/** Goes on to the first due date after a day, and returns it. */
function runToDueDate(run: Run, after: IsoDate): IsoDate {
  const { account } = run;
  if (!account.lastStatement || account.lastStatement.dueOn <= after) runThrough(run, account.cycle.closesOn);
  const dueOn = account.lastStatement?.dueOn ?? after;
  runUntil(run, dueOn);
  return dueOn;
}

function costOf(postings: readonly Posting[]): Pick<Forecast, "costCents" | "deferredInterestCents"> {
  const sumOf = (kinds: readonly MovementKind[]) =>
    postings.reduce((sum, each) => (kinds.includes(each.kind) ? sum + each.cents : sum), 0);
  return {
    costCents: sumOf(["interest", "minimum-interest", "deferred-interest", "late-fee"]),
    deferredInterestCents: sumOf(["deferred-interest"]),
  };
}
