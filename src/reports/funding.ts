import { addBankingDays } from "../lib/banking-days.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { counted } from "../lib/wording.ts";
import { only } from "../platform/db.ts";
import { groupByStretch } from "./by-stretch.ts";
import { journalCsv, journalFormats } from "./journal.ts";
import { type Period, periodBefore, periodName, stretchesOf } from "./period.ts";
import { planLabelSql } from "./plan-names.ts";
import { type Ask, bindingsOf, chosen, type Lines, type Report, type Row, type Summary, type Table } from "./report.ts";

/** The deposits of each location, and every sale and refund that they are made of. */
export const funding: Report = {
  slug: "funding",
  title: "Funding",
  about: "Every deposit to your bank account, line by line: gross, fee and net",
  days:
    "Days are those on which deposits arrive: two banking days after the business day that they cover, one for each location. " +
    "A day below zero is taken off the next deposit.",
  begins: (today) => ({ from: `${today.slice(0, 8)}01`, to: addBankingDays(today, 2) }),
  ofDeposits: true,
  summary,
  columns: [
    { key: "on", name: "Arrives", as: "date" },
    { key: "covers", name: "Business day", as: "date" },
    { key: "patient", name: "Patient", as: "text", to: "href", hint: "reference" },
    { key: "kind", name: "Type", as: "text", hint: "plan" },
    { key: "location", name: "Location", as: "text" },
    { key: "plan", name: "Plan", as: "text", fileOnly: true },
    { key: "reference", name: "Reference", as: "text", fileOnly: true },
    { key: "account", name: "Account ending", as: "text", fileOnly: true },
    { key: "id", name: "Transaction", as: "text", fileOnly: true },
    { key: "deposit", name: "Deposit", as: "text", fileOnly: true },
    { key: "carriedIn", name: "Carried into the deposit", as: "money", fileOnly: true },
    { key: "paid", name: "Amount of the deposit", as: "money", fileOnly: true },
    { key: "gross", name: "Gross", as: "money", main: true },
    { key: "fee", name: "Fee", as: "money" },
    { key: "net", name: "Net", as: "money" },
  ],
  lines,
  // A deposit is booked whole, whatever plan is looked at.
  files: Object.fromEntries(
    (["quickbooks", "xero"] as const).map((format) => [
      format,
      {
        name: journalFormats[format].name,
        make: async (ask: Ask) =>
          journalCsv(format, await depositsIn({ ...ask, filter: { ...ask.filter, planId: undefined } })),
      },
    ]),
  ),
  nothing: "No deposit arrives on these days.",
};

export type Deposit = {
  /** What it is called in files and in the journal: `CW-20261120-1a2b3c4d`, by the day it covers. */
  number: string;
  on: IsoDate;
  covers: IsoDate;
  location: string;
  /** Its day and location alone: it and its lines. */
  href: string;
  state: "Arrived" | "Due" | "Carried over" | "Nothing to pay";
  /** What goes on to the one after, in words. */
  left: string | null;
  grossCents: Cents;
  feeCents: Cents;
  netCents: Cents;
  /** Taken over from the deposit before, and left to the one after: zero or less. */
  carriedInCents: Cents;
  carriedOutCents: Cents;
  paidCents: Cents;
};

/** Whose lines count: all of a deposit, as it was made; with a plan chosen those of the plan alone, where there are any. */
const figuresOf = ({ filter }: Ask) =>
  filter.planId
    ? {
        gross: "x.gross",
        fee: "x.fee",
        linesOfPlan: `join lateral (
          select sum(i.gross_cents)::bigint as gross, sum(i.fee_cents)::bigint as fee
            from deposit_lines i join transactions t on t.id = i.transaction_id
            where i.deposit_id = d.id and t.plan_id = :plan
        ) x on x.gross is not null`,
      }
    : { gross: "d.gross_cents", fee: "d.fee_cents", linesOfPlan: "" };

const isAskedFor = `
  d.practice_id = :practice and d.arrives_on between :from and :to
  and (:location::uuid is null or d.location_id = :location) and (:deposit::bigint is null or d.paid_cents = :deposit)`;

const numberSql = `'CW-' || to_char(d.covers_on, 'YYYYMMDD') || '-' || left(d.id::text, 8)`;

/** The deposits that arrive in a period. */
async function depositsIn(ask: Ask): Promise<Deposit[]> {
  const { gross, fee, linesOfPlan } = figuresOf(ask);
  const { rows } = await ask.db.raw<{ rows: Omit<Deposit, "left">[] }>(
    `select ${numberSql} as number, d.arrives_on as "on", d.covers_on as covers, l.name as location,
       '/reports/funding\\?from=' || d.arrives_on || '&to=' || d.arrives_on || '&location=' || l.id as href,
       case when d.posted_at is not null then 'Arrived' when d.paid_cents > 0 then 'Due'
         when d.carried_out_cents < 0 then 'Carried over' else 'Nothing to pay' end as state,
       ${gross} as "grossCents", ${fee} as "feeCents", ${gross} - ${fee} as "netCents",
       d.carried_in_cents as "carriedInCents", d.carried_out_cents as "carriedOutCents", d.paid_cents as "paidCents"
     from deposits d join locations l on l.id = d.location_id ${linesOfPlan}
     where ${isAskedFor}
     order by d.arrives_on, d.covers_on, l.name`,
    bindingsOf(ask),
  );
  return rows.map((row) => ({
    ...row,
    left: leftOf(row),
  }));
}

