import type { IsoDate } from "../lib/dates.ts";
import type { Ask, Report, Row } from "./report.ts";

/** So many lines on a page. */
export const pageLength = 50;

/** Behind which line a page begins. */
export type Place = { on: IsoDate; id: string };

/** A page of a report's lines, in the order of days; `next` is where the one after it begins. */
export async function linesOf(
  report: Report,
  ask: Ask,
  { after, most = pageLength }: { after?: Place | undefined; most?: number } = {},
): Promise<{ rows: Row[]; next: Place | undefined }> {
  const { sql, bindings } = report.lines(ask);
  const { rows } = await ask.db.raw<{ rows: Row[] }>(
    `select * from (${sql}) as line
     where (:afterOn::date is null or sort_on >= :afterOn::date and (sort_on, sort_id) > (:afterOn::date, :afterId))
     order by sort_on, sort_id limit :most`,
    { ...bindings, afterOn: after?.on ?? null, afterId: after?.id ?? "", most: most + 1 },
  );
  const shown = rows.slice(0, most);
  const last = rows.length > most ? shown.at(-1) : undefined;
  return { rows: shown, next: last && { on: String(last.sort_on), id: String(last.sort_id) } };
}
