import { expect, test } from "vitest";
import { applicationOf } from "../support/applications.ts";
import type { Page } from "../support/browser.ts";
import {
  enterPassword,
  foundPractice,
  logIn,
  openAccountFor,
  otherThan,
  password,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { appCode, auditOf, codeTo, everythingKept, isIn, newPassword, sentTo, someone, verify } from "./support.ts";

const portal = await openPortal();
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:149.0) Gecko/20100101 Firefox/149.0";
const safari =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1";

// Ids

test("confirming who one is makes a new session id as well, and the one before it is worth nothing", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  portal.clock.advance({ minutes: 6 });
  const confirm = await bob.get("/settings/password");
  const planted = bob.copy();
  expect((await confirm.press("Continue", { Password: password })).path).toBe("/settings/password");
  expect(bob.sessionCookie).not.toBe(planted.sessionCookie);
  expect((await planted.get("/settings")).path).toBe("/login");
});

// Idle

test("every page says when the log-in will end, and has a button to stay in", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  for (const path of ["/", "/accounts", "/settings"]) {
    const note = (await bob.get(path)).root.querySelector("form.idle");
    expect(note?.getAttribute("action")).toBe("/session");
    expect(note?.text).toContain(`You will be logged out at ${austinTime(15)} CST if you do nothing.`);
    expect(note?.querySelector("button")?.text).toBe("Stay logged in");
  }
  expect((await portal.browser().get("/login")).root.querySelector("form.idle")).toBeNull();
});

test("“Stay logged in” keeps the log-in alive for another quarter of an hour, and not longer", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  const page = await bob.get("/accounts");
  portal.clock.advance({ minutes: 14 });
  expect((await page.press("Stay logged in")).status).toBe(200);
  portal.clock.advance({ minutes: 14 });
  const byScript = await bob.ask("POST", "/session", {
    headers: { "HX-Request": "true" },
    fields: [["_csrf", (await bob.token()) ?? ""]],
  });
  expect([byScript.status, byScript.html]).toEqual([204, ""]);
  portal.clock.advance({ minutes: 14 });
  expect((await bob.get("/accounts?waiting")).path).toBe("/accounts?waiting");
  portal.clock.advance({ minutes: 1 });
  expect((await bob.get("/accounts")).path).toBe("/login");
});

test("the note never promises more than is kept, also on the second page of a minute", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  portal.clock.advance({ seconds: 59 });
  const note = (await bob.get("/accounts")).root.querySelector("form.idle");
  const promised = Date.parse(note?.getAttribute("data-idle") ?? "");
  portal.clock.advance({ seconds: Math.floor((promised - portal.clock.now().getTime()) / 1000) - 2 });
  expect((await bob.get("/accounts")).path).toBe("/accounts");
});

test("“Stay logged in”, pressed too late, leads to the log-in and keeps no form", async () => {
  const person = await someone(portal, { role: "clerk" });
  const bob = await logIn(portal, person);
  const page = await bob.get("/accounts");
  portal.clock.advance({ minutes: 16 });
  expect((await page.press("Stay logged in")).path).toBe("/login");
  expect((await enterPassword(bob, person)).heading).not.toBe("Go on where you were");
});

// What was typed

test("a sale that was typed when the log-in had ended is there after logging in again", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  portal.clock.advance({ minutes: 16 });
  const filling = { Amount: "123.45", Plan: "Standard account", Reference: "Crown 14" };
  expect((await form.press("Review sale", filling)).path).toBe("/login");
  const kept = await enterPassword(bob, practice.bob);
  expect(kept).toMatchObject({ path: "/login/continue", heading: "Go on where you were" });
  expect(kept.text).toContain("Nothing of it was done");
  const review = await kept.press("Send it again");
  expect(review.title).toContain("Review sale");
  expect(review.text).toContain("$123.45");
  expect(review.text).toContain("Crown 14");
});

test("what was typed survives the second factor, and opening its page twice", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bea = await someone(portal, { practice, factors: ["email"] });
  const browser = await logIn(portal, bea);
  const form = await browser.get(`${account.path}/sale`);
  portal.clock.advance({ minutes: 16 });
  await form.press("Review sale", { Amount: "77.10", Plan: "Standard account" });
  const page = await enterPassword(browser, bea);
  const kept = await verify(page, await codeTo(portal, bea.email));
  expect(kept.heading).toBe("Go on where you were");
  const reloaded = await browser.get("/login/continue");
  expect(reloaded.heading).toBe("Go on where you were");
  expect((await reloaded.press("Send it again")).text).toContain("$77.10");
});

