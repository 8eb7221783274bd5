import type { Knex } from "knex";
import { type Plan, type PlanId, planLabel, planTerms, promotionEnd } from "../credit/plans.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { newestFirst } from "../platform/pages.ts";

/** A sale or a refund as its receipt shows it. */
export type Transaction = {
  id: string;
  kind: "sale" | "refund";
  saleId: string | null;
  accountId: string;
  accountLast4: string;
  patientName: string;
  planId: PlanId;
  planLabel: string;
  plan: Plan;
  promotionEndsOn: IsoDate | null;
  amountCents: Cents;
  feeCents: Cents;
  refundedCents: Cents;
  serviceOn: IsoDate | null;
  businessOn: IsoDate;
  reference: string;
  reason: string;
  locationId: string;
  location: { name: string; street: string; city: string; state: string; zip: string; phone: string };
  practiceName: string;
  recordedBy: string;
  recordedAt: Date;
};

/** One sale or refund of the viewer's practice, or null. */
export async function findTransaction(db: Db, viewer: PracticeViewer, id: string): Promise<Transaction | null> {
  const [row] = await transactions(db, viewer).where("t.id", id);
  return row ? asTransaction(row) : null;
}

/** The refunds of a sale, oldest first. */
export async function refundsOf(db: Db, viewer: PracticeViewer, saleId: string): Promise<Transaction[]> {
  const rows = await transactions(db, viewer).where("t.sale_id", saleId).orderBy("t.recorded_at").orderBy("t.id");
  return rows.map(asTransaction);
}

/** What the viewer has refunded on a business day, in cents: for a limit that many small refunds do not slip under. */
export async function refundedOn(db: Db, viewer: PracticeViewer, businessOn: IsoDate): Promise<Cents> {
  const row = await db("transactions")
    .where({ practice_id: viewer.practice.id, kind: "refund", recorded_by: viewer.id, business_on: businessOn })
    .sum("amount_cents as cents")
    .first();
  return Number(row?.cents ?? 0);
}

/** A page of the practice's sales and refunds, newest first; `before` is the last id of the page before it. */
export async function listTransactions(
  db: Db,
  viewer: PracticeViewer,
  filter: { before?: string | undefined; kind?: "sale" | "refund" | undefined },
) {
  const list = transactions(db, viewer);
  if (filter.kind) list.where("t.kind", filter.kind);
  const of = { id: filter.before, practice_id: viewer.practice.id };
  const after = filter.before ? db("transactions").where(of).select("recorded_at", "id") : undefined;
  const { rows, older } = await newestFirst(list, { time: "t.recorded_at", id: "t.id", after });
  return { transactions: rows.map(asTransaction), older };
}

/** The sale of the same amount charged to an account within the last ten minutes, if any: a likely double. */
export async function recentTwin(
  db: Db,
  viewer: PracticeViewer,
  sought: { accountId: string; amountCents: Cents; now: Date; not: string },
) {
  const [row] = await transactions(db, viewer)
    .where({ "t.kind": "sale", "t.account_id": sought.accountId, "t.amount_cents": sought.amountCents })
    .where("t.recorded_at", ">", new Date(sought.now.getTime() - 10 * 60_000))
    .whereNot("t.id", sought.not)
    .orderBy("t.recorded_at", "desc")
    .limit(1);
  return row ? asTransaction(row) : null;
}

function transactions(db: Db, viewer: PracticeViewer): Knex.QueryBuilder {
  return db("transactions as t")
    .join("accounts as a", "a.id", "t.account_id")
    .join("patients as p", "p.id", "a.patient_id")
    .join("locations as l", "l.id", "t.location_id")
    .join("users as u", "u.id", "t.recorded_by")
    .where("t.practice_id", viewer.practice.id)
    .select(
      "t.*",
      db.raw("right(a.number, 4) as account_last4"),
      db.raw("p.first_name || ' ' || p.last_name as patient_name"),
      db.raw(
        "jsonb_build_object('name', l.name, 'street', l.street, 'city', l.city, 'state', l.state, 'zip', l.zip, 'phone', l.phone) as location",
      ),
      "u.name as recorded_by_name",
      db.raw("? as practice_name", [viewer.practice.name]),
    );
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of a row is the select above
function asTransaction(row: any): Transaction {
  const plan = planTerms(row.plan_id);
  return {
    id: row.id,
    kind: row.kind,
    saleId: row.sale_id,
    accountId: row.account_id,
    accountLast4: row.account_last4,
    patientName: row.patient_name,
    planId: row.plan_id,
    planLabel: planLabel(plan),
    plan,
    promotionEndsOn: row.kind === "sale" ? promotionEnd(plan, row.business_on) : null,
    amountCents: row.amount_cents,
    feeCents: row.fee_cents,
    refundedCents: row.refunded_cents,
    serviceOn: row.service_on,
    businessOn: row.business_on,
    reference: row.reference,
    reason: row.reason,
    locationId: row.location_id,
    location: row.location,
    practiceName: row.practice_name,
    recordedBy: row.recorded_by_name,
    recordedAt: row.recorded_at,
  };
}
