import { daysBetween, type IsoDate } from "../lib/calendar.ts";
import { formatDecimal } from "../lib/money.ts";
import { type Opening, openAccount } from "./account.ts";
import { happen, runThrough } from "./engine.ts";
import { type AccountEvent, Refused } from "./events.ts";
import { type Run, startRun } from "./run.ts";
import type { Statement, StatementBalance } from "./statement.ts";

/** What the simulator is asked: an opening, what people do, and the last day to run (inclusive). */
export type Scenario = Opening & { events: readonly AccountEvent[]; until: IsoDate };

/** An event that the account refused, with its place in `events` as given. */
export class ScenarioRefused extends Error {
  readonly path: string;

  constructor(index: number, refused: Refused) {
    super(refused.message);
    this.name = "ScenarioRefused";
    this.path = `events[${index}].${refused.field}`;
  }
}

/**
 * Runs a scenario through the engine. Events run in the order of time, those of one day in the order given; those
 * after `until` have not happened yet.
 * @throws ScenarioRefused at the first event that the account does not take
 */
export function simulate({ events, until, ...opening }: Scenario) {
  const run = startRun(openAccount(opening));
  const inTime = events
    .map((event, index) => ({ event, index }))
    .filter(({ event }) => event.date <= until)
    .sort((a, b) => daysBetween(b.event.date, a.event.date));
  for (const { event, index } of inTime) {
    try {
      happen(run, event);
    } catch (error) {
      throw error instanceof Refused ? new ScenarioRefused(index, error) : error;
    }
  }
  runThrough(run, until);
  return report(run);
}

function report({ account, statements, payments }: Run) {
  return {
    statements: statements.map(statementLines),
    payments: payments.map(({ id, allocated }) => ({
      id,
      allocated: allocated.map(({ balance, cents }) => ({ sale: balance, amount: formatDecimal(cents) })),
    })),
    fixedPayments: account.balances.flatMap(({ id, fixedPaymentCents }) =>
      fixedPaymentCents === null ? [] : [{ sale: id, payment: formatDecimal(fixedPaymentCents) }],
    ),
  };
}

function statementLines(statement: Statement) {
  return {
    closed: statement.closedOn,
    due: statement.dueOn,
    openingBalance: formatDecimal(statement.openingBalanceCents),
    newBalance: formatDecimal(statement.newBalanceCents),
    minimumPayment: formatDecimal(statement.minimumPaymentCents),
    interest: formatDecimal(statement.interestCents),
    fees: formatDecimal(statement.feesCents),
    balances: statement.balances.map(balanceLine),
  };
}

function balanceLine(line: StatementBalance) {
  return {
    sale: line.balance,
    plan: line.plan,
    apr: line.apr,
    balance: formatDecimal(line.balanceCents),
    interest: formatDecimal(line.interestCents),
    deferredInterest: formatDecimal(line.deferredInterestCents),
    promotionEnds: line.promotionEndsOn,
  };
}
