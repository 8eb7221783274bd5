import { expect, test } from "vitest";
import { lookAt } from "../console/support.ts";
import { Browser, type Page } from "../support/browser.ts";
import {
  enterPassword,
  foundPractice,
  hireSam,
  logIn,
  otherThan,
  password,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import {
  auditOf,
  codeTo,
  forgot,
  isIn,
  linkTo,
  logInsOf,
  minutesPass,
  newPassword,
  sentTo,
  someone,
  strangersTo,
  verify,
  wrongPassword,
  wrongPasswords,
} from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const node = await portal.anotherNode();
const stranger = strangersTo(portal);

// A browser that the person fully logged in with

test("strangers who guess lock themselves out, and not the person at their own browser", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const own = await knownBrowserOf(bob);
  await wrongPasswords(stranger, bob, 5);
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
  expect(isIn(await enterPassword(own, bob))).toBe(true);
});

test("the same holds where a code is asked for", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  const own = await knownBrowserOf(bea);
  await wrongPasswords(stranger, bea, 5);
  const page = await enterPassword(own, bea);
  expect(page.path).toBe("/login/code");
  expect(isIn(await verify(page, await codeTo(portal, bea.email)))).toBe(true);
});

test("a browser that only knew the password, and never the code, is a stranger's", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  const halfWay = stranger();
  await enterPassword(halfWay, bea);
  await wrongPasswords(stranger, bea, 5);
  expect((await enterPassword(halfWay, bea)).errors.join()).toContain("locked");
});

test("another person's known browser does not help against a lock", async () => {
  const [bob, carl] = [await someone(portal, { role: "clerk" }), await someone(portal, { role: "clerk" })];
  const carls = await knownBrowserOf(carl);
  await wrongPasswords(stranger, bob, 5);
  expect((await enterPassword(carls, bob)).errors.join()).toContain("locked");
});

test("people who share the computer at a desk each stay known to it, the last five of them", async () => {
  const desk = strangersTo(portal)();
  const people: TestPerson[] = [];
  for (const name of ["Ann", "Ben", "Cat", "Dan", "Eve", "Fay"]) {
    const person = await someone(portal, { role: "clerk", name });
    people.push(person);
    const page = await enterPassword(desk, person);
    expect(isIn(page)).toBe(true);
    await page.press("Log out");
  }
  for (const person of people) await wrongPasswords(stranger, person, 5);
  const letIn = [];
  for (const person of people) {
    const page = await enterPassword(desk.copy(), person);
    letIn.push(isIn(page));
  }
  expect(letIn).toEqual([false, true, true, true, true, true]);
});

test("a made-up mark of a known browser does not help either", async () => {
  const [bob, carl] = [await someone(portal, { role: "clerk" }), await someone(portal, { role: "clerk" })];
  const [bobs, carls] = [await markOf(bob), await markOf(carl)];
  await wrongPasswords(stranger, bob, 5);
  const [nonce = "", signature = ""] = bobs.split(".");
  const [carlsNonce = "", carlsSignature = ""] = carls.split(".");
  const forged = [
    carls,
    `${nonce}.${carlsSignature}`,
    `${carlsNonce}.${signature}`,
    `${nonce}.`,
    `x${nonce}.${signature}`,
  ];
  for (const mark of forged) {
    expect([mark, (await enterPassword(browserWith(mark), bob)).status]).toEqual([mark, 422]);
  }
  expect(isIn(await enterPassword(browserWith(bobs), bob)), "the true one does").toBe(true);
});

test("the person's own browser has five tries as well", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const own = await knownBrowserOf(bob);
  await wrongPasswords(() => own, bob, 5);
  expect((await enterPassword(own, bob)).errors.join()).toContain("locked");
});

test("support's unlocking helps the person at their own browser, too", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const own = await knownBrowserOf(bob);
  await wrongPasswords(() => own, bob, 5);
  const page = await personInConsole(bob);
  expect.soft(page.text).not.toContain("Not locked");
  await page.press("Unlock", { Reason: "Called from the practice's number" });
  expect(isIn(await enterPassword(own, bob))).toBe(true);
});

