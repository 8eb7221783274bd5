import type { AccountTransaction, PromotionalBalance } from "../accounts/account-page.ts";
import type { BalanceParts, Minimum } from "../accounts/balance-parts.ts";
import type { ExplainedBalance, ExplainedStandard } from "../accounts/explain-balance.ts";
import type { ExplainedPayment } from "../accounts/explain-payment.ts";
import type { Account, Payment } from "../accounts/queries.ts";
import type { DeferredMeter, NextPayment, StatementLine } from "../accounts/standing.ts";
import type { Application } from "../applications/queries.ts";
import type { Person } from "../console/queries.ts";
import { newBalance } from "../credit/account.ts";
import { deferredInterest } from "../credit/deferred.ts";
import { type ClearingStep, deferredSteps } from "../credit/explain.ts";
import { planIds, planLabel, planTerms, promotionEnd, rateLabel } from "../credit/plans.ts";
import { quotePlan } from "../credit/quote.ts";
import { defaultTerms, termsOn } from "../credit/terms.ts";
import type { PracticePerson } from "../identity/factor-policy.ts";
import { type Factor, type FactorKind, factorKinds } from "../identity/factors.ts";
import type { Login } from "../identity/logins.ts";
import type { Viewer } from "../identity/viewer.ts";
import type { Location } from "../practices/queries.ts";
import type { PlanOption } from "../transactions/plan-options.ts";
import type { Transaction } from "../transactions/queries.ts";

/** Made-up rows of every kind that a page shows, typed as the questions answer them. */

const id = (last: number) => `0190a000-0000-7000-8000-${String(last).padStart(12, "0")}`;
const at = (text: string) => new Date(`${text}:00Z`);

export const ids = { draft: id(1), request: id(2) };

export const owner: Viewer = {
  id: id(3),
  loginId: id(4),
  name: "Ruth Okafor",
  userId: "riverside.owner",
  role: "owner",
  confirmedAt: new Date(0),
  endsAt: new Date(0),
  heldBack: false,
  mustAddFactor: false,
  actor: { userId: id(3), practiceId: id(5), address: "192.0.2.1", requestId: null },
  practice: { id: id(5), name: "Riverside Dental", timeZone: "America/Chicago", state: "TX", homeLocationId: id(6) },
};
export const clerk: Viewer = { ...owner, name: "Dana Whitley", userId: "riverside.desk", role: "clerk" };
export const support: Viewer = { ...owner, name: "Sam Ortega", userId: "support.sam", role: "support", practice: null };

export const administrator: Viewer = { ...support, name: "Ada Brandt", userId: "admin.ada", role: "administrator" };

export const now = at("2026-11-23T15:20");

export const factor = (kind: FactorKind): Factor => ({
  id: id(60 + factorKinds.indexOf(kind)),
  kind,
  label: "Chrome on Windows",
  addedAt: at("2026-03-01T09:00"),
});

export const logins: Login[] = [
  {
    id: id(70),
    beganAt: at("2026-11-23T14:02"),
    seenAt: now,
    provedBy: "totp",
    address: "203.0.113.9",
    browser: "Chrome on Windows",
    open: true,
  },
  {
    id: id(71),
    beganAt: at("2026-11-23T13:40"),
    seenAt: now,
    provedBy: "email",
    address: "203.0.113.9",
    browser: "Safari on iOS",
    open: true,
  },
  {
    id: id(72),
    beganAt: at("2026-11-22T13:40"),
    seenAt: now,
    provedBy: "password",
    address: "203.0.113.9",
    browser: "Lynx on Linux",
    open: false,
  },
];

export const person: Person = {
  id: owner.id,
  userId: owner.userId,
  name: owner.name,
  role: "owner",
  practiceName: "Riverside Dental",
  practiceId: owner.practice?.id ?? null,
  isSuspended: false,
  suspension: null,
  email: "r.okafor@example.com",
  phone: "2025550111",
  lock: { failures: 0, lockedUntil: null, off: false },
  factors: [factor("totp")],
  logins,
  exception: null,
  reset: null,
  history: ["logged in", "User ID locked", "log-in failed"].map((action, at) => ({
    at: now,
    action,
    by: at ? null : owner.userId,
  })),
};

