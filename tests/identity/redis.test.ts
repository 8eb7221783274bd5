import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { createClient } from "redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, program } from "../browser/support.ts";
import type { Page } from "../support/browser.ts";
import { enterPassword, foundPractice, logIn } from "../support/people.ts";
import { openPortal, type Portal } from "../support/portal.ts";
import { codeTo, isIn, logInsOf, someone, verify, wrongPassword } from "./support.ts";

const redisServer = program("redis-server");

describe.skipIf(!redisServer)("sessions in a real Redis (skipped where there is none)", async () => {
  const port = redisServer ? await freePort() : 0;
  const url = `redis://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), "caraway-redis-"));
  const portal: Portal = await openPortal({ env: { REDIS_URL: url } });
  let redis: ChildProcess | undefined;

  const start = async (...more: string[]) => {
    const settings = [
      "--port",
      String(port),
      "--bind",
      "127.0.0.1",
      "--dir",
      folder,
      "--save",
      "",
      "--appendonly",
      "yes",
    ];
    redis = spawn(redisServer ?? "", [...settings, ...more], { stdio: "ignore" });
    await until(
      () =>
        ask((client) => client.ping()).then(
          () => true,
          () => false,
        ),
      "Redis answers",
    );
  };
  const stop = async () => {
    if (!redis || redis.exitCode !== null) return;
    redis.kill("SIGCONT");
    const ended = once(redis, "exit");
    redis.kill("SIGTERM");
    await ended;
  };
  const ask = async <Answer>(
    question: (client: ReturnType<typeof createClient>) => Promise<Answer>,
  ): Promise<Answer> => {
    const client = createClient({ url, socket: { connectTimeout: 500, reconnectStrategy: false } });
    client.on("error", () => {});
    await client.connect();
    try {
      return await question(client as ReturnType<typeof createClient>);
    } finally {
      client.destroy();
    }
  };
  /** Waits until the portal itself has found Redis again. */
  const portalReady = () =>
    until(async () => (await portal.browser().get("/readyz")).status === 200, "the portal is ready");

  beforeAll(async () => {
    await start();
    await portalReady();
  });
  afterAll(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("log-ins work, with a code too, and the sessions lie in Redis and not in the database", async () => {
    const { bob } = await foundPractice(portal);
    const bea = await someone(portal, { factors: ["email"] });
    const browser = await logIn(portal, bob);
    expect((await browser.get("/accounts")).path).toBe("/accounts");
    const page = await enterPassword(portal.browser(), bea);
    expect(isIn(await verify(page, await codeTo(portal, bea.email)))).toBe(true);
    const keys = await ask((client) => client.keys("session:*"));
    expect(keys.length).toBeGreaterThanOrEqual(2);
    expect(await portal.db("web_sessions")).toEqual([]);
    const kept = await ask(async (client) => Promise.all(keys.map((key) => client.get(key))));
    expect(kept.join()).not.toContain(await codeTo(portal, bea.email));
    for (const key of keys) expect(await ask((client) => client.ttl(key))).toBeGreaterThan(0);
  });

  test("logged out is logged out on every node, and a session stolen before opens nothing", async () => {
    const { bob } = await foundPractice(portal);
    const browser = await logIn(portal, bob);
    const node = await portal.anotherNode();
    const thief = browser.copy(node.server);
    await until(async () => (await thief.get("/readyz")).status === 200, "the other node is ready");
    expect((await thief.get("/accounts")).path).toBe("/accounts");
    await browser.page?.press("Log out");
    expect((await thief.get("/accounts")).path).toBe("/login");
  });

  test("emptied: everybody has to log in again, and a locked User ID stays locked", async () => {
    const { bob, bea } = await foundPractice(portal);
    const browser = await logIn(portal, bob);
    for (let time = 0; time < 5; time += 1) await enterPassword(portal.browser(), bea, wrongPassword);
    await ask((client) => client.flushAll());
    expect((await browser.get("/accounts")).path).toBe("/login");
    expect(isIn(await enterPassword(browser, bob))).toBe(true);
    expect((await enterPassword(portal.browser(), bea)).errors.join()).toContain("locked");
  });

  test("emptied between password and code: the code leads to the log-in, not in", async () => {
    const bea = await someone(portal, { factors: ["email"] });
    const page = await enterPassword(portal.browser(), bea);
    await ask((client) => client.flushAll());
    const answer = await verify(page, await codeTo(portal, bea.email));
    expect(isIn(answer)).toBe(false);
    expect(await logInsOf(portal, bea)).toBe(0);
  });

  test("stopped: a page that says so within five seconds; back again: everybody is still in", async () => {
    const { bob } = await foundPractice(portal);
    const browser = await logIn(portal, bob);
    const login = await portal.browser().get("/login");
    await stop();
    try {
      expectUnavailable(await soon(() => browser.get("/accounts")));
      expectUnavailable(await soon(() => browser.get("/accounts")));
      const tried = await soon(() =>
        login.press("Log in", { "User ID": bob.userId, Password: "quiet-harbor-lantern" }),
      );
      expectUnavailable(tried);
      expect((await portal.browser().get("/healthz")).status).toBe(200);
      expect((await soon(() => portal.browser().get("/readyz"))).status).toBe(503);
    } finally {
      await start();
    }
    await portalReady();
    expect((await browser.get("/accounts")).path).toBe("/accounts");
  });

  test("frozen: the same within five seconds, for twenty who ask at once; thawed: everybody is still in", async () => {
    const { bob } = await foundPractice(portal);
    const browser = await logIn(portal, bob);
    redis?.kill("SIGSTOP");
    try {
      const pages = await Promise.all(Array.from({ length: 20 }, () => soon(() => browser.copy().get("/accounts"))));
      for (const page of pages) expectUnavailable(page);
      expectUnavailable(await soon(() => browser.get("/accounts")));
    } finally {
      redis?.kill("SIGCONT");
    }
    await portalReady();
    expect((await browser.get("/accounts")).path).toBe("/accounts");
  });

  test("full: a log-in that cannot be kept is never shown as one that worked", async () => {
    const { bob } = await foundPractice(portal);
    const bea = await someone(portal, { factors: ["email"] });
    await ask((client) => client.configSet({ "maxmemory-policy": "noeviction", maxmemory: "1" }));
    try {
      const browser = portal.browser();
      const answer = await soon(() => enterPassword(browser, bob));
      expect(isIn(answer)).toBe(false);
      expect(answer.status).toBe(503);
      expect((await browser.get("/accounts")).path).toBe("/login");
      expect((await enterPassword(portal.browser(), bea)).path).not.toBe("/login/code");
    } finally {
      await ask((client) => client.configSet("maxmemory", "0"));
    }
    expect(isIn(await enterPassword(portal.browser(), bob))).toBe(true);
  });
});

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const began = performance.now();
  while (!(await isSo())) {
    if (performance.now() - began > 10_000) throw new Error(`Waited ten seconds, and not yet: ${what}`);
    await setTimeout(50);
  }
}

/** Every limit lies under five seconds; the sixth is for machines that are busy. */
async function soon(askIt: () => Promise<Page>): Promise<Page> {
  const began = performance.now();
  const page = await askIt();
  expect(performance.now() - began).toBeLessThan(6_000);
  return page;
}

function expectUnavailable(page: Page): void {
  expect([page.status, page.heading]).toEqual([503, "Not available right now"]);
  expect(Number(page.header("retry-after"))).toBeGreaterThan(0);
  expect(page.buttons).not.toContain("Log out");
  expect(page.html).not.toMatch(/redis|ECONN|OOM|node_modules/i);
}
