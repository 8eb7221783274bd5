import { expect, test } from "vitest";
import type { Page } from "../support/browser.ts";
import {
  addPerson,
  codeFor,
  enterPassword,
  foundPractice,
  logIn,
  openAccountFor,
  otherThan,
  sellTo,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const fresh = "seven gentle herons fishing";

test("a forgotten User ID is sent to its address, and the page says the same for an address that nobody has", async () => {
  const { bob } = await foundPractice(portal);
  const known = await ask({ "What did you forget?": "User ID", "E-mail": bob.email.toUpperCase() });
  const unknown = await ask({ "What did you forget?": "User ID", "E-mail": "nobody@elsewhere.example" });
  expect([known.path, known.status, known.text]).toEqual([unknown.path, unknown.status, unknown.text]);
  expect(known.heading).toBe("Check your e-mail");
  expect((await sentTo(bob)).map(({ text }) => text.includes(bob.userId))).toEqual([true]);
  expect((await portal.messages()).some(({ to }) => to === "nobody@elsewhere.example")).toBe(false);
});

test("a new password wants the User ID too, and a wrong pair gets the same answer and no mail", async () => {
  const { bob } = await foundPractice(portal);
  const without = await ask({ "What did you forget?": "Password", "E-mail": bob.email });
  expect(without).toMatchObject({ status: 422, errors: ["Enter your User ID too, for a new password"] });
  const wrong = await ask({ "What did you forget?": "Password", "E-mail": bob.email, "User ID": "someone.else" });
  expect(wrong.heading).toBe("Check your e-mail");
  expect(await sentTo(bob)).toEqual([]);
});

test("the link sets a new password: the old one is dead, every log-in ended, the lock lifted, and nobody is logged in", async () => {
  const { bob } = await foundPractice(portal);
  const working = await logIn(portal, bob);
  for (let time = 0; time < 5; time += 1) await enterPassword(portal.browser(), bob, "not the password");
  const page = await linkFor(bob);
  expect(page.heading).toBe("New password");
  const changed = await page.press("Change password", { "New password": fresh });
  expect(changed).toMatchObject({ path: "/login", status: 200 });
  expect(changed.buttons).not.toContain("Log out");
  expect((await working.get("/accounts")).path).toBe("/login");
  expect((await enterPassword(portal.browser(), bob, fresh)).path).toBe("/");
  expect((await enterPassword(portal.browser(), bob)).status).toBe(422);
  expect((await sentTo(bob))[0]?.text).toContain("password");
});

test("opening the link consumes nothing, for mail scanners open links too; using it does", async () => {
  const { bob } = await foundPractice(portal);
  const page = await linkFor(bob);
  for (let time = 0; time < 3; time += 1) expect((await portal.browser().get(page.path)).heading).toBe("New password");
  await page.press("Change password", { "New password": fresh });
  expect((await portal.browser().get(page.path)).heading).toBe("This link no longer works");
  const again = await page.press("Change password", { "New password": "another four word phrase" });
  expect(again.status).toBe(422);
  expect((await enterPassword(portal.browser(), bob, fresh)).path).toBe("/");
});

test("one link used twice at once changes the password once", async () => {
  const { bob } = await foundPractice(portal);
  const page = await linkFor(bob);
  const pages = await Promise.all(
    [1, 2, 3].map((count) => page.press("Change password", { "New password": `${fresh} ${count}` })),
  );
  expect(pages.map(({ status }) => status).sort()).toEqual([200, 422, 422]);
});

test("the link is good for half an hour, and one that was made up is good for nothing", async () => {
  const { bob } = await foundPractice(portal);
  const page = await linkFor(bob);
  portal.clock.advance({ minutes: 31 });
  expect((await portal.browser().get(page.path)).heading).toBe("This link no longer works");
  expect((await page.press("Change password", { "New password": fresh })).status).toBe(422);
  expect((await portal.browser().get(`/recover/password/${"A".repeat(43)}`)).heading).toBe("This link no longer works");
});

test("the database holds no link that could be opened", async () => {
  const { bob } = await foundPractice(portal);
  const page = await linkFor(bob);
  const { rows } = await portal.db.raw("select encode(token_hash, 'escape') as hash, r::text from password_resets r");
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(page.path.split("/").at(-1));
});

test.each([
  ["short", "Use at least 15 characters. Four or five words in a row are easy to remember."],
  ["passwordpassword", "That password is on lists of common or stolen ones. Choose one of your own."],
  ["x".repeat(129), "Use 128 characters or fewer."],
])("the new password may not be %s", async (typed, sentence) => {
  const { bob } = await foundPractice(portal);
  const page = await (await linkFor(bob)).press("Change password", { "New password": typed });
  expect(page).toMatchObject({ status: 422, errors: [sentence] });
  expect(page.valueOf("New password")).toBe("");
  expect((await enterPassword(portal.browser(), bob)).path).toBe("/");
});

test("nobody gets more than five such mails an hour", async () => {
  const { bob } = await foundPractice(portal);
  await Promise.all(Array.from({ length: 8 }, () => ask({ "What did you forget?": "User ID", "E-mail": bob.email })));
  expect(await sentTo(bob)).toHaveLength(5);
});

test("who has a second factor shows it first, and until then nothing is changed", async () => {
  const person = await someone();
  const code = await (await linkFor(person)).press("Change password", { "New password": fresh });
  expect(code.path).toBe("/recover/code");
  expect((await enterPassword(portal.browser(), person, fresh)).status).toBe(422);
  const right = await codeFor(portal, person);
  expect((await code.press("Verify", { "Verification code": otherThan(right) })).status).toBe(422);
  expect((await code.press("Verify", { "Verification code": right })).path).toBe("/login");
  expect((await enterPassword(portal.browser(), person, fresh)).path).toBe("/login/code");
});

test("a password reset by e-mail alone keeps exports and large refunds back until there is stronger proof", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { amountCents: 90_000 });
  const page = await (await linkFor(practice.bea)).press("Change password", { "New password": fresh });
  await page.press("Log in", { "User ID": practice.bea.userId, Password: fresh });
  const browser = portal.browser();
  const inside = await enterPassword(browser, practice.bea, fresh);
  expect(inside.path).toBe("/");
  expect((await browser.get("/reports/sales.csv")).status).toBe(403);
  const form = await browser.get(`/transactions/${saleId}/refund`);
  expect((await form.press("Review refund", { Amount: "500.01", Reason: "Other" })).status).toBe(403);
  expect((await form.press("Review refund", { Amount: "500.00", Reason: "Other" })).status).toBe(200);
});

/** Fills "Forgot User ID/Password?" in, from the log-in page. */
async function ask(filling: Record<string, string>): Promise<Page> {
  const page = await (await portal.browser().get("/login")).click("Forgot User ID/Password?");
  return page.press("Send", filling);
}

/** The page that the mailed link opens. */
async function linkFor(person: TestPerson): Promise<Page> {
  await ask({ "What did you forget?": "Password", "E-mail": person.email, "User ID": person.userId });
  const [message] = await sentTo(person);
  const path = /http:\/\/127\.0\.0\.1:3000(\/recover\/password\/\S+)/.exec(message?.text ?? "")?.[1];
  return portal.browser().get(path ?? "/no-link-was-sent");
}

async function someone(): Promise<TestPerson> {
  const { id, name } = await foundPractice(portal);
  return addPerson(portal, {
    name: "Bea Bishop",
    role: "biller",
    practice: { id, name, homeLocationId: null },
    factor: "sms",
  });
}

const sentTo = async (person: TestPerson) => (await portal.messages()).filter(({ to }) => to === person.email);
