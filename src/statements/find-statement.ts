import { type Account, findBalance, isRunning, standardId } from "../credit/account.ts";
import { averageDailyBalance } from "../credit/accrual.ts";
import { type Clearing, paymentToClear } from "../credit/clearing.ts";
import { type MinimumWarning, minimumWarning, paymentToKeepGrace } from "../credit/disclosures.ts";
import { runThrough } from "../credit/engine.ts";
import { startRun } from "../credit/run.ts";
import type { Statement, StatementBalance } from "../credit/statement.ts";
import type { PostingKind } from "../ledger/post.ts";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Language } from "../lib/language.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

/** What the ledger holds of the cycle on one balance of the account: positive cents raise what is owed. */
export type LedgerLine = {
  id: string;
  on: IsoDate;
  kind: PostingKind;
  /** "standard", or the sale whose balance it is. */
  balance: string;
  cents: Cents;
  practiceName: string | null;
  /** City and state of the place that charged or refunded it. */
  place: string | null;
};

export type BalanceFacts = StatementBalance & {
  /** The balance subject to interest (1026.7(b)(5)). */
  averageDailyCents: Cents;
  soldOn: IsoDate;
  soldCents: Cents;
  practiceName: string | null;
  /** The promotion still ran on the close. */
  isRunning: boolean;
  fixedPaymentCents: Cents | null;
  /** What clears it in time, as the account stood on the close. */
  clearing: Clearing | null;
};

/** Everything that a statement says, before it is put in words. */
export type StatementFacts = {
  accountId: string;
  last4: string;
  language: Language;
  patient: { name: string; street: string; city: string; state: string; zip: string };
  limitCents: Cents;
  accountClosedOn: IsoDate | null;
  statement: Statement;
  /** The new balance of the statement before: where a correction came in between, not what the engine would have had. */
  previousCents: Cents;
  lines: LedgerLine[];
  balances: BalanceFacts[];
  /** What to pay by the due date so that the cycle after bears no interest on `standard`. */
  graceCents: Cents;
  warning: MinimumWarning | null;
  /** The account on the evening before the close and right after it. */
  before: Account;
  after: Account;
};

/** One statement, by its number, and all that follows from it; 404 when there is none. */
export async function findStatement(db: Db, accountId: string, number: number): Promise<StatementFacts> {
  const row = await db("statements as s")
    .join("accounts as a", "a.id", "s.account_id")
    .join("patients as p", "p.id", "a.patient_id")
    .leftJoin("statements as b", (on) =>
      on.on("b.account_id", "s.account_id").andOn("b.number", db.raw("s.number - 1")),
    )
    .where({ "s.account_id": accountId, "s.number": number })
    .first(
      "s.figures",
      "s.account as before",
      "b.new_balance_cents as previousCents",
      "a.limit_cents as limitCents",
      "a.closed_on as closedOn",
      "p.language",
      "p.street",
      "p.city",
      "p.state",
      "p.zip",
      db.raw("right(a.number, 4) as last4"),
      db.raw("p.first_name || ' ' || p.last_name as name"),
    );
  if (!row?.before) throw notFound();
  const { figures: statement, before, name, street, city, state, zip, closedOn, previousCents, ...rest } = row;
  return withWhatFollows({
    ...rest,
    accountId,
    statement,
    before,
    accountClosedOn: closedOn,
    previousCents: previousCents ?? 0,
    patient: { name, street, city, state, zip },
    lines: await linesOf(db, accountId, statement),
    sales: await salesOf(db, statement),
  });
}

type Found = Omit<StatementFacts, "balances" | "graceCents" | "warning" | "after"> & {
  sales: Map<string, { cents: Cents; practiceName: string }>;
};

/** Closes the account once more, by the engine: what a statement looks ahead to begins where that leaves it. */
export function withWhatFollows({ sales, ...found }: Found): StatementFacts {
  const { statement, before } = found;
  const closing = startRun(before);
  runThrough(closing, statement.closedOn);
  const after = closing.account;
  const balances = statement.balances.map((each): BalanceFacts => {
    const [was, is] = [findBalance(before, each.balance), findBalance(after, each.balance)];
    const sale = sales.get(each.balance);
    return {
      ...each,
      averageDailyCents: averageDailyBalance(before, was),
      soldOn: is.openedOn,
      soldCents: sale?.cents ?? 0,
      practiceName: sale?.practiceName ?? null,
      isRunning: isRunning(is),
      fixedPaymentCents: is.fixedPaymentCents,
      clearing: is.kind === "deferred" ? paymentToClear(after, is, { from: addDays(statement.closedOn, 1) }) : null,
    };
  });
  return { ...found, balances, after, graceCents: paymentToKeepGrace(after), warning: minimumWarning(after) };
}

/** What happened in the cycle, in the order of time, as it was posted. */
async function linesOf(db: Db, accountId: string, { firstDay, closedOn }: Statement): Promise<LedgerLine[]> {
  return db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .join("ledger_transactions as t", "t.id", "e.transaction_id")
    .leftJoin("transactions as s", "s.id", "t.id")
    .leftJoin("practices as p", "p.id", "s.practice_id")
    .leftJoin("locations as l", "l.id", "s.location_id")
    .where({ "a.kind": "receivable", "a.owner_id": accountId })
    .whereBetween("t.effective_on", [firstDay, closedOn])
    .groupBy("t.id", "e.sale_id", "p.name", "l.id")
    .orderBy(["t.effective_on", "t.posted_at", "t.id", "e.sale_id"])
    .select(
      "t.id",
      "t.effective_on as on",
      "t.kind",
      "p.name as practiceName",
      db.raw("l.city || ', ' || l.state as place"),
      db.raw("coalesce(e.sale_id::text, ?) as balance", [standardId]),
      db.raw("sum(e.amount_cents)::bigint as cents"),
    );
}

/** The sales that have a balance of their own. */
async function salesOf(db: Db, statement: Statement): Promise<Map<string, { cents: Cents; practiceName: string }>> {
  const ids = statement.balances.map(({ balance }) => balance).filter((id) => id !== standardId);
  const rows = await db("transactions as t")
    .join("practices as p", "p.id", "t.practice_id")
    .whereIn("t.id", ids)
    .select("t.id", "t.amount_cents as cents", "p.name as practiceName");
  return new Map(rows.map(({ id, ...sale }) => [id, sale]));
}