export const people: PracticePerson[] = [
  {
    id: owner.id,
    userId: owner.userId,
    name: owner.name,
    role: "owner",
    needsFactor: true,
    hasFactor: true,
    lastSeenAt: now,
  },
  {
    id: id(8),
    userId: "riverside.desk",
    name: "Dana Whitley",
    role: "clerk",
    needsFactor: false,
    hasFactor: false,
    lastSeenAt: null,
  },
];

export const locations: Location[] = [
  {
    id: id(6),
    name: "Riverside Dental Downtown",
    street: "410 Congress Ave",
    city: "Austin",
    state: "TX",
    zip: "78701",
    phone: "5125550130",
  },
  {
    id: id(7),
    name: "Riverside Dental South",
    street: "2200 S Lamar Blvd",
    city: "Austin",
    state: "TX",
    zip: "78704",
    phone: "5125550131",
  },
];

export const maria: Account = {
  id: id(10),
  patientId: id(11),
  patientName: "Maria Alvarez",
  bornOn: "1984-03-12",
  phone: "2025550121",
  last4: "4417",
  limitCents: 800_000,
  balanceCents: 70_000,
  availableCents: 730_000,
  standardApr: "32.99",
  cycleDay: 15,
  openedOn: "2026-01-01",
  closedOn: null,
};
export const walter: Account = {
  ...maria,
  id: id(12),
  patientName: "Walter Boone",
  bornOn: "1947-01-30",
  last4: "6608",
  limitCents: 200_000,
  balanceCents: 0,
  availableCents: 0,
  closedOn: "2026-02-22",
};

export const promotions: PromotionalBalance[] = [
  {
    saleId: id(20),
    planId: "deferred-12",
    planLabel: planLabel(planTerms("deferred-12")),
    kind: "deferred",
    soldOn: "2026-01-02",
    soldCents: 120_000,
    balanceCents: 70_000,
    endsOn: "2027-01-02",
    daysLeft: 40,
    apr: "32.99",
    fixedPaymentCents: null,
  },
  {
    saleId: id(21),
    planId: "fixed-24",
    planLabel: planLabel(planTerms("fixed-24")),
    kind: "fixed",
    soldOn: "2026-06-10",
    soldCents: 240_000,
    balanceCents: 192_120,
    endsOn: null,
    daysLeft: null,
    apr: "17.90",
    fixedPaymentCents: 11_970,
  },
  {
    saleId: id(22),
    planId: "convert-12",
    planLabel: planLabel(planTerms("convert-12")),
    kind: "convert",
    soldOn: "2025-10-01",
    soldCents: 90_000,
    balanceCents: 11_000,
    endsOn: "2026-10-01",
    daysLeft: -53,
    apr: "17.90",
    fixedPaymentCents: null,
  },
];

