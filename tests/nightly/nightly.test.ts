import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { historyOf, replay } from "../../src/accounts/replay.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { runNightly } from "../../src/nightly.ts";
import type { Db } from "../../src/platform/db.ts";
import { databaseOf } from "../support/database.ts";
import { type Books, copyOf, findings, open, openBooks, pay, sell, wholeBooks } from "./support.ts";

// Nine months of forty accounts, on every kind of plan, some paid and some not. Each test has its nights on a copy, and
// long before they come: the statements of nights that are caught up go out late, which costs fewer fees.
const through = "2125-10-10";
const dataDir = mkdtempSync(join(tmpdir(), "caraway-nightly-"));
let books: Books;
vi.setConfig({ testTimeout: 60_000 }); // each test has hundreds of nights
let expected: Record<string, unknown[]>;
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

beforeAll(async () => {
  books = await openBooks();
  const plans = ["standard", "deferred-6", "deferred-12", "fixed-24", "convert-12"] as const;
  for (let count = 0; count < 40; count += 1) {
    books.clock.set(addDays("2125-01-03", count));
    const account = await open(books);
    await sell(books, account, plans[count % 5] ?? "standard", 120_000 + count * 1_000);
    if (count % 3) continue;
    await sell(books, account, "standard", 7_000);
    books.clock.set(addDays("2125-03-10", count));
    await pay(books, account, 20_000 + count);
  }
  books.clock.set("2125-02-15");
  const overpaid = await open(books);
  await sell(books, overpaid, "standard", 10_000);
  await pay(books, overpaid, 15_000);
  books.clock.set("2125-01-03");
  await books.db.destroy();
  const once = await copyOf(books.url);
  await runNightly({ db: once.db, clock: books.clock, vault: books.vault, config: books.config }, { through });
  expected = await wholeBooks(once.db);
  expect(await findings(once.db)).toEqual([]);
}, 60_000);

test("nine months of nights makes statements, interest, late fees and ends of promotions, and the books balance", () => {
  const kinds = new Set(expected.entries?.map((each) => (each as { kind: string }).kind));
  expect([...kinds].sort()).toEqual([
    "credit refund",
    "deferred interest",
    "deposit",
    "interest",
    "late fee",
    "payment",
    "sale",
  ]);
  expect(expected.statements?.length).toBeGreaterThan(40 * 7);
});

test("each statement is told of once, and each ending promotion reminded of at 90, 60, 30 and 7 days", () => {
  expect(expected.told?.length).toBeGreaterThan(40 * 6);
  expect(expected.reminders?.length).toBe(8 * 4 + 2); // and the first for the longer ones of January
});

test("running the nights again changes nothing", async () => {
  const { db } = await copyOf(books.url);
  await runNightly({ db, clock: books.clock, vault: books.vault, config: books.config }, { through });
  expect(await runNightly({ db, clock: books.clock, vault: books.vault, config: books.config }, { through })).toEqual(
    [],
  );
  expect(await wholeBooks(db)).toEqual(expected);
});

test("night by night, or months at once, come to the same books", async () => {
  const { db } = await copyOf(books.url);
  for (const some of ["2125-02-01", "2125-02-02", "2125-02-03", "2125-07-31", "2125-08-24", through]) {
    await runNightly({ db, clock: books.clock, vault: books.vault, config: books.config }, { through: some });
  }
  expect(await wholeBooks(db)).toEqual(expected);
});

test("three nodes at once share the nights, and the books are the same", async () => {
  const { db } = await copyOf(books.url);
  const nodes = await Promise.all(
    [1, 2, 3].map(() => runNightly({ db, clock: books.clock, vault: books.vault, config: books.config }, { through })),
  );
  const accounts = nodes.flat().reduce((sum, each) => sum + each.accounts, 0);
  const alone = await copyOf(books.url);
  const ended = await runNightly(
    { db: alone.db, clock: books.clock, vault: books.vault, config: books.config },
    { through },
  );
  expect(accounts).toBe(ended.reduce((sum, each) => sum + each.accounts, 0));
  expect(await wholeBooks(db)).toEqual(expected);
});

test("a night that is killed goes on where it was, whenever that is", async () => {
  const { url, db } = await copyOf(books.url);
  for (const share of [0.1, 0.4, 0.7]) {
    const process = nightlyProcess(url);
    await until(async () => (await statementsIn(db)) > (expected.statements?.length ?? 0) * share, process);
    process.kill("SIGKILL");
    await once(process, "exit");
    expect(await findings(db)).toEqual([]);
    expect(await statementsIn(db)).toBeLessThan(expected.statements?.length ?? 0);
  }
  const [code] = await once(nightlyProcess(url), "exit");
  expect(code).toBe(0);
  expect(await wholeBooks(db)).toEqual(expected);
});

test("the events of every account, run again from its opening, lead to where it stands", async () => {
  const { db } = await copyOf(books.url);
  await runNightly({ db, clock: books.clock, vault: books.vault, config: books.config }, { through });
  for (const { account_id, state } of await db("account_states")) {
    const run = replay(await historyOf(db, account_id), state);
    expect(run.account).toEqual(state);
  }
});

test("an account is left alone until it has work", async () => {
  const { db } = await copyOf(books.url);
  const due = await db("account_states").min("next_work_on as day").first();
  const early = addDays(due?.day ?? "", -1);
  expect(
    await runNightly({ db, clock: books.clock, vault: books.vault, config: books.config }, { through: early }),
  ).toEqual([]);
});

function nightlyProcess(url: string): ChildProcess {
  const env = { ...process.env, ...databaseOf(url), DATA_DIR: dataDir, NODE_ENV: "test", LOG_LEVEL: "silent" };
  return spawn(process.execPath, ["src/commands/nightly.ts", "--through", through], { env, stdio: "ignore" });
}

async function until(holds: () => Promise<boolean>, process: ChildProcess): Promise<void> {
  while (!(await holds())) {
    if (process.exitCode !== null)
      throw new Error(`the nights were over (${process.exitCode}) before they were killed`);
    await setTimeout(2);
  }
}

async function statementsIn(db: Db): Promise<number> {
  const row = await db("statements").count("* as count").first();
  return Number(row?.count);
}
