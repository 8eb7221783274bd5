import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { parseCrontab } from "graphile-worker";
import { expect, onTestFinished, test, vi } from "vitest";
import { backgroundWork } from "../../src/background.ts";
import { startWorker } from "../../src/platform/worker.ts";
import { asAdministrator, databaseOf } from "../support/database.ts";
import { openPortal } from "../support/portal.ts";
import { eventually, jobOf, makeDue, newAddress, rowOf, send, startSmtp, work } from "./support.ts";

vi.setConfig({ testTimeout: 45_000 });
/** Programs start here, two seconds on an idle machine, beside whatever else a busy one does. */
const startMs = 30_000;

const smtp = await startSmtp();
const portal = await openPortal({ env: { SMTP_URL: smtp.url }, booksBalance: false }); // whose questions we cut off
const { db, databaseUrl, ownerUrl } = portal;
const databaseName = new URL(databaseUrl).pathname.slice(1);
const isSent = { sent_at: expect.any(Date) };

test("a worker killed while it delivers: another delivers, under the same Message-ID", async () => {
  const { to, begun } = slowly(() => (begun.length === 1 ? new Promise(() => {}) : undefined)); // taken, never confirmed
  const killed = run("tests/delivery/worker-process.ts");
  const { id } = await send(portal, { to });
  await eventually(() => begun.length, startMs).toBe(1);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(await rowOf(db, id)).toMatchObject({ sent_at: null });
  work(portal);
  await eventually(() => rowOf(db, id)).toMatchObject(isSent);
  expect(begun).toEqual([`<${id}@localhost>`, `<${id}@localhost>`]);
});

test("two workers deliver each message once", async () => {
  const sent = await Promise.all(Array.from({ length: 40 }, () => send(portal)));
  work(portal);
  work(portal);
  for (const { id } of sent) await eventually(() => rowOf(db, id)).toMatchObject(isSent);
  expect(sent.map(({ to }) => smtp.receivedBy(to).length)).toEqual(sent.map(() => 1));
});

test("a living worker keeps a job however long it takes", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { to, begun } = slowly(() => promise);
  work(portal);
  const { id } = await send(portal, { to });
  await eventually(() => begun.length).toBe(1);
  work(portal);
  await setTimeout(800); // more than twice the age at which an abandoned job is taken over
  expect(begun).toHaveLength(1);
  resolve();
  await eventually(() => rowOf(db, id)).toMatchObject(isSent);
});

test("a worker whose connections are cut goes on with new ones", async () => {
  work(portal);
  for (const _ of [1, 2, 3, 4]) {
    const { id } = await send(portal);
    await eventually(() => rowOf(db, id)).toMatchObject(isSent);
    await cutConnections("application_name = 'caraway worker'");
  }
});

test("a database that goes away under deliveries and comes back finds the worker again", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = [slowly(() => promise), slowly(() => promise), slowly(() => promise)];
  work(portal);
  const sent = await Promise.all(slow.map(({ to }) => send(portal, { to })));
  await eventually(() => slow.every(({ begun }) => begun.length === 1)).toBe(true);
  await asAdministrator(ownerUrl, (sql) => sql(`alter database ${databaseName} allow_connections false`));
  await cutConnections();
  resolve();
  await setTimeout(700);
  await asAdministrator(ownerUrl, (sql) => sql(`alter database ${databaseName} allow_connections true`));
  for (const { id } of [...sent, await send(portal)]) {
    await eventually(() => rowOf(db, id)).toMatchObject(isSent);
  }
  for (const { begun } of slow) expect(new Set(begun).size).toBe(1);
});

test("what is due by the clock is work that there is", () => {
  const { tasks, crontab = "" } = backgroundWork(portal.parts);
  for (const { task } of parseCrontab(crontab)) expect(tasks).toHaveProperty(task);
});

test("a worker that cannot reach a database stops when it is told to", async () => {
  const nowhere = "postgresql://nobody@127.0.0.1:1/nowhere";
  const worker = startWorker({ databaseUrl: nowhere, log: portal.parts.log, tasks: {} });
  await setTimeout(50);
  await within(2_500, () => worker.stop());
});

test("told to stop, the portal finishes the delivery it is at, and ends", async () => {
  const { to, begun } = slowly(() => setTimeout(500));
  const program = run("src/main.ts", { DEMO: "0", PORT: "0" });
  const { id } = await send(portal, { to });
  await eventually(() => begun.length, startMs).toBe(1);
  program.kill("SIGTERM");
  expect(await once(program, "exit")).toEqual([0, null]);
  expect(await rowOf(db, id)).toMatchObject({ attempts: 1, ...isSent });
  expect(await jobOf(db, id)).toBe(undefined);
});

test("told to stop, the portal gives back a delivery that does not end", async () => {
  const { to, begun } = slowly(() => (begun.length === 1 ? new Promise(() => {}) : undefined));
  const program = run("src/main.ts", { DEMO: "0", PORT: "0" });
  const { id } = await send(portal, { to });
  await eventually(() => begun.length, startMs).toBe(1);
  program.kill("SIGTERM");
  expect(await within(8_000, () => once(program, "exit"))).toEqual([0, null]);
  expect(await jobOf(db, id)).toMatchObject({ locked_at: null, attempts: 1 });
  work(portal);
  await makeDue(db, id);
  await eventually(() => rowOf(db, id)).toMatchObject(isSent);
});

/** An address about which the server takes its time; `begun` are the Message-IDs of the deliveries it has seen. */
function slowly(take: () => Promise<unknown> | undefined): { to: string; begun: string[] } {
  const to = newAddress();
  const begun: string[] = [];
  smtp.answers(to, {
    async letter({ messageId }) {
      begun.push(messageId);
      await take();
    },
  });
  return { to, begun };
}

async function within<Answer>(mostMs: number, work: () => Promise<Answer>): Promise<Answer> {
  const began = performance.now();
  const answer = await work();
  expect(performance.now() - began).toBeLessThan(mostMs);
  return answer;
}

/** A program of ours on this database. */
function run(file: string, env: NodeJS.ProcessEnv = {}) {
  const program = spawn(process.execPath, [join(import.meta.dirname, "../..", file)], {
    env: { ...process.env, ...secrets, NODE_ENV: "test", ...databaseOf(ownerUrl), SMTP_URL: smtp.url, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void program.kill("SIGKILL"));
  return program;
}
const secrets = { SESSION_SECRET: "s".repeat(32), DATA_KEY: Buffer.alloc(32).toString("base64"), LOG_LEVEL: "warn" };

const cutConnections = (which = "true") =>
  asAdministrator(ownerUrl, (sql) =>
    sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = '${databaseName}' and ${which}`),
  );
