import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { promotionsEndingSql } from "../transactions/promotions-ending.ts";
import { groupByStretch } from "./by-stretch.ts";
import { type Period, periodBefore, stretchesOf } from "./period.ts";
import { planLabelSql } from "./plan-names.ts";
import { type Ask, bindingsOf, type Lines, type Report, type Summary } from "./report.ts";

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

type Day = { on: IsoDate; balances: number; leftCents: Cents };

async function byDay(ask: Ask, period: Period): Promise<Day[]> {
  const { rows } = await ask.db.raw<{ rows: Day[] }>(
    `select ends_on as "on", sum(balances)::bigint as balances, sum(left_cents)::bigint as "leftCents"
     from promotion_days
     where practice_id = :practice and ends_on between :from and :to and balances > 0
       and (:location::uuid is null or location_id = :location) and (:plan::text is null or plan_id = :plan)
     group by ends_on order by ends_on`,
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
      name: "Left to pay on balances that end",
      as: "money",
      bars: rows.map(({ name, sum }) => ({ name, value: sum.leftCents })),
    },
    table: {
      caption: "Balances by the days on which they end",
      columns: [
        { key: "name", name: "Days", as: "text" },
        { key: "balances", name: "Balances", as: "count" },
        { key: "leftCents", name: "Left to pay", as: "money", main: true },
      ],
      rows: rows.map(({ days, sum }) => ({ name: days, ...sum })),
      total: { name: "Together", ...sum },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select e.ends_on as sort_on, e.sale_id::text as sort_id, e.ends_on as "on", p.first_name || ' ' || p.last_name as patient,
        '/accounts/' || e.account_id as href, ${planLabelSql("e.plan_id")} as plan, t.business_on as sold, l.name as location,
        p.phone, right(a.number, 4) as account, t.amount_cents as sale, e.left_cents as left
      from (${promotionsEndingSql}) e
      join transactions t on t.id = e.sale_id
      join accounts a on a.id = e.account_id
      join patients p on p.id = a.patient_id
      join locations l on l.id = e.location_id`,
    bindings: bindingsOf(ask),
  };
}
