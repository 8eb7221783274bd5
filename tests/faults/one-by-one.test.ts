import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { importPayments, paymentColumns } from "../../src/accounts/import-payments.ts";
import { receivableCents } from "../../src/ledger/balances.ts";
import { runNightly } from "../../src/nightly.ts";
import { portalItself } from "../../src/platform/audit.ts";
import type { Page, Sending } from "../support/browser.ts";
import { databaseOf } from "../support/database.ts";
import { foundPractice, logIn, openAccountFor, reviewSaleOf, sellTo, type TestAccount } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { wireTo } from "../support/proxy.ts";
import { startNode } from "./nodes.ts";

vi.setConfig({ testTimeout: 40_000 });
const portal = await openPortal();
const practice = await foundPractice(portal);
const alice = await logIn(portal, practice.alice);
const [first, second] = await Promise.all([startNode(portal), startNode(portal)]);

// No transaction is left open: within the time of a busy machine, and before the database itself would end it.
afterEach(async () => {
  const open = "select from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'";
  await expect.poll(async () => (await portal.db.raw(open)).rows.length, { timeout: 5_000 }).toBe(0);
});

test("a node killed in the middle of a charge: nothing was charged, and the same press on another charges once", async () => {
  const { account, charge } = await aReview();
  const node = await startNode(portal);
  const holder = await hold(account);
  const pressed = alice.copy(node.url).send(charge);
  pressed.catch(() => {});
  await untilWaiting();
  await node.kill();
  await expect(pressed).rejects.toThrow();
  await holder.commit();
  await expect.poll(() => owed(account)).toBe(0);
  expect((await alice.copy(second.url).send(charge)).title).toContain("Sale receipt");
  expect(await owed(account)).toBe(30_000);
});

test("a node that freezes in the middle of a charge and wakes up later finds it done, and shows the same receipt", async () => {
  const { account, charge } = await aReview();
  const holder = await hold(account);
  const late = alice.copy(first.url).send(charge);
  await untilWaiting();
  first.freeze();
  await holder.commit();
  // The frozen node's transaction may hold what the other needs: it then says so, and a later press succeeds.
  const pressing = expect.poll(async () => (await alice.copy(second.url).send(charge)).title, { timeout: 12_000 });
  await Promise.all([pressing.toContain("Sale receipt"), setTimeout(1_500).then(() => first.thaw())]);
  const answer = await late;
  expect([200, 503]).toContain(answer.status);
  expect((await alice.copy(first.url).send(charge)).path).toBe(
    charge.action.replace(/\/accounts.*/, await receiptOf(account)),
  );
  expect(await owed(account)).toBe(30_000);
});

test("a commit whose answer is lost: the page cannot know, and the same press shows the receipt of the one sale", async () => {
  const { account, charge } = await aReview();
  const wire = await wireTo(portal.databaseUrl);
  const node = await portal.anotherNode({ databaseUrl: wire.url });
  const cut = alice.copy(node.server);
  await cut.get("/accounts");
  wire.cutAtCommit();
  expect((await cut.send(charge)).status).toBe(503);
  expect(await owed(account)).toBe(30_000);
  wire.mend();
  expect((await cut.send(charge)).title).toContain("Sale receipt");
  expect(await owed(account)).toBe(30_000);
});

test("connections ended under load, by the administrator of the database: every page is an answer, every sale is whole", async () => {
  const account = await openAccountFor(portal, practice);
  const ending = (async () => {
    for (let times = 0; times < 12; times += 1) {
      await portal.db.raw(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = 'caraway_test_app'",
      );
      await setTimeout(100);
    }
  })();
  const presses = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      const browser = alice.copy(index % 2 ? first.url : second.url);
      const form = await persist(() => browser.get(`${account.path}/sale`));
      const review = await persist(() =>
        browser.send(form.sending("Review sale", { Plan: "Standard account", Amount: "10" })),
      );
      return persist(() => review.press("Charge"));
    }),
  );
  await ending;
  expect(new Set(presses.map(({ title }) => title.split(" – ")[0]))).toEqual(new Set(["Sale receipt"]));
  expect(await owed(account)).toBe(12_000);
});

test("somebody hangs up before the answer: the sale is whole or is not there, and the press again is the receipt", async () => {
  const { account, charge } = await aReview();
  const leaving = new AbortController();
  const fields = new URLSearchParams(charge.fields);
  const sent = fetch(new URL(charge.action, first.url), {
    method: "POST",
    body: fields,
    signal: leaving.signal,
    redirect: "manual",
    headers: { cookie: alice.cookieHeader },
  });
  await setTimeout(5);
  leaving.abort();
  await sent.catch(() => {});
  await setTimeout(300);
  expect([0, 30_000]).toContain(await owed(account));
  expect((await alice.copy(second.url).send(charge)).title).toContain("Sale receipt");
  expect(await owed(account)).toBe(30_000);
});

