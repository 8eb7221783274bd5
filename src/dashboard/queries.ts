import type { PracticeViewer } from "../identity/viewer.ts";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";

export type DayFigures = {
  soldCents: Cents;
  sales: number;
  refundedCents: Cents;
  /** What such a day of the week sold on average over the last eight weeks. */
  usualCents: Cents;
  approvedToday: number;
  waiting: number;
};

/** The figures a practice's day begins with. */
export async function dayFigures(db: Db, viewer: PracticeViewer, today: IsoDate): Promise<DayFigures> {
  const { rows } = await db.raw(
    `select
       coalesce(sum(amount_cents) filter (where kind = 'sale' and business_on = :today), 0)::bigint as "soldCents",
       count(*) filter (where kind = 'sale' and business_on = :today)::int as sales,
       coalesce(sum(amount_cents) filter (where kind = 'refund' and business_on = :today), 0)::bigint as "refundedCents",
       round(coalesce(sum(amount_cents) filter (where kind = 'sale' and business_on < :today
         and extract(dow from business_on) = extract(dow from :today::date)), 0) / 8)::bigint as "usualCents",
       (select count(*) from applications where practice_id = :practice and outcome = 'approved' and decided_at > now() - interval '24 hours')::int as "approvedToday",
       (select count(*) from applications where practice_id = :practice and (outcome is null or outcome = 'pending'))::int as waiting
     from transactions where practice_id = :practice and business_on between :since and :today`,
    { today, since: addDays(today, -56), practice: viewer.practice.id },
  );
  return rows[0];
}
