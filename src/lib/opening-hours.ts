import { isIsoDate } from "./calendar.ts";
import type { IsoDate } from "./dates.ts";

/** When somebody answers: minutes of the day, from and until, by day of the week (Monday 0), and days without. */
export type OpeningHours = { week: (Span | null)[]; holidays: readonly IsoDate[] };
type Span = readonly [from: number, until: number];

const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;
const part = /^([a-z]{3})(?:-([a-z]{3}))? (\d\d?):(\d\d)-(\d\d?):(\d\d)$/i;

/**
 * Reads `Mon-Fri 08:00-20:00; Sat 09:00-17:00`, and holidays as `2026-11-26, 2026-12-25`; null when it is not written so.
 * A day is open once, from and until within the day (24:00 is its end).
 */
export function parseOpeningHours(text: string, holidays = ""): OpeningHours | null {
  const week: OpeningHours["week"] = days.map(() => null);
  for (const piece of text.split(";")) {
    const found = part.exec(piece.trim());
    if (!found) return null;
    const [first, last] = [dayNamed(found[1]), dayNamed(found[2] ?? found[1])];
    const [from, until] = [minutesOf(found[3], found[4]), minutesOf(found[5], found[6])];
    if (first < 0 || last < first || !(from < until && until <= 24 * 60)) return null;
    for (let day = first; day <= last; day += 1) {
      if (week[day]) return null;
      week[day] = [from, until];
    }
  }
  const off = holidays.split(/[,\s]+/).filter(Boolean);
  return off.every(isIsoDate) ? { week, holidays: off } : null;
}

/** Whether it is open at an instant, and when that changes next: the end of today's hours, or the next beginning. */
export function openAt(
  hours: OpeningHours,
  { timeZone, at }: { timeZone: string; at: Date },
): { isOpen: boolean; changesAt: Date | null } {
  const here = at.toTemporalInstant().toZonedDateTimeISO(timeZone);
  for (let ahead = 0; ahead <= 30; ahead += 1) {
    const day = here.toPlainDate().add({ days: ahead });
    const span = hours.holidays.includes(day.toString()) ? null : hours.week[day.dayOfWeek - 1];
    if (!span) continue;
    const [opens, closes] = span.map((minutes) => instantOf(day, { minutes, timeZone })) as [Date, Date];
    if (at < opens) return { isOpen: false, changesAt: opens };
    if (at < closes) return { isOpen: true, changesAt: isAlwaysOpen(hours) ? null : closes };
  }
  return { isOpen: false, changesAt: null };
}

/**
 * `Monday to Friday, 8 AM to 8 PM; Saturday, 9 AM to 5 PM Eastern`, told in the zone of whoever reads it. Where another
 * zone would push hours into another day they stay in the program's.
 */
export function describeHours(hours: OpeningHours, given: { timeZone: string; readIn: string; at: Date }): string {
  if (isAlwaysOpen(hours)) return "every day, around the clock";
  const own = describeIn(hours, given.timeZone, given);
  return (given.readIn !== given.timeZone && describeIn(hours, given.readIn, given)) || own || "";
}

function describeIn(
  hours: OpeningHours,
  zone: string,
  { timeZone, at }: { timeZone: string; at: Date },
): string | null {
  const today = at.toTemporalInstant().toZonedDateTimeISO(timeZone).toPlainDate();
  const groups: { first: number; last: number; words: string }[] = [];
  for (const [day, span] of hours.week.entries()) {
    if (!span) continue;
    const date = today.add({ days: (day + 8 - today.dayOfWeek) % 7 });
    const [from, until] = span.map((minutes) => {
      const there = instantOf(date, { minutes, timeZone }).toTemporalInstant().toZonedDateTimeISO(zone);
      return Math.round(there.since(date.toZonedDateTime(zone), { largestUnit: "minutes" }).total("minutes"));
    }) as [number, number];
    if (from < 0 || until > 24 * 60) return null;
    const words = `${clockTime(from)} to ${clockTime(until)}`;
    const before = groups.at(-1);
    if (before?.last === day - 1 && before.words === words) before.last = day;
    else groups.push({ first: day, last: day, words });
  }
  const told = groups.map(({ first, last, words }) => {
    const which = first === last ? days[first] : `${days[first]} ${last - first === 1 ? "and" : "to"} ${days[last]}`;
    return `${which}, ${words}`;
  });
  return `${told.join("; ")} ${zoneName(zone, at)}`;
}

/** `Eastern`, where Americans have a word for it; otherwise as the zone calls itself, `GMT+2`. */
function zoneName(timeZone: string, at: Date): string {
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longGeneric" });
  const name = format.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? timeZone;
  return name.replace(/ Time$/, "");
}

const isAlwaysOpen = ({ week, holidays }: OpeningHours) =>
  holidays.length === 0 && week.every((span) => span?.[0] === 0 && span[1] === 24 * 60);
const dayNamed = (short = "") => days.findIndex((day) => day.slice(0, 3).toLowerCase() === short.toLowerCase());
const minutesOf = (hour = "", minute = "") => (Number(minute) < 60 ? Number(hour) * 60 + Number(minute) : Number.NaN);

function instantOf(day: Temporal.PlainDate, { minutes, timeZone }: { minutes: number; timeZone: string }): Date {
  const [date, minute] = minutes === 24 * 60 ? [day.add({ days: 1 }), 0] : [day, minutes];
  const time = Temporal.PlainTime.from({ hour: Math.floor(minute / 60), minute: minute % 60 });
  return new Date(date.toZonedDateTime({ timeZone, plainTime: time }).epochMilliseconds);
}

function clockTime(minutes: number): string {
  if (minutes % (24 * 60) === 0) return "midnight";
  const [hour, minute] = [Math.floor(minutes / 60), minutes % 60];
  const half = hour < 12 ? "AM" : "PM";
  return `${hour % 12 || 12}${minute ? `:${String(minute).padStart(2, "0")}` : ""} ${half}`;
}
