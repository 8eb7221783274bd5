import fc from "fast-check";
import { expect, test } from "vitest";
import { csvLine } from "../../src/lib/csv.ts";

test.each([
  ["plain", "plain"],
  ["", ""],
  ["a,b", '"a,b"'],
  ['say "ah"', '"say ""ah"""'],
  ["two\nlines", '"two\nlines"'],
  ["-12.50", "-12.50"],
  ["12", "12"],
  ["=1+1", "'=1+1"],
  ["+1 512", "'+1 512"],
  ["-1+1", "'-1+1"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["＝1+1", "'＝1+1"],
  ["＠SUM(A1)", "'＠SUM(A1)"],
  ["\n=1", '"\'\n=1"'],
  ["\r=1", '"\'\r=1"'],
  ['=HYPERLINK("x","y")', `"'=HYPERLINK(""x"",""y"")"`],
])("the cell %j is written %j", (cell, written) => {
  expect(csvLine([cell])).toBe(`${written}\r\n`);
});

test("numbers are written as numbers", () => {
  expect(csvLine([-1, 0, 12.5, "x"])).toBe("-1,0,12.5,x\r\n");
});

test("whatever is in the cells, a reader finds the same cells again, and none that a spreadsheet would run", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }), { minLength: 1 }), (cells) => {
      const read = readCsv(csvLine(cells));
      expect(read.map((cell, index) => (cell === `'${cells[index]}` ? cells[index] : cell))).toEqual(cells);
      for (const cell of read) expect(/^[=+@\t\r\n＝＋－＠]/.test(cell)).toBe(false);
    }),
  );
});

/** One line of RFC 4180. */
function readCsv(text: string): string[] {
  const cells: string[] = [];
  let rest = text;
  while (true) {
    const [whole = "", quoted, plain = ""] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(rest) ?? [];
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    rest = rest.slice(whole.length);
    if (!rest.startsWith(",")) break;
    rest = rest.slice(1);
  }
  expect(rest).toBe("\r\n");
  return cells;
}
