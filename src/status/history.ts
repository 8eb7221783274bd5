import { addDays } from "../lib/calendar.ts";
import { formatDate, type IsoDate } from "../lib/dates.ts";
import { daysTold, type Known } from "./board.ts";
import type { PartDay } from "./queries.ts";

/** Neighbouring days of one kind, as one stroke of the picture: `from` and `days` count days, the oldest is 0. */
export type Stroke = { kind: "good" | "wait" | "bad" | "none"; from: number; days: number };

export type History = {
  strokes: Stroke[];
  /** "99.98%" of the measured time it was not down; null when nothing was measured. */
  works: string | null;
  /** The days with trouble, newest first, in words. */
  trouble: string[];
};

/** How a part was over the days that are told, up to today. */
export function historyOf({ days }: Pick<Known, "days">, part: string, today: IsoDate): History {
  const byDay = new Map(days.filter((one) => one.part === part).map((one) => [one.day, one]));
  const strokes: Stroke[] = [];
  const trouble: string[] = [];
  let [measured, down] = [0, 0];
  for (let at = 0; at < daysTold; at += 1) {
    const day = addDays(today, at - daysTold + 1);
    const told = byDay.get(day);
    const kind = told ? kindOf(told) : "none";
    const last = strokes.at(-1);
    if (last?.kind === kind) last.days += 1;
    else strokes.push({ kind, from: at, days: 1 });
    if (!told) continue;
    measured += secondsOf(told);
    down += told.downSeconds;
    const words = [share(told.downSeconds, told, "not working"), share(told.slowSeconds, told, "slow")].filter(Boolean);
    if (words.length) trouble.unshift(`${formatDate(day)}: ${words.join(", ")}`);
  }
  return { strokes, works: measured ? percent(measured - down, measured) : null, trouble };
}

const secondsOf = (day: PartDay) => day.worksSeconds + day.slowSeconds + day.downSeconds;

/** A minute of a day is forgiven: one measurement that failed is no outage. */
function kindOf(day: PartDay): Stroke["kind"] {
  const all = secondsOf(day);
  if (all === 0) return "none";
  if (day.downSeconds > 60) return "bad";
  return day.slowSeconds + day.downSeconds > Math.max(60, all / 100) ? "wait" : "good";
}

/** Several nodes measure the same minutes, so that only shares can be told: of a whole day, as time. */
function share(seconds: number, day: PartDay, words: string): string {
  if (seconds <= 60) return "";
  const minutes = Math.max(
    1,
    Math.round(((seconds / Math.max(secondsOf(day), 1)) * Math.min(secondsOf(day), 86_400)) / 60),
  );
  return `${words} for ${minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} hours`}`;
}

/** Rounded down, so that 100% is never said of less. */
const percent = (part: number, whole: number) => `${(Math.floor((part / whole) * 10_000) / 100).toFixed(2)}%`;
