import { type PlanId, planIds, planLabel, planTerms } from "../credit/plans.ts";
import { type Period, periodBefore } from "./period.ts";
import { planLabelSql, planShort } from "./plan-names.ts";
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
import { periodBindings, type SalesSums, soldSql, sumOf, sumsSql } from "./sales-days.ts";

/** What each plan brought and what it cost. */
export const plans: Report = {
  slug: "plans",
  title: "Plans",
  about: "What each plan brought, what it cost you and its share",
  days: businessDays,
  begins: thisMonth,
  summary,
  columns: [
    { key: "on", name: "Date", as: "date" },
    { key: "plan", name: "Plan", as: "text" },
    { key: "location", name: "Location", as: "text" },
    { key: "sales", name: "Sales made", as: "count" },
    { key: "refunds", name: "Refunds made", as: "count" },
    { key: "gross", name: "Volume", as: "money", main: true },
    { key: "fee", name: "Cost", as: "money" },
    { key: "net", name: "Net", as: "money" },
  ],
  lines,
  nothing: "Nothing was sold on any plan on these days.",
};

type PlanSums = SalesSums & { plan: PlanId };

async function sumsByPlan(ask: Ask, period: Period): Promise<PlanSums[]> {
  const { rows } = await ask.db.raw<{ rows: PlanSums[] }>(
    `select d.plan_id as plan, ${sumsSql} from ${soldSql} d group by d.plan_id`,
    periodBindings(ask, period),
  );
  return rows.sort((a, b) => planIds.indexOf(a.plan) - planIds.indexOf(b.plan));
}

async function summary(ask: Ask): Promise<Summary> {
  const [now, before] = await Promise.all([sumsByPlan(ask, ask.filter), sumsByPlan(ask, periodBefore(ask.filter))]);
  const [sum, was] = [sumOf(now), sumOf(before)];
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : null);
  const beforeOf = (plan: PlanId) => before.find((each) => each.plan === plan)?.grossCents ?? 0;
  return {
    figures: [
      { name: "Volume", as: "money", value: sum.grossCents, before: was.grossCents, note: "sales less refunds" },
      { name: "Cost", as: "money", value: sum.feeCents, before: was.feeCents, note: "fees, less those given back" },
      {
        name: "Cost of the volume",
        as: "share",
        value: share(sum.feeCents, sum.grossCents),
        before: share(was.feeCents, was.grossCents),
      },
    ],
    chart: {
      name: "Volume of each plan",
      as: "money",
      bars: now.map(({ plan, grossCents }) => ({ name: planShort(plan), value: grossCents, before: beforeOf(plan) })),
    },
    table: {
      caption: "Plan by plan",
      columns: [
        { key: "name", name: "Plan", as: "text" },
        { key: "sales", name: "Sales made", as: "count" },
        { key: "grossCents", name: "Volume", as: "money", main: true },
        { key: "share", name: "Share", as: "share" },
        { key: "feeCents", name: "Cost", as: "money" },
        { key: "rate", name: "Cost of the volume", as: "share" },
        { key: "before", name: "Volume the time before", as: "money" },
      ],
      rows: now.map((each) => ({
        ...each,
        name: planLabel(planTerms(each.plan)),
        before: beforeOf(each.plan),
        share: share(each.grossCents, sum.grossCents),
        rate: share(each.feeCents, each.grossCents),
      })),
      total: {
        ...sum,
        name: "Together",
        share: share(sum.grossCents, sum.grossCents),
        before: was.grossCents,
        rate: share(sum.feeCents, sum.grossCents),
      },
    },
  };
}

function lines(ask: Ask): Lines {
  return {
    sql: `select d.day as sort_on, d.plan_id || ' ' || d.location_id as sort_id, d.day as "on",
        ${planLabelSql("d.plan_id")} as plan, l.name as location, d.sales, d.refunds,
        d.sales_cents - d.refunds_cents as gross, d.sales_fee_cents - d.refunds_fee_cents as fee,
        d.sales_cents - d.refunds_cents - d.sales_fee_cents + d.refunds_fee_cents as net
      from sales_days d join locations l on l.id = d.location_id
      where d.practice_id = :practice and d.day between :from and :to and ${chosen("d")}`,
    bindings: bindingsOf(ask),
  };
}
