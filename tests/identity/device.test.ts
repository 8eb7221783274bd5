import { expect, test } from "vitest";
import type { Browser } from "../support/browser.ts";
import {
  addPerson,
  codeFor,
  enterPassword,
  foundPractice,
  hireSam,
  logIn,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const wrong = "not the password";

let addresses = 0;
/** A browser at an address of its own. */
function stranger(address = `203.0.113.${++addresses}`): Browser {
  return portal.browser({ headers: { "X-Forwarded-For": address } });
}

test("strangers who guess lock the User ID for themselves, and not for a browser that its owner was in with", async () => {
  const { bob } = await foundPractice(portal);
  const own = await logIn(portal, bob);
  await own.page?.press("Log out");
  for (let time = 0; time < 5; time += 1) await enterPassword(stranger(), bob, wrong);
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
  expect((await enterPassword(own, bob)).path).toBe("/");
});

test("wrong passwords in that browser lock that browser", async () => {
  const { bob } = await foundPractice(portal);
  const own = await logIn(portal, bob);
  await own.page?.press("Log out");
  for (let time = 0; time < 5; time += 1) await enterPassword(own, bob, wrong);
  expect((await enterPassword(own, bob)).errors.join()).toContain("locked");
});

test("a mark of somebody else's browser, or one made up, is worth nothing", async () => {
  const { alice, bob } = await foundPractice(portal);
  const hers = await logIn(portal, alice);
  await hers.page?.press("Log out");
  for (let time = 0; time < 5; time += 1) await enterPassword(stranger(), bob, wrong);
  expect((await enterPassword(hers, bob)).errors.join()).toContain("locked");
  const forged = portal.browser({ headers: { Cookie: "device=bm9uY2U.c2lnbmF0dXJl" } });
  expect((await forged.post("/login", { userId: bob.userId, password: wrong })).status).toBe(403);
});

test("five wrong passwords are told to whose User ID it is, once", async () => {
  const { bob } = await foundPractice(portal);
  for (let time = 0; time < 8; time += 1) await enterPassword(stranger(), bob, wrong);
  const told = (await portal.messages()).filter((message) => message.to === bob.email);
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toContain("five wrong tries");
});

test("from one address there are a hundred wrong tries within a quarter of an hour, and no more, whoever they are at", async () => {
  const { bob } = await foundPractice(portal);
  const neighbours = ["2001:db8:1:2::1", "2001:db8:1:2::ffff"] as const;
  await enterPassword(stranger(neighbours[0]), { userId: "nobody" }, wrong);
  await triesSoFar(98);
  expect((await enterPassword(stranger(neighbours[0]), { userId: "nobody.99" }, wrong)).status).toBe(422);
  expect((await enterPassword(stranger(neighbours[1]), { userId: "nobody.100" }, wrong)).status).toBe(422);
  const refused = await enterPassword(stranger(neighbours[1]), bob); // with the right password
  expect([refused.status, refused.heading]).toEqual([429, "Too many tries"]);
  expect(Number(refused.header("retry-after"))).toBeGreaterThan(0);
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
  await portal.db.raw("update log_in_failures set first_at = first_at - interval '16 minutes'");
  expect((await enterPassword(stranger(neighbours[0]), bob)).path).toBe("/");
});

test("right passwords are not counted: an office logs in all day from one address", async () => {
  const { alice, bob, bea } = await foundPractice(portal);
  await enterPassword(stranger("192.0.2.7"), { userId: "nobody" }, wrong);
  await triesSoFar(99);
  for (const person of [alice, bob, bea]) expect((await enterPassword(stranger("192.0.2.7"), person)).path).toBe("/");
  expect((await enterPassword(stranger("192.0.2.7"), { userId: "nobody.100" }, wrong)).status).toBe(422);
  expect((await enterPassword(stranger("192.0.2.7"), alice)).status).toBe(429);
});

test("after a hundred wrong ones in all, with no right one between, only support can let the person in again", async () => {
  const { bob } = await foundPractice(portal);
  await enterPassword(stranger(), bob, wrong);
  await portal.db.raw("update log_in_failures set in_all = 99, first_at = now() - interval '1 day'");
  await enterPassword(stranger(), bob, wrong);
  await portal.db.raw("update log_in_failures set first_at = now() - interval '1 day', locked_until = null");
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("Call support");

  const sam = await logIn(portal, await hireSam(portal));
  const console = await (await sam.get("/console")).press("Search", { [labelOfSearch(sam)]: bob.userId });
  const person = await console.click(bob.name);
  expect(person.text).toContain("Locked until checked");
  expect((await person.press("Unlock", { Reason: "" })).status).toBe(422);
  const unlocked = await person.press("Unlock", { Reason: "Called back, knew the last sale" });
  expect(unlocked.text).toContain("Not locked");
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
  const audited = await portal.db("audit_events").where({ subject_id: bob.id, action: "unlocked" }).first();
  expect(audited.details).toEqual({ reason: "Called back, knew the last sale" });
});

test("twelve people who log in at once all come to their code", async () => {
  const practice = await foundPractice(portal);
  const people: TestPerson[] = [];
  for (let count = 0; count < 12; count += 1) people.push({ ...(await withFactor(practice)), factor: "email" });
  const pages = await Promise.all(people.map((person) => enterPassword(stranger(), person)));
  expect(pages.map((page) => page.path)).toEqual(pages.map(() => "/login/code"));
  expect(await codeFor(portal, people[0] as TestPerson)).toMatch(/^\d{6}$/);
});

async function withFactor({ id, name }: { id: string; name: string }): Promise<TestPerson> {
  return addPerson(portal, {
    name: "Bea Bishop",
    role: "biller",
    practice: { id, name, homeLocationId: null },
    factor: "email",
  });
}

/** As if everybody and every address had tried so often within the last minutes. */
const triesSoFar = (failures: number) => portal.db("log_in_failures").update({ failures, locked_until: null });

/** The words beside the console's one field. */
const labelOfSearch = (browser: Browser) => browser.page?.root.querySelector("main label")?.text.trim() ?? "";
