import type { Knex } from "knex";
import { type Balance, type Account as Books, findBalance, isRunning, standardId } from "../credit/account.ts";
import { runThrough } from "../credit/engine.ts";
import {
  type Bill,
  billsOf,
  deferredSteps,
  type InterestStep,
  type MinimumParts,
  minimumParts,
  unbilledSteps,
} from "../credit/explain.ts";
import { planLabel, planTerms } from "../credit/plans.ts";
import type { Percent } from "../credit/rates.ts";
import { goOn } from "../credit/run.ts";
import { defaultTerms, type Terms, termsOn } from "../credit/terms.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { receivableBySale } from "../ledger/balances.ts";
import type { PostingKind } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { readBooks } from "./books.ts";
import type { Account } from "./queries.ts";
import { type History, historyOf, onEveningOf, replay } from "./replay.ts";

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
  const [books, history] = await Promise.all([readBooks(db, account.id), historyOf(db, account.id)]);
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
    deferred: deferredOf(balance, history, today),
    bills: billsOf(replay(history, books), saleId),
    unbilled: unbilledSteps(books, balance, today),
  };
}

/** The steps while it runs, and those of what was charged where it was not paid in time. */
function deferredOf(balance: Balance, history: History, today: IsoDate): InterestStep[] {
  const { kind, id, promotionEndsOn } = balance;
  if (kind !== "deferred" || promotionEndsOn === null) return [];
  if (isRunning(balance)) return deferredSteps(balance, today);
  const atEnd = findBalance(onEveningOf(history, promotionEndsOn), id);
  return atEnd.balanceCents > 0 ? deferredSteps(atEnd, promotionEndsOn) : [];
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
  const [rows, own, books, history] = await Promise.all([
    entriesOf(db, account.id).whereNull("e.sale_id"),
    db("transactions").where({ account_id: account.id, practice_id: viewer.practice.id }).pluck("id"),
    readBooks(db, account.id),
    historyOf(db, account.id),
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
    bills: billsOf(replay(history, books), standardId),
  };
}

/** Where a payment went, as a practice may see it; a payment that the bank returned went nowhere. */
export type ExplainedPayment = BalanceParts & {
  receivedOn: IsoDate;
  amountCents: Cents;
  isReturned: boolean;
  /** The patient asked for the balance that took of it first. */
  wasAsked: boolean;
};

/** How a payment was put to the balances, by the engine's word; 404 where the account had no such payment. */
export async function explainPayment(
  db: Db,
  viewer: PracticeViewer,
  { account, paymentId }: { account: Account; paymentId: string },
): Promise<ExplainedPayment> {
  const [payment, books, history] = await Promise.all([
    db("payments").where({ id: paymentId, account_id: account.id }).first(),
    readBooks(db, account.id),
    historyOf(db, account.id),
  ]);
  if (!payment) throw notFound();
  const found = replay(history, books).payments.find(({ id }) => id === paymentId);
  const shares = new Map(
    found?.allocated.map(({ balance, cents }) => [balance === standardId ? null : balance, cents]),
  );
  return {
    receivedOn: payment.received_on,
    amountCents: payment.amount_cents,
    isReturned: !found,
    wasAsked: history.events.some((each) => each.type === "payment" && each.id === paymentId && each.toward),
    ...(await split(db, viewer, account, shares)),
  };
}

/** What an account owes, by balance: the standard one, each sale of the viewer's practice, and all others together. */
export type BalanceParts = {
  standardCents: Cents;
  own: { saleId: string; planName: string; soldOn: IsoDate; cents: Cents }[];
  othersCents: Cents;
};

/** The parts that the balance of an account adds up from, as a practice may see them. */
export async function partsOfBalance(db: Db, viewer: PracticeViewer, account: Account): Promise<BalanceParts> {
  return split(db, viewer, account, await receivableBySale(db, account.id));
}

/** Amounts by sale, `null` the standard balance: the practice's own by name, those of others in one sum. */
async function split(
  db: Db,
  viewer: PracticeViewer,
  account: Account,
  bySale: Map<string | null, Cents>,
): Promise<BalanceParts> {
  const sales = await db("transactions")
    .where({ account_id: account.id, practice_id: viewer.practice.id, kind: "sale" })
    .whereIn(
      "id",
      [...bySale.keys()].filter((id) => id !== null),
    )
    .orderBy(["business_on", "id"])
    .select("id", "plan_id", "business_on");
  const own = sales.map((sale) => ({
    saleId: sale.id,
    planName: planLabel(planTerms(sale.plan_id)),
    soldOn: sale.business_on,
    cents: bySale.get(sale.id) ?? 0,
  }));
  const standardCents = bySale.get(null) ?? 0;
  const totalCents = [...bySale.values()].reduce((sum, cents) => sum + cents, 0);
  const ownCents = own.reduce((sum, { cents }) => sum + cents, 0);
  return { standardCents, own, othersCents: totalCents - standardCents - ownCents };
}

/** The minimum payment of the last statement. */
export type Minimum = {
  closedOn: IsoDate;
  dueOn: IsoDate;
  cents: Cents;
  fixedCents: Cents;
  parts: MinimumParts;
  terms: Terms;
};

/** What the last statement's minimum payment is made of, all practices together; null where nothing is asked. */
export async function explainMinimum(db: Db, account: { id: string }): Promise<Minimum | null> {
  const last = await db("statements")
    .where({ account_id: account.id })
    .orderBy("number", "desc")
    .first("figures", "account as before");
  if (!last?.before || last.figures.minimumPaymentCents === 0) return null;
  const { closedOn, dueOn, minimumPaymentCents: cents } = last.figures;
  const closing = goOn(last.before);
  runThrough(closing, closedOn);
  const terms = termsOn(defaultTerms, closedOn);
  const parts = minimumParts(closing.account, last.figures, terms);
  return { closedOn, dueOn, cents, fixedCents: parts.fixed.reduce((sum, each) => sum + each.cents, 0), parts, terms };
}
