import type { Knex } from "knex";
import { type Balance, type Account as Books, findBalance, isRunning, standardId } from "../credit/account.ts";
import { type Bill, billsOf, deferredSteps, type InterestStep, unbilledSteps } from "../credit/explain.ts";
import { planLabel, planTerms } from "../credit/plans.ts";
import type { Percent } from "../credit/rates.ts";
import { defaultTerms, termsOn } from "../credit/terms.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import type { PostingKind } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { readBooks } from "./books.ts";
import type { Account } from "./queries.ts";
import { historyOf, onEveningOf } from "./replay.ts";

/** One line of a balance's ledger: what it was, and what was left after it. */
export type BalanceLine = { on: IsoDate; kind: PostingKind; amountCents: Cents; leftCents: Cents };

/** How the balance of a promotional sale came about. */
export type ExplainedBalance = {
  lines: BalanceLine[];
  books: Books;
  balance: Balance;
  planName: string;
  /** Deferred interest as it accrues, or as it was charged when the promotion ended; empty where there is none. */
  deferred: InterestStep[];
  /** What each close has billed on it, the oldest first. */
  bills: Bill[];
  /** What has accrued since the last close and is not billed yet. */
  unbilled: InterestStep[];
};

/**
 * Everything that the ledger holds of one promotional sale's balance, oldest first, and the engine's word on it; 404
 * where it is another practice's, or a standard sale, which has no balance of its own.
 */
export async function explainBalance(
  db: Db,
  viewer: PracticeViewer,
  { account, saleId, today }: { account: Account; saleId: string; today: IsoDate },
): Promise<ExplainedBalance> {
  const sale = { id: saleId, account_id: account.id, practice_id: viewer.practice.id, kind: "sale" };
  if (!(await db("transactions").where(sale).first("id"))) throw notFound();
  const books = await readBooks(db, account.id);
  const balance = books.balances.find(({ id }) => id === saleId);
  if (!balance) throw notFound();
  const rows = await entriesOf(db, account.id).where({ "e.sale_id": saleId });
  let leftCents = 0;
  const lines = rows.map(({ on, kind, amountCents }) => {
    leftCents += amountCents;
    return { on, kind, amountCents, leftCents };
  });
  return {
    lines,
    books,
    balance,
    planName: planLabel(planTerms(balance.plan)),
    deferred: await deferredOf(db, { accountId: account.id, balance, today }),
    bills: await billsOn(db, account.id, saleId),
    unbilled: unbilledSteps(books, balance, today),
  };
}

/** The steps while it runs, and those of what was charged where it was not paid in time. */
async function deferredOf(
  db: Db,
  { accountId, balance, today }: { accountId: string; balance: Balance; today: IsoDate },
): Promise<InterestStep[]> {
  const { kind, id, promotionEndsOn } = balance;
  if (kind !== "deferred" || promotionEndsOn === null) return [];
  if (isRunning(balance)) return deferredSteps(balance, today);
  const atEnd = findBalance(onEveningOf(await historyOf(db, accountId), promotionEndsOn), id);
  return atEnd.balanceCents > 0 ? deferredSteps(atEnd, promotionEndsOn) : [];
}

/** What each close billed on a balance, from what was kept with its statement. */
async function billsOn(db: Db, accountId: string, balance: string): Promise<Bill[]> {
  const closes = await db("statements")
    .where({ account_id: accountId })
    .whereNotNull("account")
    .whereRaw(`jsonb_path_exists(figures, '$.balances[*] \\? (@.balance == $id && @.interestCents > 0)', ?::jsonb)`, [
      JSON.stringify({ id: balance }),
    ])
    .orderBy("number")
    .select("account as before", "figures as statement");
  return billsOf(closes, balance);
}

type EntryRow = { id: string; on: IsoDate; kind: PostingKind; amountCents: Cents };

/** The entries of an account's receivable, oldest first. */
function entriesOf(db: Db, accountId: string): Knex.QueryBuilder<object, EntryRow[]> {
  return db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .join("ledger_transactions as t", "t.id", "e.transaction_id")
    .where({ "a.kind": "receivable", "a.owner_id": accountId })
    .orderBy(["t.effective_on", "t.posted_at", "t.id", "e.line"])
    .select("t.id", "t.effective_on as on", "t.kind", "e.amount_cents as amountCents");
}

/** How the standard balance came about, as far as it is a practice's to know. */
export type ExplainedStandard = {
  /** Its own purchases and refunds, which have an id, and what is the account's: payments, interest, fees. */
  lines: (Omit<EntryRow, "id"> & { transactionId: string | null })[];
  /** Purchases at other practices less their refunds, in one sum. */
  othersCents: Cents;
  leftCents: Cents;
  apr: Percent;
  leastInterestCents: Cents;
  bills: Bill[];
};

/** Everything that makes up an account's standard balance; what was bought elsewhere stays one sum. */
export async function explainStandard(
  db: Db,
  viewer: PracticeViewer,
  { account, today }: { account: Account; today: IsoDate },
): Promise<ExplainedStandard> {
  const [rows, own, books] = await Promise.all([
    entriesOf(db, account.id).whereNull("e.sale_id"),
    db("transactions").where({ account_id: account.id, practice_id: viewer.practice.id }).pluck("id"),
    readBooks(db, account.id),
  ]);
  const isBought = ({ kind }: EntryRow) => kind === "sale" || kind === "refund";
  const isOthers = (row: EntryRow) => isBought(row) && !own.includes(row.id);
  const sum = (some: EntryRow[]) => some.reduce((total, { amountCents }) => total + amountCents, 0);
  return {
    lines: rows
      .filter((row) => !isOthers(row))
      .map((row) => ({
        on: row.on,
        kind: row.kind,
        amountCents: row.amountCents,
        transactionId: isBought(row) ? row.id : null,
      })),
    othersCents: sum(rows.filter(isOthers)),
    leftCents: sum(rows),
    apr: books.standardApr,
    leastInterestCents: termsOn(defaultTerms, today).minimumInterestCents,
    bills: await billsOn(db, account.id, standardId),
  };
}
