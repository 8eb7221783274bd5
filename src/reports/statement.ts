import { addDays, addMonths } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { groupByStretch } from "./by-stretch.ts";
import { type Period, periodBefore, stretchesOf } from "./period.ts";
import { type Ask, bindingsOf, chosen, type Lines, type Report, type Summary } from "./report.ts";
import { periodBindings, type SalesSums, salesByDay, soldSql, sumOf, sumsSql } from "./sales-days.ts";

/** What the program owed the practice, what came to it and what was paid: as in the ledger, to the cent. */
export const statement: Report = {
  slug: "statement",
  title: "Monthly statement",
  about: "What you were owed, what came to it, what was deposited and what you are owed now",
  days:
    "Days are business days of the program, in its own time zone, as in the ledger. What is owed is what was sold, less " +
    "refunds and fees, and not deposited by the end of the day. It is of all plans together.",
  begins: (today) => {
    const first = `${today.slice(0, 8)}01`;
    return { from: addMonths(first, -1), to: addDays(first, -1) };
  },
  summary,
  columns: [
    { key: "on", name: "Date", as: "date" },
    { key: "what", name: "What", as: "text" },
    { key: "location", name: "Location", as: "text" },
    { key: "plus", name: "In your favor", as: "money", main: true },
    { key: "minus", name: "Deposited or taken off", as: "money" },
  ],
  lines,
  nothing: "Nothing was sold, refunded or deposited on these days.",
};

type Place = {
  name: string;
  openingCents: Cents;
  salesCents: Cents;
  refundsCents: Cents;
  feeCents: Cents;
  depositedCents: Cents;
  closingCents: Cents;
};

/** Location by location: what was owed at the start, and what came to it. */
async function byLocation(ask: Ask, period: Period): Promise<Place[]> {
  const until = { from: beginning, to: addDays(period.from, -1) };
  const [before, during, deposits] = await Promise.all([
    soldByLocation(ask, until),
    soldByLocation(ask, period),
    depositsByLocation(ask, period),
  ]);
  return deposits.map(({ id, name, before: depositedBefore, paid }) => {
    const { salesCents = 0, refundsCents = 0, feeCents = 0, netCents = 0 } = during.get(id) ?? {};
    const openingCents = (before.get(id)?.netCents ?? 0) - depositedBefore;
    const closingCents = openingCents + netCents - paid;
    return { name, openingCents, salesCents, refundsCents, feeCents, depositedCents: paid, closingCents };
  });
}

/** Before any program. */
const beginning = "1970-01-01";

async function soldByLocation(ask: Ask, period: Period): Promise<Map<string, SalesSums>> {
  const { rows } = await ask.db.raw<{ rows: (SalesSums & { id: string })[] }>(
    `select d.location_id as id, ${sumsSql} from ${soldSql} d group by d.location_id`,
    periodBindings(ask, period),
  );
  return new Map(rows.map((row) => [row.id, row]));
}

type Deposited = { id: string; name: string; before: Cents; paid: Cents };

async function depositsByLocation(ask: Ask, period: Period): Promise<Deposited[]> {
  const { from, to, practice, location } = bindingsOf(ask, period);
  const { rows } = await ask.db.raw<{ rows: Deposited[] }>(
    `select l.id, l.name, coalesce(d.before, 0) as before, coalesce(d.paid, 0) as paid
     from locations l left join (
       select location_id, sum(paid_cents) filter (where arrives_on < :from)::bigint as before,
         sum(paid_cents) filter (where arrives_on >= :from)::bigint as paid
         from deposits where practice_id = :practice and posted_at is not null and arrives_on <= :to
         group by location_id) d on d.location_id = l.id
     where l.practice_id = :practice and (:location::uuid is null or l.id = :location) order by l.name`,
    { from, to, practice, location },
  );
  return rows;
}

