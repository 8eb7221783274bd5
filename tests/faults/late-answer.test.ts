import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { openDb } from "../../src/platform/db.ts";
import { openLog } from "../../src/platform/log.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

/** As a process that is stopped and goes on: when it looks again, the answer is there and its time is over. */
const freeze = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test("what is written after a freeze that cost a transaction its beginning is there for everyone", async () => {
  const db = openDb(async () => portal.ownerUrl, openLog("silent"), { poolSize: 1 });
  await db.raw("select 1");
  db.once("query", () => setImmediate(() => freeze(3_200))); // BEGIN is on its way
  await expect(db.transaction(async (trx) => trx.raw("select 1"))).rejects.toThrow("timeout");
  const id = randomUUID();
  await db("incidents").insert({ id, title: "Slow", parts: [], began_at: portal.clock.now() });
  expect(await portal.db("incidents").where({ id }).first("id")).toEqual({ id });
  await db.destroy();
});
