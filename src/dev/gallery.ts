import type { Response } from "express";
import type { Account } from "../accounts/queries.ts";
import { agreementIn } from "../applications/agreement.ts";
import { consents, consentsIn } from "../applications/consents.ts";
import { housings, incomeSources } from "../applications/form.ts";
import { headingOf, wordsIn } from "../applications/patient-words.ts";
import type { Application } from "../applications/queries.ts";
import { applicationStates } from "../applications/states.ts";
import { planLabel, planTerms, rateLabel } from "../credit/plans.ts";
import { quotePlan } from "../credit/quote.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { formatMoney } from "../lib/money.ts";
import { states } from "../lib/states.ts";
import { viewerFrame } from "../navigation.ts";
import { barChart } from "../platform/chart.ts";
import { notFound } from "../platform/errors.ts";
import { refundReasons } from "../transactions/refund-sale.ts";
import { consolePages, staffDays } from "./gallery/console.ts";
import { enrolmentPages } from "./gallery/enrolment.ts";
import { identityPages } from "./gallery/identity.ts";
import { operationsPages } from "./gallery/operations.ts";
import { paymentPages } from "./gallery/payments.ts";
import { reportPages } from "./gallery/reports.ts";
import { resourcePages } from "./gallery/resources.ts";
import { inside, out, type Shown, wrong } from "./gallery/shown.ts";
import { statementPages } from "./gallery/statements.ts";
import { supportPages } from "./gallery/support.ts";
import * as sample from "./samples.ts";

const { maria, plans, sale, refund, application, ids } = sample;
const search = (q: string, accounts: Account[], more = false) =>
  inside("accounts/search", "Accounts", { q, accounts, more });
const account = (of: Account, data: object = {}) =>
  inside(
    "accounts/account",
    of.patientName,
    {
      account: of,
      promotions: sample.promotions,
      transactions: sample.accountTransactions,
      payments: sample.payments,
      statements: sample.statements,
      nextPayment: sample.nextPayment,
      meters: sample.meters,
      ...data,
    },
    { href: "/accounts", label: "Accounts" },
  );
const balance = (own: object | null) => {
  const ahead = own
    ? { meter: null, clearing: [], ...sample.bearing }
    : { meter: sample.meters.get(sample.explained.balance.id), clearing: sample.clearing };
  return inside("accounts/balance", "How this balance came about", {
    account: maria,
    ...sample.explained,
    balance: { ...sample.explained.balance, ...own },
    ...ahead,
  });
};
const saleForm = (typed: Record<string, string>, options: typeof plans) =>
  inside(
    "transactions/sale",
    "New sale",
    {
      account: maria,
      locations: sample.locations,
      plans: options,
      typed: { key: ids.draft, serviceDate: "11/23/2026", ...typed },
    },
    { href: `/accounts/${maria.id}`, label: maria.patientName },
  );
const quoteOf = (planId: "deferred-12" | "fixed-24", amountCents: number) =>
  quotePlan({ plan: planId, amountCents, standardApr: "32.99", cycleDay: 15, saleDate: "2026-11-23" });
const saleReview = (planId: "deferred-12" | "fixed-24", data: object = {}) =>
  inside(
    "transactions/review",
    "Review sale",
    {
      account: maria,
      location: sample.locations[0],
      key: ids.draft,
      recorded: null,
      twin: null,
      sale: {
        amountCents: 120_000,
        planId,
        serviceOn: "2026-11-23",
        reference: "Crown",
        locationId: sample.locations[0]?.id,
      },
      quote: quoteOf(planId, 120_000),
      planLabel: planLabel(planTerms(planId)),
      rate: rateLabel(planTerms(planId), "32.99"),
      leftCents: 610_000,
      ...data,
    },
    { href: "#", label: "Change this sale" },
  );
const receipt = (transaction: typeof sale, data: object = {}) =>
  inside(
    "transactions/receipt",
    "Receipt",
    { transaction, refunds: [], refundableCents: 120_000, terms: sample.terms, ...data },
    { href: "#", label: "Maria Alvarez" },
  );
const refundForm = inside("transactions/refund", "Refund", {
  sale,
  leftCents: 120_000,
  refundReasons,
  typed: { key: ids.draft },
});
const refundReview = inside("transactions/refund-review", "Review refund", {
  sale,
  refund: { amountCents: 45_000, reason: "Service not given" },
  key: ids.draft,
  recorded: null,
});
const newApplication = (typed: Record<string, string>) =>
  inside("applications/new", "New application", {
    locations: sample.locations,
    states,
    housings,
    incomeSources,
    consents,
    typed: { key: ids.draft, ...typed },
  });
