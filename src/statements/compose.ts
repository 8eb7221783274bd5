import { standardId } from "../credit/account.ts";
import type { Forecast } from "../credit/forecast.ts";
import { planTerms } from "../credit/plans.ts";
import { defaultTerms, termsOn } from "../credit/terms.ts";
import { daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { Block, Document, Fact, Row, Section } from "./document.ts";
import type { BalanceFacts, LedgerLine, StatementFacts } from "./find-statement.ts";
import { totalsOf } from "./totals.ts";
import { type Words, wordsIn } from "./words.ts";

export type Program = { name: string; phone: string; hours: string; address: string };

type Telling = {
  facts: StatementFacts;
  program: Program;
  w: Words;
  date: (day: IsoDate) => string;
};

/** A statement in words: what 12 CFR 1026.7(b) asks for, in the order of model form G-18. */
export function composeStatement(facts: StatementFacts, program: Program, language: Language): Document {
  const w = wordsIn[language];
  const telling = { facts, program, w, date: (day: IsoDate) => formatDateIn(language, day) };
  const { statement, patient, accountClosedOn } = facts;
  const days = daysBetween(statement.firstDay, statement.closedOn) + 1;
  return {
    language,
    title: w.title,
    lines: [
      w.account(program.name, facts.last4),
      w.period(telling.date(statement.firstDay), telling.date(statement.closedOn), days),
      ...(accountClosedOn ? [`${w.closedAccount(telling.date(accountClosedOn))}.`] : []),
    ],
    address: [patient.name, patient.street, `${patient.city}, ${patient.state} ${patient.zip}`],
    sections: [
      whatIsDue(telling),
      ...promotions(telling),
      summary(telling),
      transactions(telling),
      ...feesAndInterest(telling),
      calculation(telling),
      avoidingInterest(telling),
      billingErrors(telling),
    ],
    explain: w.explain,
  };
}

function whatIsDue({ facts, program, w, date }: Telling): Section {
  const { statement, warning } = facts;
  const { newBalanceCents, minimumPaymentCents, pastDueCents, dueOn, closedOn } = statement;
  const id = "due";
  if (minimumPaymentCents === 0) {
    const rows: Fact[] = [{ name: w.newBalance, value: formatMoney(newBalanceCents), strong: true, figure: "balance" }];
    const credit =
      newBalanceCents < 0
        ? [{ kind: "text" as const, text: w.creditStands(formatMoney(-newBalanceCents)), figure: "balance" }]
        : [];
    const blocks: Block[] = [{ kind: "facts", rows, big: true }, { kind: "text", text: w.nothingDue }, ...credit];
    return { id, heading: w.due, blocks };
  }
  const rows: Fact[] = [
    { name: w.newBalance, value: formatMoney(newBalanceCents), strong: true, figure: "balance" },
    { name: w.minimum, value: formatMoney(minimumPaymentCents), strong: true, figure: "minimum" },
    { name: w.dueOn, value: date(dueOn), strong: true },
    ...(pastDueCents > 0 ? [{ name: w.ofWhichPastDue, value: formatMoney(pastDueCents), figure: "minimum" }] : []),
  ];
  const fee = termsOn(defaultTerms, closedOn).repeatLateFeeCents;
  const blocks: Block[] = [
    { kind: "facts", rows, big: true },
    { kind: "warning", title: w.lateTitle, text: w.late(formatMoney(fee)), figure: "fees" },
  ];
  if (!warning) return { id, heading: w.due, blocks };

  // 1026.7(b)(12): what paying the minimum alone comes to, and what clears it in 36 months.
  const { minimumOnly, in36Months } = warning;
  const columns = [{ name: w.ifYouPay }, { name: w.payOffIn }, { name: w.estimatedTotal, num: true }];
  const alone = [
    w.onlyMinimum,
    timeOf(minimumOnly, w),
    minimumOnly.clearedOn ? formatMoney(minimumOnly.totalCents) : "–",
  ];
  const table: Row[] = [{ cells: alone, figures: { 2: "estimates" } }];
  if (in36Months) {
    const { paymentCents, forecast, savingsCents } = in36Months;
    const saved = minimumOnly.clearedOn && savingsCents > 0 ? ` (${w.savings(formatMoney(savingsCents))})` : "";
    table.push({
      cells: [formatMoney(paymentCents), timeOf(forecast, w), formatMoney(forecast.totalCents) + saved],
      figures: { 0: "estimates", 2: "estimates" },
    });
  }
  blocks.push(
    { kind: "warning", title: w.minimumTitle, text: minimumOnly.clearedOn ? w.minimumWarning : w.neverPaid },
    { kind: "table", caption: w.minimumTitle, columns, rows: table },
  );
  const deferred = minimumOnly.deferredInterestCents;
  if (deferred > 0) blocks.push({ kind: "text", text: w.includesDeferred(formatMoney(deferred)), figure: "estimates" });
  blocks.push({ kind: "text", text: w.counseling(program.phone) });
  return { id, heading: w.due, blocks };
}

/** In months under two years, else in years to the nearest whole one: Appendix M1 (b)(3). */
function timeOf({ clearedOn, payments }: Forecast, w: Words): string {
  if (clearedOn === null) return w.never;
  return payments < 24 ? w.months(payments) : w.years(Math.round(payments / 12));
}

/** What runs to an end: 1026.7(b)(14) and G-18(H). Paid ones are left out. */
function promotions({ facts, w, date }: Telling): Section[] {
  const running = facts.balances.filter((each) => each.isRunning && each.balanceCents > 0);
  if (!running.length) return [];
  const notices = running.map((each): Block => {
    const [sold, end] = [date(each.soldOn), date(each.promotionEndsOn ?? each.soldOn)];
    if (planTerms(each.plan).kind === "convert") {
      return { kind: "text", text: w.converts(sold, end, `${planTerms(each.plan).apr}%`) };
    }
    const clearing = each.clearing && clearingWords(each.clearing, w, date);
    const figure = clearing ? `clearing-${each.balance}` : undefined;
    return { kind: "warning", title: w.mustPay(sold, end), text: clearing ?? "", figure };
  });
  const columns = [
    { name: w.purchase },
    { name: w.soldOn },
    { name: w.endsOn },
    { name: w.deferredCharge, num: true },
    { name: w.left, num: true },
  ];
  const rows = running.map((each): Row => {
    const plan = w.plan(planTerms(each.plan));
    return {
      cells: [
        each.practiceName ? `${each.practiceName}, ${plan}` : plan,
        date(each.soldOn),
        date(each.promotionEndsOn ?? each.soldOn),
        formatMoney(each.deferredInterestCents),
        formatMoney(each.balanceCents),
      ],
      figures: { ...(each.deferredInterestCents > 0 && { 3: `deferred-${each.balance}` }), 4: "balances" },
    };
  });
  const note: Block[] = running.some((each) => each.deferredInterestCents > 0)
    ? [{ kind: "text", text: w.deferredNote }]
    : [];
  return [
    {
      id: "promotions",
      heading: w.promotions,
      blocks: [...notices, { kind: "table", caption: w.promotionTable, columns, rows }, ...note],
    },
  ];
}

function clearingWords(
  { paymentCents, dates }: { paymentCents: Cents; dates: IsoDate[] },
  w: Words,
  date: Telling["date"],
) {
  const [amount, first] = [formatMoney(paymentCents), date(dates[0] ?? "")];
  return dates.length === 1 ? w.clearOnce(amount, first) : w.clearMonthly(amount, dates.length, first);
}

function summary({ facts, w, date }: Telling): Section {
  const { statement, previousCents, limitCents, accountClosedOn } = facts;
  const totals = totalsOf(facts);
  const some = (name: string, cents: Cents, figure: string): Fact[] =>
    cents === 0 ? [] : [{ name, value: formatMoney(cents), figure }];
  const available = accountClosedOn ? 0 : Math.max(0, limitCents - statement.newBalanceCents);
  const rows: Fact[] = [
    { name: w.previous, value: formatMoney(previousCents), figure: "balance" },
    { name: w.payments, value: formatMoney(totals.paymentsCents), figure: "balance" },
    { name: w.credits, value: formatMoney(totals.refundsCents), figure: "balance" },
    ...some(w.creditRefunds, totals.creditRefundsCents, "balance"),
    { name: w.purchases, value: formatMoney(totals.purchasesCents), figure: "balance" },
    { name: w.fees, value: formatMoney(totals.feesCents), figure: "fees" },
    { name: w.interest, value: formatMoney(totals.interestCents), figure: "interest" },
    ...some(w.corrections, totals.correctionsCents, "balance"),
    { name: w.newBalance, value: formatMoney(statement.newBalanceCents), strong: true, figure: "balance" },
  ];
  const beside: Fact[] = [
    { name: w.limit, value: formatMoney(limitCents) },
    { name: w.available, value: formatMoney(available), figure: "available" },
    { name: w.closing, value: date(statement.closedOn) },
    { name: w.days, value: String(daysBetween(statement.firstDay, statement.closedOn) + 1) },
  ];
  return { id: "summary", heading: w.summary, blocks: [{ kind: "facts", rows, beside }] };
}

/** What people did: purchases, refunds, payments, corrections, each on its day. */
function transactions({ facts, w, date }: Telling): Section {
  const columns = [{ name: w.date }, { name: w.description, bare: true }, { name: w.amount, num: true }];
  const whole = new Map<string, { on: IsoDate; words: string; cents: Cents }>();
  for (const line of facts.lines) {
    const words = wordsOf(line, facts, w);
    if (!words) continue;
    const before = whole.get(line.id)?.cents ?? 0;
    whole.set(line.id, { on: line.on, words, cents: before + line.cents });
  }
  const rows = [...whole.values()].map((each) => {
    return { cells: [date(each.on), each.words, formatMoney(each.cents)], figures: { 2: "balance" } };
  });
  const table: Block = { kind: "table", caption: w.transactions, columns, rows };
  return {
    id: "transactions",
    heading: w.transactions,
    blocks: [rows.length ? table : { kind: "text", text: w.none }],
  };
}

/** The seller's name, city and state: 1026.8(a)(2). */
function wordsOf({ kind, practiceName, place, balance }: LedgerLine, facts: StatementFacts, w: Words) {
  const plan = facts.balances.find((each) => each.balance === balance)?.plan ?? "standard";
  const seller = [practiceName, place].filter(Boolean).join(", ");
  if (kind === "sale") return w.bought(seller, w.plan(planTerms(plan)));
  if (kind === "refund") return w.refunded(seller);
  return w.kinds[kind];
}

/** Grouped under headings of their own, with totals for the period and the year: 1026.7(b)(6). */
function feesAndInterest({ facts, w, date }: Telling): Section[] {
  const { statement, lines, balances } = facts;
  const totals = totalsOf(facts);
  const columns = [{ name: w.date }, { name: w.description, bare: true }, { name: w.amount, num: true }];
  const nameOf = (id: string) => {
    const soldOn = balances.find(({ balance }) => balance === id)?.soldOn;
    return id === standardId || !soldOn ? w.standardPurchases : w.promotional(date(soldOn));
  };
  const fees = lines
    .filter(({ kind }) => kind === "late fee")
    .map(({ on, cents }): Row => ({ cells: [date(on), w.lateFee, formatMoney(cents)], figures: { 2: "fees" } }));
  const interest = lines
    .filter(({ kind }) => kind === "interest" || kind === "deferred interest")
    .map(({ on, kind, balance, cents }): Row => {
      const words = kind === "interest" ? w.interestOn(nameOf(balance)) : w.deferredBilled(nameOf(balance));
      return { cells: [date(on), words, formatMoney(cents)], figures: { 2: "interest" } };
    });
  const least = termsOn(defaultTerms, statement.closedOn).minimumInterestCents;
  const note: Block[] =
    totals.interestCents === least
      ? [{ kind: "text", text: w.leastInterest(formatMoney(least)), figure: "interest" }]
      : [];
  const total = (name: string, cents: Cents, figure: string): Row => {
    return { cells: ["", name, formatMoney(cents)], strong: true, figures: { 2: figure } };
  };
  const year = statement.closedOn.slice(0, 4);
  const yearRows: Fact[] = [
    { name: w.yearFees(year), value: formatMoney(statement.yearToDate.feesCents), figure: "year" },
    { name: w.yearInterest(year), value: formatMoney(statement.yearToDate.interestCents), figure: "year" },
  ];
  return [
    {
      id: "fees",
      heading: w.feesHeading,
      blocks: [
        {
          kind: "table",
          caption: w.feesHeading,
          columns,
          rows: [...fees, total(w.totalFees, totals.feesCents, "fees")],
        },
      ],
    },
    {
      id: "interest",
      heading: w.interestHeading,
      blocks: [
        {
          kind: "table",
          caption: w.interestHeading,
          columns,
          rows: [...interest, total(w.totalInterest, totals.interestCents, "interest")],
        },
        ...note,
      ],
    },
    { id: "year", heading: w.year(year), blocks: [{ kind: "facts", rows: yearRows }] },
  ];
}

/** 1026.7(b)(4), (5) and (7): rates, the balances that they are applied to, and how those come about. */
function calculation({ facts, w, date }: Telling): Section {
  const columns = [{ name: w.type }, { name: w.apr }, { name: w.subject, num: true }, { name: w.charge, num: true }];
  const rows = facts.balances.filter(isShown).map((each): Row => {
    const type = `${w.plan(planTerms(each.plan))}${each.balance === standardId ? "" : `, ${date(each.soldOn)}`}`;
    const apr =
      each.isRunning && planTerms(each.plan).kind === "deferred" ? w.untilThen(`${each.apr}%`) : `${each.apr}%`;
    const cells = [type, apr, formatMoney(each.averageDailyCents), formatMoney(each.interestCents)];
    const figure = each.deferredInterestCents > 0 ? `deferred-${each.balance}` : "interest";
    return { cells, figures: { 2: figure, 3: figure } };
  });
  return {
    id: "calculation",
    heading: w.calculation,
    blocks: [
      { kind: "text", text: w.aprIs },
      { kind: "table", caption: w.calculation, columns, rows },
      { kind: "text", text: w.method },
    ],
  };
}

/** The standard balance always; another one as long as anything is on it. */
const isShown = (each: BalanceFacts) =>
  each.balance === standardId || each.balanceCents > 0 || each.interestCents > 0 || each.averageDailyCents > 0;

/** 1026.7(b)(8): by when, and with what, no interest is charged. */
function avoidingInterest({ facts, w, date }: Telling): Section {
  const { graceCents, statement, balances } = facts;
  const lost = (balances[0]?.interestCents ?? 0) > 0;
  const blocks: Block[] = [];
  if (lost && graceCents > 0) blocks.push({ kind: "text", text: w.graceLost });
  const text = graceCents > 0 ? w.grace(formatMoney(graceCents), date(statement.dueOn)) : w.graceNothing;
  blocks.push({ kind: "text", text, figure: graceCents > 0 ? "grace" : undefined });
  return { id: "avoid", heading: w.avoid, blocks };
}

/** 1026.7(b)(9) and 1026.9(a)(2), after model form G-4(A). */
function billingErrors({ program, w }: Telling): Section {
  const texts = [
    `${w.writeTo} ${program.name}, ${program.address}`,
    w.inLetter,
    w.inWriting,
    w.whileWe,
    w.dissatisfied,
    w.questions(program.phone, program.hours),
  ];
  return { id: "errors", heading: w.errors, blocks: texts.map((text) => ({ kind: "text", text })) };
}
