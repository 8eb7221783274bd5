import { standardId } from "../credit/account.ts";
import type { InterestStep } from "../credit/explain.ts";
import type { Forecast } from "../credit/forecast.ts";
import { planTerms } from "../credit/plans.ts";
import { daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { formatDateIn, type Language } from "../lib/language.ts";
import { type Cents, formatMoney as money } from "../lib/money.ts";
import type { Block, Column, Document, Row, Section } from "./document.ts";
import type { Explanation } from "./explain-statement.ts";
import { type FigureWords, figureWordsIn } from "./figure-words.ts";
import type { BalanceFacts, StatementFacts } from "./find-statement.ts";
import { wordsIn } from "./words.ts";

type Telling = {
  facts: StatementFacts;
  why: Explanation;
  w: FigureWords;
  date: (day: IsoDate) => string;
  nameOf: (balance: BalanceFacts) => string;
};

const text = (words: string): Block => ({ kind: "text", text: words });
const total = (...cells: string[]): Row => ({ cells, strong: true });
const numbers = (...names: string[]): Column[] => names.map((name) => ({ name, num: true }));

/** What is behind each figure of a statement, in words: its sections are what the statement's anchors name. */
export function composeFigures(facts: StatementFacts, why: Explanation, language: Language): Document {
  const w = figureWordsIn[language];
  const date = (day: IsoDate) => formatDateIn(language, day);
  const nameOf = ({ balance, plan, soldOn }: BalanceFacts) =>
    balance === standardId ? w.standard : w.promotional(wordsIn[language].plan(planTerms(plan)), date(soldOn));
  const telling = { facts, why, w, date, nameOf };
  return {
    language,
    title: w.title,
    address: [],
    explain: "",
    lines: [`${facts.patient.name} · ••••${facts.last4}`, w.of(date(facts.statement.closedOn))],
    sections: [
      entries(telling),
      balances(telling),
      available(telling),
      interest(telling),
      fees(telling),
      minimum(telling),
      ...deferred(telling),
      ...clearing(telling),
      ...estimates(telling),
      ...grace(telling),
      year(telling),
    ],
  };
}

function entries({ facts: { statement, previousCents }, why, w, date }: Telling): Section {
  const rows: Row[] = [
    { cells: [date(statement.firstDay), w.previous, "", money(previousCents)] },
    ...why.entries.map(({ on, kind, practiceName, cents, leftCents }): Row => {
      const words = [w.kinds[kind] ?? kind, practiceName].filter(Boolean).join(", ");
      return { cells: [date(on), words, money(cents), money(leftCents)] };
    }),
    total("", w.newBalance, "", money(statement.newBalanceCents)),
  ];
  const columns = [{ name: w.date }, { name: w.what, bare: true }, ...numbers(w.amount, w.owedAfter)];
  return { id: "balance", heading: w.newBalance, blocks: [{ kind: "table", caption: w.entries, columns, rows }] };
}

function balances({ facts: { statement, previousCents }, why, w, nameOf }: Telling): Section {
  const sumOf = (key: "boughtCents" | "creditedCents" | "chargedCents") =>
    money(why.balances.reduce((sum, each) => sum + each[key], 0));
  const rows = why.balances.map((each): Row => {
    const figures = [each.beforeCents, each.boughtCents, each.creditedCents, each.chargedCents, each.nowCents];
    return { cells: [nameOf(each.balance), ...figures.map(money)] };
  });
  const sums = [sumOf("boughtCents"), sumOf("creditedCents"), sumOf("chargedCents")];
  rows.push(total(w.inAll, money(previousCents), ...sums, money(statement.newBalanceCents)));
  const columns = [{ name: w.balance }, ...numbers(w.before, w.purchases, w.credited, w.charged, w.now)];
  const table: Block = { kind: "table", caption: w.balances, columns, rows };
  return { id: "balances", heading: w.balances, blocks: [text(w.balancesNote), table] };
}

function available({ facts: { statement, limitCents, accountClosedOn }, w }: Telling): Section {
  const left = Math.max(0, limitCents - statement.newBalanceCents);
  const how = w.availableHow(money(limitCents), money(statement.newBalanceCents), money(left));
  return { id: "available", heading: w.available, blocks: [text(accountClosedOn ? w.availableNone : how)] };
}

function interest({ facts: { statement }, why, w, date, nameOf }: Telling): Section {
  const days = daysBetween(statement.firstDay, statement.closedOn) + 1;
  const parts = why.interest.flatMap(({ balance, steps, billedCents, deferredCents }): Block[] => {
    const { apr, averageDailyCents: average } = balance;
    const accrued = steps.at(-1)?.accruedCents ?? 0;
    const isAverage = Math.round((average * days * Number(apr)) / 36_500) === billedCents;
    return [
      ...(deferredCents > 0
        ? [text(w.deferredCharged(money(deferredCents), date(balance.promotionEndsOn ?? statement.closedOn)))]
        : []),
      ...(steps.length ? [stepsTable(w.steps(nameOf(balance)), steps, { w, date })] : []),
      text(
        billedCents > accrued
          ? w.billedLeast(money(billedCents), apr, money(accrued), money(billedCents - accrued))
          : w.billed(money(billedCents), apr),
      ),
      ...(isAverage ? [text(w.average(money(average), days, apr, money(billedCents)))] : []),
    ];
  });
  const blocks = [...(parts.length ? parts : [text(w.noInterest)]), text(w.method)];
  return { id: "interest", heading: w.interest, blocks };
}

function stepsTable(caption: string, steps: InterestStep[], { w, date }: Pick<Telling, "w" | "date">): Block {
  const columns = [{ name: w.from }, { name: w.through }, ...numbers(w.days, w.balance, w.accrued)];
  const rows = steps.map(({ from, through, days, balanceCents, accruedCents }): Row => {
    return { cells: [date(from), date(through), String(days), money(balanceCents), money(accruedCents)] };
  });
  return { kind: "table", caption, titled: true, columns, rows };
}

function fees({ why: { entries: lines, terms }, w, date }: Telling): Section {
  const rows = lines
    .filter(({ kind }) => kind === "late fee")
    .map(({ on, cents }): Row => ({ cells: [date(on), money(cents)] }));
  const columns = [{ name: w.date }, ...numbers(w.amount)];
  const table: Block[] = rows.length ? [{ kind: "table", caption: w.fees, columns, rows }] : [];
  const how = text(w.feesHow(money(terms.lateFeeCents), money(terms.repeatLateFeeCents)));
  return { id: "fees", heading: w.fees, blocks: [...table, how] };
}

function minimum({ facts, why: { minimum: parts, terms }, w, nameOf }: Telling): Section {
  const { minimumPaymentCents } = facts.statement;
  const id = "minimum";
  if (minimumPaymentCents === 0) return { id, heading: w.minimum, blocks: [text(w.nothingDue)] };
  const { others } = parts;
  const rows = parts.fixed.map(
    ({ balance, cents }): Row => ({
      cells: [w.fixed(nameIn(facts, balance, nameOf)), money(cents)],
    }),
  );
  if (others) {
    const words = w.others({
      balance: money(others.balanceCents),
      floor: money(terms.minimumFloorCents),
      rate: terms.minimumPercent,
      percent: money(others.percentCents),
      interest: money(others.interestCents),
      fees: money(others.feesCents),
    });
    rows.push({ cells: [words, money(others.askedCents)] });
  }
  rows.push({ cells: [w.pastDue, money(parts.pastDueCents)] });
  rows.push(total(parts.sumCents > minimumPaymentCents ? w.neverMore : w.minimum, money(minimumPaymentCents)));
  const columns = [{ name: w.part }, ...numbers(w.amount)];
  return { id, heading: w.minimum, blocks: [{ kind: "table", caption: w.minimum, columns, rows }] };
}

function deferred({ why, w, date, nameOf, facts }: Telling): Section[] {
  return why.deferred.map(({ balance, steps }) => {
    const name = nameOf(balance);
    const how = w.deferredHow(balance.apr, date(balance.promotionEndsOn ?? facts.statement.closedOn));
    const table = stepsTable(w.deferredSteps(name), steps, { w, date });
    return {
      id: `deferred-${balance.balance}`,
      heading: w.deferred(name),
      blocks: [{ ...table, titled: false }, text(how)],
    };
  });
}

function clearing({ why, w, date, nameOf }: Telling): Section[] {
  return why.clearing.map(({ balance, paymentCents, steps }) => {
    const heading = w.clearing(nameOf(balance));
    const columns = [{ name: w.dueDate }, ...numbers(w.payment, w.here, w.left)];
    const rows = steps.map(({ on, paidCents, hereCents, leftCents }): Row => {
      return { cells: [date(on), money(paidCents), money(hereCents), money(leftCents)] };
    });
    const table: Block = { kind: "table", caption: heading, columns, rows };
    return { id: `clearing-${balance.balance}`, heading, blocks: [text(w.clearingNote(money(paymentCents))), table] };
  });
}

function estimates({ facts: { warning, statement }, w, date }: Telling): Section[] {
  if (!warning) return [];
  const { minimumOnly, in36Months } = warning;
  const row = (name: string, { payments, clearedOn, totalCents, costCents }: Forecast): Row => {
    if (clearedOn === null) return { cells: [name, w.never, "", money(statement.newBalanceCents), "", ""] };
    const sums = [statement.newBalanceCents, costCents, totalCents].map(money);
    return { cells: [name, String(payments), date(clearedOn), ...sums] };
  };
  const rows = [row(w.onlyMinimum, minimumOnly)];
  if (in36Months) rows.push(row(money(in36Months.paymentCents), in36Months.forecast));
  const columns = [
    { name: w.estimate },
    ...numbers(w.payments),
    { name: w.until },
    ...numbers(w.owed, w.cost, w.total),
  ];
  const table: Block = { kind: "table", caption: w.estimates, columns, rows };
  return [{ id: "estimates", heading: w.estimates, blocks: [table, text(w.estimatesNote)] }];
}

function grace({ facts, why, w, date, nameOf }: Telling): Section[] {
  if (!why.grace.length) return [];
  const sum: Cents = facts.graceCents;
  const rows = why.grace.map(({ balance, cents }): Row => ({ cells: [nameIn(facts, balance, nameOf), money(cents)] }));
  const columns = [{ name: w.balance }, ...numbers(w.amount)];
  const table: Block = { kind: "table", caption: w.grace, columns, rows: [...rows, total(w.inAll, money(sum))] };
  const note = text(w.graceNote(money(sum), date(facts.statement.dueOn)));
  return [{ id: "grace", heading: w.grace, blocks: [note, table] }];
}

function year({ facts: { statement }, why, w, date }: Telling): Section {
  const { yearToDate, closedOn } = statement;
  const rows = why.year.map(
    (each): Row => ({
      cells: [date(each.closedOn), money(each.feesCents), money(each.interestCents)],
    }),
  );
  rows.push(total(w.yearToDate, money(yearToDate.feesCents), money(yearToDate.interestCents)));
  const columns = [{ name: w.closed }, ...numbers(w.fees, w.interest)];
  const table: Block = { kind: "table", caption: w.yearTable, columns, rows };
  return { id: "year", heading: w.year(closedOn.slice(0, 4)), blocks: [table] };
}

function nameIn(facts: StatementFacts, id: string, nameOf: Telling["nameOf"]): string {
  const balance = facts.balances.find((each) => each.balance === id);
  return balance ? nameOf(balance) : id;
}
