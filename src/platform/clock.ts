import { dateIn, type IsoDate } from "../lib/dates.ts";

/** The time, handed to whatever needs it; the demo history and the tests hand in other ones. */
export type Clock = { now(): Date; today(): IsoDate };

/** A clock that runs; `today` is the calendar day in the program's time zone. */
export function systemClock(timeZone: string): Clock {
  return { now: () => new Date(), today: () => dateIn(timeZone, new Date()) };
}
