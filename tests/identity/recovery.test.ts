import { expect, test } from "vitest";
import { atOnce } from "../support/at-once.ts";
import type { Browser, Page } from "../support/browser.ts";
import {
  enterPassword,
  foundPractice,
  logIn,
  openAccountFor,
  otherThan,
  password,
  reviewRefundOf,
  sellTo,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import {
  appCode,
  auditOf,
  codeTo,
  everythingKept,
  forgot,
  giveFactor,
  isIn,
  linkTo,
  logInsOf,
  newPassword,
  sentTo,
  someone,
  strangersTo,
  verify,
  wrongPasswords,
} from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const node = await portal.anotherNode();
const stranger = strangersTo(portal);

// Asking

test("the log-in page leads to “Forgot User ID/Password?”, which asks for the one or the other", async () => {
  const page = await (await stranger().get("/login")).click("Forgot User ID/Password?");
  expect(page).toMatchObject({ path: "/recover", status: 200 });
  const choices = page.root.querySelectorAll("fieldset label").map((label) => label.text.trim());
  expect(choices).toEqual(["User ID", "Password"]);
  expect(page.buttons).toContain("Send");
  expect(page.valueOf("E-mail")).toBe("");
  expect(page.valueOf("User ID")).toBe("");
});

test("what is missing is asked for, and what was typed stays", async () => {
  const page = await (await stranger().get("/recover")).press("Send", { "E-mail": "nobody" });
  expect(page.status).toBe(422);
  expect(page.errors).toContain("Choose what you forgot");
  expect(page.errorAt("E-mail")).toContain("like name@example.com");
  expect(page.valueOf("E-mail")).toBe("nobody");
  const noId = await forgot(stranger(), "Password", { email: "nobody@example.com", userId: " " });
  expect(noId.errorAt("User ID")).toBe("Enter your User ID too, for a new password");
});

test("a forgotten User ID comes by mail: all of the address, and no password", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const other = await someone(portal, { role: "owner", name: "Bob Owner" });
  await portal.db("users").where({ id: other.id }).update({ email: bob.email });
  const page = await forgot(stranger(), "User ID", { email: bob.email.toUpperCase() });
  expect(page).toMatchObject({ path: "/recover/sent", status: 200 });
  const mails = await sentTo(portal, bob.email);
  expect(mails).toHaveLength(1);
  expect(mails[0]?.text).toContain(bob.userId);
  expect(mails[0]?.text).toContain(other.userId);
  expect(mails[0]?.text).not.toContain("/recover/password/");
});

test("a new password comes as a link, to the person's own address", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await forgot(stranger(), "Password", { email: bob.email, userId: ` ${bob.userId.toUpperCase()} ` });
  const [mail] = await sentTo(portal, bob.email);
  expect(mail?.text).toContain("http://127.0.0.1:3000/recover/password/");
  expect(mail?.text).toContain("within 30 minutes");
  expect(mail?.text).toContain("your password still holds");
});

test("the link leads to the portal's own address, whatever the asker says the host is", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const browser = portal.browser({ headers: { "X-Forwarded-For": "192.0.2.9", "X-Forwarded-Host": "evil.example" } });
  const form = await browser.get("/recover", { Host: "evil.example" });
  const filling = { "What did you forget?": "Password", "E-mail": bob.email, "User ID": bob.userId };
  await form.press("Send", filling, { Host: "evil.example" });
  const [mail] = await sentTo(portal, bob.email);
  expect(mail?.text).toContain("http://127.0.0.1:3000/recover/");
  expect(mail?.text).not.toContain("evil");
});

test("the answer is the same for addresses that nobody has, and nothing is sent there", async () => {
  const bob = await someone(portal, { role: "clerk" });
  for (const what of ["User ID", "Password"] as const) {
    const known = await forgot(stranger(), what, bob);
    const unknown = await forgot(stranger(), what, { email: "no.such@example.com", userId: "no.such" });
    expect([unknown.status, unknown.path]).toEqual([known.status, known.path]);
    expect(unknown.html).toBe(known.html);
    expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(known.headers).sort());
  }
  expect(await sentTo(portal, "no.such@example.com")).toEqual([]);
});

test("a User ID with somebody else's address sends nothing to either", async () => {
  const [bob, carl] = [await someone(portal, { role: "clerk" }), await someone(portal, { role: "clerk" })];
  await forgot(stranger(), "Password", { email: carl.email, userId: bob.userId });
  expect([...(await sentTo(portal, bob.email)), ...(await sentTo(portal, carl.email))]).toEqual([]);
});