const running = newBalance({
  id: id(20),
  plan: "deferred-12",
  kind: "deferred",
  apr: "32.99",
  openedOn: "2026-01-02",
  promotionEndsOn: "2027-01-02",
  balanceCents: 70_000,
  movements: [
    { on: "2026-01-02", kind: "sale", cents: 120_000 },
    { on: "2026-09-27", kind: "payment", cents: -45_000 },
    { on: "2026-10-28", kind: "payment", cents: -5_000 },
  ],
});
/** The balance of `sale`, explained. */
export const explained: Omit<ExplainedBalance, "books"> = {
  balance: running,
  planName: planLabel(planTerms("deferred-12")),
  deferred: deferredSteps(running, "2026-11-23"),
  bills: [],
  unbilled: [],
  lines: [
    { on: "2026-01-02", kind: "sale", amountCents: 120_000, leftCents: 120_000 },
    { on: "2026-09-27", kind: "payment", amountCents: -45_000, leftCents: 75_000 },
    { on: "2026-10-28", kind: "payment", amountCents: -5_000, leftCents: 70_000 },
  ],
};
const bill = { firstDay: "2026-10-02", closedOn: "2026-11-01", days: 31, leastCents: 0 };
/** What a balance that bears interest has besides. */
export const bearing: Pick<ExplainedBalance, "deferred" | "bills" | "unbilled"> = {
  deferred: [],
  bills: [
    {
      ...bill,
      averageDailyCents: 74_995,
      accruedCents: 1_140,
      steps: [
        { from: "2026-10-02", through: "2026-10-27", days: 26, balanceCents: 75_000, accruedCents: 962 },
        { from: "2026-10-28", through: "2026-11-01", days: 5, balanceCents: 70_000, accruedCents: 1_140 },
      ],
    },
  ],
  unbilled: [{ from: "2026-11-02", through: "2026-11-23", days: 22, balanceCents: 71_140, accruedCents: 771 }],
};
export const explainedStandard: ExplainedStandard = {
  lines: [
    { on: "2026-08-20", kind: "sale", amountCents: 30_000, transactionId: id(21) },
    { on: "2026-09-27", kind: "payment", amountCents: -5_000, transactionId: null },
    { on: "2026-11-01", kind: "interest", amountCents: 1_286, transactionId: null },
    { on: "2026-11-01", kind: "correction", amountCents: -12, transactionId: null },
  ],
  othersCents: 18_000,
  leftCents: 44_274,
  apr: "32.99",
  leastInterestCents: 200,
  bills: [{ ...bill, averageDailyCents: 45_900, accruedCents: 1_286, steps: [] }],
};
export const balanceParts: BalanceParts = {
  standardCents: 0,
  othersCents: 0,
  own: [{ saleId: id(20), planName: planLabel(planTerms("deferred-12")), soldOn: "2026-01-02", cents: 70_000 }],
};
export const explainedPayment: ExplainedPayment = {
  receivedOn: "2026-10-28",
  amountCents: 15_000,
  isReturned: false,
  wasAsked: false,
  standardCents: 6_500,
  othersCents: 3_500,
  own: [{ saleId: id(20), planName: planLabel(planTerms("deferred-12")), soldOn: "2026-01-02", cents: 5_000 }],
};
export const meters = new Map<string, DeferredMeter>([
  [
    id(20),
    {
      accruedCents: deferredInterest(running, "2026-11-23"),
      ifUnpaidCents: deferredInterest(running, running.promotionEndsOn ?? "2027-01-01"),
      clearing: { paymentCents: 35_000, dates: ["2026-11-29", "2026-12-29"] },
    },
  ],
]);
export const clearing: ClearingStep[] = [
  { on: "2026-11-29", paidCents: 35_000, hereCents: 35_000, leftCents: 35_000 },
  { on: "2026-12-29", paidCents: 35_000, hereCents: 35_000, leftCents: 0 },
];
export const minimum: Minimum = {
  closedOn: "2026-11-01",
  dueOn: "2026-11-29",
  cents: 3_000,
  fixedCents: 0,
  parts: {
    fixed: [],
    pastDueCents: 0,
    sumCents: 3_000,
    others: { balanceCents: 70_000, percentCents: 700, interestCents: 0, feesCents: 0, askedCents: 3_000 },
  },
  terms: termsOn(defaultTerms, "2026-11-01"),
};
export const nextPayment: NextPayment = {
  minimumCents: 3_000,
  stillDueCents: 3_000,
  dueOn: "2026-11-29",
  isPastDue: false,
};
export const statements: StatementLine[] = [
  { number: 11, closedOn: "2026-11-01", dueOn: "2026-11-29", minimumCents: 3_000, balanceCents: 70_000, feesCents: 0 },
  {
    number: 10,
    closedOn: "2026-10-01",
    dueOn: "2026-10-29",
    minimumCents: 3_000,
    balanceCents: 75_000,
    feesCents: 3_000,
  },
];

export const payments: Payment[] = [
  { id: id(30), receivedOn: "2026-10-28", amountCents: 5_000, isReturned: false },
  { id: id(31), receivedOn: "2026-09-27", amountCents: 5_000, isReturned: true },
];

