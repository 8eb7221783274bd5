import { addDays, addMonths, dayNumber, daysBetween, type IsoDate } from "../lib/calendar.ts";
import { formatDate } from "../lib/dates.ts";

/** Both days included. */
export type Period = { from: IsoDate; to: IsoDate };

/**
 * A stretch of a period that is one bar and one row: a day, a week from Monday on, a month or a year. `name` is short,
 * for a bar; `days` says where it ends, too.
 */
export type Stretch = Period & { name: string; days: string };

/**
 * The period to compare with. From the first of a month on it is the months before, whole where the period ends with
 * its month and else as far as it went; any other is as many days right before.
 */
export function periodBefore({ from, to }: Period): Period {
  if (!from.endsWith("-01")) {
    const days = daysBetween(from, to) + 1;
    return { from: addDays(from, -days), to: addDays(from, -1) };
  }
  const months = monthsBetween(from, to) + 1;
  const endsItsMonth = addDays(to, 1).endsWith("-01");
  return { from: addMonths(from, -months), to: endsItsMonth ? addDays(from, -1) : addMonths(to, -months) };
}

/** A period in stretches of which there are few enough to look at. */
export function stretchesOf({ from, to }: Period): Stretch[] {
  const ends = endsOf({ from, to });
  const stretches: Stretch[] = [];
  for (let start = from; start <= to; ) {
    const end = [ends(start), to].sort()[0] ?? to;
    const name = nameOf(start, ends);
    const days =
      ends === endOfWeek ? periodName({ from: start, to: end }) : ends === endOfDay ? formatDate(start) : name;
    stretches.push({ from: start, to: end, name, days });
    start = addDays(end, 1);
  }
  return stretches;
}

function endsOf({ from, to }: Period): (day: IsoDate) => IsoDate {
  const days = daysBetween(from, to) + 1;
  return days <= 31 ? endOfDay : days <= 190 ? endOfWeek : days <= 1_900 ? endOfMonth : endOfYear;
}

/** Whether no stretch of a period is shorter than the part of a month that lies in it. */
export function isByMonths(period: Period): boolean {
  return [endOfMonth, endOfYear].includes(endsOf(period));
}

/** The whole months of a period, from the first day of the first to the day after the last; none: the day after its end twice. */
export function wholeMonths({ from, to }: Period): Period {
  const first = from.endsWith("-01") ? from : addMonths(`${from.slice(0, 8)}01`, 1);
  const after = `${addDays(to, 1).slice(0, 8)}01`;
  return first < after ? { from: first, to: after } : { from: addDays(to, 1), to: addDays(to, 1) };
}

/** Which of the stretches a day lies in; they follow each other without a gap. */
export function stretchAt(stretches: Stretch[], day: IsoDate): number {
  return stretches.findIndex(({ to }) => day <= to);
}

const endOfDay = (day: IsoDate) => day;
/** Day 0 was a Thursday, so Sundays are 3 more than a multiple of 7. */
const endOfWeek = (day: IsoDate) => addDays(day, (((3 - dayNumber(day)) % 7) + 7) % 7);
const endOfMonth = (day: IsoDate) => addDays(addMonths(`${day.slice(0, 8)}01`, 1), -1);
const endOfYear = (day: IsoDate) => `${day.slice(0, 4)}-12-31`;

function nameOf(start: IsoDate, ends: (day: IsoDate) => IsoDate): string {
  const [monthAndDay = "", year = ""] = formatDate(start).split(", ");
  if (ends === endOfYear) return year;
  if (ends === endOfMonth) return `${monthAndDay.slice(0, 3)} ${year}`;
  return monthAndDay;
}

/** Months from the one of `from` to the one of `to`: 0 within one. */
function monthsBetween(from: IsoDate, to: IsoDate): number {
  const [a, b] = [from, to].map((day) => Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)));
  return (b ?? 0) - (a ?? 0);
}

/** `Nov 1 to Nov 23, 2026`. */
export function periodName({ from, to }: Period): string {
  if (from === to) return formatDate(from);
  const sameYear = from.slice(0, 4) === to.slice(0, 4);
  return `${sameYear ? formatDate(from).split(",")[0] : formatDate(from)} to ${formatDate(to)}`;
}
