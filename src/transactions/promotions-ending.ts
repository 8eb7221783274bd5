import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { type Db, only } from "../platform/db.ts";

/**
 * A practice's sales whose promotional period ends in a period with something left (`left_cents`, as the books have it
 * now). Asked with :practice, :from, :to, :location and :plan (null: all).
 */
export const promotionsEndingSql = `
  select sale_id, account_id, location_id, plan_id, ends_on, left_cents from promotions
    where practice_id = :practice and ends_on between :from and :to and left_cents > 0
      and (:location::uuid is null or location_id = :location) and (:plan::text is null or plan_id = :plan)`;

export type PromotionEnding = { accountId: string; patientName: string; endsOn: IsoDate; leftCents: Cents };

/** The promotional balances that end in a period, the soonest first: the first few, how many there are and their sum. */
export async function promotionsEnding(
  db: Db,
  viewer: PracticeViewer,
  { from, to, most = 3 }: { from: IsoDate; to: IsoDate; most?: number },
): Promise<{ soonest: PromotionEnding[]; count: number; leftCents: Cents }> {
  const asked = { practice: viewer.practice.id, from, to, location: null, plan: null };
  const [soonest, all] = await Promise.all([
    db.raw<{ rows: PromotionEnding[] }>(
      `select p.account_id as "accountId", n.first_name || ' ' || n.last_name as "patientName", p.ends_on as "endsOn",
         p.left_cents as "leftCents"
       from (${promotionsEndingSql} order by ends_on, sale_id limit :most) p
         join accounts a on a.id = p.account_id join patients n on n.id = a.patient_id
       order by p.ends_on, p.sale_id`,
      { ...asked, most },
    ),
    db.raw<{ rows: { count: number; leftCents: Cents }[] }>(
      `select coalesce(sum(balances), 0)::bigint as count, coalesce(sum(left_cents), 0)::bigint as "leftCents"
       from promotion_days where practice_id = :practice and ends_on between :from and :to`,
      asked,
    ),
  ]);
  return { soonest: soonest.rows, ...only(all.rows) };
}
