import { idOf } from "../accounts/postings.ts";
import { addBankingDays } from "../lib/banking-days.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";

/** A deposit arrives so many banking days after the day that it covers. */
export const waitDays = 2;
/** So many locations in one transaction. */
const batchSize = 200;

/** A location with lines that wait: what its latest deposit covers and carries over. */
type Place = { locationId: string; practiceId: string; latest: IsoDate | null; carriedCents: Cents };

/** What becomes a deposit: all that waits of a location for a day. */
type Gathered = { id: string; coversOn: IsoDate; lines: number; grossCents: Cents; feeCents: Cents };

/**
 * Gathers the lines of every business day up to a night into deposits, one for each location and day. What is gathered
 * waits no longer, so that a night which runs again, late, killed in the middle or on two nodes at once makes the same
 * ones. A line that comes when its day has its deposit goes into the next.
 *
 * @returns how many deposits were made
 */
export async function makeDeposits(parts: { db: Db; clock: Clock }, night: IsoDate): Promise<number> {
  let made = 0;
  for (let taken = batchSize; taken === batchSize; ) {
    await parts.db.transaction(async (trx) => {
      const places = await takePlaces(trx, night);
      taken = places.length;
      if (taken) made += await makeBatch(trx, places, { night, madeAt: parts.clock.now() });
    });
  }
  return made;
}

/**
 * Locations with lines up to a night and no deposit for it yet. They are held, so that each deposit knows what the one
 * before it carries over; those that another node holds are its work.
 */
async function takePlaces(trx: Trx, night: IsoDate): Promise<Place[]> {
  const { rows } = await trx.raw<{ rows: Place[] }>(
    `select l.id as "locationId", l.practice_id as "practiceId", d.covers_on as latest,
       coalesce(d.carried_out_cents, 0) as "carriedCents"
     from locations l
     left join lateral (
       select covers_on, carried_out_cents from deposits where location_id = l.id order by covers_on desc limit 1
     ) d on true
     where exists (select from deposit_lines w
         where w.deposit_id is null and w.location_id = l.id and w.business_on <= :night)
       and (d.covers_on is null or d.covers_on < :night)
     order by l.id limit :batchSize
     for no key update of l skip locked`,
    { night, batchSize },
  );
  return rows;
}

async function makeBatch(trx: Trx, places: Place[], given: { night: IsoDate; madeAt: Date }): Promise<number> {
  const gathered = await gather(trx, places, given.night);
  const deposits = places.flatMap((place) => depositsOf(place, gathered.get(place.locationId) ?? [], given.madeAt));
  await trx.batchInsert("deposits", deposits, 500);
  return deposits.length;
}

/** Gives every waiting line its deposit, and returns what each has become, in the order of days. */
async function gather(trx: Trx, places: Place[], night: IsoDate): Promise<Map<string, Gathered[]>> {
  const locationIds = places.map(({ locationId }) => locationId);
  const days: { locationId: string; businessOn: IsoDate }[] = await trx("deposit_lines")
    .whereNull("deposit_id")
    .whereIn("location_id", locationIds)
    .where("business_on", "<=", night)
    .distinct("location_id as locationId", "business_on as businessOn");
  const latest = new Map(places.map((place) => [place.locationId, place.latest ?? ""]));
  const gathered = new Map<string, Gathered[]>();
  const given = days.map(({ locationId, businessOn }) => {
    const coversOn = businessOn > (latest.get(locationId) ?? "") ? businessOn : night;
    return { locationId, businessOn, coversOn, id: idOf(`deposit ${locationId} ${coversOn}`) };
  });
  const { rows } = await trx.raw<{ rows: Omit<Gathered, "coversOn">[] }>(
    `with gathered as (
       update deposit_lines l set deposit_id = g.id
         from jsonb_to_recordset(?::jsonb) as g (id uuid, "locationId" uuid, "businessOn" date)
         where l.deposit_id is null and l.location_id = g."locationId" and l.business_on = g."businessOn"
         returning l.deposit_id, l.gross_cents, l.fee_cents
     )
     select deposit_id as id, count(*)::int as lines, sum(gross_cents)::bigint as "grossCents",
       sum(fee_cents)::bigint as "feeCents" from gathered group by deposit_id`,
    [JSON.stringify(given)],
  );
  const sums = new Map(rows.map((row) => [row.id, row]));
  given.sort((a, b) => (a.coversOn < b.coversOn ? -1 : 1));
  for (const { id, locationId, coversOn } of given) {
    const sum = sums.get(id);
    if (!sum) continue;
    sums.delete(id); // the night's own day and what came late share one
    gathered.set(locationId, [...(gathered.get(locationId) ?? []), { ...sum, coversOn }]);
  }
  return gathered;
}

/** The rows of a location's deposits, each carrying on from the one before. */
function depositsOf({ locationId, practiceId, carriedCents }: Place, gathered: Gathered[], madeAt: Date) {
  let carried = carriedCents;
  return gathered.map(({ id, coversOn, lines, grossCents, feeCents }) => {
    const carriedIn = carried;
    const due = grossCents - feeCents + carriedIn;
    carried = Math.min(due, 0);
    return {
      id,
      practice_id: practiceId,
      location_id: locationId,
      covers_on: coversOn,
      lines,
      made_at: madeAt,
      arrives_on: addBankingDays(coversOn, waitDays),
      gross_cents: grossCents,
      fee_cents: feeCents,
      carried_in_cents: carriedIn,
      paid_cents: Math.max(due, 0),
      carried_out_cents: carried,
    };
  });
}
