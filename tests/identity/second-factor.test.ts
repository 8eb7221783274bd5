import { generate } from "otplib";
import { expect, test } from "vitest";
import { atOnce } from "../support/at-once.ts";
import type { Page } from "../support/browser.ts";
import {
  addPerson,
  type CodeFactor,
  codeFor,
  enterPassword,
  foundPractice,
  logIn,
  otherThan,
  type TestPerson,
  totpSecret,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test.each(["email", "sms", "totp"] as const)(
  "a person with a second factor (%s) is in after its code",
  async (factor) => {
    const person = await someone(factor);
    const browser = portal.browser();
    const page = await enterPassword(browser, person);
    expect(page).toMatchObject({ path: "/login/code", status: 200 });
    const inside = await verify(page, await codeFor(portal, person));
    expect(inside).toMatchObject({ path: "/", status: 200 });
    expect(inside.buttons).toContain("Log out");
  },
);

test.each(["email", "sms", "totp"] as const)("before the code nothing can be seen (%s)", async (factor) => {
  const browser = portal.browser();
  await enterPassword(browser, await someone(factor));
  expect((await browser.get("/accounts")).path).toBe("/login");
  expect((await browser.get("/")).path).toBe("/login");
});

test("a right password sends one code: six digits, the only such number in its text", async () => {
  const person = await someone("email");
  await enterPassword(portal.browser(), person);
  const sent = await sentTo(person);
  expect(sent).toHaveLength(1);
  expect(sent[0]?.text.match(/\d{6,}/g)).toHaveLength(1);
  expect(sent[0]?.channel).toBe("email");
});

test("a text message goes to the phone", async () => {
  const person = await someone("sms");
  const page = await enterPassword(portal.browser(), person);
  expect(page.text).toContain(person.phone.slice(-4));
  expect(page.html).not.toContain(person.phone);
  expect((await portal.messages())[0]).toMatchObject({ channel: "sms", to: person.phone });
});

test("the page shows where the e-mail went only to who knows it anyhow", async () => {
  const person = await someone("email");
  const page = await enterPassword(portal.browser(), person);
  expect(page.html).not.toContain(person.email);
  expect(page.text).toContain("@example.com");
});

test("opening the page of the code, again and again, sends nothing", async () => {
  const person = await someone("email");
  const browser = portal.browser();
  await enterPassword(browser, person);
  await browser.get("/login/code");
  await browser.get("/login/code");
  expect(await sentTo(person)).toHaveLength(1);
});

test("a wrong password sends nothing", async () => {
  const person = await someone("email");
  await enterPassword(portal.browser(), person, "not the password");
  expect(await sentTo(person)).toHaveLength(0);
});

test("the page of the code without a password before it leads to the log-in", async () => {
  expect((await portal.browser().get("/login/code")).path).toBe("/login");
  expect((await portal.browser().post("/login/code", { code: "123456" })).path).toBe("/login");
  expect((await portal.browser().post("/login/code/factor")).path).toBe("/login");
});

test("the code may be typed with a space or a hyphen in it", async () => {
  for (const between of [" ", "-"]) {
    const person = await someone("email");
    const page = await enterPassword(portal.browser(), person);
    const code = await codeFor(portal, person);
    expect((await verify(page, `${code.slice(0, 3)}${between}${code.slice(3)} `)).path).toBe("/");
  }
});

test("after a wrong code the right one still leads in", async () => {
  const person = await someone("email");
  const page = await enterPassword(portal.browser(), person);
  const code = await codeFor(portal, person);
  const wrong = await verify(page, otherThan(code));
  expect(wrong.status).toBe(422);
  expect(wrong.errorAt("Verification code")).toBe("That code is not right. Check the latest one, or send a new code.");
  expect((await verify(wrong, code)).path).toBe("/");
});

test.each(["email", "totp"] as const)("four wrong codes and then the right one lead in (%s)", async (factor) => {
  const person = await someone(factor);
  const page = await enterPassword(portal.browser(), person);
  const code = await codeFor(portal, person);
  for (let time = 0; time < 4; time += 1) expect((await verify(page, otherThan(code))).status).toBe(422);
  expect((await verify(page, code)).path).toBe("/");
});

test.each(["email", "totp"] as const)(
  "after five wrong codes the right one is no longer taken (%s)",
  async (factor) => {
    const person = await someone(factor);
    const page = await enterPassword(portal.browser(), person);
    const code = await codeFor(portal, person);
    for (let time = 0; time < 5; time += 1) expect((await verify(page, otherThan(code))).status).toBe(422);
    await fiveMinutesPass(); // whatever was locked meanwhile is open again, and the code is dead all the same
    expect((await verify(page, code)).status).toBe(422);
    expect(await logInsOf(person)).toBe(0);
  },
);

test("what is no code at all is declined and does not count as a try", async () => {
  const person = await someone("email");
  const page = await enterPassword(portal.browser(), person);
  for (const typed of ["", "12345", "1234567", "abcdef", "12 34"]) {
    const answer = await verify(page, typed);
    expect([typed, answer.status]).toEqual([typed, 422]);
  }
  expect((await verify(page, await codeFor(portal, person))).path).toBe("/");
});

test("one code lets in one browser, also when two send it at once", async () => {
  const person = await someone("email");
  const browser = portal.browser();
  const page = await enterPassword(browser, person);
  const code = await codeFor(portal, person);
  const form = page.sending("Verify", { "Verification code": code });
  await Promise.all([browser.copy().send(form), browser.copy().send(form), browser.copy().send(form)]);
  expect(await logInsOf(person)).toBe(1);
});

test("a code works for the log-in that it was sent for, and for no other", async () => {
  const person = await someone("email");
  const first = await enterPassword(portal.browser(), person);
  const code = await codeFor(portal, person);
  const second = await enterPassword(portal.browser(), person);
  expect((await verify(second, code)).status).toBe(422);
  expect((await verify(first, code)).path).toBe("/");
});

test("a code is good for ten minutes", async () => {
  const person = await someone("email");
  const inTime = await enterPassword(portal.browser(), person);
  const first = await codeFor(portal, person);
  portal.clock.advance({ minutes: 9, seconds: 59 });
  expect((await verify(inTime, first)).path).toBe("/");

  const late = await enterPassword(portal.browser(), person);
  const second = await codeFor(portal, person);
  portal.clock.advance({ minutes: 10, seconds: 1 });
  const answer = await verify(late, second);
  expect(answer.status).toBe(422);
  expect(answer.errorAt("Verification code")).toContain("can no longer be used");
});

test("a new code works and the one before it no longer does", async () => {
  const person = await someone("email");
  const browser = portal.browser();
  const page = await enterPassword(browser, person);
  const old = await codeFor(portal, person);
  portal.clock.advance({ seconds: 31 });
  const again = await page.press("Send a new code");
  expect(again.status).toBe(200);
  expect(again.text).toContain("A new code is on its way");
  const fresh = await codeFor(portal, person);
  expect(await sentTo(person)).toHaveLength(2);
  if (old !== fresh) expect((await verify(again, old)).status).toBe(422);
  expect((await verify(again, fresh)).path).toBe("/");
});

test("a first new code is sent as soon as it is asked for, the next half a minute later", async () => {
  const person = await someone("email");
  const page = await enterPassword(portal.browser(), person);
  const first = await page.press("Send a new code");
  expect(first.text).toContain("A new code is on its way");
  portal.clock.advance({ seconds: 29 });
  const answer = await first.press("Send a new code");
  expect(answer.status).toBe(429);
  expect(answer.header("retry-after")).toBe("1");
  expect(answer.errors.join()).toContain("Wait half a minute");
  expect(await sentTo(person)).toHaveLength(2);
  portal.clock.advance({ seconds: 1 });
  expect((await answer.press("Send a new code")).status).toBe(200);
});

test("who answers every code may log in as often as they like", async () => {
  const person = await someone("email");
  for (let time = 1; time <= 21; time += 1) {
    const page = await enterPassword(portal.browser(), person);
    expect((await verify(page, await codeFor(portal, person))).path).toBe("/");
  }
});

test("a new code asked for four times at once is sent once", async () => {
  const person = await someone("email");
  const page = await enterPassword(portal.browser(), person);
  portal.clock.advance({ seconds: 31 });
  await atOnce(portal.db, "select from users for update", [1, 2, 3, 4], () => page.press("Send a new code"));
  expect(await sentTo(person)).toHaveLength(2);
});

test("a code of an authenticator app is taken once", async () => {
  const person = await someone("totp");
  const code = await codeFor(portal, person);
  expect((await verify(await enterPassword(portal.browser(), person), code)).path).toBe("/");
  expect((await verify(await enterPassword(portal.browser(), person), code)).status).toBe(422);
  expect(await logInsOf(person)).toBe(1);
});

test("a code of an authenticator app is taken once, also by two browsers at once", async () => {
  const person = await someone("totp");
  const pages = await Promise.all([1, 2, 3].map(() => enterPassword(portal.browser(), person)));
  const code = await codeFor(portal, person);
  const answers = await Promise.all(pages.map((page) => verify(page, code)));
  expect(answers.filter((answer) => answer.path === "/")).toHaveLength(1);
  expect(await logInsOf(person)).toBe(1);
});

test("after an app's code, the one before it is not taken any more, and the next one is", async () => {
  const person = await someone("totp");
  const now = Math.floor(Date.now() / 1000);
  expect(
    (await verify(await enterPassword(portal.browser(), person), await generate({ secret: totpSecret, epoch: now })))
      .path,
  ).toBe("/");
  const before = await generate({ secret: totpSecret, epoch: now - 30 });
  expect((await verify(await enterPassword(portal.browser(), person), before)).status).toBe(422);
  const next = await generate({ secret: totpSecret, epoch: now + 30 });
  expect((await verify(await enterPassword(portal.browser(), person), next)).path).toBe("/");
});

test("an app whose clock is a minute and a half off is not taken", async () => {
  const person = await someone("totp");
  const late = await generate({ secret: totpSecret, epoch: Math.floor(Date.now() / 1000) - 90 });
  expect((await verify(await enterPassword(portal.browser(), person), late)).status).toBe(422);
});

test("another person's code does not let one in", async () => {
  const [first, second] = [await someone("email"), await someone("email")];
  await enterPassword(portal.browser(), first);
  const code = await codeFor(portal, first);
  expect((await verify(await enterPassword(portal.browser(), second), code)).status).toBe(422);
});

test("the database holds no code, and neither the audit log nor the server's log does", async () => {
  const person = await someone("email");
  await logIn(portal, person);
  const code = await codeFor(portal, person);
  const kept = await portal.db.raw(
    "select challenges::text as row from challenges union all select audit_events::text from audit_events",
  );
  expect(kept.rows.length).toBeGreaterThan(2);
  expect(JSON.stringify(kept.rows)).not.toContain(code);
  expect(portal.logged()).not.toContain(code);
});

test("the way back after the log-in survives the second factor", async () => {
  const person = await someone("email");
  const browser = portal.browser();
  await browser.get("/transactions?kind=sale");
  const page = await enterPassword(browser, person);
  expect((await verify(page, await codeFor(portal, person))).path).toBe("/transactions?kind=sale");
});

test("someone who types the wrong password four times, then the right one and the right code, is in", async () => {
  const person = await someone("email");
  const browser = portal.browser();
  for (let time = 0; time < 4; time += 1) await enterPassword(browser, person, "not the password");
  const page = await enterPassword(browser, person);
  expect(page.path).toBe("/login/code");
  expect((await verify(page, await codeFor(portal, person))).path).toBe("/");
});

test("someone whose codes do not arrive may begin again six times and is not locked", async () => {
  const person = await someone("sms");
  let page: Page | undefined;
  for (let time = 0; time < 6; time += 1) {
    page = await enterPassword(portal.browser(), person);
    expect([time, page.path]).toEqual([time, "/login/code"]);
  }
  expect((await page?.press("Verify", { "Verification code": await codeFor(portal, person) }))?.path).toBe("/");
});

/** A new biller with this second factor. */
async function someone(factor: CodeFactor): Promise<TestPerson> {
  const practice = await foundPractice(portal);
  const { id, name } = practice;
  return addPerson(portal, {
    name: "Bea Bishop",
    role: "biller",
    practice: { id, name, homeLocationId: null },
    factor,
  });
}

const verify = (page: Page, code: string) => page.press("Verify", { "Verification code": code });

const sentTo = async (person: TestPerson) => (await portal.messages()).filter((one) => one.to === person.email);

async function logInsOf(person: TestPerson): Promise<number> {
  const [row] = await portal.db("logins").where({ user_id: person.id }).count("* as count");
  return Number(row?.count);
}

/** For the locks, whose time is the database's. */
async function fiveMinutesPass(): Promise<void> {
  await portal.db.raw(
    "update log_in_failures set first_at = first_at - interval '5 minutes', locked_until = locked_until - interval '5 minutes'",
  );
}
