import { parseDate } from "./dates.ts";

const withZone = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/i;
const dayThenTime = /^(\S+?)(?:(?:,?\s+(?:at\s+)?|T)(\d.*))?$/i;
const timeOfDay = /^(\d{1,2})(?::(\d\d))?(?::(\d\d)(?:\.\d+)?)?\s*(?:([ap])\.?m\.?)?$/i;

/**
 * Reads an instant as typed: a date as `parseDate` takes it, then a time like `1:30 AM`, `1 am` or `13:30` (midnight when
 * there is none), in a time zone; or one that names its own, like `2026-11-23T13:30:00Z`. Null when it is no such instant.
 */
export function parseDateTime(text: string, timeZone: string): Date | null {
  const given = text.trim();
  if (withZone.test(given)) return Number.isNaN(Date.parse(given)) ? null : new Date(given);
  const [, day = "", time = "0:00"] = dayThenTime.exec(given) ?? [];
  const date = parseDate(day);
  const clock = parseTime(time);
  if (!date || !clock) return null;
  return new Date(Temporal.PlainDate.from(date).toZonedDateTime({ timeZone, plainTime: clock }).epochMilliseconds);
}

function parseTime(text: string): Temporal.PlainTime | null {
  const [, hours, minutes, seconds = "0", half] = timeOfDay.exec(text) ?? [];
  if (!hours || !(minutes || half)) return null; // 13 alone may be an hour or a slip
  if (half && !(Number(hours) >= 1 && Number(hours) <= 12)) return null;
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hours);
  const [minute, second] = [Number(minutes ?? 0), Number(seconds)];
  return hour < 24 && minute < 60 && second < 60 ? Temporal.PlainTime.from({ hour, minute, second }) : null;
}

/** `11/23/2026 1:30 PM`, as a field shows an instant to be typed over. */
export function formatTypedDateTime(instant: Date, timeZone: string): string {
  const { year, month, day, hour, minute, second } = instant.toTemporalInstant().toZonedDateTimeISO(timeZone);
  const two = (figure: number) => String(figure).padStart(2, "0");
  const time = `${hour % 12 || 12}:${two(minute)}${second ? `:${two(second)}` : ""}`;
  return `${two(month)}/${two(day)}/${year} ${time} ${hour < 12 ? "AM" : "PM"}`;
}
