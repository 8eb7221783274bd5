import type { Knex } from "knex";
import { type Account as Books, findBalance } from "../credit/account.ts";
import { type PlanId, type PlanKind, planLabel, planTerms, promotionEnd } from "../credit/plans.ts";
import type { Percent } from "../credit/rates.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { type Db, prepared } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { type Account, accountsOf, type Payment, paymentsOf } from "./queries.ts";
import { type Standing, type StatementLine, standingOf, statementsOf } from "./standing.ts";

export type PromotionalBalance = {
  saleId: string;
  planId: PlanId;
  planLabel: string;
  soldOn: IsoDate;
  soldCents: Cents;
  balanceCents: Cents;
  kind: PlanKind;
  endsOn: IsoDate | null;
  /** Per cent a year: while it runs the rate that comes after, or the deferred one. */
  apr: Percent;
  /** What a fixed plan asks for a month; null for the others. */
  fixedPaymentCents: Cents | null;
  /** Until the last day of the promotion; below zero when it has ended, null where nothing ends. */
  daysLeft: number | null;
};

export type AccountTransaction = {
  id: string;
  kind: "sale" | "refund";
  on: IsoDate;
  planLabel: string;
  amountCents: Cents;
  reference: string;
};

/** What the page of an account shows; payments and statements tell a practice that and when, not of whose sale. */
export type AccountPage = Standing & {
  account: Account;
  /** What is left of this practice's promotional sales, in the order of sale; paid ones are left out. */
  promotions: PromotionalBalance[];
  /** This practice's sales and refunds on the account, newest first. */
  transactions: AccountTransaction[];
  payments: Payment[];
  statements: StatementLine[];
};

type Promotion = Pick<PromotionalBalance, "saleId" | "planId" | "soldOn" | "soldCents" | "balanceCents">;
type Answer = Pick<AccountPage, "account" | "payments" | "statements"> & {
  promotions: Promotion[];
  transactions: (Omit<AccountTransaction, "planLabel"> & { planId: PlanId })[];
  books: Books;
};

/**
 * The question for everything on the page of an account, 404 where the practice has not dealt with it. It is the page that
 * is opened most: one round trip, its SQL written once, and planned once by each connection.
 */
export function accountPageQuestion(db: Db) {
  const text = accountPageSql(db);
  return async (viewer: PracticeViewer, id: string, today: IsoDate): Promise<AccountPage> => {
    const [found] = await prepared<Answer>(db, { name: "account page", text }, [viewer.practice.id, id]);
    if (!found) throw notFound();
    const { account, payments, statements, books } = found;
    const promotions = found.promotions.map((promotion) => {
      const { apr, fixedPaymentCents } = findBalance(books, promotion.saleId);
      return { ...promotion, ...termsOf(promotion, today), apr, fixedPaymentCents };
    });
    const transactions = found.transactions.map((each) => ({ ...each, planLabel: planLabel(planTerms(each.planId)) }));
    return { account, promotions, transactions, payments, statements, ...standingOf(books, today) };
  };
}

/** The question as SQL, of the practice, `$1`, and the account, `$2`. */
function accountPageSql(db: Db): string {
  const [practice, id] = [db.raw("$1"), db.raw("$2")];
  const rows = (question: Knex.QueryBuilder) => db.raw("(select coalesce(json_agg(q), '[]') from ? q)", [question]);
  return db
    .with("account", accountsOf(db, practice).where("a.id", id))
    .from("account")
    .select({
      account: db.raw("to_json(account)"),
      promotions: rows(promotionsOf(db, practice, id)),
      transactions: rows(transactionsOf(db, practice, id)),
      payments: rows(paymentsOf(db, { id })),
      statements: rows(statementsOf(db, { id })),
      books: db("account_states").where({ account_id: id }).select("state"),
    })
    .toString();
}

function promotionsOf(db: Db, practice: Knex.Raw, accountId: Knex.Raw): Knex.QueryBuilder {
  return db("ledger_accounts as r")
    .join("ledger_entries as e", "e.account_id", "r.id")
    .join("transactions as t", "t.id", "e.sale_id")
    .where({ "r.owner_id": accountId, "r.kind": "receivable", "t.practice_id": practice })
    .groupBy("t.id")
    .havingRaw("sum(e.amount_cents) > 0")
    .orderBy("t.business_on")
    .select(
      "t.id as saleId",
      "t.plan_id as planId",
      "t.business_on as soldOn",
      "t.amount_cents as soldCents",
      db.raw(`sum(e.amount_cents)::bigint as "balanceCents"`),
    );
}

function transactionsOf(db: Db, practice: Knex.Raw, accountId: Knex.Raw, most = 50): Knex.QueryBuilder {
  return db("transactions")
    .where({ account_id: accountId, practice_id: practice })
    .orderBy("recorded_at", "desc")
    .orderBy("id", "desc")
    .limit(most)
    .select("id", "kind", "business_on as on", "plan_id as planId", "amount_cents as amountCents", "reference");
}

function termsOf({ planId, soldOn }: Promotion, today: IsoDate) {
  const plan = planTerms(planId);
  const endsOn = promotionEnd(plan, soldOn);
  const from = today < soldOn ? soldOn : today; // sold after a night that was ended ahead of its time
  return { planLabel: planLabel(plan), kind: plan.kind, endsOn, daysLeft: endsOn ? daysBetween(from, endsOn) : null };
}