test("an application is kept without the SSN, which is asked for again", async () => {
  const { bob: person } = await foundPractice(portal);
  const bob = await logIn(portal, person);
  const sending = await applicationOf(bob, { "First name": "Wilhelmina", "Last name": "Quist" });
  portal.clock.advance({ minutes: 16 });
  expect((await bob.send(sending)).path).toBe("/login");
  const [kept] = await portal.db("kept_forms").where({ user_id: person.id });
  const text = portal.parts.vault.open(kept.fields_sealed, kept.id);
  expect(text).toContain("Wilhelmina");
  expect(text).not.toMatch(/987-?65-?4321/);
  expect(await everythingKept(portal)).not.toContain("Wilhelmina");

  const page = await enterPassword(bob, person);
  expect(page.html).not.toMatch(/987-?65-?4321/);
  const again = await page.press("Send it again");
  expect(again.status).toBe(422);
  expect(again.valueOf("First name")).toBe("Wilhelmina");
  expect(again.valueOf("Last name")).toBe("Quist");
  expect(again.valueOf("Social Security number")).toBe("");
  expect(again.errorAt("Social Security number")).toContain("Enter the nine digits");
});

test("somebody else who logs in at that browser sees nothing of what was typed", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const browser = await logIn(portal, practice.bob);
  const form = await browser.get(`${account.path}/sale`);
  portal.clock.advance({ minutes: 16 });
  await form.press("Review sale", { Amount: "123.45", Plan: "Standard account" });
  const page = await enterPassword(browser, practice.alice);
  expect(isIn(page)).toBe(true);
  expect(page.html).not.toContain("123.45");
  expect((await browser.get("/login/continue")).html).not.toContain("123.45");
});

test("a form of somebody who never was logged in is not kept", async () => {
  const { bob } = await foundPractice(portal);
  const before = await portal.db("kept_forms");
  const browser = portal.browser();
  expect((await browser.post("/applications", { firstName: "Mallory" })).path).toBe("/login");
  expect((await enterPassword(browser, bob)).heading).not.toBe("Go on where you were");
  expect(await portal.db("kept_forms")).toHaveLength(before.length);
});

test("passwords and codes that came too late are not kept", async () => {
  const person = await someone(portal, { role: "clerk" });
  const bob = await logIn(portal, person);
  const form = await bob.get("/settings/password");
  portal.clock.advance({ minutes: 16 });
  await form.press("Change password", { "Password now": password, "New password": newPassword });
  const kept = await portal.db("kept_forms").where({ user_id: person.id });
  for (const row of kept) {
    const text = portal.parts.vault.open(row.fields_sealed, row.id);
    expect(text).not.toContain(password);
    expect(text).not.toContain(newPassword);
  }
  expect((await enterPassword(bob, person)).html).not.toContain(newPassword);
});

// Log-ins

test("the list of log-ins says browser, address, time and proof of each, this one marked, and nobody else's", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  await logIn(portal, await someone(portal));
  const phone = portal.browser({ headers: { "User-Agent": safari } });
  await verify(await enterPassword(phone, bea), await codeTo(portal, bea.phone));
  portal.clock.advance({ minutes: 3 });
  const desk = portal.browser({ headers: { "User-Agent": firefox } });
  await verify(await enterPassword(desk, bea), await codeTo(portal, bea.phone));
  const list = await (await desk.get("/settings")).click("Change log-ins");
  expect(list.rows()).toEqual([
    ["Firefox on Linux", expect.stringContaining(austinTime(0)), "code by text message", "127.0.0.1", "This one"],
    [
      "Safari on iOS",
      expect.stringContaining(austinTime(-3)),
      "code by text message",
      "127.0.0.1",
      expect.stringMatching(/^Log out/),
    ],
  ]);
});

test("one log-in can be ended from another, and another person's cannot", async () => {
  const person = await someone(portal, { role: "clerk" });
  const [desk, phone] = [await logIn(portal, person), await logIn(portal, person)];
  const stranger = await logIn(portal, await someone(portal, { role: "clerk" }));
  const logins = await portal.db("logins").where({ user_id: person.id }).orderBy("id");
  for (const { id } of logins) await stranger.post(`/settings/log-ins/${id}/end`);
  expect((await phone.get("/accounts")).path).toBe("/accounts");
  await (await desk.get("/settings/log-ins")).press("Log out A browser");
  expect((await phone.get("/accounts")).path).toBe("/login");
  expect((await desk.get("/accounts")).path).toBe("/accounts");
});

