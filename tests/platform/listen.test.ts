import { expect, onTestFinished, test, vi } from "vitest";
import { openListener } from "../../src/platform/listen.ts";
import { openPortal } from "../support/portal.ts";
import { wireTo } from "../support/proxy.ts";

vi.setConfig({ testTimeout: 30_000 });
const portal = await openPortal();
const log = portal.parts.log;
const soon = { timeout: 5_000, interval: 10 };
const tell = (channel: string, payload: string) => portal.db.raw("select pg_notify(?, ?)", [channel, payload]);

const losses = () => portal.logged().split("connection was lost").length;

function listenAt(url: string) {
  const listener = openListener(async () => url, log);
  onTestFinished(() => listener.close());
  return listener;
}
const heardOn = (listener: ReturnType<typeof listenAt>, channel: string) => {
  const heard: (string | null)[] = [];
  return { heard, stop: listener.subscribe(channel, (payload) => heard.push(payload)) };
};

test("what is told is heard by every subscriber of its channel and by no other", async () => {
  const [here, there] = [listenAt(portal.databaseUrl), listenAt(portal.databaseUrl)];
  const [one, two] = [heardOn(here, "doors"), heardOn(there, "doors")];
  const other = heardOn(here, "Windows"); // channels keep their capital letters
  for (const { heard } of [one, two, other]) await expect.poll(() => heard, soon).toEqual([null]);
  await tell("doors", "open");
  await tell("Windows", "");
  for (const { heard } of [one, two]) await expect.poll(() => heard, soon).toEqual([null, "open"]);
  await expect.poll(() => other.heard, soon).toEqual([null, ""]);
  one.stop();
  await tell("doors", "shut");
  await expect.poll(() => two.heard, soon).toEqual([null, "open", "shut"]);
  expect(one.heard).toEqual([null, "open"]);
});

test("what a transaction tells is heard once it is committed, and never when it is rolled back", async () => {
  const { heard } = heardOn(listenAt(portal.databaseUrl), "rooms");
  await expect.poll(() => heard, soon).toEqual([null]);
  await portal.db
    .transaction(async (trx) => {
      await trx.raw("select pg_notify('rooms', 'never')");
      throw new Error("taken back");
    })
    .catch(() => {});
  await portal.db.transaction(async (trx) => {
    await trx.raw("select pg_notify('rooms', 'said')");
    expect(heard).toEqual([null]);
  });
  await expect.poll(() => heard, soon).toEqual([null, "said"]);
});

test("a connection that was lost is made anew, and the subscribers are told to look for themselves", async () => {
  const wire = await wireTo(portal.databaseUrl);
  const { heard } = heardOn(listenAt(wire.url), "stairs");
  await expect.poll(() => heard, soon).toEqual([null]);
  wire.cut();
  await tell("stairs", "lost");
  wire.mend();
  await expect.poll(() => heard, soon).toEqual([null, null]);
  await tell("stairs", "after");
  await expect.poll(() => heard, soon).toEqual([null, null, "after"]);
});

test("a connection that falls silent is taken for dead and made anew", async () => {
  const wire = await wireTo(portal.databaseUrl);
  const { heard } = heardOn(listenAt(wire.url), "cellar");
  await expect.poll(() => heard, soon).toEqual([null]);
  const before = losses();
  wire.fallSilent();
  await expect.poll(losses, { timeout: 10_000 }).toBeGreaterThan(before);
  wire.mend();
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual([null, null]);
});

test("a database that is not there yet is waited for", async () => {
  const wire = await wireTo(portal.databaseUrl);
  wire.cut();
  const before = losses();
  const { heard } = heardOn(listenAt(wire.url), "attic");
  await expect.poll(losses, soon).toBeGreaterThan(before);
  expect(heard).toEqual([]);
  wire.mend();
  await expect.poll(() => heard, soon).toEqual([null]);
});