const decided = (shown: Partial<Application>) =>
  inside("applications/application", "Application", {
    states: applicationStates,
    application: { ...application, ...shown },
  });
const listed = (data: object) =>
  inside("applications/list", "Applications", { states: applicationStates, older: undefined, filter: {}, ...data });
const ownApplication = (language: Language, given: Partial<Application>, data: object = {}): Shown => {
  const words = wordsIn[language];
  const shown = { ...application, ...given };
  const { limitCents, standardApr } = application;
  const terms = limitCents && standardApr ? { limitCents, standardApr } : {};
  return {
    view: "applications/mine",
    viewer: null,
    data: {
      page: { title: words.title, forPatient: true },
      lang: language,
      heading: headingOf(shown, words),
      words,
      language,
      application: shown,
      until: formatDateIn(language, "2026-12-27"),
      agreement: agreementIn(language, sample.program, { ...terms, on: "2026-11-27" }),
      sha256: "digest",
      acceptedOn: formatDateIn(language, "2026-11-27"),
      practiceName: "Riverside Dental",
      base: "/apply/token",
      typed: {},
      ...data,
    },
  };
};
const offered = { state: "offered", account: null, lapsesOn: "2026-12-27" } as const;
const apply = (language: Language, data: object = {}): Shown => ({
  view: "applications/apply",
  viewer: null,
  data: {
    page: { title: wordsIn[language].title, forPatient: true },
    lang: language,
    path: `/apply/token?language=${language}`,
    words: wordsIn[language],
    language,
    typed: {},
    practiceName: "Riverside Dental",
    agreement: agreementIn(language, sample.program, { on: "2026-11-27" }),
    states,
    housings,
    incomeSources,
    consents: consentsIn(language),
    ...data,
  },
});
const linkForm = (data: object = {}) =>
  inside("applications/link", "Send a link to apply", {
    typed: { key: ids.draft, channel: "email", language: "en" },
    locations: sample.locations,
    linkDays: 7,
    links: [],
    ...data,
  });
const withdrawal = inside("applications/withdraw", "Withdraw the application", {
  application: { ...application, ...sample.waitingForPatient },
});
const smallChart = barChart({
  name: "Sales of the last four weeks",
  summary: "A bar for each day.",
  small: true,
  format: formatMoney,
  bars: [3, 0, 2, 5, 4].map((value, index) => ({ name: `Nov ${index + 1}`, value })),
});
const dashboard = (data: object) =>
  inside("dashboard/dashboard", "Dashboard", {
    today: "2026-11-23",
    soonDays: 45,
    coming: { totalCents: 418_210, next: { on: "2026-11-25", cents: 193_500 }, last: null },
    ...data,
  });
const trouble = (status: number, title: string, sentence: string): Shown => ({
  ...inside("errors/error", title, { status, sentence, requestId: ids.request }),
  status,
});

