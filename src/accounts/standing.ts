import type { Knex } from "knex";
import { type Account, type Balance, isRunning, owedCents } from "../credit/account.ts";
import { type Clearing, paymentToClear } from "../credit/clearing.ts";
import { deferredInterest } from "../credit/deferred.ts";
import { minimumStillDue } from "../credit/minimum-payment.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { firstOpenDay } from "./books.ts";

/** What the patient has to pay next; null before the first statement, and when nothing of it is left to pay. */
export type NextPayment = { minimumCents: Cents; stillDueCents: Cents; dueOn: IsoDate; isPastDue: boolean };

/** The deferred interest of one sale: what has accrued and is not owed, and how to see that it never is. */
export type DeferredMeter = {
  accruedCents: Cents;
  /** What is charged the day after the promotion ends if nothing more is paid until then. */
  ifUnpaidCents: Cents;
  clearing: Clearing | null;
};

export type Standing = { nextPayment: NextPayment | null; meters: Map<string, DeferredMeter> };

/** What the engine says of an account today, beyond its balances. */
export function standingOf(account: Account, today: IsoDate): Standing {
  const running = account.balances.filter(
    (each) => each.kind === "deferred" && isRunning(each) && each.balanceCents > 0,
  );
  const meters = running.map((balance): [string, DeferredMeter] => [balance.id, meterOf(account, balance, today)]);
  return { nextPayment: nextPaymentOf(account, today), meters: new Map(meters) };
}

function nextPaymentOf(account: Account, today: IsoDate): NextPayment | null {
  const { lastStatement } = account;
  if (!lastStatement || lastStatement.minimumPaymentCents === 0 || owedCents(account) <= 0) return null;
  const stillDueCents = minimumStillDue(account);
  const { minimumPaymentCents: minimumCents, dueOn } = lastStatement;
  return { minimumCents, stillDueCents, dueOn, isPastDue: stillDueCents > 0 && dueOn < today };
}

/** What a running deferred balance comes to, today. */
export function meterOf(account: Account, balance: Balance, today: IsoDate): DeferredMeter {
  const endsOn = balance.promotionEndsOn ?? today;
  const first = firstOpenDay(account);
  const from = today < first ? first : today;
  return {
    accruedCents: deferredInterest(balance, today < endsOn ? today : endsOn),
    ifUnpaidCents: deferredInterest(balance, endsOn),
    clearing: paymentToClear(account, balance, { from }),
  };
}

export type StatementLine = {
  number: number;
  closedOn: IsoDate;
  dueOn: IsoDate;
  minimumCents: Cents;
  balanceCents: Cents;
  feesCents: Cents;
};

/** The totals of an account's statements, the newest first: what is on them is the patient's and support's alone. */
export function statementsOf(
  db: Db,
  account: { id: string | Knex.Raw },
  most = 24,
): Knex.QueryBuilder<object, StatementLine[]> {
  return db("statements")
    .where({ account_id: account.id })
    .orderBy("number", "desc")
    .limit(most)
    .select(
      "number",
      "closed_on as closedOn",
      "due_on as dueOn",
      "minimum_payment_cents as minimumCents",
      "new_balance_cents as balanceCents",
      "fees_cents as feesCents",
    );
}