test("“Log out everywhere” ends every log-in, this one too, and on every node", async () => {
  const person = await someone(portal, { role: "clerk" });
  const [desk, phone] = [await logIn(portal, person), await logIn(portal, person)];
  const elsewhere = phone.copy((await portal.anotherNode()).server);
  expect((await elsewhere.get("/accounts")).path).toBe("/accounts");
  const page = await (await desk.get("/settings/log-ins")).press("Log out everywhere");
  expect(page.path).toBe("/login");
  for (const browser of [desk, phone, elsewhere]) expect((await browser.get("/accounts")).path).toBe("/login");
  expect(await auditOf(portal, person, "logged out")).toMatchObject([
    { details: { because: "logged out everywhere" } },
  ]);
});

test("a log-in from a browser not seen before is told by mail, the first of all and the same one again are not", async () => {
  const person = await someone(portal, { role: "clerk" });
  const from = (agent: string) => enterPassword(portal.browser({ headers: { "User-Agent": agent } }), person);
  await from(firefox);
  await from(firefox);
  expect(await sentTo(portal, person.email)).toEqual([]);
  await from(safari);
  const mails = await sentTo(portal, person.email);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.subject).toBe("New browser at your Caraway log-in");
  expect(mails[0]?.text).toContain("Safari on iOS");
  expect(mails[0]?.text).toContain("(800) 555-0142");
});

// Fresh proof

const guarded = [
  "/settings/password",
  "/settings/factors/app",
  "/settings/factors/passkey",
  "/settings/factors/recovery-codes",
  "/settings/factors/sms",
  "/settings/factors/email",
  "/settings/contact/email",
  "/settings/contact/sms",
];

test("for five minutes after the log-in nothing is asked again, and then the password is", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  portal.clock.advance({ minutes: 4, seconds: 59 });
  for (const path of guarded) expect([path, (await bob.get(path)).path]).toEqual([path, path]);
  portal.clock.advance({ seconds: 2 });
  for (const path of guarded) {
    const page = await bob.get(path);
    expect([path, page.path, page.heading]).toEqual([path, "/confirm", "Confirm that it is you"]);
  }
  const wrong = await (await bob.get("/settings/contact/sms")).press("Continue", { Password: "not the password" });
  expect(wrong.status).toBe(422);
  expect((await wrong.press("Continue", { Password: password })).path).toBe("/settings/contact/sms");
  expect((await bob.get("/settings/password")).path, "which is good for the next five minutes").toBe(
    "/settings/password",
  );
});

test("whoever has a second factor shows that one, and the right one leads to the page", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  const browser = await logIn(portal, bea);
  portal.clock.advance({ minutes: 6 });
  const confirm = await browser.get("/settings/contact/email");
  expect(confirm.root.querySelector("input[type=password]")).toBeNull();
  const page = await confirm.press("Continue");
  expect(page.path).toBe("/confirm/code");
  const code = await codeTo(portal, bea.email);
  expect((await verify(page, otherThan(code))).status).toBe(422);
  expect((await verify(page, code)).path).toBe("/settings/contact/email");
});

test("five wrong passwords at a desk that was left alone, and the right one is not taken either", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  portal.clock.advance({ minutes: 6 });
  const confirm = await bob.get("/settings/password");
  for (let time = 0; time < 5; time += 1) await confirm.press("Continue", { Password: "not the password" });
  const answer = await confirm.press("Continue", { Password: password });
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("locked");
});

test("nor may “Password now” be guessed for ever", async () => {
  const bob = await logIn(portal, await someone(portal, { role: "clerk" }));
  const form = await bob.get("/settings/password");
  const filling = (now: string) => ({ "Password now": now, "New password": newPassword });
  for (let time = 0; time < 5; time += 1) await form.press("Change password", filling("not the password"));
  const answer = await form.press("Change password", filling(password));
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("locked");
});

test("what is sent without a fresh proof changes nothing", async () => {
  const practice = await foundPractice(portal);
  const owner = await someone(portal, { role: "owner", practice, factors: ["sms"] });
  const browser = await logIn(portal, owner);
  const factor = await portal.db("second_factors").where({ user_id: owner.id }).first();
  const before = await stateOf(owner, practice.id);
  portal.clock.advance({ minutes: 6 });
  const posts: [string, Record<string, string>][] = [
    ["/settings/password", { password, newPassword }],
    [`/settings/factors/${factor.id}/removal`, {}],
    ["/settings/factors/app", { code: "123456" }],
    ["/settings/factors/email", {}],
    ["/settings/factors/recovery-codes", {}],
    ["/settings/contact/email", { to: "thief@example.com" }],
    ["/settings/contact/sms", { to: "2025550188" }],
    ["/settings/people", { everybody: "yes" }],
  ];
  for (const [path, fields] of posts)
    expect([path, (await browser.post(path, fields)).path]).toEqual([path, "/confirm"]);
  expect(await stateOf(owner, practice.id)).toEqual(before);
  expect(await sentTo(portal, "thief@example.com")).toEqual([]);
});

