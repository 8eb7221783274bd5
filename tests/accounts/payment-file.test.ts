import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { importPayments } from "../../src/accounts/import-payments.ts";
import { receivableCents } from "../../src/ledger/balances.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { findings, open, openBooks, sell } from "../nightly/support.ts";

const books = await openBooks();
const { db, clock } = books;
clock.set("2026-03-02");
afterEach(async () => expect(await findings(db)).toEqual([]));

const headings = "reference,account,amount,received on,returns";
const take = (...lines: string[]) => importPayments(books, portalItself, [headings, ...lines]);

async function owing(): Promise<{ id: string; number: string }> {
  const id = await open(books);
  await sell(books, id, "standard", 100_000);
  const { number } = await db("accounts").where({ id }).first("number");
  return { id, number };
}

test("good lines post, and each bad one is told by its number and every reason", async () => {
  const { id, number } = await owing();
  const report = await take(
    `A-1,${number},100.00,2026-03-02,`,
    `A-2,1234,abc,2026-02-30,`,
    "",
    `"A-3","${number}","$1,000.50",03/02/2026,`,
    `A-4,${number},5.00`,
    `"A-5,${number},5.00,2026-03-02,`,
    `A-6,9999999999999999,5.00,2026-03-02,`,
    `A-7,${number},5.00,2026-03-03,`,
    `A-8,${number},0.00,2026-03-02,`,
  );
  expect(report).toEqual({
    posted: 2,
    postedBefore: 0,
    problems: [
      {
        line: 3,
        reason: "An account has 16 digits. The amount is none, or not above zero. The day of receipt is no date.",
      },
      { line: 6, reason: "5 values are expected, and 3 are there" },
      { line: 7, reason: "A quotation mark is missing" },
      { line: 8, reason: "No account has this number." },
      { line: 9, reason: "That day is still to come" },
      { line: 10, reason: "The amount is none, or not above zero." },
    ],
  });
  expect(await receivableCents(db, id)).toBe(100_000 - 10_000 - 100_050);
});

test("the same file twice, or twice at once, posts once; a reference with another amount is refused", async () => {
  const { id, number } = await owing();
  const lines = [`B-1,${number},10.00,2026-03-02,`, `B-2,${number},10.00,2026-03-02,`];
  const reports = await Promise.all([take(...lines), take(...lines), take(...lines)]);
  const sum = (key: "posted" | "postedBefore") => reports.reduce((total, report) => total + report[key], 0);
  expect([sum("posted"), sum("postedBefore")]).toEqual([2, 4]);
  expect(await take(...lines)).toEqual({ posted: 0, postedBefore: 2, problems: [] });
  expect(await receivableCents(db, id)).toBe(98_000);
  const other = await take(`B-1,${number},11.00,2026-03-02,`);
  expect(other.problems).toEqual([{ line: 2, reason: "Another payment was recorded under this reference" }]);
});

test("a payment that the bank returns is taken back, once", async () => {
  const { id, number } = await owing();
  await take(`C-1,${number},300.00,2026-03-02,`);
  const back = `C-2,${number},300.00,2026-03-02,C-1`;
  expect(await take(back, back)).toEqual({ posted: 1, postedBefore: 1, problems: [] });
  expect(await receivableCents(db, id)).toBe(100_000);
  const { problems } = await take(`C-3,${number},1.00,2026-03-02,C-1`, `C-4,${number},300.00,2026-03-02,C-9`);
  expect(problems.map(({ reason }) => reason)).toEqual([
    "A payment is returned whole.",
    "The account has no payment with the reference that is returned.",
  ]);
});

test("of a file with other columns nothing is posted", async () => {
  const { number } = await owing();
  const report = await importPayments(books, portalItself, ["account,amount", `${number},100.00`]);
  expect(report).toMatchObject({ posted: 0, problems: [{ line: 1, reason: expect.stringContaining(headings) }] });
});

test("a file that is cut off by a kill is finished by reading it again", async () => {
  const { id, number } = await owing();
  const folder = mkdtempSync(join(tmpdir(), "caraway-payments-"));
  const file = join(folder, "payments.csv");
  const lines = Array.from({ length: 300 }, (_, index) => `D-${index},${number},1.00,2026-03-02,`);
  writeFileSync(file, [headings, ...lines, "bad"].join("\r\n"));
  const run = () => {
    const env = { ...process.env, DATABASE_URL: books.url, DATA_DIR: folder, NODE_ENV: "test", LOG_LEVEL: "silent" };
    return spawn(process.execPath, ["src/commands/payments.ts", file], { env, stdio: "ignore" });
  };
  const killed = run();
  const count = async () => Number((await db("payments").where({ account_id: id }).count("* as count").first())?.count);
  while ((await count()) < 50 && killed.exitCode === null) await setTimeout(2);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(await count()).toBeLessThan(300);
  const [code] = await once(run(), "exit");
  rmSync(folder, { recursive: true });
  expect(code).toBe(1); // for the bad line
  expect(await count()).toBe(300);
  expect(await receivableCents(db, id)).toBe(70_000);
}, 60_000);
