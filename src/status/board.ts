import { setTimeout } from "node:timers/promises";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { keepMeasures, type Tally } from "./keep-measures.ts";
import { type Measured, type MeasureParts, measureAll, type PartState, partsOfPortal } from "./measure.ts";
import {
  type Incident,
  incidentsSince,
  type PartDay,
  type PastMaintenance,
  partDays,
  partsSince,
  pastMaintenance,
} from "./queries.ts";

/** What is known of the portal at the moment. It is in memory: the page needs no database, which may be what is away. */
export type Known = {
  parts: { id: string; label: string; state: Measured; since: Date | null }[];
  measuredAt: Date | null;
  /** When the database was asked last with success: incidents and days are as of then. */
  readAt: Date | null;
  days: PartDay[];
  incidents: Incident[];
  past: PastMaintenance[];
};

export type Board = {
  /** The parts that are measured, whatever their state. */
  parts: { id: string; label: string }[];
  /** What is known, measured some seconds ago at most; while the database says nothing, what was known before. */
  look(): Promise<Known>;
  /** Reads incidents anew, here and in every other process. */
  changed(): Promise<void>;
  /** Goes on measuring, until the returned function is called. */
  begin(): () => void;
};

/** So many days are told. */
export const daysTold = 90;
const everyMs = 15_000;
const freshMs = 3_000;
/** A page waits no longer for a measurement that is under way. */
const waitMs = 1_500;
const changedChannel = "incidents";

export function openBoard(given: MeasureParts): Board {
  const { db, clock, listener } = given;
  const parts = partsOfPortal(given);
  const known: Known = {
    parts: parts.map(({ id, label }) => ({ id, label, state: "unknown", since: null })),
    measuredAt: null,
    readAt: null,
    days: [],
    incidents: [],
    past: [],
  };
  // Of an outage of the database, to be written down when it is back.
  let untold: Tally[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  let talliedMs = performance.now();
  let measuring: Promise<void> | undefined;

  const measure = async () => {
    const states = await measureAll(parts);
    const now = clock.now();
    for (const part of known.parts) {
      const state = states.get(part.id) ?? "unknown";
      if (state !== part.state) part.since = now;
      part.state = state;
    }
    known.measuredAt = now;
    lastMs = performance.now();
    const certain = new Map([...states].filter((pair): pair is [string, PartState] => pair[1] !== "unknown"));
    untold = addedUp([...untold, ...tallies(certain, clock.today())]);
    if (states.get("database") === "down") return;
    const told = untold;
    untold = [];
    try {
      await keepMeasures(db, { states: certain, at: now, tallies: told });
      await read();
    } catch {
      untold = addedUp([...told, ...untold]);
    }
  };

  const tallies = (states: Map<string, PartState>, day: IsoDate): Tally[] => {
    const seconds = Math.floor((performance.now() - talliedMs) / 1_000);
    talliedMs += seconds * 1_000;
    // A process that slept has not measured meanwhile.
    return [...states].map(([part, state]) => ({ part, day, state, seconds: Math.min(seconds, 60) }));
  };

  const read = async () => {
    const now = clock.now();
    const sinceDay = addDays(clock.today(), 1 - daysTold);
    const since = new Date(now.getTime() - daysTold * 86_400_000);
    const [days, incidents, past, states] = await Promise.all([
      partDays(db, sinceDay),
      incidentsSince(db, since),
      pastMaintenance(db, { since, now }),
      partsSince(db),
    ]);
    Object.assign(known, { days, incidents, past, readAt: now });
    for (const part of known.parts) part.since = states.get(part.id) ?? part.since;
  };

  /** Once at a time, however many ask. */
  const measureOnce = () => {
    measuring ??= measure().finally(() => {
      measuring = undefined;
    });
    return measuring;
  };

  return {
    parts,
    async look() {
      if (performance.now() - lastMs > freshMs) {
        await Promise.race([measureOnce(), setTimeout(waitMs, undefined, { ref: false })]);
      }
      return known;
    },
    async changed() {
      await read();
      await db.raw("select pg_notify(?, '')", [changedChannel]);
    },
    begin() {
      void measureOnce();
      const timer = setInterval(() => void measureOnce(), everyMs).unref();
      const stop = listener.subscribe(changedChannel, () => void read().catch(() => {}));
      return () => {
        clearInterval(timer);
        stop();
      };
    },
  };
}

/** One for each part, day and state. */
function addedUp(tallies: Tally[]): Tally[] {
  const sums = new Map<string, Tally>();
  for (const tally of tallies) {
    const key = `${tally.part} ${tally.day} ${tally.state}`;
    const sum = sums.get(key);
    sums.set(key, sum ? { ...sum, seconds: sum.seconds + tally.seconds } : tally);
  }
  return [...sums.values()];
}