export const sale: Transaction = {
  id: id(20),
  kind: "sale",
  saleId: null,
  accountId: maria.id,
  accountLast4: "4417",
  patientName: "Maria Alvarez",
  planId: "deferred-12",
  planLabel: planLabel(planTerms("deferred-12")),
  plan: planTerms("deferred-12"),
  promotionEndsOn: promotionEnd(planTerms("deferred-12"), "2026-11-23"),
  amountCents: 120_000,
  feeCents: 11_880,
  refundedCents: 0,
  serviceOn: "2026-11-23",
  businessOn: "2026-11-23",
  reference: "Crown",
  reason: "",
  locationId: id(6),
  location: locations[0] as Location,
  practiceName: "Riverside Dental",
  recordedBy: "Dana Whitley",
  recordedAt: at("2026-11-23T15:04"),
};
export const terms = {
  rate: rateLabel(sale.plan, "32.99"),
  quote: quotePlan({
    plan: "deferred-12",
    amountCents: 120_000,
    standardApr: "32.99",
    cycleDay: 15,
    saleDate: "2026-11-23",
  }),
};
export const refund: Transaction = {
  ...sale,
  id: id(23),
  kind: "refund",
  saleId: sale.id,
  promotionEndsOn: null,
  serviceOn: null,
  amountCents: 45_000,
  feeCents: 4_455,
  reason: "Service not given",
  recordedBy: "Ben Castellano",
  recordedAt: at("2026-11-23T19:40"),
};

export const accountTransactions: AccountTransaction[] = [sale, refund].map(
  ({ id, kind, businessOn, planLabel, amountCents, reference }) => ({
    id,
    kind,
    on: businessOn,
    planLabel,
    amountCents,
    reference,
  }),
);

export const plans: PlanOption[] = planIds.map((planId) => {
  const plan = planTerms(planId);
  const fits = plan.minimumSaleCents <= 120_000;
  const quote = quotePlan({
    plan: planId,
    amountCents: 120_000,
    standardApr: "32.99",
    cycleDay: 15,
    saleDate: "2026-11-23",
  });
  return {
    planId,
    label: planLabel(plan),
    rate: rateLabel(plan, "32.99"),
    quote: fits ? quote : null,
    unavailable: fits ? null : "For sales of $2,500.00 or more",
  };
});

export const application: Application = {
  id: id(40),
  patientName: "Nadia Rahman",
  bornOn: "1988-04-05",
  ssnLast4: "4320",
  email: "nadia.rahman@example.com",
  phone: "5125550199",
  address: "14 Alder Street, Austin, TX 78704",
  language: "en",
  submittedAt: at("2026-11-23T15:10"),
  submittedBy: "Dana Whitley",
  locationName: "Riverside Dental Downtown",
  state: "approved",
  decidedAt: at("2026-11-23T15:11"),
  limitCents: 800_000,
  standardApr: "32.99",
  missing: null,
  lapsesOn: null,
  byLink: false,
  acceptance: null,
  noticeSentAt: at("2026-11-23T15:11"),
  account: { id: id(41), last4: "8812", alreadyOpen: false, limitCents: 800_000 },
};
/** What makes of it one whose patient is asked to call. */
export const waitingForPatient = {
  state: "pending",
  account: null,
  limitCents: null,
  noticeSentAt: null,
  missing: "The patient’s identity has to be confirmed. We wrote to the patient about how.",
  lapsesOn: "2026-12-23",
} satisfies Partial<Application>;
export const applications: Application[] = [
  application,
  { ...application, id: id(42), patientName: "Theo Lindgren", ...waitingForPatient },
  { ...application, id: id(43), patientName: "Rosa Delgado", state: "declined", limitCents: null, account: null },
  { ...application, id: id(44), patientName: "Kwame Mbeki", state: "deciding", limitCents: null, account: null },
  { ...application, id: id(45), patientName: "Ines Okoro", state: "withdrawn", limitCents: null, account: null },
];

export const messages = [
  {
    at: at("2026-11-23T15:00"),
    channel: "email",
    to: "riverside.owner@example.com",
    subject: "Your Caraway verification code",
    text: "482913 is your Caraway verification code. It works once, for ten minutes.",
  },
  {
    at: at("2026-11-23T14:58"),
    channel: "sms",
    to: "2025550115",
    subject: "Your Caraway verification code",
    text: "118204 is your Caraway verification code.",
  },
];

export const acceptance: Application["acceptance"] = {
  version: "2026-11-27",
  language: "en",
  sha256: "9f2c5a0b7d1e4c3f8a6b5d4e3c2b1a0f9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c4b",
  acceptedAt: "2026-11-27T15:12:00Z",
  address: "203.0.113.7",
  agreement: { title: "", sections: [] },
};

export const program = { name: "Caraway", phone: "(800) 555-0142", address: "PO Box 1400, Wilmington, DE 19899" };
