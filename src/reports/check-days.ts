import type { Finding } from "../ledger/check.ts";
import type { Db } from "../platform/db.ts";

const figures = ["sales", "sales_cents", "sales_fee_cents", "refunds", "refunds_cents", "refunds_fee_cents"];

/** Proves that what is kept for each day is what its sales and refunds come to; a line for each day that is not. */
export async function checkDays(db: Db): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { table, who } of [
    { table: "sales_days", who: "" },
    { table: "user_days", who: "user_id, " },
  ]) {
    const key = `practice_id, day, ${who}location_id, plan_id`;
    const { rows } = await db.raw<{ rows: object[] }>(
      `with raw as (
         select practice_id, business_on as day, ${who && "recorded_by as user_id, "}location_id, plan_id,
           ${["sale", "refund"]
             .flatMap((kind) => [
               `count(*) filter (where kind = '${kind}') as ${kind}s`,
               `coalesce(sum(amount_cents) filter (where kind = '${kind}'), 0) as ${kind}s_cents`,
               `coalesce(sum(fee_cents) filter (where kind = '${kind}'), 0) as ${kind}s_fee_cents`,
             ])
             .join(", ")}
         from transactions group by ${key.replace("day", "business_on").replace("user_id", "recorded_by")}
       )
       select ${key}, to_jsonb(k) as kept, to_jsonb(r) as raw from ${table} k full join raw r using (${key})
       where ${figures.map((figure) => `k.${figure} is distinct from r.${figure}`).join(" or ")}`,
    );
    findings.push(
      ...rows.map(
        (row) => `It is not so that each day in ${table} is the sum of its sales and refunds: ${JSON.stringify(row)}`,
      ),
    );
  }
  return findings;
}
