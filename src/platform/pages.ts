import type { Knex } from "knex";

const pageLength = 50;

/**
 * A page of a list, newest first, and the id that the next page begins after (undefined on the last one). It seeks by
 * time and id, so that a page costs the same wherever it lies and repeats nothing when rows are added meanwhile.
 * @param by.time the column of the time, by.id that of the id, as the list names them
 * @param by.after the time and id of the last row of the page before
 */
export async function newestFirst<Row extends { id: string }>(
  list: Knex.QueryBuilder,
  by: { time: string; id: string; after?: Knex.QueryBuilder | undefined },
): Promise<{ rows: Row[]; older: string | undefined }> {
  list
    .orderBy(by.time, "desc")
    .orderBy(by.id, "desc")
    .limit(pageLength + 1);
  if (by.after) list.whereRaw("(??, ??) < (?)", [by.time, by.id, by.after]);
  const found: Row[] = await list;
  const rows = found.slice(0, pageLength);
  return { rows, older: found.length > pageLength ? rows.at(-1)?.id : undefined };
}
