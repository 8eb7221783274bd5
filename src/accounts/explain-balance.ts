import type { Balance, Account as Books } from "../credit/account.ts";
import { runThrough } from "../credit/engine.ts";
import { type MinimumParts, minimumParts } from "../credit/explain.ts";
import { planLabel, planTerms } from "../credit/plans.ts";
import { goOn } from "../credit/run.ts";
import { defaultTerms, type Terms, termsOn } from "../credit/terms.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { receivableBySale } from "../ledger/balances.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { readBooks } from "./books.ts";
import type { Account } from "./queries.ts";

/** One line of a balance's ledger: what it was, and what was left after it. */
export type BalanceLine = { on: IsoDate; kind: string; amountCents: Cents; leftCents: Cents };

/**
 * Everything that the ledger holds of one promotional sale's balance, oldest first, and the engine's word on it; 404
 * where it is another practice's, or a standard sale, which has no balance of its own.
 */
export async function explainBalance(
  db: Db,
  viewer: PracticeViewer,
  account: Account,
  saleId: string,
): Promise<{ lines: BalanceLine[]; books: Books; balance: Balance; planName: string }> {
  const sale = { id: saleId, account_id: account.id, practice_id: viewer.practice.id, kind: "sale" };
  if (!(await db("transactions").where(sale).first("id"))) throw notFound();
  const books = await readBooks(db, account.id);
  const balance = books.balances.find(({ id }) => id === saleId);
  if (!balance) throw notFound();
  const rows = await db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .join("ledger_transactions as t", "t.id", "e.transaction_id")
    .where({ "a.kind": "receivable", "a.owner_id": account.id, "e.sale_id": saleId })
    .orderBy(["t.effective_on", "t.posted_at", "t.id", "e.line"])
    .select("t.effective_on as on", "t.kind", "e.amount_cents as amountCents");
  let leftCents = 0;
  const lines = rows.map((row) => {
    leftCents += row.amountCents;
    return { ...row, leftCents };
  });
  return { lines, books, balance, planName: planLabel(planTerms(balance.plan)) };
}

/** What an account owes, by balance: the standard one, each sale of the viewer's practice, and all others together. */
export type BalanceParts = {
  standardCents: Cents;
  own: { saleId: string; planName: string; soldOn: IsoDate; cents: Cents }[];
  othersCents: Cents;
};

/** The parts that the balance of an account adds up from, as a practice may see them. */
export async function partsOfBalance(db: Db, viewer: PracticeViewer, account: Account): Promise<BalanceParts> {
  const bySale = await receivableBySale(db, account.id);
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
  const ownCents = own.reduce((sum, { cents }) => sum + cents, 0);
  return { standardCents, own, othersCents: account.balanceCents - standardCents - ownCents };
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
