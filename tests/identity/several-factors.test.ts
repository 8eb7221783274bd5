import { toString as qrCode } from "qrcode";
import { expect, test } from "vitest";
import type { Browser, Page } from "../support/browser.ts";
import { enterPassword, logIn, otherThan, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import {
  alone,
  appCode,
  auditOf,
  codeTo,
  everythingKept,
  isIn,
  logInsOf,
  sentTo,
  someone,
  verify,
  withCode,
} from "./support.ts";

const portal = await openPortal();

// Choosing

test("of several ways the strongest is asked for first, and the others are offered below, stronger ones first", async () => {
  const person = await someone(portal, { factors: ["email", "sms", "totp"] });
  const page = await enterPassword(portal.browser(), person);
  expect(page.heading).toBe("Open your authenticator app");
  expect(page.buttons.filter((words) => words.startsWith("Code by"))).toEqual([
    "Code by text message",
    "Code by e-mail",
  ]);
  expect(isIn(await verify(page, await appCode()))).toBe(true);
});

test("nothing is sent to somebody whose app is asked first", async () => {
  const person = await someone(portal, { factors: ["email", "sms", "totp"] });
  await enterPassword(portal.browser(), person);
  expect([...(await sentTo(portal, person.email)), ...(await sentTo(portal, person.phone))]).toEqual([]);
});

test.each([
  { way: "Code by e-mail", heading: "Check your e-mail", channel: "email" },
  { way: "Code by text message", heading: "Check your phone", channel: "sms" },
] as const)("choosing “$way” sends one there, and it lets in", async ({ way, heading, channel }) => {
  const person = await someone(portal, { factors: ["totp", "sms", "email"] });
  const page = await (await enterPassword(portal.browser(), person)).press(way);
  expect(page).toMatchObject({ status: 200, heading });
  const to = channel === "email" ? person.email : person.phone;
  expect(await sentTo(portal, to)).toHaveLength(1);
  expect((await sentTo(portal, to))[0]).toMatchObject({ channel });
  expect(page.buttons).toContain("Authenticator app");
  expect(isIn(await verify(page, await codeTo(portal, to)))).toBe(true);
  const login = await portal.db("logins").where({ user_id: person.id }).first();
  expect(login.proved_by).toBe(channel);
});

test("once another way is chosen, the code of the first one lets nobody in", async () => {
  const person = await someone(portal, { factors: ["sms", "email"] });
  const page = await enterPassword(portal.browser(), person);
  const bySms = await codeTo(portal, person.phone);
  const chosen = await page.press("Code by e-mail");
  const byMail = await codeTo(portal, person.email);
  if (bySms !== byMail) expect((await verify(chosen, bySms)).status).toBe(422);
  expect(isIn(await verify(chosen, byMail))).toBe(true);
});

test("opening the pages of the code, also with a choice on them, sends nothing", async () => {
  const person = await someone(portal, { factors: ["sms", "email"] });
  const browser = portal.browser();
  await enterPassword(browser, person);
  for (const path of ["/login/code", "/login/code?sent=1", "/login/code/recovery", "/login/code"])
    expect((await browser.get(path)).status).toBe(200);
  await browser.ask("HEAD", "/login/code");
  expect(await sentTo(portal, person.phone)).toHaveLength(1);
  expect(await sentTo(portal, person.email)).toHaveLength(0);
});

test("nobody can choose another person's way", async () => {
  const [mine, hers] = [await someone(portal, { factors: ["sms"] }), await someone(portal, { factors: ["email"] })];
  const browser = portal.browser();
  await enterPassword(browser, mine);
  const factor = await portal.db("second_factors").where({ user_id: hers.id }).first();
  const answer = await browser.post("/login/code/factor", { factor: factor.id });
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("not open to you");
  expect(await sentTo(portal, hers.email)).toEqual([]);
});

// How many codes

test("five new codes within half an hour, and then none until it is over", async () => {
  const person = await someone(portal, { factors: ["email"] });
  let page = await enterPassword(portal.browser(), person);
  for (let time = 1; time <= 5; time += 1) {
    portal.clock.advance({ seconds: 31 });
    page = await page.press("Send a new code");
    expect([time, page.status]).toEqual([time, 200]);
  }
  portal.clock.advance({ seconds: 31 });
  const refused = await page.press("Send a new code");
  expect(refused.status).toBe(429);
  expect(refused.errors.join()).toContain("Use the latest one, or wait half an hour");
  expect(await sentTo(portal, person.email)).toHaveLength(6);
  expect(isIn(await verify(refused, await codeTo(portal, person.email))), "the latest one still works").toBe(true);
});

test("five new codes at one log-in are not five more at the next, and after half an hour they are", async () => {
  const person = await someone(portal, { factors: ["email"] });
  const first = await enterPassword(portal.browser(), person);
  for (let time = 1; time <= 5; time += 1) {
    portal.clock.advance({ seconds: 31 });
    await first.press("Send a new code");
  }
  const second = await enterPassword(portal.browser(), person);
  portal.clock.advance({ seconds: 31 });
  expect((await second.press("Send a new code")).status).toBe(429);
  portal.clock.advance({ minutes: 31 });
  const third = await enterPassword(portal.browser(), person);
  portal.clock.advance({ seconds: 31 });
  expect((await third.press("Send a new code")).status).toBe(200);
});

test("a right password always sends a code, also a second after the last and after five new ones", async () => {
  const person = await someone(portal, { factors: ["email"] });
  let page = await enterPassword(portal.browser(), person);
  for (let time = 1; time <= 5; time += 1) {
    portal.clock.advance({ seconds: 31 });
    page = await page.press("Send a new code");
  }
  const again = await enterPassword(portal.browser(), person);
  expect(await sentTo(portal, person.email)).toHaveLength(7);
  expect(isIn(await verify(again, await codeTo(portal, person.email)))).toBe(true);
});

test("switching to and fro is no way around the half minute between two codes to one address", async () => {
  const person = await someone(portal, { factors: ["sms", "email"] });
  let page = await enterPassword(portal.browser(), person);
  for (let time = 0; time < 6; time += 1) {
    const other = page.buttons.find((words) => words.startsWith("Code by")) ?? "";
    page = await page.press(other);
  }
  expect(await sentTo(portal, person.phone)).toHaveLength(2); // the password's, and the first that was asked for
  expect(await sentTo(portal, person.email)).toHaveLength(1);
});

test("nobody gets more than twenty codes an hour that stay unanswered, and the twenty-first log-in says so", async () => {
  const person = await someone(portal, { factors: ["email"] });
  for (let time = 1; time <= 20; time += 1)
    expect((await enterPassword(portal.browser(), person)).path).toBe("/login/code");
  const refused = await enterPassword(portal.browser(), person);
  expect(refused).toMatchObject({ status: 429, path: "/login" });
  expect(refused.header("retry-after")).toBe("3600");
  expect(refused.errors.join()).toContain("Too many codes were sent within the hour");
  expect(await sentTo(portal, person.email)).toHaveLength(20);
  portal.clock.advance({ minutes: 61 });
  const later = await enterPassword(portal.browser(), person);
  expect(isIn(await verify(later, await codeTo(portal, person.email)))).toBe(true);
});

test("nor do log-ins at once send more than twenty", async () => {
  const person = await someone(portal, { factors: ["sms"] });
  for (let time = 1; time <= 18; time += 1) await enterPassword(portal.browser(), person);
  const answers = await Promise.all([1, 2, 3, 4].map(() => enterPassword(portal.browser(), person)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 429, 429]);
  expect(await sentTo(portal, person.phone)).toHaveLength(20);
});

// Recovery codes

test("ten recovery codes are shown once, of sixteen characters each, and told of by mail without them", async () => {
  const person = await someone(portal, { factors: ["totp"] });
  const codes = await recoveryCodesOf(await logIn(portal, person));
  expect(new Set(codes).size).toBe(10);
  for (const code of codes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
  const [message] = await sentTo(portal, person.email);
  expect(message?.text).toContain("New recovery codes were made");
  for (const code of codes) expect(message?.text).not.toContain(code);
});

test("a recovery code lets in, with or without hyphens and in small letters, and the person is told by mail", async () => {
  const person = await someone(portal, { factors: ["totp"] });
  const [first = "", second = ""] = await recoveryCodesOf(await logIn(portal, person));
  expect(isIn(await useRecoveryCode(portal.browser(), person, first))).toBe(true);
  const [message] = await sentTo(portal, person.email);
  expect(message?.text).toContain(`A recovery code of your Caraway log-in ${person.userId} was used. 9 are left.`);
  expect(isIn(await useRecoveryCode(portal.browser(), person, second.toLowerCase().replaceAll("-", " ")))).toBe(true);
  const inside = portal.browser();
  const [third = ""] = [(await recoveryCodesOf(await inAgain(inside, person)))[0]];
  expect(third).not.toBe(first);
});

test("a recovery code works once", async () => {
  const person = await someone(portal, { factors: ["totp"] });
  const [code = ""] = await recoveryCodesOf(await logIn(portal, person));
  expect(isIn(await useRecoveryCode(portal.browser(), person, code))).toBe(true);
  const again = await useRecoveryCode(portal.browser(), person, code);
  expect(again.status).toBe(422);
  expect(again.errorAt("Recovery code")).toBe("That recovery code is not right, or was used before.");
});

test("a recovery code works once, also when three browsers show it at once", async () => {
  const person = await someone(portal, { factors: ["totp"] });
  const [code = ""] = await recoveryCodesOf(await logIn(portal, person));
  const before = await logInsOf(portal, person);
  const forms = await Promise.all(
    [1, 2, 3].map(async () => (await enterPassword(portal.browser(), person)).click("Use a recovery code")),
  );
  const answers = await Promise.all(forms.map((form) => form.press("Verify", { "Recovery code": code })));
  expect(answers.filter(isIn)).toHaveLength(1);
  expect((await logInsOf(portal, person)) - before).toBe(1);
  const told = (await sentTo(portal, person.email)).filter(({ text }) => text.includes("was used"));
  expect(told).toHaveLength(1);
});

test("new recovery codes make the old ones void", async () => {
  const person = await someone(portal, { factors: ["totp"] });
  const browser = await logIn(portal, person);
  const [old = ""] = await recoveryCodesOf(browser);
  const [fresh = ""] = await recoveryCodesOf(browser);
  expect((await useRecoveryCode(portal.browser(), person, old)).status).toBe(422);
  expect(isIn(await useRecoveryCode(portal.browser(), person, fresh))).toBe(true);
});

test("another person's recovery code lets nobody in", async () => {
  const [mine, hers] = [await someone(portal, { factors: ["totp"] }), await someone(portal, { factors: ["totp"] })];
  const [code = ""] = await recoveryCodesOf(await logIn(portal, hers));
  expect((await useRecoveryCode(portal.browser(), mine, code)).status).toBe(422);
  expect(isIn(await useRecoveryCode(portal.browser(), hers, code))).toBe(true);
});

test("the settings say how many recovery codes are left", async () => {
  const person = await someone(portal, { factors: ["totp"] });
  const browser = await logIn(portal, person);
  const [code = ""] = await recoveryCodesOf(browser);
  expect((await browser.get("/settings/factors")).text).toContain("10 are left");
  await useRecoveryCode(portal.browser(), person, code);
  expect((await browser.get("/settings/factors")).text).toContain("9 are left");
});

// Adding an authenticator app

test("adding an app shows a picture and the secret in it, asks for a code, and is told by mail", async () => {
  const person = await someone(portal);
  const browser = await logIn(portal, person);
  const page = await (await browser.get("/settings/factors")).click("Authenticator app");
  const secret = secretOn(page);
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  const uri = `otpauth://totp/Caraway:${person.userId}?secret=${secret}&issuer=Caraway`;
  expect(page.html).toContain(await qrCode(uri, { type: "svg", margin: 2 }));

  const wrong = await page.press("Add the app", { "Verification code": otherThan(await appCode(0, secret)) });
  expect(wrong.status).toBe(422);
  expect(wrong.errorAt("Verification code")).toContain("not right");
  expect(secretOn(wrong), "the secret is still the one in the app").toBe(secret);
  expect(await portal.db("second_factors").where({ user_id: person.id })).toEqual([]);

  const added = await wrong.press("Add the app", { "Verification code": await appCode(0, secret) });
  expect(added.path).toBe("/settings/factors");
  expect(added.text).toContain("Authenticator app since");
  expect((await sentTo(portal, person.email))[0]?.text).toContain("An authenticator app was added");
  expect(await auditOf(portal, person, "log-in changed")).toHaveLength(1);
});

test("the code that added an app does not also log in, and the next one does", async () => {
  const person = await someone(portal);
  const page = await (await logIn(portal, person)).get("/settings/factors/app");
  const secret = secretOn(page);
  const code = await appCode(0, secret);
  expect((await page.press("Add the app", { "Verification code": code })).path).toBe("/settings/factors");
  const login = await enterPassword(portal.browser(), person);
  expect((await verify(login, code)).status).toBe(422);
  expect(isIn(await verify(login, await appCode(1, secret)))).toBe(true);
});

test("the secret of one person's page adds an app to no other person", async () => {
  const [mine, hers] = [await logIn(portal, await someone(portal)), await logIn(portal, await someone(portal))];
  const secret = secretOn(await mine.get("/settings/factors/app"));
  const page = await hers.get("/settings/factors/app");
  expect((await page.press("Add the app", { "Verification code": await appCode(0, secret) })).status).toBe(422);
});

test("“Add the app” pressed twice adds one app and is no bug of ours", async () => {
  const person = await someone(portal);
  const page = await (await logIn(portal, person)).get("/settings/factors/app");
  const code = await appCode(0, secretOn(page));
  await page.press("Add the app", { "Verification code": code });
  const again = await page.press("Add the app", { "Verification code": code });
  expect(again.status).toBeLessThan(500);
  expect(await portal.db("second_factors").where({ user_id: person.id })).toHaveLength(1);
});

test("codes by e-mail and by text message are added once a code came back from there", async () => {
  const person = await someone(portal);
  const browser = await logIn(portal, person);
  for (const [words, to] of [
    ["Code by text message", person.phone],
    ["Code by e-mail", person.email],
  ] as const) {
    const page = await (await browser.get("/settings/factors")).click(words);
    expect(withCode(await sentTo(portal, to)), "opening the page sends nothing").toHaveLength(0);
    const sent = await page.press("Send a code");
    expect((await verify(sent, await codeTo(portal, to))).text).toContain(`${words} since`);
  }
  expect(await portal.db("second_factors").where({ user_id: person.id })).toHaveLength(2);
});

test("a code that came back wrong is worth nothing afterwards, and the page says to have a new one sent", async () => {
  const person = await someone(portal);
  const browser = await logIn(portal, person);
  const sent = await (await browser.get("/settings/factors/sms")).press("Send a code");
  const code = await codeTo(portal, person.phone);
  const wrong = await verify(sent, otherThan(code));
  expect(wrong.status).toBe(422);
  expect(wrong.errors.join()).toContain("Have a new one sent");
  const late = await verify(sent, code);
  expect(late.status).toBe(422);
  expect(await portal.db("second_factors").where({ user_id: person.id })).toEqual([]);
});

test("a code that came to the phone proves the phone, and not the e-mail address", async () => {
  const person = await someone(portal);
  const browser = await logIn(portal, person);
  await (await browser.get("/settings/factors/sms")).press("Send a code");
  await browser.post("/settings/factors/email/code", { code: await codeTo(portal, person.phone) });
  expect(await portal.db("second_factors").where({ user_id: person.id, kind: "email" })).toEqual([]);
});

// What is written down

test("codes stand in their own message and nowhere else: no table, no audit line, no log", async () => {
  const person = await someone(portal, { factors: ["sms", "email"] });
  const page = await enterPassword(portal.browser(), person);
  const codes = [await codeTo(portal, person.phone)];
  const chosen = await page.press("Code by e-mail");
  codes.push(await codeTo(portal, person.email));
  await verify(chosen, codes[1] ?? "");
  const kept = await everythingKept(portal, ["messages"]);
  expect(kept).toContain(person.userId);
  const messages = (await portal.messages()).filter(({ text }) => codes.some((code) => text.includes(code)));
  expect(messages).toHaveLength(2);
  for (const code of codes) {
    expect(kept).not.toMatch(alone(code));
    expect(portal.logged()).not.toMatch(alone(code));
    expect(messages.some(({ subject }) => subject.includes(code))).toBe(false);
  }
});

test("the app's secret and the recovery codes are nowhere in the database, its sessions, the mail or the log", async () => {
  const person = await someone(portal);
  const browser = await logIn(portal, person);
  const page = await browser.get("/settings/factors/app");
  const secret = secretOn(page);
  const pending = await everythingKept(portal);
  const code = await appCode(0, secret);
  await page.press("Add the app", { "Verification code": code });
  const recovery = await recoveryCodesOf(browser);
  const secrets = [secret, ...recovery, ...recovery.map((one) => one.replaceAll("-", ""))];
  for (const kept of [pending, await everythingKept(portal), portal.logged()]) {
    for (const one of secrets) {
      expect(kept).not.toContain(one);
      expect(kept).not.toContain(Buffer.from(one).toString("hex"));
    }
    expect(kept).not.toMatch(alone(code));
  }
});

const secretOn = (page: Page) => page.root.querySelector("main p code")?.text.replaceAll(" ", "") ?? "";

/** Makes ten recovery codes, as a person does who has just logged in. */
async function recoveryCodesOf(browser: Browser): Promise<string[]> {
  const page = await (await browser.get("/settings/factors")).click("Make ten to print");
  const made = await page.press("Make ten codes");
  return made.root.querySelectorAll("ol.codes code").map((code) => code.text);
}

async function useRecoveryCode(browser: Browser, person: TestPerson, code: string): Promise<Page> {
  const page = await (await enterPassword(browser, person)).click("Use a recovery code");
  return page.press("Verify", { "Recovery code": code });
}

/** In by the app's next code, as its present one was used. */
async function inAgain(browser: Browser, person: TestPerson): Promise<Browser> {
  expect(isIn(await verify(await enterPassword(browser, person), await appCode(1)))).toBe(true);
  return browser;
}
