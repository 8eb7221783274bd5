import type { Cents } from "../lib/money.ts";
import { type Period, periodBefore } from "./period.ts";
import { type Ask, bindingsOf, chosen, type Lines, type Report, type Row, type Summary, thisMonth } from "./report.ts";
import { periodBindings } from "./sales-days.ts";

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

/** What else each did, as rows to add up: days of the program's time zone. */
const actsSql = `
  select (l.began_at at time zone :timeZone)::date as day, l.user_id, 1 as logins, 0 as applications,
      0 as sales, 0 as sold, 0 as refunds, 0 as refunded
    from users u join logins l on l.user_id = u.id
    where u.practice_id = :practice and l.began_at >= :from::date::timestamp at time zone :timeZone
      and l.began_at < (:to::date + 1)::timestamp at time zone :timeZone
  union all
  select (a.submitted_at at time zone :timeZone)::date, a.submitted_by, 0, 1, 0, 0, 0, 0
    from applications a
    where a.practice_id = :practice and a.submitted_at >= :from::date::timestamp at time zone :timeZone
      and a.submitted_at < (:to::date + 1)::timestamp at time zone :timeZone
      and (:location::uuid is null or a.location_id = :location)`;

/** The sales and refunds between two days, those included, as they were recorded. */
const recorded = (first: string, last: string) => `
  select t.business_on, t.recorded_by, 0, 0, (t.kind = 'sale')::int, case t.kind when 'sale' then t.amount_cents else 0 end,
      (t.kind = 'refund')::int, case t.kind when 'refund' then t.amount_cents else 0 end
    from transactions t where t.practice_id = :practice and t.business_on between ${first} and ${last} and ${chosen("t")}`;

const sums = ["logins", "applications", "sales", "sold", "refunds", "refunded"]
  .map((key) => `coalesce(sum(a.${key}), 0)::bigint as ${key}`)
  .join(", ");

type Person = {
  id: string;
  name: string;
  role: string;
  logins: number;
  applications: number;
  sales: number;
  sold: Cents;
  refunds: number;
  refunded: Cents;
};

async function byPerson(ask: Ask, period: Period): Promise<Person[]> {
  const { rows } = await ask.db.raw<{ rows: Person[] }>(
    `select u.id, u.name, u.role, ${sums}
     from users u left join (
       ${actsSql} union all
       select m.month, m.user_id, 0, 0, m.sales, m.sales_cents, m.refunds, m.refunds_cents from user_months m
         where m.practice_id = :practice and m.month >= :months and m.month < :afterMonths and ${chosen("m")}
       union all ${recorded(":from::date", ":months::date - 1")}
       union all ${recorded(":afterMonths::date", ":to::date")}
     ) a on a.user_id = u.id where u.practice_id = :practice group by u.id order by u.name, u.id`,
    { ...periodBindings(ask, period), timeZone: ask.timeZone },
  );
  return rows;
}

function sumOf(persons: Person[]) {
  const sum = { logins: 0, applications: 0, sales: 0, sold: 0, refunds: 0, refunded: 0 };
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
      { name: "Sales", as: "money", value: sum.sold, before: was.sold },
      { name: "Refunds", as: "money", value: sum.refunded, before: was.refunded },
    ],
    chart: {
      name: "Sales of each person",
      as: "money",
      bars: now.map(({ id, name, sold }) => ({
        name: name.split(" ")[0] ?? name,
        value: sold,
        before: before.find((person) => person.id === id)?.sold ?? 0,
      })),
    },
    table: {
      caption: "Person by person",
      columns: [
        { key: "name", name: "Person", as: "text", hint: "role" },
        { key: "logins", name: "Log-ins", as: "count" },
        { key: "applications", name: "Applications", as: "count" },
        { key: "sales", name: "Sales made", as: "count" },
        { key: "sold", name: "Sold", as: "money", main: true },
        { key: "refunds", name: "Refunds made", as: "count" },
        { key: "refunded", name: "Refunded", as: "money" },
      ],
      rows,
      total: { name: "Together", ...sum },
    },
  };
}

/** One line for each person and day on which they did something. */
function lines(ask: Ask): Lines {
  return {
    sql: `select a.day as sort_on, u.name || ' ' || u.id as sort_id, a.day as "on", u.name as person, ${sums}
      from (${actsSql} union all ${recorded(":from", ":to")}) a join users u on u.id = a.user_id group by a.day, u.id`,
    bindings: { ...bindingsOf(ask), timeZone: ask.timeZone },
  };
}