test("a password reset frees the person at their own browser, too", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const own = await knownBrowserOf(bob);
  await wrongPasswords(() => own, bob, 5);
  await resetByMail(bob);
  expect(isIn(await enterPassword(own, bob, newPassword))).toBe(true);
});

// Very many tries

test("after a hundred wrong tries without a success nobody gets in until support has unlocked, with a reason", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongUntilOff(bob);
  const off = await enterPassword(stranger(), bob);
  expect(off.errors.join()).toContain("locked after very many wrong tries. Call support");
  const sam = await hireSam(portal);
  await unlock(sam, bob, "Called back, knew the practice's last deposit");
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
  const [line] = await auditOf(portal, bob, "unlocked");
  expect(line).toMatchObject({ user_id: sam.id, details: { reason: "Called back, knew the practice's last deposit" } });
  expect((await sentTo(portal, bob.email))[0]?.text).toContain(`support unlocked the User ID ${bob.userId}`);
});

test("a hundred tries against a User ID that nobody has say the same", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const nobody = { userId: bob.userId.replace("bea", "rea") };
  for (const one of [bob, nobody]) await wrongUntilOff(one);
  const [known, unknown] = [await enterPassword(stranger(), bob), await enterPassword(stranger(), nobody)];
  expect([unknown.status, unknown.errors]).toEqual([known.status, known.errors]);
});

test("a new password by e-mail does not open what only support may open", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  await wrongUntilOff(bea);
  await resetByMail(bea);
  const answer = await enterPassword(stranger(), bea, newPassword);
  expect(answer.errors.join()).toContain("Call support");
});

test("a success between begins the hundred anew", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await fiveWrong(bob);
  // As if there had been ninety more: the row of Bob's is the one that failed last.
  await portal.db.raw("update log_in_failures set in_all = 95 where in_all = 5 and failures = 5");
  await wrongPasswords(stranger, bob, 4);
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
  await fiveWrong(bob);
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
});

// What counts together, and what does not

test("the count is the User ID's, wherever the tries come from and whatever browser they name", async () => {
  const bob = await someone(portal, { role: "clerk" });
  for (let time = 0; time < 5; time += 1) {
    const headers = { "X-Forwarded-For": `192.0.2.${time}`, "User-Agent": `Browser/${time}` };
    await enterPassword(portal.browser({ headers }), bob, wrongPassword);
  }
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
});

test("five people who mistype once each at one desk lock nobody", async () => {
  const { alice, bob, bea } = await foundPractice(portal);
  const desk = stranger();
  for (const person of [alice, bob, bea]) await wrongPasswords(() => desk, person, 2);
  for (const person of [alice, bob, bea]) expect(isIn(await enterPassword(stranger(), person))).toBe(true);
});

test("five wrong codes lock the User ID, for the password as well", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  await wrongCodes(await enterPassword(stranger(), bea), bea, 5);
  const answer = await enterPassword(stranger(), bea);
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("locked");
});

test("wrong passwords and wrong codes count together", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  await wrongPasswords(stranger, bea, 3);
  await wrongCodes(await enterPassword(stranger(), bea), bea, 2);
  expect((await enterPassword(stranger(), bea)).errors.join()).toContain("locked");
});

test("a new code does not give new tries", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  const page = await enterPassword(stranger(), bea);
  await wrongCodes(page, bea, 3);
  portal.clock.advance({ seconds: 31 });
  const again = await page.press("Send a new code");
  await wrongCodes(again, bea, 2);
  expect((await enterPassword(stranger(), bea)).errors.join()).toContain("locked");
});

test("nor does another log-in, or another way to prove it", async () => {
  const bea = await someone(portal, { factors: ["sms", "email"] });
  for (let time = 0; time < 4; time += 1) {
    const page = await enterPassword(stranger(), bea);
    await verify(page, otherThan(await codeTo(portal, bea.phone)));
  }
  const other = await (await enterPassword(stranger(), bea)).press("Code by e-mail");
  await wrongCodes(other, bea, 1);
  expect((await enterPassword(stranger(), bea)).errors.join()).toContain("locked");
});

