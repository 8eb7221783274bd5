import type { Db } from "../platform/db.ts";
import type { Ask, Column, Report } from "./report.ts";

/** The question whose answer, copied, is the report's file: each cell as a file has it, the columns under their names. */
export function csvSql(report: Report, ask: Ask): string {
  const { sql, bindings } = report.lines(ask);
  const lines = ask.db.raw(sql, bindings).toQuery();
  const cells = report.columns.map((column) => `${cellSql(ask.db, column)} as ${quoted(ask.db, column.name)}`);
  return `select ${cells.join(", ")} from (${lines}) as line order by sort_on, sort_id`;
}

function cellSql(db: Db, { key, as }: Column): string {
  const column = quoted(db, key);
  if (as === "money") return `(${column} / 100.0)::numeric(15, 2)`;
  if (as === "share") return `round(${column}, 4)`;
  return as === "text" ? `spreadsheet_safe(${column})` : column;
}

const quoted = (db: Db, name: string) => db.ref(name).toQuery();
