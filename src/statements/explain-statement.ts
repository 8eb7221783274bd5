import { findBalance } from "../credit/account.ts";
import { allocatePayment, type Share } from "../credit/allocation.ts";
import { runUntil } from "../credit/engine.ts";
import {
  type ClearingStep,
  clearingSteps,
  deferredSteps,
  type InterestStep,
  interestSteps,
  type MinimumParts,
  minimumParts,
} from "../credit/explain.ts";
import { startRun } from "../credit/run.ts";
import { defaultTerms, type Terms, termsOn } from "../credit/terms.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import type { BalanceFacts, LedgerLine, StatementFacts } from "./find-statement.ts";

/** A line of the ledger, whole, and what was owed in all after it. */
export type EntryLine = Pick<LedgerLine, "id" | "on" | "kind" | "practiceName"> & { cents: Cents; leftCents: Cents };

/** What changed one balance of the account in the cycle; together they come to the new balance. */
export type BalanceChange = Record<
  "beforeCents" | "boughtCents" | "creditedCents" | "chargedCents" | "nowCents",
  Cents
> & {
  balance: BalanceFacts;
};

/** The entries and the arithmetic behind every figure of a statement. */
export type Explanation = {
  entries: EntryLine[];
  balances: BalanceChange[];
  /** Interest billed, by balance; the minimum interest charge, if any, is what standard has above its steps. */
  interest: { balance: BalanceFacts; steps: InterestStep[]; billedCents: Cents; deferredCents: Cents }[];
  minimum: MinimumParts;
  terms: Terms;
  deferred: { balance: BalanceFacts; steps: InterestStep[] }[];
  /** The payments that clear a deferred balance in time, one on each date that is left. */
  clearing: { balance: BalanceFacts; paymentCents: Cents; steps: ClearingStep[] }[];
  /** Where the payment goes that keeps the current cycle free of interest on standard purchases. */
  grace: Share[];
  year: { closedOn: IsoDate; interestCents: Cents; feesCents: Cents }[];
};

/** Explains a statement from what was kept with it: the ledger's lines, and the account on the evening of the close. */
export async function explainStatement(db: Db, facts: StatementFacts): Promise<Explanation> {
  const { statement, accountId } = facts;
  const year = await db("statements")
    .where({ account_id: accountId })
    .whereBetween("closed_on", [`${statement.closedOn.slice(0, 4)}-01-01`, statement.closedOn])
    .orderBy("number")
    .select("closed_on as closedOn", "interest_cents as interestCents", "fees_cents as feesCents");
  return { ...arithmeticOf(facts), year };
}

/** All of it that follows from the statement alone. */
export function arithmeticOf(facts: StatementFacts): Omit<Explanation, "year"> {
  const { statement, before, after, balances } = facts;
  const terms = termsOn(defaultTerms, statement.closedOn);
  const balanceIn = (account: typeof before, id: string) => account.balances.filter((each) => each.id === id);
  return {
    entries: entriesOf(facts),
    balances: balances.map((each) => changeOf(facts, each)),
    terms,
    interest: balances
      .filter(({ interestCents }) => interestCents > 0)
      .map((balance) => ({
        balance,
        steps: balanceIn(before, balance.balance).flatMap((each) => interestSteps(before, each)),
        billedCents: balance.interestCents - balance.deferredBilledCents,
        deferredCents: balance.deferredBilledCents,
      })),
    minimum: minimumParts(after, statement, terms),
    deferred: balances
      .filter(({ deferredInterestCents }) => deferredInterestCents > 0)
      .map((balance) => ({
        balance,
        steps: balanceIn(after, balance.balance).flatMap((each) => deferredSteps(each, statement.closedOn)),
      })),
    clearing: balances.flatMap((balance) => {
      const { clearing } = balance;
      if (!clearing) return [];
      const steps = clearingSteps(after, findBalance(after, balance.balance), clearing);
      return [{ balance, paymentCents: clearing.paymentCents, steps }];
    }),
    grace: graceShares(facts),
  };
}

function changeOf({ lines }: StatementFacts, balance: BalanceFacts): BalanceChange {
  const own = lines.filter((line) => line.balance === balance.balance);
  const sumOf = (is: (kind: LedgerLine["kind"]) => boolean) =>
    own.reduce((sum, { kind, cents }) => (is(kind) ? sum + cents : sum), 0);
  const isCharge = (kind: LedgerLine["kind"]) => ["interest", "deferred interest", "late fee"].includes(kind);
  return {
    balance,
    nowCents: balance.balanceCents,
    beforeCents: balance.balanceCents - sumOf(() => true),
    boughtCents: sumOf((kind) => kind === "sale"),
    chargedCents: sumOf(isCharge),
    creditedCents: sumOf((kind) => kind !== "sale" && !isCharge(kind)),
  };
}

function graceShares({ after, graceCents, statement: { dueOn } }: StatementFacts): Share[] {
  if (graceCents <= 0) return [];
  const run = startRun(after);
  runUntil(run, dueOn);
  return allocatePayment(run.account, graceCents, { on: dueOn });
}

/** Each posting once, all balances together; what only moves between balances changes nothing that is owed. */
function entriesOf({ lines, previousCents }: StatementFacts): EntryLine[] {
  const sums = new Map<string, EntryLine>();
  let leftCents = previousCents;
  for (const { id, on, kind, practiceName, cents } of lines) {
    leftCents += cents;
    sums.set(id, { id, on, kind, practiceName, cents: (sums.get(id)?.cents ?? 0) + cents, leftCents });
  }
  return [...sums.values()].filter(({ cents }) => cents !== 0);
}