/** What a deposit leaves to the next: net and carried in less this are what is paid. */
const leftOf = ({ carriedOutCents }: { carriedOutCents: Cents }): string | null =>
  carriedOutCents < 0 ? `${formatMoney(carriedOutCents)} to the next` : null;

type Sums = {
  deposits: number;
  grossCents: Cents;
  feeCents: Cents;
  netCents: Cents;
  carriedInCents: Cents;
  carriedOutCents: Cents;
  paidCents: Cents;
  dueCents: Cents;
};

/**
 * What arrives day by day: a group of practices may have a hundred thousand deposits in a period. What it reads stands
 * in the index `deposits_arriving`.
 */
async function byDay(ask: Ask, period: Period): Promise<({ on: IsoDate } & Sums)[]> {
  const { gross, fee, linesOfPlan } = figuresOf(ask);
  const { rows } = await ask.db.raw<{ rows: ({ on: IsoDate } & Sums)[] }>(
    `select d.arrives_on as "on", count(*) filter (where d.paid_cents > 0) as deposits, sum(${gross})::bigint as "grossCents",
       sum(${fee})::bigint as "feeCents", sum(${gross} - ${fee})::bigint as "netCents",
       sum(d.carried_in_cents)::bigint as "carriedInCents",
       sum(d.gross_cents - d.fee_cents + d.carried_in_cents - d.paid_cents)::bigint as "carriedOutCents",
       sum(d.paid_cents)::bigint as "paidCents",
       coalesce(sum(d.paid_cents) filter (where d.posted_at is null), 0)::bigint as "dueCents"
     from deposits d ${linesOfPlan}
     where ${isAskedFor}
     group by d.arrives_on order by d.arrives_on`,
    bindingsOf(ask, period),
  );
  return rows;
}

function sumOf(days: Sums[]): Sums {
  const sum: Sums = {
    deposits: 0,
    grossCents: 0,
    feeCents: 0,
    netCents: 0,
    carriedInCents: 0,
    carriedOutCents: 0,
    paidCents: 0,
    dueCents: 0,
  };
  for (const day of days) for (const key of Object.keys(sum) as (keyof Sums)[]) sum[key] += day[key];
  return sum;
}

/** What the days that are not over have sold, less refunds and fees: the night makes a deposit of it. */
async function notYetInDeposits(ask: Ask): Promise<Cents> {
  const { rows } = await ask.db.raw<{ rows: { cents: Cents }[] }>(
    `select coalesce(sum(i.gross_cents - i.fee_cents), 0)::bigint as cents
     from locations l join deposit_lines i on i.location_id = l.id and i.deposit_id is null
       join transactions t on t.id = i.transaction_id
     where l.practice_id = :practice and (:location::uuid is null or l.id = :location)
       and (:plan::text is null or t.plan_id = :plan)`,
    bindingsOf(ask),
  );
  return only(rows).cents;
}

/** As many are worth a look, where no deposit is what the bank shows. */
const mostNear = 6;

/**
 * The deposits that come nearest to an amount, of other days only those that are exactly it, and what several of one day
 * come to together, as some banks show it; null where nothing was paid out.
 */
async function nearestTo(ask: Ask, amountCents: Cents): Promise<Table | null> {
  const { rows } = await ask.db.raw<{ rows: Row[] }>(
    `with paid as (
       select d.arrives_on as "on", l.id, l.name, d.paid_cents as cents from deposits d join locations l on l.id = d.location_id
         where d.practice_id = :practice and d.paid_cents > 0
           and (d.arrives_on between :from and :to or d.paid_cents = :amount)
           and (:location::uuid is null or d.location_id = :location)
     ), shown as (
       select "on", name as what, cents, '&location=' || id as one from paid
       union all
       select "on", concat_ws(', ', name, count(*) || ' deposits together'), sum(cents)::bigint, coalesce('&location=' || id, '')
         from paid group by grouping sets (("on"), ("on", id, name)) having count(*) > 1
     )
     select "on", what, cents as "paidCents", cents - :amount::bigint as "offCents",
       '/reports/funding\\?from=' || "on" || '&to=' || "on" || one as href
     from shown order by abs(cents - :amount::bigint), "on", what limit :most`,
    { ...bindingsOf(ask), amount: amountCents, most: mostNear },
  );
  if (!rows.length) return null;
  return {
    caption: `No deposit from ${periodName(ask.filter)} is exactly ${formatMoney(amountCents)}. These come nearest`,
    columns: [
      { key: "on", name: "Arrives", as: "date", to: "href" },
      { key: "what", name: "Location", as: "text" },
      { key: "offCents", name: "More or less", as: "money" },
      { key: "paidCents", name: "Deposit", as: "money", main: true },
    ],
    rows,
  };
}