test("the answer takes a quarter of a second, known or not, so that its time tells nothing", async () => {
  const bob = await someone(portal, { role: "clerk" });
  for (const asked of [bob, { email: "no.such@example.com", userId: "no.such" }]) {
    const filling = { "What did you forget?": "Password", "E-mail": asked.email, "User ID": asked.userId };
    const browser = stranger();
    const { action, fields } = (await browser.get("/recover")).sending("Send", filling);
    const began = performance.now();
    expect((await browser.ask("POST", action, { fields })).status).toBe(303);
    expect(performance.now() - began).toBeGreaterThanOrEqual(249);
  }
});

test("nobody is mailed more than five times an hour, however often it is asked for", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const asked = await Promise.all(
    Array.from({ length: 8 }, (_, index) => forgot(stranger(), index % 2 ? "User ID" : "Password", bob)),
  );
  expect(asked.map(({ path }) => path)).toEqual(Array(8).fill("/recover/sent"));
  expect(await sentTo(portal, bob.email)).toHaveLength(5);
  portal.clock.advance({ minutes: 61 });
  await forgot(stranger(), "User ID", bob);
  expect(await sentTo(portal, bob.email)).toHaveLength(6);
});

// The link

test("opening the link consumes nothing, however often a mail scanner does, and the button does", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const link = await linkFor(bob);
  for (let time = 0; time < 3; time += 1) {
    await portal.browser().ask("HEAD", link);
    expect((await stranger().get(link)).heading).toBe("New password");
  }
  expect((await changeTo(await stranger().get(link))).path).toBe("/login");
  expect((await stranger().get(link)).heading).toBe("This link no longer works");
});

test("the link changes the password, and neither it nor a page opened from it does so again", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const link = await linkFor(bob);
  const [first, second] = [await stranger().get(link), await stranger().get(link)];
  const done = await changeTo(first);
  expect(done.text).toContain("Your password is changed");
  const again = await changeTo(second, "another six brown owls");
  expect(again.status).toBe(422);
  expect(again.errors.join()).toContain("has been used or is too old");
  expect(isIn(await enterPassword(stranger(), bob, newPassword))).toBe(true);
  expect((await enterPassword(stranger(), bob, password)).status).toBe(422);
  expect((await enterPassword(stranger(), bob, "another six brown owls")).status).toBe(422);
});

test("two who press the button of one link at once, on two nodes: one password is set", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const link = await linkFor(bob);
  const passwords = ["two brown owls at noon", "six white owls at dawn"];
  const pages = [await stranger().get(link), await stranger().copy(node.server).get(link)];
  const answers = await atOnce(portal.db, "select from password_resets for update", [0, 1], (index) =>
    changeTo(pages[index] as Page, passwords[index]),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  const worked = await Promise.all(passwords.map((one) => enterPassword(stranger(), bob, one)));
  expect(worked.map(isIn)).toEqual(answers.map(({ status }) => status === 200));
  expect(await auditOf(portal, bob, "password reset")).toHaveLength(1);
});

test("the link works for thirty minutes", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const link = await linkFor(bob);
  portal.clock.advance({ minutes: 29, seconds: 59 });
  const page = await stranger().get(link);
  expect(page.heading).toBe("New password");
  portal.clock.advance({ seconds: 2 });
  expect((await stranger().get(link)).heading).toBe("This link no longer works");
  expect((await changeTo(page)).errors.join()).toContain("too old");
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
});

test("a changed password makes every other link void", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const [one, two] = [await linkFor(bob), await linkFor(bob)];
  expect(one).not.toBe(two);
  await changeTo(await stranger().get(one));
  expect((await stranger().get(two)).heading).toBe("This link no longer works");
});

test("a link that was made up opens nothing", async () => {
  for (const token of ["x", "A".repeat(43), "..%2f..%2fetc"]) {
    const page = await stranger().get(`/recover/password/${token}`);
    expect([token, page.heading]).toEqual([token, "This link no longer works"]);
  }
});

test("a password that may not be is declined, and the link still works", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const page = await stranger().get(await linkFor(bob));
  const declined = await changeTo(page, "too short");
  expect(declined.status).toBe(422);
  expect(declined.errorAt("New password")).toContain("at least 15 characters");
  expect((await changeTo(declined)).path).toBe("/login");
});

test("the link's secret is neither in the log nor in the database", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const link = await linkFor(bob);
  const token = link.split("/").at(-1) ?? "";
  await changeTo(await stranger().get(link));
  expect(token.length).toBeGreaterThan(40);
  expect(await everythingKept(portal, ["messages"])).not.toContain(token);
  expect(portal.logged().includes(token), "the log holds it").toBe(false);
});

// The second factor

