import { mostXlsxLines, type XlsxCell, xlsxOf } from "../platform/xlsx.ts";
import { linesOf, type Place } from "./lines.ts";
import type { Ask, Column, Report, Row } from "./report.ts";

const batchSize = 2_000;

/** Up to so many lines a person waits for; more are a job's work. */
export const waitedForLines = 20_000;

/**
 * A report's lines as an XLSX file, in pieces. A sheet holds a million lines; those beyond are left out, and the last
 * line says so.
 *
 * @param onBatch told how many lines there are so far, and of which day the last is
 */
export function xlsxReport(
  report: Report,
  ask: Ask,
  onBatch: (lines: number, reachedOn: string) => Promise<void> = async () => {},
): AsyncGenerator<Buffer> {
  const headings = report.columns.map(({ name }) => name);
  return xlsxOf(headings, batchesOf(report, ask, onBatch));
}

async function* batchesOf(
  report: Report,
  ask: Ask,
  onBatch: (lines: number, reachedOn: string) => Promise<void>,
): AsyncGenerator<XlsxCell[][]> {
  let after: Place | undefined;
  for (let lines = 0; ; ) {
    const most = Math.min(batchSize, mostXlsxLines - 1 - lines);
    const { rows, next } = await linesOf(report, ask, { after, most });
    lines += rows.length;
    yield rows.map((row) => report.columns.map((column) => cellOf(column, row)));
    if (!next) return;
    if (lines >= mostXlsxLines - 1) return yield [[{ as: "text", value: tooMany } satisfies XlsxCell]];
    await onBatch(lines, next.on);
    after = next;
  }
}

const tooMany = "A sheet holds no more lines. Choose fewer days, or download the CSV, which has them all.";

function cellOf({ key, as }: Column, row: Row): XlsxCell {
  const value = row[key];
  if (value === null || value === undefined) return null;
  if (as === "text" || as === "date") return { as, value: String(value) };
  return { as, value: Number(value) };
}
