import { expect, test } from "vitest";
import { backgroundWork } from "../../src/background.ts";
import { enterPassword, foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { forgot, minutesPass, someone, strangersTo, wrongPassword, wrongPasswords } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const stranger = strangersTo(portal);
const forgetOld = () => backgroundWork(portal.parts).tasks["forget-old"]?.("", AbortSignal.timeout(5_000));

const leftBehind = ["challenges", "code_sendings", "password_resets", "log_in_failures", "messages"];
const rowsIn = async () =>
  Object.fromEntries(
    await Promise.all(leftBehind.map(async (table) => [table, (await portal.db(table)).length] as const)),
  );

test("what getting in leaves behind is forgotten after a day, and not before", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  await enterPassword(stranger(), bea); // waits for its code
  await forgot(stranger(), "Password", bea);
  await wrongPasswords(stranger, bea, 1);
  const before = await rowsIn();
  for (const table of leftBehind) expect([table, before[table]]).not.toEqual([table, 0]);

  await forgetOld();
  expect(await rowsIn()).toEqual(before);

  portal.clock.advance({ days: 2 });
  await minutesPass(portal, 2 * 24 * 60);
  await forgetOld();
  const after = await rowsIn();
  expect(after).toMatchObject({ challenges: 0, code_sendings: 0, password_resets: 0 });
  expect(after.log_in_failures, "those of the User ID; an address is forgotten").toBe(1);
  expect(await portal.db("messages").whereNotNull("useful_until")).toEqual([]);
});

test("a log-in that is off stays off, however long nobody tried", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(stranger, bob, 1);
  await portal.db("log_in_failures").where("about", "<>", Buffer.alloc(0)).update({ in_all: 100 });
  await minutesPass(portal, 800 * 24 * 60);
  await forgetOld();
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("Call support");
});

test("the log-ins and the audit log stay", async () => {
  const { bob } = await foundPractice(portal);
  await logIn(portal, bob);
  await enterPassword(stranger(), bob, wrongPassword);
  const before = [await portal.db("logins"), await portal.db("audit_events")].map((rows) => rows.length);
  portal.clock.advance({ days: 400 });
  await forgetOld();
  expect([await portal.db("logins"), await portal.db("audit_events")].map((rows) => rows.length)).toEqual(before);
});
