import type { Cents } from "../lib/money.ts";
import { type Period, periodBefore } from "./period.ts";
import { type Ask, bindingsOf, chosen, type Lines, type Report, type Row, type Summary, thisMonth } from "./report.ts";

/** Who did what: log-ins, applications, sales and refunds of each person of the practice. */
export const people: Report = {
  slug: "people",
  title: "User activity",
  about: "Log-ins, applications, sales and refunds of each of your people",
  days:
    "Days are business days of the program, in its own time zone. A location or a plan narrows sales and refunds, " +
    "a location applications too; log-ins have neither.",
  begins: thisMonth,
  summary,
  columns: [
    { key: "on", name: "Date", as: "date" },
    { key: "person", name: "Person", as: "text" },
    { key: "logins", name: "Log-ins", as: "count" },
    { key: "applications", name: "Applications keyed", as: "count" },
    { key: "sales", name: "Sales made", as: "count" },
    { key: "sold", name: "Sold", as: "money", main: true },
    { key: "refunds", name: "Refunds made", as: "count" },
    { key: "refunded", name: "Refunded", as: "money" },
  ],
  lines,
  nothing: "Nobody did anything on these days.",
};

/** One row for each person and day on which they did something. */
const activitySql = `
  select day, user_id, sum(logins)::bigint as logins, sum(applications)::bigint as applications,
    sum(sales)::bigint as sales, sum(sold)::bigint as sold, sum(refunds)::bigint as refunds, sum(refunded)::bigint as refunded
  from (
    select d.day, d.user_id, 0 as logins, 0 as applications, d.sales, d.sales_cents as sold, d.refunds, d.refunds_cents as refunded
      from user_days d where d.practice_id = :practice and d.day between :from and :to and ${chosen("d")}
    union all
    select (l.began_at at time zone :timeZone)::date, l.user_id, 1, 0, 0, 0, 0, 0
      from users u join logins l on l.user_id = u.id
      where u.practice_id = :practice and l.began_at >= :from::date::timestamp at time zone :timeZone
        and l.began_at < (:to::date + 1)::timestamp at time zone :timeZone
    union all
    select (a.submitted_at at time zone :timeZone)::date, a.submitted_by, 0, 1, 0, 0, 0, 0
      from applications a
      where a.practice_id = :practice and a.submitted_at >= :from::date::timestamp at time zone :timeZone
        and a.submitted_at < (:to::date + 1)::timestamp at time zone :timeZone
        and (:location::uuid is null or a.location_id = :location)
  ) acts group by day, user_id`;

type Person = {
  id: string;
  name: string;
  role: string;
  logins: number;
  applications: number;
  sales: number;
  soldCents: Cents;
  refunds: number;
  refundedCents: Cents;
};

async function byPerson(ask: Ask, period: Period): Promise<Person[]> {
  const sums = ["logins", "applications", "sales", "refunds"].map(
    (key) => `coalesce(sum(a.${key}), 0)::bigint as ${key}`,
  );
  const { rows } = await ask.db.raw<{ rows: Person[] }>(
    `select u.id, u.name, u.role, ${sums.join(", ")}, coalesce(sum(a.sold), 0)::bigint as "soldCents",
       coalesce(sum(a.refunded), 0)::bigint as "refundedCents"
     from users u left join (${activitySql}) a on a.user_id = u.id where u.practice_id = :practice
     group by u.id order by u.name, u.id`,
    { ...bindingsOf(ask, period), timeZone: ask.timeZone },
  );
  return rows;
}

function sumOf(persons: Person[]) {
  const sum = { logins: 0, applications: 0, sales: 0, soldCents: 0, refunds: 0, refundedCents: 0 };
  for (const person of persons) for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += person[key];
  return sum;
}

async function summary(ask: Ask): Promise<Summary> {
  const [now, before] = await Promise.all([byPerson(ask, ask.filter), byPerson(ask, periodBefore(ask.filter))]);
  const [sum, was] = [sumOf(now), sumOf(before)];
  const rows: Row[] = now.map((person) => ({ ...person, role: person.role[0]?.toUpperCase() + person.role.slice(1) }));
  return {
    figures: [
      { name: "Log-ins", as: "count", value: sum.logins, before: was.logins },
      { name: "Applications", as: "count", value: sum.applications, before: was.applications },
      { name: "Sales", as: "money", value: sum.soldCents, before: was.soldCents },
      { name: "Refunds", as: "money", value: sum.refundedCents, before: was.refundedCents },
    ],
    chart: {
      ...{ name: "Sales of each person", as: "money", isTime: false },
      bars: now.map(({ id, name, soldCents }) => ({
        ...{ name: name.split(" ")[0] ?? name, value: soldCents },
        before: before.find((person) => person.id === id)?.soldCents ?? 0,
      })),
    },
    table: {
      caption: "Person by person",
      columns: [
        { key: "name", name: "Person", as: "text", hint: "role" },
        { key: "logins", name: "Log-ins", as: "count" },
        { key: "applications", name: "Applications", as: "count" },
        { key: "sales", name: "Sales made", as: "count" },
        { key: "soldCents", name: "Sold", as: "money", main: true },
        { key: "refunds", name: "Refunds made", as: "count" },
        { key: "refundedCents", name: "Refunded", as: "money" },
      ],
      rows,
      total: { name: "Together", ...sum },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select a.day as sort_on, u.name || ' ' || u.id as sort_id, a.day as "on", u.name as person,
        a.logins, a.applications, a.sales, a.sold, a.refunds, a.refunded
      from (${activitySql}) a join users u on u.id = a.user_id`,
    bindings: { ...bindingsOf(ask), timeZone: ask.timeZone },
  };
}