test("a refund, a whole refund and a sale at once, on two nodes: none goes beyond the sale, and all of them are answered", async () => {
  const account = await openAccountFor(portal, practice, { limitCents: 40_000 });
  const saleId = await sellTo(portal, practice, account, { amountCents: 30_000 });
  const reviews = await Promise.all(
    Array.from({ length: 10 }, async (_, index) => {
      const form = await alice.copy(index % 2 ? first.url : second.url).get(`/transactions/${saleId}/refund`);
      const amount = index === 5 ? "300.00" : "90.00";
      return form.press("Review refund", { Amount: amount, Reason: "Other" });
    }),
  );
  const sale = (await reviewSaleOf(alice.copy(first.url), account, { Amount: "100" })).press("Charge");
  const answers = await Promise.all([...reviews.map((review) => review.press("Refund")), sale]);
  expect(answers.map(({ status }) => status).filter((status) => ![200, 422].includes(status))).toEqual([]);
  const { refunded_cents } = await portal.db("transactions").where({ id: saleId }).first();
  expect([27_000, 30_000]).toContain(refunded_cents);
  expect(await owed(account)).toBe(30_000 - refunded_cents + 10_000);
});

test("clocks that jump: a night ended ahead of time is not undone, and what follows counts from the next open day", async () => {
  const account = await openAccountFor(portal, practice);
  const today = portal.clock.today();
  await runNightly(portal.parts, { through: today });
  const nights = await portal.db("nights").orderBy("night");
  first.tell(new Date(portal.clock.now().getTime() - 10 * 60_000));
  second.tell(new Date(portal.clock.now().getTime() + 10 * 60_000));
  for (const node of [first, second]) {
    const review = await reviewSaleOf(alice.copy(node.url), account, { Amount: "25" });
    expect((await review.press("Charge")).title).toContain("Sale receipt");
  }
  const early = { now: () => portal.clock.now(), today: () => "2026-10-01" };
  expect(await runNightly({ ...portal.parts, clock: early })).toEqual([]); // back in October nothing is to be done
  expect(await portal.db("nights").orderBy("night")).toEqual(nights);
  first.tell(new Date(portal.clock.now().getTime() + 13 * 3_600_000));
  expect((await alice.copy(first.url).get(account.path)).buttons).toContain("Log in"); // twelve hours are over there
  first.tell(portal.clock.now());
  second.tell(portal.clock.now());
  expect(await owed(account)).toBe(5_000);
});

test("a payment file that is killed at any place, and read again by two at once, posts each line once", async () => {
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { amountCents: 400_000 });
  const { number } = await portal.db("accounts").where({ id: account.id }).first("number");
  const lines = Array.from(
    { length: 120 },
    (_, index) => `K-${account.last4}-${index},${number},10.00,${portal.clock.today()},`,
  );
  const folder = mkdtempSync(join(tmpdir(), "caraway-file-"));
  const file = join(folder, "payments.csv");
  writeFileSync(file, [paymentColumns.join(), ...lines].join("\n"));
  const node = new URL("import-file.ts", import.meta.url).pathname;
  const env = {
    ...process.env,
    ...databaseOf(portal.ownerUrl),
    NODE_ENV: "test",
    DATA_DIR: folder,
    TODAY: portal.clock.today(),
  };
  const posted = async () =>
    Number((await portal.db("payments").where({ account_id: account.id }).count("* as count").first())?.count);
  const killed = spawn(process.execPath, [node, file], { env, stdio: ["ignore", "ignore", "inherit"] });
  await expect.poll(posted, { timeout: 20_000, interval: 5 }).toBeGreaterThan(5);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const whole = [paymentColumns.join(), ...lines];
  const reports = await Promise.all([1, 2].map(() => importPayments(portal.parts, portalItself, whole)));
  expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
  expect(await posted()).toBe(120);
  expect(await owed(account)).toBe(400_000 - 120 * 1_000);
  rmSync(folder, { recursive: true });
});

test("ten times as many as there are connections ask at once: each is answered, and none with an error of ours", async () => {
  const account = await openAccountFor(portal, practice);
  const pages = await Promise.all(Array.from({ length: 100 }, () => alice.copy(first.url).ask("GET", account.path)));
  expect(pages.filter(({ status }) => status !== 200 && status !== 503).map(({ status }) => status)).toEqual([]);
  expect((await alice.copy(first.url).get(account.path)).status).toBe(200);
});

async function aReview(): Promise<{ account: TestAccount; charge: Sending }> {
  const account = await openAccountFor(portal, practice);
  return { account, charge: (await reviewSaleOf(alice, account, { Amount: "300" })).sending("Charge") };
}

const owed = (account: TestAccount) => receivableCents(portal.db, account.id);

async function receiptOf(account: TestAccount): Promise<string> {
  const { id } = await portal.db("transactions").where({ account_id: account.id }).first("id");
  return `/transactions/${id}`;
}

async function hold(account: TestAccount) {
  const holder = await portal.db.transaction();
  await holder("accounts").where({ id: account.id }).forUpdate().first("id");
  return holder;
}

/** A fresh node's first request takes its time on a busy machine. */
const patient = { timeout: 10_000 };
const untilWaiting = () =>
  expect
    .poll(async () => {
      const { rows } = await portal.db.raw(
        "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      return rows[0].waiting;
    }, patient)
    .toBe(1);

/** Asks again while a part is away, as the page says to. */
async function persist(ask: () => Promise<Page>): Promise<Page> {
  for (let tries = 0; tries < 60; tries += 1) {
    const page = await ask().catch(() => undefined); // the node's own connection, closed under it
    if (page && page.status !== 503) {
      expect([200, 422]).toContain(page.status);
      return page;
    }
    await setTimeout(30);
  }
  throw new Error("no answer but that a part is away");
}
