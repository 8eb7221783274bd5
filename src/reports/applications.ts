import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { groupByStretch } from "./by-stretch.ts";
import { type Period, periodBefore, stretchesOf } from "./period.ts";
import { type Ask, bindingsOf, type Lines, type Report, type Summary, thisMonth } from "./report.ts";

/** How many applied, how many were approved, and how many of them used it here. */
export const applications: Report = {
  slug: "applications",
  title: "Applications and approvals",
  about: "Made, approved and used, and the average line of credit",
  days: "Days are those on which the application was made, in the program’s time zone. With a plan, those used for a sale on it.",
  begins: thisMonth,
  summary,
  columns: [
    { key: "on", name: "Made on", as: "date" },
    { key: "patient", name: "Patient", as: "text", to: "href" },
    { key: "location", name: "Location", as: "text" },
    { key: "by", name: "Keyed by", as: "text" },
    { key: "outcome", name: "Outcome", as: "text" },
    { key: "used", name: "Used", as: "text" },
    { key: "line", name: "Line of credit", as: "money", main: true },
  ],
  lines,
  nothing: "No application was made on these days.",
};

type Day = { on: IsoDate; made: number; approved: number; used: number; lineCents: Cents };

/** The applications of a period with what became of them; the days of the program's time zone. */
const applicationsSql = `
  select a.*, a.account_id is not null and not coalesce(a.account_was_open, false) as opened, (a.submitted_at at time zone :timeZone)::date as made_on, u.used
  from applications a
  cross join lateral (select exists (
    select from transactions t where t.account_id = a.account_id and t.practice_id = a.practice_id and t.kind = 'sale'
      and t.recorded_at >= a.submitted_at and (:plan::text is null or t.plan_id = :plan)) as used) u
  where a.practice_id = :practice and a.submitted_at >= :from::date::timestamp at time zone :timeZone
    and a.submitted_at < (:to::date + 1)::timestamp at time zone :timeZone
    and (:location::uuid is null or a.location_id = :location) and (:plan::text is null or u.used)`;

async function byDay(ask: Ask, period: Period): Promise<Day[]> {
  const { rows } = await ask.db.raw<{ rows: Day[] }>(
    `select made_on as "on", count(*) as made, count(*) filter (where opened) as approved,
       count(*) filter (where used and opened) as used,
       coalesce(sum(limit_cents) filter (where opened), 0)::bigint as "lineCents"
     from (${applicationsSql}) a group by made_on order by made_on`,
    { ...bindingsOf(ask, period), timeZone: ask.timeZone },
  );
  return rows;
}

function sumOf(days: Day[]) {
  const sum = { made: 0, approved: 0, used: 0, lineCents: 0 };
  for (const day of days) for (const key of ["made", "approved", "used", "lineCents"] as const) sum[key] += day[key];
  return { ...sum, averageCents: sum.approved ? Math.round(sum.lineCents / sum.approved) : null };
}

async function summary(ask: Ask): Promise<Summary> {
  const earlier = periodBefore(ask.filter);
  const [days, before] = await Promise.all([byDay(ask, ask.filter), byDay(ask, earlier)]);
  const [sum, was] = [sumOf(days), sumOf(before)];
  const rows = groupByStretch(stretchesOf(ask.filter), days, sumOf);
  const rowsBefore = groupByStretch(stretchesOf(earlier), before, sumOf);
  return {
    figures: [
      { name: "Made", as: "count", value: sum.made, before: was.made },
      { name: "Approved", as: "count", value: sum.approved, before: was.approved },
      { name: "Used", as: "count", value: sum.used, before: was.used, note: "for a sale of yours" },
      {
        name: "Average line",
        as: "money",
        value: sum.averageCents,
        before: was.averageCents,
        note: "of those approved",
      },
    ],
    chart: {
      name: "Applications made",
      as: "count",
      bars: rows.map(({ name, sum }, index) => ({
        name,
        value: sum.made,
        before: rowsBefore[index]?.sum.made ?? null,
      })),
    },
    table: {
      caption: "Applications by days",
      columns: [
        { key: "name", name: "Days", as: "text" },
        { key: "made", name: "Made", as: "count", main: true },
        { key: "approved", name: "Approved", as: "count" },
        { key: "used", name: "Used", as: "count" },
        { key: "averageCents", name: "Average line", as: "money" },
        { key: "before", name: "Made the time before", as: "count" },
      ],
      rows: rows.map(({ days, sum }, index) => ({ name: days, ...sum, before: rowsBefore[index]?.sum.made ?? null })),
      total: { name: "Together", ...sum, before: was.made },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select a.made_on as sort_on, a.id::text as sort_id, a.made_on as "on", a.first_name || ' ' || a.last_name as patient,
        '/applications/' || a.id as href, l.name as location, case when a.link_id is null then u.name else 'Patient, by link of ' || u.name end as "by",
        case when a.account_was_open then 'Approved, had an account'
          when a.outcome = 'approved' and a.account_id is null then 'Approved, not accepted yet' else coalesce(initcap(a.outcome), 'Being decided') end as outcome, case when a.used then 'Yes' when a.account_id is not null then 'Not yet' end as used,
        case when a.opened then a.limit_cents end as line
      from (${applicationsSql}) a join locations l on l.id = a.location_id join users u on u.id = a.submitted_by`,
    bindings: { ...bindingsOf(ask), timeZone: ask.timeZone },
  };
}
