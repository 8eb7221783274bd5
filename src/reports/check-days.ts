import type { Db } from "../platform/db.ts";
import { type Finding, type Proof, prove } from "../platform/prove.ts";

const figures = ["sales", "sales_cents", "sales_fee_cents", "refunds", "refunds_cents", "refunds_fee_cents"];
const sums = ["sale", "refund"].flatMap((kind) => [
  `count(*) filter (where kind = '${kind}') as ${kind}s`,
  `coalesce(sum(amount_cents) filter (where kind = '${kind}'), 0) as ${kind}s_cents`,
  `coalesce(sum(fee_cents) filter (where kind = '${kind}'), 0) as ${kind}s_fee_cents`,
]);

const month = "date_trunc('month', business_on)::date";
const kept = [
  { table: "sales_days", span: "day", of: "business_on", who: [] },
  { table: "sales_months", span: "month", of: month, who: [] },
  { table: "user_months", span: "month", of: month, who: ["user_id"] },
];

const proofs: Proof[] = kept.map(({ table, span, of, who }) => {
  const key = ["practice_id", span, ...who, "location_id", "plan_id"].join(", ");
  return {
    claim: `each ${span} in ${table} is the sum of its sales and refunds`,
    sql: `with raw as (
            select ${key}, ${sums.join(", ")}
            from (select *, ${of} as ${span}, recorded_by as user_id from transactions) t group by ${key}
          )
          select ${key}, to_jsonb(k) as kept, to_jsonb(r) as raw from ${table} k full join raw r using (${key})
          where ${figures.map((figure) => `k.${figure} is distinct from r.${figure}`).join(" or ")}`,
  };
});

proofs.push({
  claim: "each day in promotion_days is the sum of what is left of the promotions that end on it",
  sql: `with raw as (
          select practice_id, ends_on, location_id, plan_id, count(*) as balances, sum(left_cents) as left_cents
          from promotions where left_cents > 0 group by 1, 2, 3, 4
        )
        select practice_id, ends_on, location_id, plan_id, to_jsonb(k) as kept, to_jsonb(r) as raw
          from promotion_days k full join raw r using (practice_id, ends_on, location_id, plan_id)
          where coalesce(k.balances, 0) <> coalesce(r.balances, 0) or coalesce(k.left_cents, 0) <> coalesce(r.left_cents, 0)`,
});

/** Proves that what is kept for days and months is what their sales and refunds come to; a line for each that is not. */
export function checkDays(db: Db): Promise<Finding[]> {
  return prove(db, proofs);
}