test.each(["email", "sms", "totp"] as const)(
  "who has a second factor (%s) is asked for it before anything changes",
  async (kind) => {
    const bea = await someone(portal, { factors: [kind] });
    const inside = await logIn(portal, bea);
    portal.clock.advance({ seconds: 31 });
    const asked = await changeTo(await stranger().get(await linkFor(bea)));
    expect(asked.path).toBe("/recover/code");
    expect((await inside.get("/settings")).status, "nothing has ended").toBe(200);
    expect((await enterPassword(stranger(), bea, newPassword)).status, "nothing has changed").toBe(422);

    const done = await verify(
      asked,
      kind === "totp" ? await appCode(1) : await codeTo(portal, kind === "email" ? bea.email : bea.phone),
    );
    expect(done.path).toBe("/login");
    expect(done.buttons).not.toContain("Log out");
    expect((await inside.get("/settings")).path).toBe("/login");
    expect((await enterPassword(stranger(), bea, newPassword)).path).toBe("/login/code");
  },
);

test("a wrong code changes nothing", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const asked = await changeTo(await stranger().get(await linkFor(bea)));
  expect((await verify(asked, otherThan(await codeTo(portal, bea.phone)))).status).toBe(422);
  expect((await enterPassword(stranger(), bea)).path).toBe("/login/code");
});

test("a recovery code stands in for a lost factor", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const inside = await logIn(portal, bea);
  const made = await (await inside.get("/settings/factors/recovery-codes")).press("Make ten codes");
  const code = made.root.querySelector("ol.codes code")?.text ?? "";
  const asked = await changeTo(await stranger().get(await linkFor(bea)));
  const form = await asked.click("Use a recovery code");
  expect((await form.press("Verify", { "Recovery code": code })).path).toBe("/login");
  expect((await enterPassword(stranger(), bea, newPassword)).path).toBe("/login/code");
});

test("the code of a new password logs nobody in, and the code of a log-in sets no password", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const browser = stranger();
  const asked = await changeTo(await browser.get(await linkFor(bea)));
  const resetCode = await codeTo(portal, bea.phone);
  const crossed = await browser.post("/login/code", { code: resetCode });
  expect(crossed.buttons).not.toContain("Log out");
  expect(await logInsOf(portal, bea)).toBe(0);
  expect(asked.path).toBe("/recover/code");

  const other = stranger();
  await enterPassword(other, bea);
  await other.post("/recover/code", { code: await codeTo(portal, bea.phone) });
  expect(await auditOf(portal, bea, "password reset")).toEqual([]);
});

// What follows

test("a new password ends every log-in of the person, logs nobody in, and is told by mail", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const [desk, phone] = [await logIn(portal, bob), await logIn(portal, bob)];
  const browser = stranger();
  await changeTo(await browser.get(await linkFor(bob)));
  for (const one of [desk, phone, browser]) expect((await one.get("/accounts")).path).toBe("/login");
  const [mail] = await sentTo(portal, bob.email);
  expect(mail?.subject).toBe("Your Caraway password was changed");
  expect(mail?.text).toContain("call us at once: (800) 555-0142");
  expect(mail?.text).not.toContain(newPassword);
});

test("a log-in that had the old password and waits for its code ends in nothing", async () => {
  const bea = await someone(portal, { factors: ["totp", "sms"] });
  const thief = await (await enterPassword(stranger(), bea)).press("Code by text message");
  const stolen = await codeTo(portal, bea.phone);
  const asked = await changeTo(await stranger().get(await linkFor(bea)));
  expect((await verify(asked, await appCode())).path).toBe("/login");
  const answer = await verify(thief, stolen);
  expect(isIn(answer)).toBe(false);
  expect(await logInsOf(portal, bea)).toBe(0);
});

test("somebody locked out is free again", async () => {
  for (const factors of [[], ["sms"]] as const) {
    const person = await someone(portal, { factors: [...factors] });
    await wrongPasswords(stranger, person, 5);
    const page = await changeTo(await stranger().get(await linkFor(person)));
    if (factors.length) expect((await verify(page, await codeTo(portal, person.phone))).path).toBe("/login");
    const answer = await enterPassword(stranger(), person, newPassword);
    expect(answer.path).toBe(factors.length ? "/login/code" : "/");
  }
});

test("asking for a link, and even a link in hand, does not take the tries against the codes back", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const page = await enterPassword(stranger(), bea);
  const wrong = otherThan(await codeTo(portal, bea.phone));
  for (let time = 0; time < 4; time += 1) await verify(page, wrong);
  await changeTo(await stranger().get(await linkFor(bea)));
  await verify(page, wrong);
  expect((await enterPassword(stranger(), bea)).errors.join()).toContain("locked");
});

