import { planIds, planTerms } from "../credit/plans.ts";
import { addMonths } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { counted } from "../lib/wording.ts";
import { groupByStretch } from "./by-stretch.ts";
import { type Period, periodBefore, stretchesOf } from "./period.ts";
import { type Ask, bindingsOf, type Lines, type Report, type Summary } from "./report.ts";

/** Open accounts with credit left: who could have care that was put off. */
export const unusedCredit: Report = {
  slug: "unused-credit",
  title: "Credit not yet used",
  about: "Open accounts with credit left, and those that were never used",
  days:
    "Days are those on which the account was opened; credit is as it stands now. The location is the one that took the " +
    "application. With a plan, only credit that is enough for its least sale.",
  begins: (today) => ({ from: addMonths(`${today.slice(0, 8)}01`, -11), to: today }),
  summary,
  columns: [
    { key: "on", name: "Opened", as: "date" },
    { key: "patient", name: "Patient", as: "text", to: "href" },
    { key: "location", name: "Location", as: "text" },
    { key: "last", name: "Last sale here", as: "date" },
    { key: "phone", name: "Phone", as: "text", fileOnly: true },
    { key: "account", name: "Account ending", as: "text", fileOnly: true },
    { key: "line", name: "Line of credit", as: "money" },
    { key: "available", name: "Available", as: "money", main: true },
  ],
  lines,
  nothing: "No account that was opened on these days has credit left.",
};

const leastSales = planIds.map((id) => `when '${id}' then ${planTerms(id).minimumSaleCents}`).join(" ");

/** Open accounts of the practice that have credit left, by the day of opening. */
const unusedSql = `
  select a.*, o.location_id, s.last_sale_on, c.available_cents
  from practice_accounts pa join accounts a on a.id = pa.account_id
  left join lateral (
    select location_id from applications where account_id = a.id and practice_id = pa.practice_id
      order by decided_at limit 1) o on true
  left join ledger_accounts r on r.kind = 'receivable' and r.owner_id = a.id
  cross join lateral (select a.limit_cents - greatest(coalesce(r.balance_cents, 0), 0) as available_cents) c
  cross join lateral (
    select max(business_on) as last_sale_on from transactions
      where account_id = a.id and practice_id = pa.practice_id and kind = 'sale') s
  where pa.practice_id = :practice and a.closed_on is null and a.opened_on between :from and :to
    and c.available_cents >= case :plan::text ${leastSales} else 1 end
    and (:location::uuid is null or o.location_id = :location)`;

type Day = { on: IsoDate; accounts: number; unused: number; availableCents: Cents };

async function byDay(ask: Ask, period: Period): Promise<Day[]> {
  const { rows } = await ask.db.raw<{ rows: Day[] }>(
    `select opened_on as "on", count(*) as accounts, count(*) filter (where last_sale_on is null) as unused,
       sum(available_cents)::bigint as "availableCents"
     from (${unusedSql}) a group by opened_on order by opened_on`,
    bindingsOf(ask, period),
  );
  return rows;
}

function sumOf(days: Day[]) {
  const sum = { accounts: 0, unused: 0, availableCents: 0 };
  for (const day of days) for (const key of ["accounts", "unused", "availableCents"] as const) sum[key] += day[key];
  return sum;
}

async function summary(ask: Ask): Promise<Summary> {
  const earlier = periodBefore(ask.filter);
  const [days, before] = await Promise.all([byDay(ask, ask.filter), byDay(ask, earlier)]);
  const [sum, was] = [sumOf(days), sumOf(before)];
  const rows = groupByStretch(stretchesOf(ask.filter), days, sumOf);
  const rowsBefore = groupByStretch(stretchesOf(earlier), before, sumOf);
  return {
    figures: [
      {
        name: "Credit left",
        as: "money",
        value: sum.availableCents,
        before: was.availableCents,
        note: `on ${counted(sum.accounts, "account")}`,
      },
      { name: "Never used here", as: "count", value: sum.unused, before: was.unused, note: "accounts without a sale" },
    ],
    chart: {
      name: "Credit left, by when the account was opened",
      as: "money",
      bars: rows.map(({ name, sum }, index) => ({
        name,
        value: sum.availableCents,
        before: rowsBefore[index]?.sum.availableCents ?? null,
      })),
    },
    table: {
      caption: "Accounts by the days on which they were opened",
      columns: [
        { key: "name", name: "Days", as: "text" },
        { key: "accounts", name: "With credit left", as: "count" },
        { key: "unused", name: "Never used here", as: "count" },
        { key: "availableCents", name: "Credit left", as: "money", main: true },
      ],
      rows: rows.map(({ days, sum }) => ({ name: days, ...sum })),
      total: { name: "Together", ...sum },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select u.opened_on as sort_on, u.id::text as sort_id, u.opened_on as "on", p.first_name || ' ' || p.last_name as patient,
        '/accounts/' || u.id as href, l.name as location, u.last_sale_on as last, p.phone, right(u.number, 4) as account,
        u.limit_cents as line, u.available_cents as available
      from (${unusedSql}) u join patients p on p.id = u.patient_id left join locations l on l.id = u.location_id`,
    bindings: bindingsOf(ask),
  };
}
