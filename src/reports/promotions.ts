import { planIds, planTerms } from "../credit/plans.ts";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { groupByStretch } from "./by-stretch.ts";
import { type Period, periodBefore, stretchesOf } from "./period.ts";
import { planLabelSql } from "./plan-names.ts";
import { type Ask, bindingsOf, chosen, type Lines, type Report, type Summary } from "./report.ts";

/** Promotional balances whose time ends, while something is left on them: whom to remind. */
export const promotions: Report = {
  slug: "promotions",
  title: "Promotional balances ending",
  about: "Patients whose promotional period ends soon with a balance left",
  days: "Days are those on which the promotional period ends; balances are as they stand now.",
  begins: (today) => ({ from: today, to: addDays(today, 60) }),
  summary,
  columns: [
    { key: "on", name: "Ends", as: "date" },
    { key: "patient", name: "Patient", as: "text", to: "href" },
    { key: "plan", name: "Plan", as: "text" },
    { key: "sold", name: "Sold on", as: "date" },
    { key: "location", name: "Location", as: "text" },
    { key: "phone", name: "Phone", as: "text", fileOnly: true },
    { key: "account", name: "Account ending", as: "text", fileOnly: true },
    { key: "sale", name: "Sale", as: "money" },
    { key: "left", name: "Left to pay", as: "money", main: true },
  ],
  lines,
  nothing: "No promotional balance ends on these days with anything left on it.",
};

const months = planIds.flatMap((id) => {
  const { kind, months } = planTerms(id);
  return kind === "deferred" || kind === "convert" ? [`('${id}', ${months})`] : [];
});

/** Sales by the day on which their promotion ends, and what the ledger has left on each. */
const endingSql = `
  select t.*, e.ends_on, b.left_cents
  from (values ${months.join(", ")}) as n (plan, months)
  join transactions t on t.practice_id = :practice and t.kind = 'sale' and t.plan_id = n.plan
    and t.business_on between :from::date - make_interval(months => n.months) - interval '3 days'
      and :to::date - make_interval(months => n.months) + interval '3 days'
  cross join lateral (select (t.business_on + make_interval(months => n.months))::date as ends_on) e
  cross join lateral (
    select coalesce(sum(i.amount_cents), 0)::bigint as left_cents
      from ledger_accounts r join ledger_entries i on i.account_id = r.id and i.sale_id = t.id
      where r.kind = 'receivable' and r.owner_id = t.account_id) b
  where e.ends_on between :from and :to and b.left_cents > 0 and ${chosen("t")}`;

type Day = { on: IsoDate; balances: number; leftCents: Cents };

async function byDay(ask: Ask, period: Period): Promise<Day[]> {
  const { rows } = await ask.db.raw<{ rows: Day[] }>(
    `select ends_on as "on", count(*) as balances, sum(left_cents)::bigint as "leftCents"
     from (${endingSql}) e group by ends_on order by ends_on`,
    bindingsOf(ask, period),
  );
  return rows;
}

function sumOf(days: Day[]) {
  const sum = { balances: 0, leftCents: 0 };
  for (const day of days) {
    sum.balances += day.balances;
    sum.leftCents += day.leftCents;
  }
  return sum;
}

async function summary(ask: Ask): Promise<Summary> {
  const earlier = periodBefore(ask.filter);
  const [days, before] = await Promise.all([byDay(ask, ask.filter), byDay(ask, earlier)]);
  const [sum, was] = [sumOf(days), sumOf(before)];
  const rows = groupByStretch(stretchesOf(ask.filter), days, sumOf);
  return {
    figures: [
      { name: "Balances ending", as: "count", value: sum.balances, before: was.balances },
      { name: "Left to pay", as: "money", value: sum.leftCents, before: was.leftCents, note: "on these balances" },
    ],
    chart: {
      ...{ name: "Left to pay on balances that end", as: "money" },
      bars: rows.map(({ name, sum }) => ({ name, value: sum.leftCents })),
    },
    table: {
      caption: "Balances by the days on which they end",
      columns: [
        { key: "name", name: "Days", as: "text" },
        { key: "balances", name: "Balances", as: "count" },
        { key: "leftCents", name: "Left to pay", as: "money", main: true },
      ],
      rows: rows.map(({ name, sum }) => ({ name, ...sum })),
      total: { name: "Together", ...sum },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select e.ends_on as sort_on, e.id::text as sort_id, e.ends_on as "on", p.first_name || ' ' || p.last_name as patient,
        '/accounts/' || e.account_id as href, ${planLabelSql("e.plan_id")} as plan, e.business_on as sold, l.name as location,
        p.phone, right(a.number, 4) as account, e.amount_cents as sale, e.left_cents as left
      from (${endingSql}) e
      join accounts a on a.id = e.account_id
      join patients p on p.id = a.patient_id
      join locations l on l.id = e.location_id`,
    bindings: bindingsOf(ask),
  };
}