const pages: Record<string, Record<string, Shown>> = {
  ...identityPages,
  ...consolePages,
  ...paymentPages,
  ...operationsPages,
  ...enrolmentPages,
  ...statementPages,
  ...reportPages,
  dashboard: {
    busy: dashboard({
      figures: {
        soldCents: 312_500,
        sales: 4,
        refundedCents: 12_000,
        usualCents: 268_000,
        approvedToday: 3,
        waiting: 1,
        weekday: "Monday",
        chart: smallChart,
      },
      needs: [
        { href: "#", what: "Application of Theo Lindgren", when: "Waiting since Nov 23, 2026, 9:04 AM CST" },
        {
          href: "#",
          what: "Remind Maria Alvarez",
          when: "$109.00 is left on a promotional balance that ends Jan 2, 2027",
        },
      ],
      promotions: { count: 1, leftCents: 10_900, soonest: [], to: "2027-01-07" },
      latest: [sale, refund],
    }),
    quiet: dashboard({
      figures: {
        soldCents: 0,
        sales: 0,
        refundedCents: 0,
        usualCents: 0,
        approvedToday: 0,
        waiting: 0,
        weekday: "Sunday",
        chart: smallChart,
      },
      coming: { totalCents: 0, next: null, last: { on: "2026-11-20", cents: 87_309 } },
      latest: [],
      needs: [],
      promotions: { count: 0, leftCents: 0, soonest: [], to: "2027-01-07" },
    }),
    ...staffDays,
  },
  accounts: {
    newest: search("", [maria, sample.walter]),
    hits: search("al", [maria, sample.walter]),
    many: search(
      "a",
      Array.from({ length: 25 }, () => maria),
      true,
    ),
    none: search("alvaraz", []),
    "first day": search("", []),
  },
  account: {
    open: account(maria),
    closed: account(sample.walter, { promotions: [], transactions: [], payments: [] }),
    credit: account({ ...maria, balanceCents: -4_500, availableCents: 804_500 }, { promotions: [] }),
    "past due": account(maria, { nextPayment: { ...sample.nextPayment, dueOn: "2026-11-20", isPastDue: true } }),
    "new account": account(
      { ...maria, balanceCents: 0, availableCents: 800_000 },
      { promotions: [], transactions: [], payments: [], statements: [], nextPayment: null },
    ),
    clerk: { ...account(maria), viewer: sample.clerk },
  },
  "balance explained": {
    deferred: balance(null),
    reduced: balance({ kind: "fixed", promotionEndsOn: null, apr: "17.90" }),
    converting: balance({ kind: "convert", apr: "17.90", ended: true }),
    standard: inside("accounts/balance-standard", "How this balance came about", {
      account: maria,
      ...sample.explainedStandard,
    }),
    parts: inside("accounts/balance-parts", "How this balance came about", {
      account: maria,
      parts: sample.balanceParts,
      minimum: sample.minimum,
    }),
    payment: inside("accounts/payment", "Where this payment went", {
      account: maria,
      payment: sample.explainedPayment,
    }),
    returned: inside("accounts/payment", "Where this payment went", {
      account: maria,
      payment: { ...sample.explainedPayment, isReturned: true },
    }),
  },
  sale: {
    empty: saleForm(
      {},
      plans.map((plan) => ({ ...plan, quote: null, unavailable: null })),
    ),
    quoted: saleForm({ amount: "1,200.00", plan: "deferred-12" }, plans),
    wrong: wrong(saleForm({ amount: "9,200" }, plans), {
      amount: "The available credit is $7,300.00. Enter an amount up to that.",
      plan: "Choose a plan",
      serviceDate: "Enter the date of service",
    }),
  },
  "sale review": {
    deferred: saleReview("deferred-12"),
    reduced: saleReview("fixed-24"),
    twin: saleReview("deferred-12", { twin: sale }),
    recorded: saleReview("deferred-12", { recorded: sale }),
    wrong: wrong(saleReview("deferred-12"), {
      form: "This sale was changed in another window. Look at it again before you charge it.",
    }),
  },
  receipt: {
    sale: receipt(sale),
    "partly refunded": receipt({ ...sale, refundedCents: 45_000 }, { refunds: [refund], refundableCents: 75_000 }),
    refund: receipt(refund, { refundableCents: 0 }),
  },
  refund: {
    plain: refundForm,
    wrong: wrong(refundForm, {
      amount: "$1,200.00 of this sale is left to refund. Enter an amount up to that.",
      reason: "Choose a reason",
    }),
    done: { ...refundForm, data: { ...refundForm.data, sale: { ...sale, refundedCents: 120_000 }, leftCents: 0 } },
  },
  "refund review": {
    plain: refundReview,
    recorded: { ...refundReview, data: { ...refundReview.data, recorded: refund } },
  },
  transactions: {
    some: inside("transactions/list", "Transactions", { transactions: [sale, refund], older: sale.id, filter: {} }),
    none: inside("transactions/list", "Transactions", { transactions: [], older: undefined, filter: {} }),
  },
  applications: {
    some: listed({ applications: sample.applications }),
    none: listed({ applications: [] }),
    filtered: listed({ applications: [], filter: { state: "pending" } }),
  },
  "new application": {
    plain: newApplication({}),
    wrong: wrong(newApplication({ firstName: "Nadia" }), {
      lastName: "Enter the last name",
      dateOfBirth: "An applicant has to be 18 or older",
      ssn: "Enter the nine digits of the Social Security number",
      housing: "Choose how the patient lives",
      consentTerms: "The patient has to have seen the rates and fees",
    }),
  },
  application: {
    approved: decided({}),
    "account already open": decided({
      account: { id: maria.id, last4: "4417", alreadyOpen: true, limitCents: 800_000 },
    }),
    declined: decided({ state: "declined", limitCents: null, account: null }),
    pending: decided(sample.waitingForPatient),
    offered: decided(offered),
    withdrawn: decided({ state: "withdrawn", limitCents: null, account: null }),
    expired: decided({ ...sample.waitingForPatient, state: "expired", missing: null }),
    deciding: decided({ state: "deciding", account: null, limitCents: null, noticeSentAt: null, decidedAt: null }),
  },
  "link to apply": {
    plain: linkForm(),
    sent: linkForm({
      links: [
        { id: ids.draft, to: "nora@example.com", channel: "email", sentAt: sample.now, expiresAt: sample.now },
        { id: ids.draft, to: "5125550199", channel: "sms", sentAt: sample.now, expiresAt: sample.now },
      ],
    }),
    wrong: wrong(linkForm(), { email: "Enter the patient’s e-mail address" }),
    "wrong number": wrong(linkForm({ typed: { key: ids.draft, channel: "sms", language: "es" } }), {
      mobile: "Enter a mobile phone number of ten digits",
    }),
  },
  "patient’s application": {
    english: apply("en"),
    spanish: apply("es"),
    wrong: wrong(apply("es"), {
      dateOfBirth: wordsIn.es.errors.dateOfBirth ?? "",
      consentTerms: wordsIn.es.errors.consentTerms ?? "",
    }),
    approved: ownApplication("en", offered),
    "approved, in Spanish": ownApplication("es", offered),
    "not ticked": wrong(ownApplication("en", offered), wordsIn.en.offered.missing),
    open: ownApplication("es", { acceptance: sample.acceptance }),
    "account already open": ownApplication("en", {
      account: { id: maria.id, last4: "4417", alreadyOpen: true, limitCents: 800_000 },
    }),
    "no longer open": wrong(ownApplication("en", { state: "expired", account: null }), { form: wordsIn.en.noOffer }),
    "read again": wrong(ownApplication("es", offered), { form: wordsIn.es.changed }),
    refuse: {
      view: "applications/refuse",
      viewer: null,
      data: {
        page: { title: wordsIn.es.refuse.heading, forPatient: true },
        lang: "es",
        words: wordsIn.es,
        language: "es",
        base: "/apply/token",
      },
    },
    born: {
      view: "born",
      viewer: null,
      data: {
        page: { title: "Your application / Su solicitud", forPatient: true },
        heading: ["Your application", "Su solicitud"],
        action: "/apply/token/open",
        typed: {},
      },
    },
    deciding: ownApplication("en", { state: "deciding", account: null }),
    pending: ownApplication("en", sample.waitingForPatient),
    declined: ownApplication("es", { state: "declined", account: null }),
    withdrawn: ownApplication("en", { state: "withdrawn", account: null }),
    "bureau silent": { ...ownApplication("en", { ...sample.waitingForPatient, lapsesOn: null }, { until: null }) },
    expired: ownApplication("en", { state: "expired", account: null }),
  },
  "withdraw an application": {
    plain: withdrawal,
    late: wrong(withdrawal, { form: "This application was approved meanwhile. Nothing was changed." }),
  },
  errors: {
    "not allowed": trouble(
      403,
      "Not allowed",
      "Your role does not include this. Ask the owner of your practice if you need it.",
    ),
    "not found": trouble(404, "Not found", notFound().message),
    "not available": trouble(
      503,
      "Not available right now",
      "A part of the portal does not answer at the moment. Nothing was lost: wait a moment, then try the same again.",
    ),
    bug: {
      ...trouble(500, "Something went wrong", "Something went wrong on our side. Nothing that you did caused it."),
      viewer: null,
    },
  },
  outbox: {
    some: out("dev/outbox", "Outbox", { messages: sample.messages }),
    none: out("dev/outbox", "Outbox", { messages: [] }),
  },
  ...resourcePages,
  ...supportPages,
};

/** The names of all pages and their states. */
export const galleryPages = () => Object.entries(pages).map(([page, shown]) => ({ page, states: Object.keys(shown) }));

/** The templates that it shows. */
export const galleryViews = () =>
  new Set(Object.values(pages).flatMap((states) => Object.values(states).map(({ view }) => view)));

/** Answers with a page in a state, as its route would; 404 when there is none. */
export function showGalleryPage(res: Response, page: string, state: string): void {
  const states = Object.hasOwn(pages, page) ? pages[page] : undefined;
  const shown = states && Object.hasOwn(states, state) ? states[state] : undefined;
  if (!shown) throw notFound();
  const viewer = shown.viewer && viewerFrame(shown.viewer, `/${page}`);
  res.locals.show(shown.view, { ...shown.data, viewer }, shown.status ? { status: shown.status } : {});
}
