import type { PracticeViewer } from "../identity/viewer.ts";
import { addBankingDays } from "../lib/banking-days.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";

/** What is on its way to a practice: in all, and what of it arrives next. */
export type OnItsWay = {
  totalCents: Cents;
  /** The next deposits, of all locations together; null when nothing is to arrive. */
  next: { on: IsoDate; cents: Cents } | null;
};

/**
 * What a practice has sold, less refunds and fees, and was not paid yet. Days that are not over count with what they
 * have so far, on the day on which it will arrive.
 */
export async function onItsWay(db: Db, viewer: PracticeViewer, today: IsoDate): Promise<OnItsWay> {
  const practice = viewer.practice.id;
  const due: { on: IsoDate; cents: Cents }[] = await db("deposits")
    .where({ practice_id: practice, posted_at: null })
    .where("paid_cents", ">", 0)
    .groupBy("arrives_on")
    .select("arrives_on as on", db.raw("sum(paid_cents)::bigint as cents"));
  const { rows: open } = await db.raw<{ rows: { on: IsoDate; cents: Cents }[] }>(
    `select greatest(l.business_on, :today) as on, sum(l.gross_cents - l.fee_cents)::bigint as cents
     from locations p join deposit_lines l on l.location_id = p.id and l.deposit_id is null
     where p.practice_id = :practice group by 1`,
    { practice, today },
  );
  const { rows: carried } = await db.raw<{ rows: { cents: Cents }[] }>(
    `select coalesce(sum(d.carried_out_cents), 0)::bigint as cents from locations p
     cross join lateral (select carried_out_cents from deposits where location_id = p.id order by covers_on desc limit 1) d
     where p.practice_id = ?`,
    [practice],
  );
  const coming = [...due, ...open.map(({ on, cents }) => ({ on: addBankingDays(on, 2), cents }))];
  const byDay = new Map<IsoDate, Cents>();
  for (const { on, cents } of coming) byDay.set(on, (byDay.get(on) ?? 0) + cents);
  const [first] = [...byDay].filter(([, cents]) => cents > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    totalCents: coming.reduce((sum, { cents }) => sum + cents, carried[0]?.cents ?? 0),
    next: first ? { on: first[0], cents: first[1] } : null,
  };
}
