import { planLabel, planTerms } from "../credit/plans.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";

export type ReportLine = {
  id: string;
  on: IsoDate;
  kind: "sale" | "refund";
  patientName: string;
  accountLast4: string;
  planLabel: string;
  locationName: string;
  reference: string;
  recordedBy: string;
  /** Refunds count below zero, as do the fees they give back. */
  grossCents: Cents;
  feeCents: Cents;
  netCents: Cents;
};

export type Totals = {
  sales: number;
  salesCents: Cents;
  refunds: number;
  refundsCents: Cents;
  feeCents: Cents;
  netCents: Cents;
};

export type Period = { from: IsoDate; to: IsoDate };

/** Every sale and refund of the practice whose business day lies in the period, oldest first. */
export async function salesReport(db: Db, viewer: PracticeViewer, period: Period): Promise<ReportLine[]> {
  const rows = await db("transactions as t")
    .join("accounts as a", "a.id", "t.account_id")
    .join("patients as p", "p.id", "a.patient_id")
    .join("locations as l", "l.id", "t.location_id")
    .join("users as u", "u.id", "t.recorded_by")
    .where("t.practice_id", viewer.practice.id)
    .whereBetween("t.business_on", [period.from, period.to])
    .orderBy("t.business_on")
    .orderBy("t.recorded_at")
    .orderBy("t.id")
    .select(
      ...["t.id", "t.kind", "t.business_on", "t.plan_id", "t.amount_cents", "t.fee_cents", "t.reference"],
      ...[db.raw("p.first_name || ' ' || p.last_name as patient_name"), db.raw("right(a.number, 4) as last4")],
      ...["l.name as location_name", "u.name as recorded_by_name"],
    );
  return rows.map((row) => {
    const sign = row.kind === "sale" ? 1 : -1;
    return {
      id: row.id,
      on: row.business_on,
      kind: row.kind,
      patientName: row.patient_name,
      accountLast4: row.last4,
      planLabel: planLabel(planTerms(row.plan_id)),
      locationName: row.location_name,
      reference: row.reference,
      recordedBy: row.recorded_by_name,
      grossCents: sign * row.amount_cents,
      feeCents: sign * row.fee_cents,
      netCents: sign * (row.amount_cents - row.fee_cents),
    };
  });
}

/** The totals of the lines shown, so that page and CSV cannot differ. */
export function totalsOf(lines: ReportLine[]): Totals {
  const totals: Totals = { sales: 0, salesCents: 0, refunds: 0, refundsCents: 0, feeCents: 0, netCents: 0 };
  for (const line of lines) {
    if (line.kind === "sale") {
      totals.sales += 1;
      totals.salesCents += line.grossCents;
    } else {
      totals.refunds += 1;
      totals.refundsCents -= line.grossCents;
    }
    totals.feeCents += line.feeCents;
    totals.netCents += line.netCents;
  }
  return totals;
}
