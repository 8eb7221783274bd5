import type { PracticeViewer } from "../identity/viewer.ts";
import { addBankingDays } from "../lib/banking-days.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { waitDays } from "./make-deposits.ts";

/** So much arrives, or arrived, on a day: the deposits of all locations together. */
type Arrival = { on: IsoDate; cents: Cents };

/** What is on its way to a practice: in all, and what of it arrives next. */
export type OnItsWay = {
  /** Below zero where refunds were more than sales. */
  totalCents: Cents;
  /** Null when nothing is to arrive; then `last` is what arrived last, if anything ever did. */
  next: Arrival | null;
  last: Arrival | null;
};

/**
 * What a practice has sold, less refunds and fees, and was not paid yet. Days that are not over count with what they
 * have so far, on the day on which it will arrive; a location below zero takes it off its next days, as its deposits do.
 */
export async function onItsWay(db: Db, viewer: PracticeViewer, today: IsoDate): Promise<OnItsWay> {
  const practice = viewer.practice.id;
  const due: Arrival[] = await db("deposits")
    .where({ practice_id: practice, posted_at: null })
    .where("paid_cents", ">", 0)
    .groupBy("arrives_on")
    .select("arrives_on as on", db.raw("sum(paid_cents)::bigint as cents"));
  const { rows: places } = await db.raw<{ rows: { carriedCents: Cents; days: Arrival[] | null }[] }>(
    `select coalesce(d.carried_out_cents, 0) as "carriedCents", w.days
     from locations p
     left join lateral (
       select carried_out_cents from deposits where location_id = p.id order by covers_on desc limit 1) d on true
     cross join lateral (
       select json_agg(json_build_object('on', day, 'cents', cents) order by day) as days from (
         select greatest(business_on, :today) as day, sum(gross_cents - fee_cents) as cents from deposit_lines
           where location_id = p.id and deposit_id is null group by 1) each) w
     where p.practice_id = :practice`,
    { practice, today },
  );
  const open = places.flatMap(({ carriedCents, days }) => arrivalsOf(days ?? [], carriedCents));
  const notYet = places.flatMap(({ carriedCents, days }) => [carriedCents, ...(days ?? []).map(({ cents }) => cents)]);
  const byDay = new Map<IsoDate, Cents>();
  for (const { on, cents } of [...due, ...open]) byDay.set(on, (byDay.get(on) ?? 0) + cents);
  const [first] = [...byDay].sort(([a], [b]) => (a < b ? -1 : 1));
  const next = first ? { on: first[0], cents: first[1] } : null;
  return {
    totalCents: [...due.map(({ cents }) => cents), ...notYet].reduce((sum, cents) => sum + cents, 0),
    next,
    last: next ? null : await lastArrival(db, practice),
  };
}

/** What a location's open days will pay, each carrying on from the one before. */
function arrivalsOf(days: Arrival[], carriedCents: Cents): Arrival[] {
  let carried = carriedCents;
  return days.flatMap(({ on, cents }) => {
    const sum = cents + carried;
    carried = Math.min(sum, 0);
    return sum > 0 ? [{ on: addBankingDays(on, waitDays), cents: sum }] : [];
  });
}

async function lastArrival(db: Db, practiceId: string): Promise<Arrival | null> {
  const found: Arrival | undefined = await db("deposits")
    .where({ practice_id: practiceId })
    .whereNotNull("posted_at")
    .groupBy("arrives_on")
    .orderBy("arrives_on", "desc")
    .first("arrives_on as on", db.raw("sum(paid_cents)::bigint as cents"));
  return found ?? null;
}