test("wrong recovery codes count as well", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const form = await (await enterPassword(stranger(), bea)).click("Use a recovery code");
  for (let time = 0; time < 5; time += 1) {
    expect((await form.press("Verify", { "Recovery code": "AAAA-BBBB-CCCC-DDDD" })).status).toBe(422);
  }
  expect((await enterPassword(stranger(), bea)).errors.join()).toContain("locked");
});

test("a log-in that waits for its code ends in nothing when the lock falls meanwhile", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  const page = await enterPassword(stranger(), bea);
  const code = await codeTo(portal, bea.email);
  await wrongPasswords(stranger, bea, 5);
  const answer = await verify(page, code);
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("locked");
  expect(await logInsOf(portal, bea)).toBe(0);
});

test("of two hundred wrong codes at once, on two nodes, five are looked at", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  const pages = [await enterPassword(stranger(), bea), await enterPassword(stranger(), bea)];
  const code = otherThan(await codeTo(portal, bea.email));
  const forms = pages.map((page) => page.sending("Verify", { "Verification code": code }));
  const browsers = pages.map((page, index) => browserOf(page).copy(index ? node.server : portal.server));
  await Promise.all(
    Array.from({ length: 200 }, (_, index) => {
      const { action, fields } = forms[index % 2] ?? { action: "", fields: [] };
      return browsers[index % 2]?.copy().ask("POST", action, { fields });
    }),
  );
  expect(await auditOf(portal, bea, "second factor failed")).toHaveLength(5);
});

// What is told and written down

test("the person is told by mail of the first lock, and not of those that follow", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongPasswords(stranger, bob, 4);
  expect(await sentTo(portal, bob.email)).toHaveLength(0);
  await wrongPasswords(stranger, bob, 1);
  const [mail] = await sentTo(portal, bob.email);
  expect(mail).toMatchObject({ channel: "email", subject: "Your Caraway User ID is locked" });
  expect(mail?.text).toContain("(800) 555-0142");
  await minutesPass(portal, 6);
  await wrongPasswords(stranger, bob, 6);
  expect(await sentTo(portal, bob.email)).toHaveLength(1);
  expect(await auditOf(portal, bob, "User ID locked")).toHaveLength(1);
});

test("they are told as well when it was wrong codes that locked: somebody has their password", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const page = await enterPassword(stranger(), bea);
  const code = await codeTo(portal, bea.phone);
  for (let time = 0; time < 5; time += 1) await verify(page, otherThan(code));
  expect((await sentTo(portal, bea.email)).map(({ subject }) => subject)).toContain("Your Caraway User ID is locked");
  expect(await auditOf(portal, bea, "User ID locked")).toHaveLength(1);
});

test("each failure stands in the audit log with its address, and neither what was typed nor who does not exist", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await enterPassword(at("192.0.2.77"), bob, "a-secret-slip-of-the-hand");
  await enterPassword(at("192.0.2.77"), { userId: "nobody.whom.we.know" }, wrongPassword);
  expect(await auditOf(portal, bob, "log-in failed")).toMatchObject([{ address: "192.0.2.77" }]);
  const { rows } = await portal.db.raw("select a::text as line from audit_events a");
  const lines = JSON.stringify(rows);
  expect(lines).not.toContain("slip-of-the-hand");
  expect(lines).not.toContain("nobody.whom.we.know");
  expect(portal.logged()).not.toContain("slip-of-the-hand");
});

// What the counting survives

test("sessions that are lost take no lock with them", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongPasswords(stranger, bob, 5);
  await portal.db.raw("truncate web_sessions");
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
});

test("a portal whose clock jumps ahead unlocks nobody sooner", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongPasswords(stranger, bob, 5);
  portal.clock.advance({ days: 1 });
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
});

