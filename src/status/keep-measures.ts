import type { IsoDate } from "../lib/dates.ts";
import type { Db } from "../platform/db.ts";
import type { PartState } from "./measure.ts";

/** For how long a part was in a state on a day. */
export type Tally = { part: string; day: IsoDate; state: PartState; seconds: number };

/** Writes how the parts are, and adds up how they were. Every node does; days are told in shares, so that many count as one. */
export async function keepMeasures(
  db: Db,
  given: { states: Map<string, PartState>; at: Date; tallies: Tally[] },
): Promise<void> {
  const states = [...given.states].map(([part, state]) => ({ part, state, at: given.at }));
  await db.raw(
    `with told as (
       insert into part_states (part, state, since, measured_at)
         select part, state, at, at from jsonb_to_recordset(?::jsonb) as s (part text, state text, at timestamptz)
         order by part -- nodes that write at once take the rows in one order
       on conflict (part) do update set state = excluded.state, measured_at = excluded.measured_at,
         since = case when part_states.state = excluded.state then part_states.since else excluded.since end
     )
     insert into part_days (part, day, works_seconds, slow_seconds, down_seconds)
       select part, day, coalesce(sum(seconds) filter (where state = 'works'), 0),
         coalesce(sum(seconds) filter (where state = 'slow'), 0), coalesce(sum(seconds) filter (where state = 'down'), 0)
       from jsonb_to_recordset(?::jsonb) as t (part text, day date, state text, seconds int)
       group by part, day order by part, day
     on conflict (part, day) do update set works_seconds = part_days.works_seconds + excluded.works_seconds,
       slow_seconds = part_days.slow_seconds + excluded.slow_seconds, down_seconds = part_days.down_seconds + excluded.down_seconds`,
    [JSON.stringify(states), JSON.stringify(given.tallies)],
  );
}
