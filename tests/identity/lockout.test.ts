import { expect, test } from "vitest";
import type { Page } from "../support/browser.ts";
import { enterPassword, foundPractice, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const node = await portal.anotherNode();
const wrong = "not the password";

/** A browser at an address of its own: what one address may try is bounded too, and is not what these tests are about. */
let addresses = 0;
function stranger() {
  addresses += 1;
  return portal.browser({ headers: { "X-Forwarded-For": `198.51.${addresses >> 8}.${addresses & 255}` } });
}

test("four wrong passwords and then the right one lead in, and the count begins anew", async () => {
  const { bob } = await foundPractice(portal);
  for (const round of [1, 2]) {
    await wrongPasswords(bob, 4);
    expect([round, (await enterPassword(stranger(), bob)).path]).toEqual([round, "/"]);
  }
});

test("five wrong passwords lock the User ID for five minutes, also against the right one and in any browser", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 5);
  const answer = await enterPassword(stranger(), bob);
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("locked");
  expect(answer.errors.join()).toContain("unlocks by itself in 5 minutes");
  expect(answer.errors.join()).toContain("call support");
});

test("a User ID that nobody has locks in the same words, and the fifth wrong try already says so", async () => {
  const { bob } = await foundPractice(portal);
  const nobody = { userId: bob.userId.replace("bob", "rob") };
  const [fourth, fifth] = (await wrongPasswords(bob, 5)).slice(3);
  expect(fourth?.errors.join()).toContain("is not right");
  expect(fifth?.errors.join()).toContain("is locked after several wrong tries. It unlocks by itself in 5 minutes");
  expect((await wrongPasswords(nobody, 5)).at(-1)?.errors).toEqual(fifth?.errors);
  const [known, unknown] = [await enterPassword(stranger(), bob), await enterPassword(stranger(), nobody)];
  expect(unknown.status).toBe(known.status);
  expect(unknown.errors).toEqual(known.errors);
});

test("the lock lifts by itself", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 5);
  await minutesPass(4);
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("in 1 minute.");
  await minutesPass(1);
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
});

test("tries while it is locked neither count nor make it longer", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 5);
  await minutesPass(3);
  await wrongPasswords(bob, 10);
  await minutesPass(2);
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
});

test("ten wrong ones within half an hour lock for thirty minutes", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 5);
  await minutesPass(5);
  await wrongPasswords(bob, 5);
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("30 minutes");
  await minutesPass(29);
  expect((await enterPassword(stranger(), bob)).status).toBe(422);
  await minutesPass(1);
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
});

test("wrong ones of more than half an hour ago are forgotten", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 4);
  await minutesPass(31);
  await wrongPasswords(bob, 4);
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
});

test("the same User ID in capitals is the same User ID", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 3);
  await wrongPasswords({ userId: ` ${bob.userId.toUpperCase()}` }, 2);
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
});

test("a form without a password does not count", async () => {
  const { bob } = await foundPractice(portal);
  for (let time = 0; time < 6; time += 1) await enterPassword(stranger(), bob, "");
  expect((await enterPassword(stranger(), bob)).path).toBe("/");
});

test("locking Bob out throws nobody out, neither Alice nor Bob who is in", async () => {
  const { alice, bob } = await foundPractice(portal);
  const working = await logIn(portal, bob);
  await wrongPasswords(bob, 5);
  expect((await working.get("/accounts")).status).toBe(200);
  expect((await enterPassword(stranger(), alice)).path).toBe("/");
});

test("of twenty wrong passwords at once, on two nodes, five are looked at", async () => {
  const { bob } = await foundPractice(portal);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const browser = index % 2 ? stranger() : stranger().copy(node.server);
      return enterPassword(browser, bob, wrong);
    }),
  );
  const looked = answers.filter((answer) => answer.errors.join().includes("is not right"));
  const locked = answers.filter((answer) => answer.errors.join().includes("locked"));
  expect([looked.length, locked.length], "the fifth says that it locks").toEqual([4, 16]);
  expect(
    await portal.db("audit_events").where({ subject_id: bob.id }).whereLike("action", "log-in failed%"),
  ).toHaveLength(5);
});

test("twenty at once against a User ID that nobody has are bounded in the same way", async () => {
  const { bob } = await foundPractice(portal);
  const nobody = { userId: bob.userId.replace("bob", "rob") };
  const answers = await Promise.all(Array.from({ length: 20 }, () => enterPassword(stranger(), nobody, wrong)));
  expect(answers.filter((answer) => answer.errors.join().includes("is not right"))).toHaveLength(4);
  expect(answers.filter((answer) => answer.errors.join().includes("locked"))).toHaveLength(16);
});

test("the table of failures does not say whose they are", async () => {
  const { bob } = await foundPractice(portal);
  await wrongPasswords(bob, 1);
  const { rows } = await portal.db.raw("select f::text, encode(key, 'escape') as key from log_in_failures f");
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(bob.userId);
});

async function wrongPasswords(person: Pick<TestPerson, "userId">, times: number): Promise<Page[]> {
  const answers: Page[] = [];
  for (let time = 0; time < times; time += 1) answers.push(await enterPassword(stranger(), person, wrong));
  return answers;
}

/** The time of the locks is the database's, which no test can set: the rows grow older instead. */
async function minutesPass(minutes: number): Promise<void> {
  await portal.db.raw(
    `update log_in_failures set first_at = first_at - make_interval(mins => :minutes),
       locked_until = locked_until - make_interval(mins => :minutes)`,
    { minutes },
  );
}
