import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Browser, Page } from "../support/browser.ts";
import { foundPractice, logIn, openAccountFor, reviewSaleOf } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { wireTo } from "../support/proxy.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);
const account = await openAccountFor(portal, practice);

// These tests are about waiting, so they wait side by side.
test.concurrent("a database that refuses to be called: a page that says so, at once", async () => {
  const bob = await bobOn("postgresql://caraway@127.0.0.1:9/caraway"); // where nobody listens
  const page = await soon(() => bob.get("/accounts"));
  expectUnavailable(page);
  expectUnavailable(await soon(() => bob.get(account.path)));
});

test.concurrent("a database that takes the call and says nothing: the same, within five seconds", async () => {
  const wire = await wireTo(portal.databaseUrl);
  wire.fallSilent();
  const bob = await bobOn(wire.url);
  expectUnavailable(await soon(() => bob.get("/accounts")));
});

test.concurrent("a database that falls silent in the middle of the day, and comes back", async () => {
  const wire = await wireTo(portal.databaseUrl);
  const bob = await bobOn(wire.url);
  expect((await bob.get("/accounts")).status).toBe(200);
  wire.fallSilent();
  expectUnavailable(await soon(() => bob.get("/accounts")));
  wire.mend();
  expect((await soon(() => bob.get("/accounts"))).status).toBe(200);
});

test.concurrent("many who ask, at once and one after another, are all told within five seconds", async () => {
  const wire = await wireTo(portal.databaseUrl);
  const bob = await bobOn(wire.url);
  expect((await bob.get("/accounts")).status).toBe(200);
  wire.fallSilent();
  const pages = await Promise.all(
    Array.from({ length: 25 }, async (_, index) => {
      await setTimeout(index * 80);
      return soon(() => bob.copy().get("/accounts"));
    }),
  );
  for (const page of pages) expectUnavailable(page);
});

test.concurrent("connections that break, as when the database starts anew, are opened again by themselves", async () => {
  const wire = await wireTo(portal.databaseUrl);
  const bob = await bobOn(wire.url);
  expect((await bob.get("/accounts")).status).toBe(200);
  wire.cut();
  expectUnavailable(await soon(() => bob.get("/accounts")));
  wire.mend();
  expect((await soon(() => bob.get("/accounts"))).status).toBe(200);
});

test.concurrent("a portal without its database is alive, is not ready, and nobody gets in", async () => {
  const { server } = await portal.anotherNode({ databaseUrl: "postgresql://caraway@127.0.0.1:9/caraway" });
  const browser = portal.browser().copy(server);
  expect((await browser.get("/healthz")).status).toBe(200);
  const ready = await soon(() => browser.get("/readyz"));
  expect([ready.status, ready.html]).toEqual([503, "database does not answer\n"]);
  const page = await browser.get("/login");
  expect(page.status).toBe(200); // it asks for nothing that is not here
  expectUnavailable(
    await soon(() => page.press("Log in", { "User ID": practice.bob.userId, Password: "quiet-harbor-lantern" })),
  );
});

test.concurrent("what somebody else holds is waited for three seconds, and then nothing was charged", async () => {
  const held = await openAccountFor(portal, practice);
  const bob = await bobOn(portal.databaseUrl);
  const review = await reviewSaleOf(bob, held, { Amount: "25" });
  const holder = await portal.db.transaction();
  await holder("accounts").where({ id: held.id }).forUpdate().first("id");
  try {
    const page = await soon(() => review.press("Charge"));
    expectUnavailable(page);
    expect(page.text).toContain("try the same again");
  } finally {
    await holder.commit();
  }
  expect(await portal.db("transactions").where({ account_id: held.id })).toEqual([]);
  expect((await review.press("Charge")).title).toContain("Sale receipt");
  expect(await portal.db("transactions").where({ account_id: held.id })).toHaveLength(1);
});

/** Bob, logged in, at a node of the portal that reaches the database in this way. */
async function bobOn(databaseUrl: string): Promise<Browser> {
  const bob = await logIn(portal, practice.bob);
  return bob.copy((await portal.anotherNode({ databaseUrl })).server);
}

/** Every limit lies under five seconds; the sixth is for machines that are busy. */
async function soon<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const began = performance.now();
  const answer = await ask();
  expect(performance.now() - began).toBeLessThan(6_000);
  return answer;
}

function expectUnavailable(page: Page): void {
  expect([page.status, page.heading]).toEqual([503, "Not available right now"]);
  expect(Number(page.header("retry-after"))).toBeGreaterThan(0);
  expect(page.text).toContain("does not answer at the moment");
  expect(page.text).toContain(page.header("x-request-id"));
  expect(page.html).not.toMatch(/ECONN|timeout|node_modules|127\.0\.0\.1:9/i);
}