test("where tries cannot be counted, nobody gets in: not even with the right password", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const holder = await portal.db.transaction();
  await holder.raw("lock table log_in_failures in exclusive mode");
  try {
    const began = performance.now();
    const page = await enterPassword(stranger(), bob);
    expect(page.status).toBe(503);
    expect(Number(page.header("retry-after"))).toBeGreaterThan(0);
    expect(performance.now() - began).toBeLessThan(6_000);
  } finally {
    await holder.commit();
  }
  expect(await logInsOf(portal, bob)).toBe(0);
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
});

test("where the database takes no writing, the log-in says that a part is down", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const url = new URL(portal.databaseUrl);
  url.searchParams.set("options", "-c default_transaction_read_only=on");
  const { server } = await portal.anotherNode({ databaseUrl: url.href });
  const page = await enterPassword(stranger().copy(server), bob);
  expect(page.buttons).not.toContain("Log out");
  expect(page.status).toBe(503);
  expect(await logInsOf(portal, bob)).toBe(0);
});

/** A browser that the person fully logged in with, and is logged out again. */
async function knownBrowserOf(person: TestPerson): Promise<Browser> {
  const browser = stranger();
  let page = await enterPassword(browser, person);
  if (person.factor) page = await verify(page, await codeTo(portal, person.email));
  expect((await page.press("Log out")).path).toBe("/login");
  return browser;
}

/** The mark that a full log-in leaves in a browser. */
async function markOf(person: TestPerson): Promise<string> {
  const browser = stranger();
  const login = await browser.get("/login");
  const { action, fields } = login.sending("Log in", { "User ID": person.userId, Password: password });
  const answer = await browser.ask("POST", action, { fields });
  const mark = /^device=([^;]+)/.exec(answer.setCookies.find((cookie) => cookie.startsWith("device=")) ?? "")?.[1];
  return mark ?? "no mark";
}

let marked = 0;
function browserWith(mark: string): Browser {
  marked += 1;
  return new Browser(portal.server, {
    cookies: [["device", mark]],
    headers: { "X-Forwarded-For": `192.0.3.${marked}` },
  });
}

const at = (address: string) => portal.browser({ headers: { "X-Forwarded-For": address } });
const browserOf = (page: Page) => (page as unknown as { browser: Browser }).browser;

/** Five wrong passwords, and then half an hour. */
async function fiveWrong(person: { userId: string }): Promise<void> {
  await wrongPasswords(stranger, person, 5);
  await minutesPass(portal, 31);
}

/** A hundred wrong passwords, five at a time with half an hour between. */
async function wrongUntilOff(person: { userId: string }): Promise<void> {
  const browser = stranger();
  const filling = { "User ID": person.userId, Password: wrongPassword };
  const { action, fields } = (await browser.get("/login")).sending("Log in", filling);
  for (let time = 1; time <= 100; time += 1) {
    const says = time === 100 ? "Call support" : time % 5 ? "is not right" : "locked";
    expect((await browser.ask("POST", action, { fields })).errors.join()).toContain(says);
    if (time % 5 === 0) await minutesPass(portal, 31);
  }
}

async function wrongCodes(page: Page, person: TestPerson, times: number): Promise<void> {
  const wrong = otherThan(await codeTo(portal, person.email));
  for (let time = 0; time < times; time += 1) expect((await verify(page, wrong)).status).toBe(422);
}

async function personInConsole(person: TestPerson, sam?: TestPerson): Promise<Page> {
  const browser = await logIn(portal, sam ?? (await hireSam(portal)));
  return lookAt(browser, `/console/people/${person.id}`);
}

async function unlock(sam: TestPerson, person: TestPerson, reason: string): Promise<void> {
  const page = await (await personInConsole(person, sam)).press("Unlock", { Reason: reason });
  expect(page.status).toBe(200);
}

/** A whole password reset by mail, second factor and all. */
async function resetByMail(person: TestPerson): Promise<void> {
  await forgot(stranger(), "Password", person);
  const opened = await stranger().get(await linkTo(portal, person));
  const page = await opened.press("Change password", { "New password": newPassword });
  const last = person.factor ? await verify(page, await codeTo(portal, person.phone)) : page;
  expect(last.path).toBe("/login");
}
