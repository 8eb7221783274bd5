import type { DisputableSale, Dispute } from "../../accounts/dispute-sale.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const { maria, support } = sample;
const path = `/console/accounts/${maria.id}/disputes`;
const open: Dispute = {
  id: sample.ids.draft,
  accountId: maria.id,
  patientName: maria.patientName,
  last4: maria.last4,
  saleId: sample.sale.id,
  planName: "No interest if paid in full within 12 months",
  soldOn: "2026-01-02",
  practiceName: "Riverside Dental",
  amountCents: 30_000,
  noticedOn: "2026-11-20",
  answerBy: "2027-02-01",
  said: "The crown was never fitted",
  openedBy: "support.sam",
  outcome: null,
  endedBecause: null,
  endedBy: null,
  endedAt: null,
};
const late: Dispute = { ...open, noticedOn: "2026-08-20", answerBy: "2026-11-01" };
const answered: Dispute = {
  ...open,
  outcome: "corrected",
  endedBecause: "The practice had charged it twice",
  endedBy: "admin.ada",
  endedAt: sample.now,
};
const sales: DisputableSale[] = [
  { id: open.saleId, planName: open.planName, soldOn: open.soldOn, practiceName: open.practiceName, leftCents: 70_000 },
];
const today = "2026-11-23";

const seen = (view: string, title: string, data: object): Shown => ({
  view: `console/${view}`,
  viewer: support,
  data: {
    page: { title, back: { href: path, label: "Disputes" } },
    patient: { name: maria.patientName, last4: maria.last4 },
    path,
    today,
    typed: {},
    ...data,
  },
});
const typed = { key: open.id, sale: open.saleId, amount: "900.00", noticedOn: "11/24/2026", said: open.said };

/** Patients' notices of billing errors. */
export const disputePages: Record<string, Record<string, Shown>> = {
  "disputes in the console": {
    list: seen("disputes", "Disputes", { disputes: [open, answered] }),
    none: seen("disputes", "Disputes", { disputes: [] }),
    "to answer": seen("disputes-open", "Disputes to answer", { disputes: [late, open] }),
    "none to answer": seen("disputes-open", "Disputes to answer", { disputes: [] }),
    new: seen("dispute-new", "Take a dispute", { sales, typed: { key: open.id, noticedOn: today } }),
    wrong: seen("dispute-new", "Take a dispute", {
      sales,
      typed,
      errors: { amount: "Enter an amount up to $700.00", noticedOn: "That day is still to come" },
    }),
    "nothing left": seen("dispute-new", "Take a dispute", { sales: [] }),
    open: seen("dispute", "Dispute", { dispute: open }),
    "unanswered too long": seen("dispute", "Dispute", {
      dispute: late,
      errors: { outcome: "Choose what you found", because: "Enter the reason: the patient reads it" },
    }),
    answered: seen("dispute", "Dispute", { dispute: answered }),
  },
};