function together(places: Place[]) {
  const sum = { openingCents: 0, salesCents: 0, refundsCents: 0, feeCents: 0, depositedCents: 0, closingCents: 0 };
  for (const place of places) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += place[key];
  return sum;
}

async function summary(ask: Ask): Promise<Summary> {
  const earlier = periodBefore(ask.filter);
  const [places, placesBefore, days, daysBefore] = await Promise.all([
    byLocation(ask, ask.filter),
    byLocation(ask, earlier),
    salesByDay(ask, ask.filter),
    salesByDay(ask, earlier),
  ] as const);
  const [sum, was] = [together(places), together(placesBefore)];
  // Deposits are of whole days, not of plans: with a plan chosen, what is owed says nothing.
  const ofAllPlans = !ask.filter.planId;
  const rows = groupByStretch(stretchesOf(ask.filter), days, sumOf);
  const rowsBefore = groupByStretch(stretchesOf(earlier), daysBefore, sumOf);
  const owed = { as: "money" } as const;
  return {
    figures: [
      ...(ofAllPlans ? [{ name: "Owed at the start", ...owed, value: sum.openingCents }] : []),
      { name: "Sales", ...owed, value: sum.salesCents, before: was.salesCents },
      { name: "Refunds", ...owed, value: sum.refundsCents, before: was.refundsCents },
      { name: "Fees", ...owed, value: sum.feeCents, before: was.feeCents },
      ...(ofAllPlans
        ? [
            { name: "Deposited", ...owed, value: sum.depositedCents, before: was.depositedCents },
            { name: "Owed at the end", ...owed, value: sum.closingCents },
          ]
        : []),
    ],
    chart: {
      name: "Sales less refunds and fees",
      as: "money",
      bars: rows.map(({ name, sum }, index) => ({
        name,
        value: sum.netCents,
        before: rowsBefore[index]?.sum.netCents ?? null,
      })),
    },
    table: {
      caption: "Location by location",
      columns: [
        { key: "name", name: "Location", as: "text" },
        ...(ofAllPlans ? [{ key: "openingCents", name: "Owed at the start", ...owed }] : []),
        { key: "salesCents", name: "Sales", ...owed },
        { key: "refundsCents", name: "Refunds", ...owed },
        { key: "feeCents", name: "Fees", ...owed, ...(!ofAllPlans && { main: true }) },
        ...(ofAllPlans
          ? [
              { key: "depositedCents", name: "Deposited", ...owed },
              { key: "closingCents", name: "Owed at the end", ...owed, main: true as const },
            ]
          : []),
      ],
      rows: places,
      total: { name: "Together", ...sum },
    },
  };
}

/** What a day came to at a location, as a book-keeper enters it; each deposit by itself, as the bank shows it. */
function lines(ask: Ask): Lines {
  const sums = (what: string, cents: string) => `
    select d.day as "on", '${what}' as what, d.location_id, sum(${cents})::bigint as cents, null::uuid as deposit from sales_days d
      where d.practice_id = :practice and d.day between :from and :to and ${chosen("d")} group by d.day, d.location_id`;
  return {
    sql: `select m."on" as sort_on, m.what || ' ' || m.location_id || ' ' || coalesce(m.deposit::text, '') as sort_id, m."on", substr(m.what, 3) as what, l.name as location,
        case when m.cents > 0 then m.cents end as plus, case when m.cents < 0 then -m.cents end as minus
      from (
        ${sums("1 Sales", "d.sales_cents")} union all ${sums("2 Refunds", "-d.refunds_cents")} union all
        ${sums("3 Fees", "d.refunds_fee_cents - d.sales_fee_cents")} union all
        select arrives_on, '4 Deposit', location_id, -paid_cents, id from deposits
          where practice_id = :practice and posted_at is not null and arrives_on between :from and :to
            and (:location::uuid is null or location_id = :location) and :plan::text is null
      ) m join locations l on l.id = m.location_id where m.cents <> 0`,
    bindings: bindingsOf(ask),
  };
}
