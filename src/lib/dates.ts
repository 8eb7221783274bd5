import { type IsoDate, isIsoDate } from "./calendar.ts";

export type { IsoDate } from "./calendar.ts";

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Reads a date as typed, `11/23/2026`, `1/5/2026` or `2026-11-23`; null when it is no such day. */
export function parseDate(text: string): IsoDate | null {
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text.trim());
  const iso = american
    ? `${american[3]}-${american[1]?.padStart(2, "0")}-${american[2]?.padStart(2, "0")}`
    : text.trim();
  return isIsoDate(iso) ? iso : null;
}

/** `Nov 23, 2026`, as a person writes it. */
export function formatDate(date: IsoDate): string {
  return `${months[Number(date.slice(5, 7)) - 1]} ${Number(date.slice(8, 10))}, ${date.slice(0, 4)}`;
}

/** `11/23/2026`, as a field shows a date to be typed over. */
export function formatTypedDate(date: IsoDate): string {
  return `${date.slice(5, 7)}/${date.slice(8, 10)}/${date.slice(0, 4)}`;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** `Nov 23, 2026, 3:04 PM CST`: an instant in a time zone. Formatters are kept, for making one costs a hundred uses. */
export function formatDateTime(instant: Date, timeZone: string): string {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone,
      month: "short",
      day: "numeric",
      year: "numeric",
      hour: "numeric",
      minute: "2-digit",
      timeZoneName: "short",
    });
    clocks.set(timeZone, clock);
  }
  // Recent ICU puts a narrow no-break space before AM and PM, which old browsers and terminals show as a box.
  return clock.format(instant).replaceAll("\u202f", " ");
}

/** `3:04 PM CST`: the same without the day. */
export function formatTime(instant: Date, timeZone: string): string {
  return formatDateTime(instant, timeZone).split(", ").at(-1) ?? "";
}

const lastDates = new Map<string, { minute: number; date: IsoDate }>();

/** The calendar day of an instant in a time zone. Days begin on whole minutes, so the last one asked for is kept. */
export function dateIn(timeZone: string, instant: Date): IsoDate {
  const minute = Math.floor(instant.getTime() / 60_000);
  const last = lastDates.get(timeZone);
  if (last?.minute === minute) return last.date;
  const date = instant.toTemporalInstant().toZonedDateTimeISO(timeZone).toPlainDate().toString();
  lastDates.set(timeZone, { minute, date });
  return date;
}

/** Years completed between two dates: an age. */
export function yearsBetween(from: IsoDate, to: IsoDate): number {
  return Number(to.slice(0, 4)) - Number(from.slice(0, 4)) - (to.slice(5) < from.slice(5) ? 1 : 0);
}