test("wrong codes of a new password lock it, and another link gives no more tries", async () => {
  const bea = await someone(portal, { factors: ["sms"] });
  const first = await changeTo(await stranger().get(await linkFor(bea)));
  const wrong = otherThan(await codeTo(portal, bea.phone));
  for (let time = 0; time < 5; time += 1) expect((await verify(first, wrong)).status).toBe(422);
  const second = await changeTo(await stranger().get(await linkFor(bea)));
  const answer = await verify(second, await codeTo(portal, bea.phone));
  expect(answer.status).toBe(422);
  expect(answer.errors.join()).toContain("locked");
  expect(await auditOf(portal, bea, "password reset")).toEqual([]);
});

// What stays held back

test("after a reset by e-mail, refunds over $500, the CSV and the people's settings wait for stronger proof", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { amountCents: 90_000 });
  const owner = await someone(portal, { role: "owner", name: "Olive Owen", practice, factors: ["email"] });
  const before = await logIn(portal, owner);
  const unreset = await allowedTo(before, saleId);
  expect(unreset).toEqual({ small: 200, large: 200, csv: 200, people: 200 });

  await resetBy(owner, "email");
  const browser = stranger();
  const inside = await verify(await enterPassword(browser, owner, newPassword), await codeTo(portal, owner.email));
  expect(isIn(inside)).toBe(true);
  expect.soft(await allowedTo(browser, saleId)).toEqual({ small: 200, large: 403, csv: 403, people: 403 });
  const refused = await browser.get("/reports/sales.csv");
  expect(refused.status).toBe(403);
  expect(refused.text).toContain("Your password was reset by e-mail");

  await giveFactor(portal, owner, "sms");
  const stronger = stranger();
  expect(isIn(await verify(await enterPassword(stronger, owner, newPassword), await codeTo(portal, owner.phone)))).toBe(
    true,
  );
  expect(await allowedTo(stronger, saleId)).toEqual({ small: 200, large: 200, csv: 200, people: 200 });
});

test("the same where no second factor was asked at all", async () => {
  const practice = await foundPractice(portal);
  const saleId = await sellTo(portal, practice, await openAccountFor(portal, practice), { amountCents: 90_000 });
  await changeTo(await stranger().get(await linkFor(practice.bea)));
  const browser = stranger();
  await enterPassword(browser, practice.bea, newPassword);
  expect(await allowedTo(browser, saleId)).toMatchObject({ small: 200, large: 403, csv: 403 });
});

test.each(["sms", "totp"] as const)("a reset that was proved by %s holds nothing back", async (kind) => {
  const practice = await foundPractice(portal);
  const saleId = await sellTo(portal, practice, await openAccountFor(portal, practice), { amountCents: 90_000 });
  const bea = await someone(portal, { practice, factors: [kind] });
  await resetBy(bea, kind);
  const browser = stranger();
  const page = await enterPassword(browser, bea, newPassword);
  expect(isIn(await verify(page, kind === "totp" ? await appCode(1) : await codeTo(portal, bea.phone)))).toBe(true);
  expect(await allowedTo(browser, saleId)).toMatchObject({ large: 200, csv: 200 });
});

test("a refund reviewed before the reset is held back when it is to be made", async () => {
  const practice = await foundPractice(portal);
  const saleId = await sellTo(portal, practice, await openAccountFor(portal, practice), { amountCents: 90_000 });
  const browser = await logIn(portal, practice.bea);
  const review = await reviewRefundOf(browser, saleId, "600");
  await portal.db("users").where({ id: practice.bea.id }).update({ reset_by_mail_at: portal.clock.now() });
  expect((await review.press("Refund $600.00")).status).toBe(403);
  expect(await portal.db("transactions").where({ sale_id: saleId })).toEqual([]);
});

/** A link by mail, asked for from a browser of its own. */
async function linkFor(person: TestPerson): Promise<string> {
  await forgot(stranger(), "Password", person);
  return linkTo(portal, person);
}

const changeTo = (page: Page, to = newPassword) => page.press("Change password", { "New password": to });

async function resetBy(person: TestPerson, kind: "email" | "sms" | "totp"): Promise<void> {
  const asked = await changeTo(await stranger().get(await linkFor(person)));
  const done = await verify(
    asked,
    kind === "totp" ? await appCode() : await codeTo(portal, kind === "email" ? person.email : person.phone),
  );
  expect(done.path).toBe("/login");
}

/** How four wishes are answered. */
async function allowedTo(browser: Browser, saleId: string) {
  const statusOf = async (asked: Promise<Page>) => (await asked).status;
  const answers = {
    small: await statusOf(reviewRefundOf(browser, saleId, "500")),
    large: await statusOf(reviewRefundOf(browser, saleId, "500.01")),
    csv: await statusOf(browser.get("/reports/sales.csv")),
  };
  const people = await browser.get("/settings/people");
  const canManage = people.buttons.includes("Save");
  return { ...answers, people: canManage ? await statusOf(people.press("Save")) : people.status };
}
