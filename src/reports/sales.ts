import { counted } from "../lib/wording.ts";
import { groupByStretch } from "./by-stretch.ts";
import { periodBefore, stretchesOf } from "./period.ts";
import { planLabelSql } from "./plan-names.ts";
import {
  type Ask,
  bindingsOf,
  businessDays,
  chosen,
  type Lines,
  type Report,
  type Summary,
  thisMonth,
} from "./report.ts";
import { salesByDay, sumOf } from "./sales-days.ts";

/** Every sale and refund, what it cost and what of it the practice receives. */
export const sales: Report = {
  slug: "sales",
  title: "Sales and refunds",
  about: "Every sale and refund of a period, with its fee and what you receive",
  days: businessDays,
  begins: thisMonth,
  summary,
  columns: [
    { key: "on", name: "Date", as: "date" },
    { key: "patient", name: "Patient", as: "text", to: "href", hint: "reference" },
    { key: "kind", name: "Type", as: "text", hint: "plan" },
    { key: "plan", name: "Plan", as: "text", fileOnly: true },
    { key: "location", name: "Location", as: "text" },
    { key: "reference", name: "Reference", as: "text", fileOnly: true },
    { key: "account", name: "Account ending", as: "text", fileOnly: true },
    { key: "by", name: "Recorded by", as: "text", fileOnly: true },
    { key: "id", name: "Transaction", as: "text", fileOnly: true },
    { key: "gross", name: "Gross", as: "money", main: true },
    { key: "fee", name: "Fee", as: "money" },
    { key: "net", name: "Net", as: "money" },
  ],
  lines,
  nothing: "No sale and no refund was recorded on these days.",
};

async function summary(ask: Ask): Promise<Summary> {
  const earlier = periodBefore(ask.filter);
  const [days, before] = await Promise.all([salesByDay(ask, ask.filter), salesByDay(ask, earlier)]);
  const [total, was] = [sumOf(days), sumOf(before)];
  const rows = groupByStretch(stretchesOf(ask.filter), days, sumOf);
  const rowsBefore = groupByStretch(stretchesOf(earlier), before, sumOf);
  return {
    figures: [
      {
        name: "Sales",
        as: "money",
        value: total.salesCents,
        before: was.salesCents,
        note: counted(total.sales, "sale"),
      },
      {
        name: "Refunds",
        as: "money",
        value: total.refundsCents,
        before: was.refundsCents,
        note: counted(total.refunds, "refund"),
      },
      { name: "Fees", as: "money", value: total.feeCents, before: was.feeCents, note: "less those given back" },
      {
        name: "You receive",
        as: "money",
        value: total.netCents,
        before: was.netCents,
        note: "sales less refunds and fees",
      },
    ],
    chart: {
      name: "Sales less refunds",
      as: "money",
      bars: rows.map(({ name, sum }, index) => ({
        name,
        value: sum.grossCents,
        before: rowsBefore[index]?.sum.grossCents ?? null,
      })),
    },
    table: {
      caption: "What each day or stretch of days came to",
      columns: [
        { key: "name", name: "Days", as: "text" },
        { key: "salesCents", name: "Sales", as: "money" },
        { key: "refundsCents", name: "Refunds", as: "money" },
        { key: "feeCents", name: "Fees", as: "money" },
        { key: "netCents", name: "You receive", as: "money", main: true },
        { key: "before", name: "The time before", as: "money" },
      ],
      rows: rows.map(({ days, sum }, index) => ({
        name: days,
        ...sum,
        before: rowsBefore[index]?.sum.netCents ?? null,
      })),
      total: { name: "Together", ...total, before: was.netCents },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select t.business_on as sort_on, t.id::text as sort_id, t.business_on as "on",
        p.first_name || ' ' || p.last_name as patient, initcap(t.kind) as kind, ${planLabelSql("t.plan_id")} as plan,
        l.name as location, t.reference, right(a.number, 4) as account, u.name as "by", t.id::text as id,
        '/transactions/' || t.id as href, s.sign * t.amount_cents as gross, s.sign * t.fee_cents as fee,
        s.sign * (t.amount_cents - t.fee_cents) as net
      from transactions t
      cross join lateral (select case t.kind when 'sale' then 1 else -1 end as sign) s
      join accounts a on a.id = t.account_id
      join patients p on p.id = a.patient_id
      join locations l on l.id = t.location_id
      join users u on u.id = t.recorded_by
      where t.practice_id = :practice and t.business_on between :from and :to and ${chosen("t")}`,
    bindings: bindingsOf(ask),
  };
}