// Changing

test("a changed password ends every other log-in, keeps this one, and is told by mail", async () => {
  const person = await someone(portal, { role: "clerk" });
  const [desk, phone] = [await logIn(portal, person), await logIn(portal, person)];
  const form = await desk.get("/settings/password");
  const wrong = await form.press("Change password", { "Password now": "not the one", "New password": newPassword });
  expect(wrong.errorAt("Password now")).toBe("That is not your password now.");
  const done = await form.press("Change password", { "Password now": password, "New password": newPassword });
  expect(done.path).toBe("/settings");
  expect((await phone.get("/accounts")).path).toBe("/login");
  expect((await enterPassword(portal.browser(), person)).status).toBe(422);
  expect(isIn(await enterPassword(portal.browser(), person, newPassword))).toBe(true);
  const [mail] = await sentTo(portal, person.email);
  expect(mail?.text).toContain(`The password was changed for the Caraway User ID ${person.userId}`);
  expect(await auditOf(portal, person, "log-in changed")).toHaveLength(1);
});

test("a log-in that waits for its code ends in nothing when the password is changed meanwhile", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const own = await logIn(portal, bea);
  const waiting = await enterPassword(portal.browser(), bea);
  const code = await codeTo(portal, bea.phone);
  const form = await own.get("/settings/password");
  await form.press("Change password", { "Password now": password, "New password": newPassword });
  expect(isIn(await verify(waiting, code))).toBe(false);
});

test("a new e-mail address counts once a code came back from it, and the old address is told", async () => {
  const person = await someone(portal, { role: "clerk" });
  const browser = await logIn(portal, person);
  const fresh = `new.${person.email}`;
  const sent = await (await browser.get("/settings/contact/email")).press("Send a code", { "New e-mail": fresh });
  expect((await browser.get("/settings")).fact("E-mail")).toContain(person.email);
  const done = await verify(sent, await codeTo(portal, fresh));
  expect(done.path).toBe("/settings");
  expect(done.fact("E-mail")).toContain(fresh);
  expect((await sentTo(portal, person.email))[0]?.text).toContain("The e-mail address was changed");
  expect((await sentTo(portal, fresh)).some(({ text }) => text.includes("was changed"))).toBe(false);
});

test("a new mobile number counts once a code came back from it, and the e-mail address is told", async () => {
  const person = await someone(portal, { role: "clerk" });
  const browser = await logIn(portal, person);
  const form = await browser.get("/settings/contact/sms");
  expect((await form.press("Send a code", { "New mobile phone": "555" })).errorAt("New mobile phone")).toContain(
    "ten digits",
  );
  const sent = await form.press("Send a code", { "New mobile phone": "+1 (202) 555-0187" });
  expect((await verify(sent, await codeTo(portal, "2025550187"))).fact("Mobile phone")).toContain("(202) 555-0187");
  expect((await sentTo(portal, person.email))[0]?.text).toContain("The mobile number was changed");
});

test("a code that came to a phone makes no e-mail address of its number", async () => {
  const person = await someone(portal, { role: "clerk" });
  const browser = await logIn(portal, person);
  await (await browser.get("/settings/contact/sms")).press("Send a code", { "New mobile phone": "2025550186" });
  await browser.post("/settings/contact/email/code", { code: await codeTo(portal, "2025550186") });
  expect((await portal.db("users").where({ id: person.id }).first("email")).email).toBe(person.email);
});

test("a removed factor is told by mail and asked for no more", async () => {
  const bea = await someone(portal, { factors: ["sms", "email"] });
  const browser = await logIn(portal, bea);
  const page = await (await browser.get("/settings/factors")).press("Remove Code by text message");
  expect(page.text).not.toContain("Code by text message since");
  expect((await sentTo(portal, bea.email))[0]?.text).toContain(
    "“Code by text message” was removed".replace(/[“”]/g, '"'),
  );
  expect((await enterPassword(portal.browser(), bea)).heading).toBe("Check your e-mail");
});

// What the practice and the program ask

test("the owner asks a second factor of one person, who adds one before anything else", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  portal.clock.advance({ minutes: 6 });
  await askOf(practice.alice, { person: practice.bob });
  const page = await bob.get("/accounts");
  expect(page).toMatchObject({ path: "/settings/factors", heading: "Second factors" });
  expect(page.text).toContain("Add one to go on");
  for (const path of ["/", "/transactions", "/settings", "/settings/password"])
    expect([path, (await bob.get(path)).path]).toEqual([path, "/settings/factors"]);
  const bea = await logIn(portal, practice.bea);
  expect((await bea.get("/accounts")).path, "the others are not asked").toBe("/accounts");
});

