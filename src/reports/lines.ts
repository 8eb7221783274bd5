import { addDays, type IsoDate } from "../lib/calendar.ts";
import type { Period } from "./period.ts";
import type { Ask, Report, Row } from "./report.ts";

/** So many lines on a page. */
export const pageLength = 50;

/** Behind which line a page begins. */
export type Place = { on: IsoDate; id: string };

/**
 * A page of a report's lines, in the order of days; `next` is where the one after it begins. It looks at one day first
 * and then at ever more of them, so that a page of years of sales does not read them all.
 */
export async function linesOf(
  report: Report,
  ask: Ask,
  { after, most = pageLength }: { after?: Place | undefined; most?: number } = {},
): Promise<{ rows: Row[]; next: Place | undefined }> {
  const rows: Row[] = [];
  for (const days of growing(ask.filter, after?.on)) {
    const { sql, bindings } = report.lines({ ...ask, filter: { ...ask.filter, ...days } });
    const found = await ask.db.raw<{ rows: Row[] }>(
      `select * from (${sql}) as line
       where (:afterOn::date is null or sort_on >= :afterOn::date and (sort_on, sort_id) > (:afterOn::date, :afterId))
       order by sort_on, sort_id limit :most`,
      { ...bindings, afterOn: after?.on ?? null, afterId: after?.id ?? "", most: most + 1 - rows.length },
    );
    rows.push(...found.rows);
    if (rows.length > most) break;
  }
  const shown = rows.slice(0, most);
  const last = rows.length > most ? shown.at(-1) : undefined;
  return { rows: shown, next: last && { on: String(last.sort_on), id: String(last.sort_id) } };
}

/** Whether a report has more lines than a number; it reads little further than that. */
export async function hasMoreLines(report: Report, ask: Ask, than: number): Promise<boolean> {
  let lines = 0;
  for (const days of growing(ask.filter)) {
    const { sql, bindings } = report.lines({ ...ask, filter: { ...ask.filter, ...days } });
    const { rows } = await ask.db.raw<{ rows: { lines: number }[] }>(
      `select count(*) as lines from (select from (${sql}) as line limit :most) as counted`,
      { ...bindings, most: than + 1 - lines },
    );
    lines += rows[0]?.lines ?? 0;
    if (lines > than) return true;
  }
  return false;
}

/** A period from a day on in parts that follow each other: a day, then 16, 256, … */
function* growing({ from, to }: Period, start = from): Generator<Period> {
  let day = start > from ? start : from;
  for (let days = 1; day <= to; days *= 16) {
    const last = addDays(day, days - 1);
    yield { from: day, to: last < to ? last : to };
    day = addDays(last, 1);
  }
}
