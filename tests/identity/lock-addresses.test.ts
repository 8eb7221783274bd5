import { expect, test } from "vitest";
import type { Browser, Page } from "../support/browser.ts";
import { enterPassword, foundPractice, otherThan } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { codeTo, forgot, isIn, logInsOf, minutesPass, someone, verify, wrongPassword } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });

test("after a hundred wrong tries an address has to wait, whoever it asks for, and is told how long", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const from = at("203.0.113.1");
  const answers = await spray(from, "spray-a", 100);
  expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(422));
  const refused = await enterPassword(from, bob);
  expect(refused).toMatchObject({ status: 429, heading: "Too many tries" });
  expect(Number(refused.header("retry-after"))).toBeGreaterThan(0);
  expect(Number(refused.header("retry-after"))).toBeLessThanOrEqual(15 * 60);
  expect((await forgot(at("203.0.113.1"), "User ID", { email: bob.email })).status).toBe(429);
  expect(isIn(await enterPassword(at("203.0.113.2"), bob)), "another address").toBe(true);
});

test("after a quarter of an hour it may try again", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await failedBefore("203.0.113.3", 100);
  expect((await enterPassword(at("203.0.113.3"), bob)).status).toBe(429);
  await minutesPass(portal, 14);
  expect((await enterPassword(at("203.0.113.3"), bob)).status).toBe(429);
  await minutesPass(portal, 2);
  expect(isIn(await enterPassword(at("203.0.113.3"), bob))).toBe(true);
});

test("the log-ins of a whole clinic behind one address do not count against it", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await failedBefore("203.0.113.4", 99);
  for (let time = 0; time < 3; time += 1) expect(isIn(await enterPassword(at("203.0.113.4"), bob))).toBe(true);
  expect((await enterPassword(at("203.0.113.4"), bob, wrongPassword)).status).toBe(422);
  expect((await enterPassword(at("203.0.113.4"), bob, wrongPassword)).status).toBe(429);
});

test("wrong codes count against an address as wrong passwords do", async () => {
  const from = "203.0.113.5";
  await failedBefore(from, 97);
  const bea = await someone(portal, { factors: ["email"] });
  const page = await enterPassword(at(from), bea);
  const code = await codeTo(portal, bea.email);
  for (let time = 0; time < 3; time += 1) await verify(page, otherThan(code));
  expect((await enterPassword(at(from), { userId: "somebody" }, wrongPassword)).status).toBe(429);
});

test("addresses of one IPv6 network count together, and those of another apart", async () => {
  await failedBefore("2001:db8:1:2::1", 99);
  expect((await enterPassword(at("2001:db8:1:2:ffff::9"), { userId: "anybody" }, wrongPassword)).status).toBe(422);
  expect((await enterPassword(at("2001:db8:1:2::77"), { userId: "somebody" }, wrongPassword)).status).toBe(429);
  expect((await enterPassword(at("2001:db8:1:3::1"), { userId: "somebody" }, wrongPassword)).status).toBe(422);
});

test("one password tried on five hundred User IDs from one address is looked at a hundred times", async () => {
  const practice = await foundPractice(portal);
  const answers = await spray(at("203.0.113.6"), "spray-g", 480);
  answers.push(
    ...(await Promise.all(Array.from({ length: 20 }, () => enterPassword(at("203.0.113.6"), practice.bob)))),
  );
  expect(answers.filter(({ status }) => status === 422)).toHaveLength(100);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(400);
  expect(await logInsOf(portal, practice.bob)).toBe(0);
});

const at = (address: string) => portal.browser({ headers: { "X-Forwarded-For": address } });

/** Wrong passwords for as many User IDs that nobody has, eight at a time. */
async function spray(browser: Browser, prefix: string, times: number): Promise<Page[]> {
  const { action, fields } = (await browser.get("/login")).sending("Log in", { Password: wrongPassword });
  const answers: Page[] = [];
  for (let done = 0; done < times; done += 8) {
    const userIds = Array.from({ length: Math.min(8, times - done) }, (_, index) => `${prefix}.${done + index}`);
    const asked = userIds.map((userId) => {
      const filled = fields.map(([name, value]): [string, string] => [name, name === "userId" ? userId : value]);
      return browser.copy().ask("POST", action, { fields: filled });
    });
    answers.push(...(await Promise.all(asked)));
  }
  return answers;
}

/** As if so many tries had failed from there: one did, and its rows (the address's, a User ID's of nobody) say more. */
async function failedBefore(address: string, times: number): Promise<void> {
  const before = await portal.db("log_in_failures").pluck("key");
  await spray(at(address), `before-${address}`, 1);
  const changed = await portal.db("log_in_failures").whereNotIn("key", before).update({ failures: times });
  expect(changed).toBe(2);
}
