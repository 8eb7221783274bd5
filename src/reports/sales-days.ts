import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { isByMonths, type Period, wholeMonths } from "./period.ts";
import { type Ask, bindingsOf, chosen } from "./report.ts";

/** What a day (or a month, told by its first day) came to, over the chosen locations and plans. Refunds count up; fees and net are less what they gave back. */
export type SalesDay = SalesSums & { on: IsoDate };
export type SalesSums = {
  sales: number;
  salesCents: Cents;
  refunds: number;
  refundsCents: Cents;
  grossCents: Cents;
  feeCents: Cents;
  netCents: Cents;
};

/** The sums of what is kept for days and months, the table named `d`, as the columns of a question. */
export const sumsSql = `
  coalesce(sum(d.sales), 0)::bigint as "sales", coalesce(sum(d.sales_cents), 0)::bigint as "salesCents",
  coalesce(sum(d.refunds), 0)::bigint as "refunds", coalesce(sum(d.refunds_cents), 0)::bigint as "refundsCents",
  coalesce(sum(d.sales_cents - d.refunds_cents), 0)::bigint as "grossCents",
  coalesce(sum(d.sales_fee_cents - d.refunds_fee_cents), 0)::bigint as "feeCents",
  coalesce(sum(d.sales_cents - d.refunds_cents - d.sales_fee_cents + d.refunds_fee_cents), 0)::bigint as "netCents"`;

/**
 * Rows that add up to what a period came to: one for each of its whole months, and of the days before and after them
 * what stands for single days. Asked with the bindings of `periodBindings`.
 */
export const soldSql = `(
  select month as "on", location_id, plan_id, ${kept()} from sales_months d
    where practice_id = :practice and month >= :months and month < :afterMonths and ${chosen("d")}
  union all select day, location_id, plan_id, ${kept()} from sales_days d
    where practice_id = :practice and day >= :from and day < :months and ${chosen("d")}
  union all select day, location_id, plan_id, ${kept()} from sales_days d
    where practice_id = :practice and day >= :afterMonths and day <= :to and ${chosen("d")})`;

function kept(): string {
  return "sales, sales_cents, sales_fee_cents, refunds, refunds_cents, refunds_fee_cents";
}

/** What a question is asked with that takes the whole months of a period for themselves. */
export function periodBindings(ask: Ask, period: Period = ask.filter) {
  const { from, to } = wholeMonths(period);
  return { ...bindingsOf(ask, period), months: from, afterMonths: to };
}

/** What a period came to by days, in their order; a period that is looked at by months or years, by months. */
export async function salesByDay(ask: Ask, period: Period): Promise<SalesDay[]> {
  const { rows } = await ask.db.raw<{ rows: SalesDay[] }>(
    `select d."on", ${sumsSql} from ${soldSql} d group by d."on" order by d."on"`,
    isByMonths(period) ? periodBindings(ask, period) : { ...bindingsOf(ask, period), ...noMonths(period) },
  );
  return rows;
}

const noMonths = ({ to }: Period) => ({ months: addDays(to, 1), afterMonths: addDays(to, 1) });

const nothing: SalesSums = {
  sales: 0,
  salesCents: 0,
  refunds: 0,
  refundsCents: 0,
  grossCents: 0,
  feeCents: 0,
  netCents: 0,
};

/** The sum of some days. */
export function sumOf(days: SalesSums[]): SalesSums {
  const sum = { ...nothing };
  const keys = Object.keys(nothing) as (keyof SalesSums)[];
  for (const day of days) for (const key of keys) sum[key] += day[key];
  return sum;
}