/** More deposits than this are shown by stretches of days. */
const mostDeposits = 80;

async function summary(ask: Ask): Promise<Summary> {
  const earlier = periodBefore(ask.filter);
  const isToCome = ask.filter.to >= ask.today && ask.filter.depositCents === undefined;
  const [days, before, waitingCents] = await Promise.all([
    byDay(ask, ask.filter),
    byDay(ask, earlier),
    isToCome ? notYetInDeposits(ask) : 0,
  ]);
  if (ask.filter.depositCents !== undefined && !ask.filter.planId && !days.length) {
    const near = await nearestTo(ask, ask.filter.depositCents);
    if (near) return { figures: [], chart: null, table: { caption: "Deposits", columns: [], rows: [] }, near };
  }
  const [sum, was] = [sumOf(days), sumOf(before)];
  const stretches = groupByStretch(stretchesOf(ask.filter), days, sumOf);
  const stretchesBefore = groupByStretch(stretchesOf(earlier), before, sumOf);
  const ofOnePlan = Boolean(ask.filter.planId);
  const amount = ofOnePlan ? "netCents" : "paidCents";
  const areMany = sum.deposits > mostDeposits;
  const rows: Row[] = areMany
    ? stretches.map(({ days, sum }) => ({ name: days, ...sum, left: leftOf(sum) }))
    : await depositsIn(ask);
  return {
    figures: [
      { name: "Gross", as: "money", value: sum.grossCents, before: was.grossCents, note: "sales less refunds" },
      { name: "Fees", as: "money", value: sum.feeCents, before: was.feeCents, note: "less those given back" },
      ofOnePlan
        ? { name: "Net", as: "money", value: sum.netCents, before: was.netCents, note: "of this plan’s lines" }
        : {
            name: "Deposits",
            as: "money",
            value: sum.paidCents,
            before: was.paidCents,
            note: counted(sum.deposits, "deposit"),
          },
      ...(ofOnePlan
        ? []
        : [{ name: "Of that, due", as: "money", value: sum.dueCents, note: "not arrived yet" } as const]),
      ...(waitingCents
        ? [{ name: "In no deposit yet", as: "money", value: waitingCents, note: "made tonight" } as const]
        : []),
    ],
    chart: {
      name: ofOnePlan ? "Net by the day of arrival" : "Deposits by the day of arrival",
      as: "money",
      bars: stretches.map(({ name, sum }, index) => ({
        name,
        value: sum[amount],
        before: stretchesBefore[index]?.sum[amount] ?? null,
      })),
    },
    table: {
      caption: areMany ? "Deposits by the days of arrival" : "Deposits",
      columns: [
        ...(areMany ? byStretch : byDeposit),
        { key: "grossCents", name: "Gross", as: "money" },
        { key: "feeCents", name: "Fees", as: "money" },
        { key: "netCents", name: "Net", as: "money", ...(ofOnePlan && { main: true }) },
        ...(ofOnePlan
          ? []
          : [carried, { key: "paidCents", name: "Deposit", as: "money", main: true, hint: "left" } as const]),
      ],
      rows,
      total: { on: null, name: "Together", ...sum, left: leftOf(sum) },
    },
  };
}

const carried = { key: "carriedInCents", name: "Carried in", as: "money" } as const;
const byStretch = [{ key: "name", name: "Days", as: "text" }] as const;
const byDeposit = [
  { key: "on", name: "Arrives", as: "date", to: "href", hint: "state" },
  { key: "covers", name: "Business day", as: "date" },
  { key: "location", name: "Location", as: "text", hint: "number" },
] as const;

function lines(ask: Ask): Lines {
  return {
    sql: `select d.arrives_on as sort_on, d.covers_on || ' ' || d.id || ' ' || t.id as sort_id, d.arrives_on as "on",
        d.covers_on as covers, p.first_name || ' ' || p.last_name as patient, initcap(t.kind) as kind,
        ${planLabelSql("t.plan_id")} as plan, l.name as location, t.reference, right(a.number, 4) as account,
        t.id::text as id, ${numberSql} as deposit, d.carried_in_cents as "carriedIn", d.paid_cents as paid, '/transactions/' || t.id as href,
        i.gross_cents as gross, i.fee_cents as fee, i.gross_cents - i.fee_cents as net
      from deposits d
      join deposit_lines i on i.deposit_id = d.id
      join transactions t on t.id = i.transaction_id
      join accounts a on a.id = t.account_id
      join patients p on p.id = a.patient_id
      join locations l on l.id = d.location_id
      where d.practice_id = :practice and d.arrives_on between :from and :to and ${chosen("t")}
        and (:deposit::bigint is null or d.paid_cents = :deposit)`,
    bindings: bindingsOf(ask),
  };
}
