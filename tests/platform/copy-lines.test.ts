import { buffer } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { CopyLines } from "../../src/platform/copy-lines.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const { connectionString } = await portal.db.client.config.connection();
const client = new pg.Client({ connectionString });
await client.connect();
afterAll(() => client.end());

const copy = (question: string) =>
  client.query(new CopyLines(`copy (${question}) to stdout with (format csv, header)`));
const lines = async (question: string) => (await buffer(copy(question))).toString(); // with the mark, which a text would lose
const stillAnswers = async () => (await client.query("select 1 as one")).rows;

test("each line ends with CR and LF, after the mark of UTF-8; what a field has inside stays as it is", async () => {
  expect(await lines(`select 1 as a, E'two\\nlines, "quoted"' as b union all select 2, 'Peña 💳'`)).toBe(
    '\ufeffa,b\r\n1,"two\nlines, ""quoted"""\r\n2,Peña 💳\r\n',
  );
  expect(await lines("select 1 as a where false")).toBe("\ufeffa\r\n");
  expect(await stillAnswers()).toEqual([{ one: 1 }]);
});

test("lines that come in pieces are whole, however long", async () => {
  const long = await lines("select g, repeat('x', g * 1000) as x from generate_series(1, 400) g");
  const rows = long.split("\r\n").slice(1, -1);
  expect(rows.map((row) => row.length)).toEqual(
    Array.from({ length: 400 }, (_, index) => String(index + 1).length + 1 + (index + 1) * 1000),
  );
  const many = await lines("select g from generate_series(1, 300000) g");
  expect(many.split("\r\n").length).toBe(300_002);
  expect(many.endsWith("\r\n300000\r\n")).toBe(true);
});

test("a slow reader holds the database back, and gets all of it", async () => {
  const question = copy("select g, repeat('y', 1000) from generate_series(1, 20000) g");
  let bytes = 0;
  let most = 0;
  for await (const chunk of question) {
    bytes += chunk.length;
    most = Math.max(most, question.readableLength);
    if (bytes < 500_000) await setTimeout(2);
  }
  expect(most).toBeLessThan(1_000_000);
  expect(bytes).toBe(3 + "g,repeat\r\n".length + 20_000 * 1_003 + 88_894);
  expect(await stillAnswers()).toEqual([{ one: 1 }]);
});

test("notices in between are passed over", async () => {
  await client.query(
    "create function pg_temp.loud(n int) returns int language plpgsql as $$ begin raise notice 'at %', n; return n; end $$",
  );
  expect(await lines("select pg_temp.loud(g) as g from generate_series(1, 3) g")).toBe("\ufeffg\r\n1\r\n2\r\n3\r\n");
});

test("a question that fails, at once or in the middle, is an error, and the connection goes on", async () => {
  await expect(lines("select nothing")).rejects.toThrow('column "nothing" does not exist');
  expect(await stillAnswers()).toEqual([{ one: 1 }]);
  await expect(lines("select 1 / (100000 - g) as x from generate_series(1, 200000) g")).rejects.toThrow(
    "division by zero",
  );
  expect(await stillAnswers()).toEqual([{ one: 1 }]);
});

test("a connection that ends in the middle is an error", async () => {
  const other = new pg.Client({ connectionString });
  other.on("error", () => {});
  await other.connect();
  const question = other.query(
    new CopyLines("copy (select g, pg_sleep(0.001) from generate_series(1, 100000) g) to stdout with (format csv)"),
  );
  const whole = buffer(question);
  whole.catch(() => {}); // it is looked at below
  const { rows } = await client.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'copy (select g, pg_sleep%'",
  );
  expect(rows).toHaveLength(1);
  await expect(whole).rejects.toThrow();
});
