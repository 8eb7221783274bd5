import { type Account, type Opening, openAccount } from "../../src/credit/account.ts";
import { happen, type Outcome, runThrough, runUntil } from "../../src/credit/engine.ts";
import type { AccountEvent } from "../../src/credit/events.ts";
import type { PlanId } from "../../src/credit/plans.ts";
import { startRun } from "../../src/credit/run.ts";
import type { Statement } from "../../src/credit/statement.ts";
import type { TermsTable } from "../../src/credit/terms.ts";
import { type Cents, formatDecimal, parseCents } from "../../src/lib/money.ts";

/** Dollars as a lawyer writes them, "1,200.00", to cents. */
export function cents(dollars: string): Cents {
  const parsed = parseCents(dollars);
  if (parsed === null) throw new Error(`not an amount: ${dollars}`);
  return parsed;
}

/** The account of most examples: opened on 5 January 2026, closing on the 15th, due on the 12th, 32.99 %. */
export const usual: Opening = {
  openedOn: "2026-01-05",
  cycleDay: 15,
  standardApr: "32.99",
  limitCents: cents("20,000.00"),
};

/**
 * Reads a story of one event a line:
 *
 *     2026-01-10 sale s1 deferred-12 1,200.00
 *     2026-02-05 payment p1 100.00
 *     2026-02-05 payment p2 100.00 toward s1
 *     2026-03-01 refund r1 s1 50.00
 *     2026-03-02 dispute d1 s1 20.00
 *     2026-03-03 credit-refund c1 10.00
 */
export function events(story: string): AccountEvent[] {
  return linesOf(story).map(event);
}

const linesOf = (story: string) => story.split("\n").flatMap((line) => line.trim() || []);

function event(line: string): AccountEvent {
  const [date = "", type = "", id = "", a = "", b = "", c = ""] = line.split(/\s+/);
  switch (type) {
    case "sale":
      return { type, date, id, plan: a as PlanId, amountCents: cents(b) };
    case "payment":
      return { type, date, id, amountCents: cents(a), ...(b === "toward" ? { toward: c } : {}) };
    case "refund":
    case "dispute":
      return { type, date, id, sale: a, amountCents: cents(b) };
    case "credit-refund":
      return { type, date, id, amountCents: cents(a) };
    default:
      throw new Error(`no such event: ${line}`);
  }
}

/**
 * Plays a story on a new account to the end of a day. With a line `2026-01-22 statement-sent` the close before that day
 * is worked out on it, and its statement goes out no earlier.
 */
export function play(story: string, through: string, opening: Partial<Opening> = {}, table?: TermsTable): Outcome {
  const run = startRun(openAccount({ ...usual, ...opening }), table);
  for (const line of linesOf(story)) {
    const [date = "", type] = line.split(/\s+/);
    if (type === "statement-sent") {
      run.today = date;
      runUntil(run, date);
      delete run.today;
    } else {
      happen(run, event(line));
    }
  }
  runThrough(run, through);
  const { table: _, ...outcome } = run;
  return outcome;
}

/** The statement that closed on a day. */
export function closed({ statements }: Pick<Outcome, "statements">, on: string): Statement {
  const found = statements.find((each) => each.closedOn === on);
  if (!found) throw new Error(`no statement closed on ${on}`);
  return found;
}

/** What a balance's line of a statement says, in dollars. */
export function line(statement: Statement, id: string) {
  const found = statement.balances.find((each) => each.balance === id);
  if (!found) throw new Error(`no balance ${id} on the statement`);
  const { apr, balanceCents, interestCents, deferredInterestCents } = found;
  return {
    apr,
    balance: formatDecimal(balanceCents),
    interest: formatDecimal(interestCents),
    deferred: formatDecimal(deferredInterestCents),
  };
}

/** What is owed on each balance, in dollars. */
export function owed(account: Account): Record<string, string> {
  return Object.fromEntries(account.balances.map((each) => [each.id, formatDecimal(each.balanceCents)]));
}

/** Where a payment went, in dollars, in the order in which it went there. */
export function whereItWent({ payments }: Outcome, id: string): string {
  const payment = payments.find((each) => each.id === id);
  if (!payment) throw new Error(`no payment ${id}`);
  return payment.allocated.map((share) => `${share.balance} ${formatDecimal(share.cents)}`).join(", ");
}

/** The charges of a kind with their days: "2026-03-13 30.00". */
export function charges({ postings }: Outcome, kind: string): string[] {
  return postings.filter((each) => each.kind === kind).map((each) => `${each.on} ${formatDecimal(each.cents)}`);
}
