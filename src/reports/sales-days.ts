import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Period } from "./period.ts";
import { type Ask, bindingsOf, chosen } from "./report.ts";

/** What a day came to, over the chosen locations and plans. Refunds count up; fees and net are less what they gave back. */
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

/** The sums of `sales_days`, or of `user_days`, as the columns of a question. */
export const sumsSql = `
  coalesce(sum(d.sales), 0)::bigint as "sales", coalesce(sum(d.sales_cents), 0)::bigint as "salesCents",
  coalesce(sum(d.refunds), 0)::bigint as "refunds", coalesce(sum(d.refunds_cents), 0)::bigint as "refundsCents",
  coalesce(sum(d.sales_cents - d.refunds_cents), 0)::bigint as "grossCents",
  coalesce(sum(d.sales_fee_cents - d.refunds_fee_cents), 0)::bigint as "feeCents",
  coalesce(sum(d.sales_cents - d.refunds_cents - d.sales_fee_cents + d.refunds_fee_cents), 0)::bigint as "netCents"`;

/** The days of a period on which something was sold or refunded, in their order. */
export async function salesByDay(ask: Ask, period: Period): Promise<SalesDay[]> {
  const { rows } = await ask.db.raw<{ rows: SalesDay[] }>(
    `select d.day as "on", ${sumsSql} from sales_days d
     where d.practice_id = :practice and d.day between :from and :to and ${chosen("d")}
     group by d.day order by d.day`,
    bindingsOf(ask, period),
  );
  return rows;
}

const nothing: SalesSums = {
  ...{ sales: 0, salesCents: 0, refunds: 0, refundsCents: 0 },
  ...{ grossCents: 0, feeCents: 0, netCents: 0 },
};

/** The sum of some days. */
export function sumOf(days: SalesSums[]): SalesSums {
  const sum = { ...nothing };
  const keys = Object.keys(nothing) as (keyof SalesSums)[];
  for (const day of days) for (const key of keys) sum[key] += day[key];
  return sum;
}
