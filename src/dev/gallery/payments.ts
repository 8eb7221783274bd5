import { type PaymentAct, paymentMethods } from "../../console/payment-acts.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const account = {
  id: sample.maria.id,
  patientName: sample.maria.patientName,
  last4: sample.maria.last4,
  openedOn: "2026-01-05",
  closedOn: null,
};
const path = `/console/accounts/${account.id}/payments`;
const act: PaymentAct = {
  id: sample.ids.draft,
  kind: "payment",
  accountId: account.id,
  last4: account.last4,
  amountCents: 150_000,
  receivedOn: "2026-11-20",
  method: "Check",
  reference: "Check 1042",
  paymentId: null,
  toward: null,
  reason: "Came by post",
  askedBy: "support.sam",
  askedById: sample.support.id,
  askedAt: sample.now,
  outcome: null,
  decidedBy: null,
  decidedById: null,
  decidedAt: null,
  decidedBecause: null,
};
const done: PaymentAct = { ...act, amountCents: 5_000, outcome: "done", decidedAt: sample.now };
const credit: PaymentAct = { ...act, kind: "credit refund", receivedOn: null, method: null, reference: "" };
const refused: PaymentAct = {
  ...act,
  outcome: "refused",
  decidedBy: "admin.ada",
  decidedAt: sample.now,
  decidedBecause: "The check is another patient’s",
};
const balances = [
  { id: "standard", name: "Standard purchases", leftCents: 50_000 },
  { id: sample.sale.id, name: "No interest if paid in full within 12 months, sold Jan 2, 2026", leftCents: 70_000 },
];
const [first, second] = sample.payments;
const payments = [
  { ...first, act: done, returnedBecause: null },
  { ...second, act: null, returnedBecause: "Returned by the bank: no funds" },
];
const timeZone = "America/New_York";

const seen = (view: string, title: string, data: object = {}): Shown => ({
  view: `console/${view}`,
  viewer: sample.support,
  data: {
    page: { title, back: { href: path, label: "Payments" } },
    account,
    payments,
    waiting: [],
    owedCents: 120_000,
    creditCents: 0,
    balances,
    path,
    limitCents: 100_000,
    timeZone,
    typed: {},
    ...data,
  },
});
const typed = {
  key: sample.ids.draft,
  amount: "1500.00",
  receivedOn: "11/20/2026",
  method: "Check",
  reference: "Check 1042",
  reason: "Came by post",
};
const brings = { interestCents: 1_182, feesCents: 3_000, owedCents: 84_182 };
const needed = { reason: "Enter the reason: it stands in the audit log" };
const decide = (shown: PaymentAct, data: object = {}) => seen("payment-act", "Decide", { act: shown, ...data });

/** What the console does with a patient's money, and how a patient is written to. */
export const paymentPages: Record<string, Record<string, Shown>> = {
  "payments in the console": {
    list: seen("payments", "Payments", { waiting: [act, credit], creditCents: 150_000 }),
    none: seen("payments", "Payments", { payments: [] }),
    closed: seen("payments", "Payments", { account: { ...account, closedOn: "2026-11-02" } }),
    new: seen("payment-new", "Record a payment", { methods: paymentMethods, typed: { receivedOn: "2026-11-23" } }),
    wrong: seen("payment-new", "Record a payment", {
      methods: paymentMethods,
      typed,
      errors: { receivedOn: "That day is still to come", method: "Choose how it was paid", ...needed },
    }),
    review: seen("payment-review", "Review payment", { typed, asked: { ...typed, ...done } }),
    "review above the limit": seen("payment-review", "Review payment", {
      typed,
      asked: { ...typed, ...act, toward: sample.sale.id },
    }),
    return: seen("payment-return", "Return a payment", { payment: payments[0], brings }),
    "return without a reason": seen("payment-return", "Return a payment", {
      payment: payments[0],
      brings,
      errors: needed,
    }),
    "returned already": seen("payment-return", "Return a payment", { payment: payments[1] }),
    "credit refund": seen("credit-refund", "Refund the credit", { creditCents: 5_000, typed: { amount: "50.00" } }),
    "no credit": seen("credit-refund", "Refund the credit"),
    waiting: seen("payments-waiting", "Payments that wait", { waiting: [act, credit] }),
    "nothing waits": seen("payments-waiting", "Payments that wait"),
    decide: decide(act, { toward: { name: "Standard purchases", leftCents: 0 } }),
    "one's own": decide(act, { isOwn: true }),
    refused: decide(refused),
    "closed meanwhile": decide(act, {
      errors: { form: "This account was closed on Nov 2, 2026 and takes no payment. Send the money back." },
    }),
    contact: seen("contact", "How the patient is written to", {
      patient: {
        name: account.patientName,
        last4: account.last4,
        email: "m.alvarez@example.com",
        phone: "5125550188",
      },
      typed: { language: "es", reachedBy: "sms" },
    }),
  },
};
