import type { Cents } from "../lib/money.ts";
import { type Account, findBalance, owedCents } from "./account.ts";
import { allocatePayment } from "./allocation.ts";
import { runUntil } from "./engine.ts";
import { type Forecast, payMinimumOnly, payMonthly, paymentToClearIn } from "./forecast.ts";
import { creditedBy } from "./grace.ts";
import { startRun } from "./run.ts";
import type { TermsTable } from "./terms.ts";

/**
 * What to pay on the due date of the last statement so that the current cycle bears no interest on `standard`. It can
 * be more than what the statement showed there, because the minimum and promotions about to end take their part first.
 */
export function paymentToKeepGrace(account: Account, table?: TermsTable): Cents {
  const { lastStatement, day, dayOver } = account;
  if (!lastStatement || day > lastStatement.dueOn || (day === lastStatement.dueOn && dayOver)) return 0;
  const run = startRun(account, table);
  runUntil(run, lastStatement.dueOn);
  const on = run.account.day;
  const missing = lastStatement.graceBalances.map(({ balance, cents }) => {
    return { balance, cents: cents - creditedBy(findBalance(run.account, balance), on) };
  });
  const keeps = (paymentCents: Cents) => {
    const shares = new Map(
      allocatePayment(run.account, paymentCents, { on }).map((each) => [each.balance, each.cents]),
    );
    return missing.every(({ balance, cents }) => (shares.get(balance) ?? 0) >= cents);
  };
  return leastThat(keeps, owedCents(run.account));
}

export type MinimumWarning = {
  minimumOnly: Forecast;
  /** Null where paying the minimum clears it in 36 months anyway: 1026.7(b)(12)(i)(F)(2). */
  in36Months: { paymentCents: Cents; forecast: Forecast; savingsCents: Cents } | null;
};

/** Time and cost of paying the minimum only, and what clears the account in 36 months: 1026.7(b)(12), Appendix M1. */
export function minimumWarning(account: Account, table?: TermsTable): MinimumWarning | null {
  const { lastStatement } = account;
  // No warning where the minimum is all that is owed (1026.7(b)(12)(v)).
  if (!lastStatement || lastStatement.newBalanceCents <= lastStatement.minimumPaymentCents) return null;
  const minimumOnly = payMinimumOnly(account, table);
  if (minimumOnly.clearedOn !== null && minimumOnly.payments <= 36) return { minimumOnly, in36Months: null };
  const paymentCents = paymentToClearIn(account, 36, table);
  const forecast = payMonthly(account, paymentCents, table);
  const savingsCents = Math.max(0, minimumOnly.totalCents - forecast.totalCents);
  return { minimumOnly, in36Months: { paymentCents, forecast, savingsCents } };
}

/** The least whole number up to `most` that is enough, if more than enough is enough too. */
function leastThat(isEnough: (cents: Cents) => boolean, most: Cents): Cents {
  let tooLittle = -1;
  let enough = Math.max(0, most);
  while (enough - tooLittle > 1) {
    const middle = Math.floor((enough + tooLittle) / 2);
    if (isEnough(middle)) enough = middle;
    else tooLittle = middle;
  }
  return enough;
}