test("whoever is asked in the middle of the day confirms who they are, adds a factor, and goes on", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  portal.clock.advance({ minutes: 10 });
  await bob.get("/accounts");
  await askOf(practice.alice, { everybody: true });
  const page = await (await bob.get("/accounts")).click("Authenticator app");
  expect(page.path).toBe("/confirm");
  const app = await page.press("Continue", { Password: password });
  expect(app.heading).toBe("Add an authenticator app");
  const secret = app.root.querySelector("main p code")?.text.replaceAll(" ", "") ?? "";
  const added = await app.press("Add the app", { "Verification code": await appCode(0, secret) });
  expect(added.text).not.toContain("Add one to go on");
  expect((await bob.get("/accounts")).path).toBe("/accounts");
});

test.each(["one person", "everybody"] as const)(
  "asked of %s, the last factor cannot be removed; one of two can",
  async (whom) => {
    const practice = await foundPractice(portal);
    const bea = await someone(portal, { practice, factors: ["sms", "email"] });
    const browser = await logIn(portal, bea);
    await askOf(practice.alice, whom === "everybody" ? { everybody: true } : { person: bea });
    const one = await (await browser.get("/settings/factors")).press("Remove Code by e-mail");
    expect(one.status).toBe(200);
    const last = await one.press("Remove Code by text message");
    expect(last.status).toBe(422);
    expect(last.errors.join()).toContain("This is your only second factor, and one is asked of you");
    expect(await portal.db("second_factors").where({ user_id: bea.id })).toHaveLength(1);
  },
);

test("where none is asked, the last factor may go", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const browser = await logIn(portal, bea);
  expect((await (await browser.get("/settings/factors")).press("Remove Code by text message")).status).toBe(200);
  expect(isIn(await enterPassword(portal.browser(), bea))).toBe(true);
});

test("two factors removed at once, where one is asked: one stays", async () => {
  const practice = await foundPractice(portal);
  await portal.db("practices").where({ id: practice.id }).update({ needs_factor: true });
  const bea = await someone(portal, { practice, factors: ["sms", "email"] });
  const page = await (await logIn(portal, bea)).get("/settings/factors");
  await Promise.all(["Remove Code by text message", "Remove Code by e-mail"].map((button) => page.press(button)));
  expect(await portal.db("second_factors").where({ user_id: bea.id })).toHaveLength(1);
});

test("only the owner asks it, and of nobody at another practice", async () => {
  const [practice, other] = [await foundPractice(portal), await foundPractice(portal)];
  const bob = await logIn(portal, practice.bob);
  expect((await bob.get("/settings/people")).status).toBe(403);
  expect((await bob.post("/settings/people", { everybody: "yes" })).status).toBe(403);
  const alice = await logIn(portal, practice.alice);
  await alice.post("/settings/people", { [`needs-${other.bob.id}`]: "yes" });
  expect((await portal.db("users").where({ id: other.bob.id }).first()).needs_factor).toBe(false);
});

async function askOf(owner: TestPerson, whom: { everybody?: boolean; person?: TestPerson }): Promise<Page> {
  const browser = await logIn(portal, owner);
  const page = await browser.get("/settings/people");
  if (whom.everybody) return page.press("Save", { "Everybody here needs a second factor": true });
  const { action, method, fields } = page.sending("Save");
  return browser.send({ action, method, fields: [...fields, [`needs-${whom.person?.id}`, "yes"]] });
}

/** The time in Austin, so many minutes from now, as pages write it. */
function austinTime(minutes: number): string {
  const at = new Date(portal.clock.now().getTime() + minutes * 60_000);
  const written = at.toLocaleTimeString("en-US", { timeZone: "America/Chicago", hour: "numeric", minute: "2-digit" });
  return written.replace(/\s/g, " ");
}

/** What protects a person's log-in, and what their practice asks. */
async function stateOf(person: TestPerson, practiceId: string) {
  const { password_hash, email, phone } = await portal.db("users").where({ id: person.id }).first();
  const factors = await portal.db("second_factors").where({ user_id: person.id }).pluck("id");
  const codes = await portal.db("recovery_codes").where({ user_id: person.id });
  const { needs_factor } = await portal.db("practices").where({ id: practiceId }).first();
  return { password_hash, email, phone, factors, codes, needs_factor };
}
