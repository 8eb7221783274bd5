import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

type Row = { id: string; level: string; shownBy: string[] };

const rows: Row[] = read("docs/asvs.md")
  .split("\n")
  .filter((line) => /^\| V\d/.test(line))
  .map((line) => {
    const [, id = "", level = "", , shownBy = ""] = line.split("|").map((cell) => cell.trim());
    return { id, level, shownBy: shownBy.split("<br>") };
  });
const required = read("tests/architecture/asvs.csv")
  .split("\n")
  .slice(1)
  .map((line) => /^(V\d+\.\d+\.\d+),(L\d)/.exec(line))
  .filter((found) => found !== null);
const chapterOf = (id: string) => id.split(".")[0] ?? "";

test("every requirement of a chapter that the table has stands in it once, with its level", () => {
  const chapters = new Set(rows.map(({ id }) => chapterOf(id)));
  expect(chapters.size).toBeGreaterThan(1);
  const expected = required
    .filter(([, id = ""]) => chapters.has(chapterOf(id)))
    .map(([, id, level]) => `${id} ${level}`);
  expect(rows.map(({ id, level }) => `${id} ${level}`)).toEqual(expected);
});

test("what the table names exists: each test by its title, each place by its path", () => {
  const broken = rows.flatMap(({ id, shownBy }) =>
    shownBy.filter((shown) => !exists(shown)).map((shown) => `${id}: ${shown}`),
  );
  expect(broken).toEqual([]);
});

test("a row that is shown by nothing says why", () => {
  for (const { id, shownBy } of rows) expect([id, shownBy.join("").length > 10]).toEqual([id, true]);
});

function exists(shown: string): boolean {
  if (/^(Does not apply|Otherwise): \S/.test(shown)) return true;
  const [, path = "", title] = /^`([^`]+)`(?:: (.+))?$/.exec(shown) ?? [];
  if (!existsSync(join(root, path))) return false;
  return title === undefined ? path.startsWith("src/") || path.startsWith("docs/") : read(path).includes(title);
}
