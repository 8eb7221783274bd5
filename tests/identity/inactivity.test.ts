import { expect, test } from "vitest";
import { suspendInactive } from "../../src/identity/suspend-inactive.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { runNightly } from "../../src/nightly.ts";
import { lookAt } from "../console/support.ts";
import { enterPassword, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { auditOf, isIn, sentTo, someone } from "./support.ts";

const portal = await openPortal();
const { db, clock } = portal;
const { config } = portal.parts;
const parts = { ...portal.parts, program: config.program, publicUrl: config.publicUrl };
const begin = clock.today();

test("90 days without a log-in: told 14 and 3 days before, then suspended; support reinstates, and the days begin anew", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await logIn(portal, bob);
  const told: string[] = [];
  for (let day = 1; day <= 100; day += 1) {
    const before = (await sentTo(portal, bob.email)).length;
    await nightBefore(addDays(begin, day));
    const mails = await sentTo(portal, bob.email);
    told.push(...mails.slice(0, mails.length - before).map(({ subject }) => `${day}: ${subject}`));
  }
  expect(told).toEqual([
    "76: Your Caraway User ID will be suspended on Feb 21, 2027",
    "87: Your Caraway User ID will be suspended on Feb 21, 2027",
    "90: Suspended at Caraway",
  ]);
  const refused = await enterPassword(portal.browser(), bob);
  expect(refused.errors.join()).toMatch(/suspended because nobody has logged in.*Call support/);
  expect(await auditOf(portal, bob, "user suspended")).toMatchObject([
    { user_id: null, address: "portal", details: { why: "inactivity", reason: "No log-in for 90 days" } },
  ]);

  const page = await lookAt(await logIn(portal, await hireSam(portal)), `/console/people/${bob.id}`);
  expect(page.fact("Suspended")).toContain("by the portal");
  clock.advance({ days: 100 });
  const late = await lookAt(await logIn(portal, await hireSam(portal)), `/console/people/${bob.id}`);
  await late.press("Reinstate", { "Reason for the reinstatement": "Back from leave" });
  await nightBefore(clock.today());
  expect(isIn(await enterPassword(portal.browser(), bob))).toBe(true);
});

test("whoever logs in after the first mail is left alone, and counted from then", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const from = clock.today();
  await nightBefore(addDays(from, 76));
  clock.advance({ days: 80 });
  await logIn(portal, bob);
  for (const days of [87, 90, 95, 155]) await nightBefore(addDays(from, days));
  expect(await isSuspended(bob)).toBe(false);
  await nightBefore(addDays(from, 156));
  expect((await sentTo(portal, bob.email)).filter(({ subject }) => subject.includes("will be"))).toHaveLength(2);
});

test("nobody is suspended unwarned: where nights were missed, the two mails and their days come first", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const late = addDays(clock.today(), 300);
  for (let day = 0; day < 14; day += 1) {
    await nightBefore(addDays(late, day));
    expect([day, await isSuspended(bob)]).toEqual([day, false]);
  }
  await nightBefore(addDays(late, 14));
  expect(await isSuspended(bob)).toBe(true);

  const skipped = await someone(portal, { role: "clerk" });
  await nightBefore(addDays(late, 100)); // the first mail; then nothing until long after the day it named
  await nightBefore(addDays(late, 160));
  expect(await isSuspended(skipped)).toBe(false);
  await nightBefore(addDays(late, 162));
  expect(await isSuspended(skipped)).toBe(false);
  await nightBefore(addDays(late, 163));
  expect(await isSuspended(skipped)).toBe(true);
});

test("a night that is done twice, or by two nodes, tells once", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const day = addDays(clock.today(), 80);
  await Promise.all([1, 2, 3].map(() => nightBefore(day)));
  await nightBefore(day);
  expect(await sentTo(portal, bob.email)).toHaveLength(1);
});

test("people of the program too, but never the last administrator", async () => {
  await db("users").where({ role: "administrator" }).update({ role: "support" });
  const [ada, eve] = [
    await someone(portal, { role: "administrator" }),
    await someone(portal, { role: "administrator" }),
  ];
  const rita = await hireSam(portal);
  for (let day = 76; day <= 92; day += 1) await nightBefore(addDays(clock.today(), day));
  expect(await isSuspended(rita)).toBe(true);
  expect([await isSuspended(ada), await isSuspended(eve)].sort()).toEqual([false, true]);
});

test("the nightly run does it, once for nights that are caught up, and for every night ahead that is asked for", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await db("nights").insert({ night: addDays(clock.today(), -1), ended_at: clock.now() });
  await runNightly(portal.parts, { through: addDays(clock.today(), 89) });
  expect(await isSuspended(bob)).toBe(true);
  expect(await sentTo(portal, bob.email)).toHaveLength(3);
});

/** The night whose morning is this day. */
const nightBefore = (day: string) => suspendInactive(parts, addDays(day, -1));

const isSuspended = async ({ id }: TestPerson) =>
  Boolean(await db("suspensions").where({ user_id: id }).whereNull("lifted_at").first("id"));
