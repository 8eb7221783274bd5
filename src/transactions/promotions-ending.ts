import { planIds, planTerms } from "../credit/plans.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";

const months = planIds.flatMap((id) => {
  const { kind, months } = planTerms(id);
  return kind === "deferred" || kind === "convert" ? [`('${id}', ${months})`] : [];
});

/**
 * A practice's sales whose promotional period ends in a period with something left: each with `ends_on`, and
 * `left_cents` as the ledger has it now. Asked with :practice, :from, :to, :location and :plan (null: all).
 */
export const promotionsEndingSql = `
  select t.*, e.ends_on, b.left_cents
  from (values ${months.join(", ")}) as n (plan, months)
  join transactions t on t.practice_id = :practice and t.kind = 'sale' and t.plan_id = n.plan
    and t.business_on between :from::date - make_interval(months => n.months) - interval '3 days'
      and :to::date - make_interval(months => n.months) + interval '3 days'
  cross join lateral (select (t.business_on + make_interval(months => n.months))::date as ends_on) e
  cross join lateral (
    select coalesce(sum(i.amount_cents), 0)::bigint as left_cents
      from ledger_accounts r join ledger_entries i on i.account_id = r.id and i.sale_id = t.id
      where r.kind = 'receivable' and r.owner_id = t.account_id) b
  where e.ends_on between :from and :to and b.left_cents > 0
    and (:location::uuid is null or t.location_id = :location) and (:plan::text is null or t.plan_id = :plan)`;

export type PromotionEnding = { accountId: string; patientName: string; endsOn: IsoDate; leftCents: Cents };

/** The promotional balances that end in a period, the soonest first: the first few, how many there are and their sum. */
export async function promotionsEnding(
  db: Db,
  viewer: PracticeViewer,
  { from, to, most = 3 }: { from: IsoDate; to: IsoDate; most?: number },
): Promise<{ soonest: PromotionEnding[]; count: number; leftCents: Cents }> {
  const { rows } = await db.raw<{ rows: (PromotionEnding & { count: number; sum: Cents })[] }>(
    `select p.account_id as "accountId", n.first_name || ' ' || n.last_name as "patientName", p.ends_on as "endsOn",
       p.left_cents as "leftCents", count(*) over () as count, sum(p.left_cents) over ()::bigint as sum
     from (${promotionsEndingSql}) p join accounts a on a.id = p.account_id join patients n on n.id = a.patient_id
     order by p.ends_on, p.id limit :most`,
    { practice: viewer.practice.id, from, to, location: null, plan: null, most },
  );
  return { soonest: rows, count: rows[0]?.count ?? 0, leftCents: rows[0]?.sum ?? 0 };
}
