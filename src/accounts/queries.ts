import type { Knex } from "knex";
import { type PlanId, type PlanKind, planLabel, planTerms, promotionEnd } from "../credit/plans.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

/** An account as a practice may see it: totals and available credit, whoever caused them. */
export type Account = {
  id: string;
  patientId: string;
  patientName: string;
  bornOn: IsoDate;
  phone: string;
  last4: string;
  limitCents: Cents;
  balanceCents: Cents;
  /** Never below zero; zero once the account is closed. */
  availableCents: Cents;
  standardApr: string;
  cycleDay: number;
  openedOn: IsoDate;
  closedOn: IsoDate | null;
};

/** The account, if this practice has dealt with it; 404 otherwise. Inside a transaction `lock` holds its row. */
export async function findAccount(
  db: Db,
  viewer: PracticeViewer,
  id: string,
  options: { lock?: boolean } = {},
): Promise<Account> {
  if (options.lock) await db("accounts").where({ id }).forNoKeyUpdate().first("id");
  const [account] = await accountsOf(db, viewer).where("a.id", id);
  if (!account) throw notFound();
  return account;
}

/** At most this many hits: more are a reason to type more, not to page. */
export const mostHits = 25;

/** Accounts by name, phone, or the last four of the account or the SSN; the newest first when nothing is typed. */
export async function searchAccounts(db: Db, viewer: PracticeViewer, typed: string): Promise<Account[]> {
  const accounts = accountsOf(db, viewer).limit(mostHits + 1);
  const text = typed.trim();
  if (!text) return accounts.orderBy("pa.since", "desc").orderBy("a.id");

  const digits = text.replace(/\D/g, "");
  if (/^[\d\s().+-]+$/.test(text)) {
    if (digits.length === 4)
      accounts.where((or) => or.whereRaw("right(a.number, 4) = ?", [digits]).orWhere("p.ssn_last4", digits));
    else accounts.whereRaw("right(regexp_replace(p.phone, '\\D', '', 'g'), 10) = ?", [digits.slice(-10)]);
    return accounts.orderBy("p.last_name").orderBy("p.first_name");
  }
  for (const word of text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter(Boolean)) {
    accounts.whereRaw("lower(p.first_name || ' ' || p.last_name) like ?", [`%${word.replace(/[\\%_]/g, "\\$&")}%`]);
  }
  return accounts.orderBy("p.last_name").orderBy("p.first_name").orderBy("a.id");
}

function accountsOf(db: Db, viewer: PracticeViewer): Knex.QueryBuilder {
  return db("accounts as a")
    .join("practice_accounts as pa", "pa.account_id", "a.id")
    .join("patients as p", "p.id", "a.patient_id")
    .leftJoin("ledger_accounts as l", (on) => on.on("l.owner_id", "a.id").andOnVal("l.kind", "receivable"))
    .where("pa.practice_id", viewer.practice.id)
    .select(
      "a.id",
      "p.id as patientId",
      db.raw(`p.first_name || ' ' || p.last_name as "patientName"`),
      "p.born_on as bornOn",
      "p.phone",
      db.raw("right(a.number, 4) as last4"),
      "a.limit_cents as limitCents",
      db.raw(`coalesce(l.balance_cents, 0) as "balanceCents"`),
      db.raw(
        `case when a.closed_on is null then greatest(a.limit_cents - coalesce(l.balance_cents, 0), 0) else 0 end as "availableCents"`,
      ),
      "a.standard_apr as standardApr",
      "a.cycle_day as cycleDay",
      "a.opened_on as openedOn",
      "a.closed_on as closedOn",
    );
}

export type Payment = { id: string; receivedOn: IsoDate; amountCents: Cents; isReturned: boolean };

/** The patient's payments, newest first; to a practice they say that and when, not to which practice's sale. */
export async function paymentsOf(db: Db, account: { id: string }, most = 50): Promise<Payment[]> {
  return db("payments as p")
    .leftJoin("account_events as e", (on) => on.on("e.account_id", "p.account_id").andOn("e.event_id", "p.id"))
    .where({ "p.account_id": account.id })
    .orderBy("p.received_on", "desc")
    .orderBy("p.id", "desc")
    .limit(most)
    .select(
      ...["p.id", "p.received_on as receivedOn", "p.amount_cents as amountCents"],
      db.raw(`e.taken_back_by is not null as "isReturned"`),
    );
}

export type PromotionalBalance = {
  saleId: string;
  planId: PlanId;
  planLabel: string;
  soldOn: IsoDate;
  soldCents: Cents;
  balanceCents: Cents;
  kind: PlanKind;
  endsOn: IsoDate | null;
  /** Until the last day of the promotion; below zero when it has ended, null where nothing ends. */
  daysLeft: number | null;
};

/** What is left of this practice's promotional sales, in the order of sale; paid ones are left out. */
export async function promotionalBalancesOf(
  db: Db,
  viewer: PracticeViewer,
  account: Account,
  today: IsoDate,
): Promise<PromotionalBalance[]> {
  const rows = await db("transactions as t")
    .join("ledger_accounts as r", (on) => on.on("r.owner_id", "t.account_id").andOnVal("r.kind", "receivable"))
    .join("ledger_entries as e", (on) => on.on("e.account_id", "r.id").andOn("e.sale_id", "t.id"))
    .where({ "t.account_id": account.id, "t.practice_id": viewer.practice.id, "t.kind": "sale" })
    .groupBy("t.id")
    .havingRaw("sum(e.amount_cents) > 0")
    .orderBy("t.business_on")
    .select(
      "t.id",
      "t.plan_id",
      "t.business_on",
      "t.amount_cents",
      db.raw("sum(e.amount_cents)::bigint as balance_cents"),
    );
  return rows.map((row) => {
    const plan = planTerms(row.plan_id);
    const endsOn = promotionEnd(plan, row.business_on);
    return {
      saleId: row.id,
      planId: row.plan_id,
      planLabel: planLabel(plan),
      soldOn: row.business_on,
      soldCents: row.amount_cents,
      balanceCents: row.balance_cents,
      kind: plan.kind,
      endsOn,
      daysLeft: endsOn ? daysBetween(today, endsOn) : null,
    };
  });
}

export type AccountTransaction = {
  id: string;
  kind: "sale" | "refund";
  on: IsoDate;
  planLabel: string;
  amountCents: Cents;
  reference: string;
};

/** This practice's sales and refunds on the account, newest first. */
export async function transactionsOf(
  db: Db,
  viewer: PracticeViewer,
  account: Account,
  most = 50,
): Promise<AccountTransaction[]> {
  const rows = await db("transactions")
    .where({ account_id: account.id, practice_id: viewer.practice.id })
    .orderBy("recorded_at", "desc")
    .orderBy("id", "desc")
    .limit(most)
    .select("id", "kind", "business_on as on", "plan_id", "amount_cents as amountCents", "reference");
  return rows.map(({ plan_id, ...row }) => ({ ...row, planLabel: planLabel(planTerms(plan_id)) }));
}
