import { deferredSteps, type InterestStep, interestSteps, type MinimumParts, minimumParts } from "../credit/explain.ts";
import { defaultTerms, termsOn } from "../credit/terms.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import type { BalanceFacts, LedgerLine, StatementFacts } from "./find-statement.ts";

/** A line of the ledger, whole, and what was owed in all after it. */
export type EntryLine = Pick<LedgerLine, "id" | "on" | "kind" | "practiceName"> & { cents: Cents; leftCents: Cents };

/** The entries and the arithmetic behind every figure of a statement. */
export type Explanation = {
  entries: EntryLine[];
  /** Interest billed, by balance; the minimum interest charge, if any, is what standard has above its steps. */
  interest: { balance: BalanceFacts; steps: InterestStep[]; billedCents: Cents; deferredCents: Cents }[];
  minimum: MinimumParts & { floorCents: Cents; percent: string };
  deferred: { balance: BalanceFacts; steps: InterestStep[] }[];
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
    interest: balances
      .filter(({ interestCents }) => interestCents > 0)
      .map((balance) => ({
        balance,
        steps: balanceIn(before, balance.balance).flatMap((each) => interestSteps(before, each)),
        billedCents: balance.interestCents - balance.deferredBilledCents,
        deferredCents: balance.deferredBilledCents,
      })),
    minimum: {
      ...minimumParts(after, statement, terms),
      ...{ floorCents: terms.minimumFloorCents, percent: terms.minimumPercent },
    },
    deferred: balances
      .filter(({ deferredInterestCents }) => deferredInterestCents > 0)
      .map((balance) => ({
        balance,
        steps: balanceIn(after, balance.balance).flatMap((each) => deferredSteps(each, statement.closedOn)),
      })),
  };
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
