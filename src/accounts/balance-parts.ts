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
import type { Account } from "./queries.ts";

/** What an account owes, by balance: the standard one, each sale of the viewer's practice, and all others together. */
export type BalanceParts = {
  standardCents: Cents;
  own: { saleId: string; planName: string; soldOn: IsoDate; cents: Cents }[];
  othersCents: Cents;
};

/** The parts that the balance of an account adds up from, as a practice may see them. */
export async function partsOfBalance(db: Db, viewer: PracticeViewer, account: Account): Promise<BalanceParts> {
  return partsOf(db, viewer, account, await receivableBySale(db, account.id));
}

/** Amounts by sale, `null` the standard balance: the practice's own by name, those of others in one sum. */
export async function partsOf(
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
