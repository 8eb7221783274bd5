/**
 * One line of CSV (RFC 4180, CRLF). A text that a spreadsheet would run as a formula gets an apostrophe in front;
 * numbers are written as they are.
 */
export function csvLine(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

/**
 * A text as it may stand in a spreadsheet: an apostrophe before what would be run, numbers as they are. Where East Asian
 * languages are set, the signs of full width run too.
 */
export function spreadsheetSafe(text: string): string {
  return /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
}

function csvCell(cell: string | number): string {
  if (typeof cell === "number") return String(cell);
  const safe = spreadsheetSafe(cell);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The cells of one line, quotes taken off; null when a quote is left open or stands where none may. */
export function parseCsvLine(line: string): string[] | null {
  const cells: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  const text = line.replace(/\r$/, "");
  for (;;) {
    const match = cell.exec(text);
    if (!match) return null;
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
    if (match[3] === "") return cells;
  }
}
