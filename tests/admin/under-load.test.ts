import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test, vi } from "vitest";
import { backgroundWork } from "../../src/background.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { runNightly } from "../../src/nightly.ts";
import type { Listener } from "../../src/platform/listen.ts";
import type { Maintenance } from "../../src/platform/maintenance.ts";
import type { Browser, Page } from "../support/browser.ts";
import { foundPractice, logIn, openAccountFor, reviewSaleOf, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { adaOf } from "./support.ts";

vi.setConfig({ testTimeout: 60_000 });
const portal = await openPortal();
const practice = await foundPractice(portal);
const two = await portal.anotherNode();
const { ada, set } = await adaOf(portal);

/** Of one node, from now to the end of the test. */
function watch({ maintenance, listener }: { maintenance: Maintenance; listener: Listener }) {
  onTestFinished(maintenance.watch(listener));
}
const recorded = async () => Number((await portal.db("transactions").count("* as n").first())?.n);

test("switched on under load, on two nodes: no half-done sale, and none after it was answered; off again, sales go on", async () => {
  watch(portal.parts);
  watch(two.parts);
  const statuses: { at: "before" | "during" | "after"; status: number }[] = [];
  let phase: "before" | "during" | "after" = "before";
  let isOver = false;
  const charged: Page[] = [];
  const bob = await logIn(portal, practice.bob);
  const clerks = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const node = bob.copy(index % 2 ? two.server : portal.server);
      return { node, account: await openAccountFor(portal, practice, { limitCents: 100_000_000 }) };
    }),
  );
  const work = clerks.map(async ({ node, account }) => {
    while (!isOver) {
      const begun = phase;
      const review = await reviewSaleOf(node, account, { Amount: "12.34" });
      const page = review.status === 200 ? await review.press("Charge") : review;
      if (begun === phase) statuses.push({ at: begun, status: page.status });
      if (page.status === 200) charged.push(page);
      else expect(page.text).toContain("maintenance");
    }
  });

  await expect.poll(() => charged.length, { timeout: 20_000 }).toBeGreaterThan(10);
  await set({ Mode: "Read-only" });
  const atSwitch = await recorded();
  phase = "during";
  const inEffect = () => statuses.filter(({ at, status }) => at === "during" && status === 503).length;
  await expect.poll(inEffect, { timeout: 10_000 }).toBeGreaterThan(12);
  expect(await recorded()).toBe(atSwitch);
  expect(statuses.filter(({ at, status }) => at === "during" && status !== 503)).toEqual([]);
  phase = "after";
  const before = charged.length;
  await set({ Mode: "Off" });
  await expect.poll(() => charged.length, { timeout: 20_000 }).toBeGreaterThan(before + 6);
  isOver = true;
  await Promise.all(work);
  // Every receipt that was shown is recorded, and nothing else; after each test the books are proved too.
  const receipts = new Set(charged.map(({ path }) => path));
  expect(receipts.size).toBe(charged.length);
  expect(await recorded()).toBe(charged.length);
});

test("a node that has not heard of it: the ledger itself refuses, the sale fails whole, and the page says why", async () => {
  const account = await openAccountFor(portal, practice);
  const bob: Browser = (await logIn(portal, practice.bob)).copy(two.server);
  const review = await reviewSaleOf(bob, account, { Amount: "50.00" });
  await set({ Mode: "Full" });
  expect(two.parts.maintenance.plan().mode).toBe("off");
  const page = await review.press("Charge");
  expect([page.status, page.heading]).toEqual([503, "Closed for maintenance"]);
  expect(await portal.db("transactions").where({ account_id: account.id })).toEqual([]);
  await set({ Mode: "Off" });
  await two.parts.maintenance.refresh();
  expect((await page.press("Send it again")).title).toContain("Sale receipt");
});

test("a sale that is under way when it is switched on is waited for, and is whole", async () => {
  const posting = await portal.db.transaction();
  await posting.raw("select pg_advisory_xact_lock_shared(hashtext('caraway maintenance'))"); // as each posting does
  const saved = set({ Mode: "Read-only" });
  const first = await Promise.race([saved.then(() => "saved"), setTimeout(400, "waiting")]);
  expect(first).toBe("waiting");
  await posting.commit();
  expect((await saved).text).toContain("Read-only for maintenance");
  await set({ Mode: "Off" });
});

test("within two seconds on a node that is told nothing, and at once on one that is; after a restart as before", async () => {
  const [told, deaf, restarted] = [two.parts, (await portal.anotherNode()).parts, await portal.anotherNode()];
  watch(told);
  watch({ maintenance: deaf.maintenance, listener: { subscribe: () => () => {}, close: async () => {} } });
  const isFull = ({ maintenance }: { maintenance: Maintenance }) => maintenance.plan().mode === "full";
  await expect.poll(() => told.maintenance.plan().mode).toBe("off");
  await set({ Mode: "Full" });
  const began = performance.now();
  await expect.poll(() => isFull(told), { interval: 5, timeout: 900 }).toBe(true);
  await expect.poll(() => isFull(deaf), { interval: 20, timeout: 2_000 }).toBe(true);
  expect(performance.now() - began).toBeLessThan(2_000);
  await restarted.parts.maintenance.refresh(); // what a start does before it is ready
  const bob = await portal.browser().copy(restarted.server).ask("GET", "/accounts");
  expect(bob.status).toBe(503);
  expect((await ada.copy(restarted.server).get("/admin/maintenance")).text).toContain("Closed for maintenance");
  await set({ Mode: "Off" });
});

test("the night and decisions wait for the end, and are done then; codes go out all the while", async () => {
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account);
  portal.clock.advance({ days: 40 });
  const { set: switchTo } = await adaOf(portal);
  await switchTo({ Mode: "Read-only" });
  const { tasks } = backgroundWork(portal.parts);
  const jobs = async () =>
    (await portal.db.raw("select task_identifier from graphile_worker.jobs order by 1")).rows.map(
      (row: { task_identifier: string }) => row.task_identifier,
    );
  const signal = new AbortController().signal;
  for (const name of ["nightly", "decide-waiting"]) await tasks[name]?.("", signal);
  expect(await jobs()).toEqual(expect.arrayContaining(["decide-waiting", "nightly"]));
  expect(await portal.db("nights")).toEqual([]);
  // Run all the same, from the command line: the books stay closed.
  await expect(runNightly(portal.parts, { through: addDays(portal.clock.today(), -1) })).rejects.toThrow(/maintenance/);
  await switchTo({ Mode: "Off" });
  await tasks.nightly?.("", signal);
  expect((await portal.db("nights").max("night as last").first())?.last).toBe(addDays(portal.clock.today(), -1));
});
