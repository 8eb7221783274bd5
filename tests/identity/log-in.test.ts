import { expect, test } from "vitest";
import type { Page } from "../support/browser.ts";
import { enterPassword, foundPractice, hireSam, logIn, openAccountFor, password } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test("the right User ID and password lead in, and every page says who is in and where", async () => {
  const { bob, name } = await foundPractice(portal);
  const page = await enterPassword(portal.browser(), bob);
  expect(page).toMatchObject({ status: 200, path: "/", heading: `Today at ${name}` });
  const account = await page.click("Accounts");
  expect(account.html).toContain("Bob Baker");
  expect(account.html).toContain(name);
  expect(account.buttons).toContain("Log out");
});

test("a User ID may be typed in capitals and with a space after it", async () => {
  const { bob } = await foundPractice(portal);
  const page = await enterPassword(portal.browser(), { userId: `${bob.userId.toUpperCase()} ` });
  expect(page.path).toBe("/");
});

test("someone of the program is told that the pages of practices are theirs alone", async () => {
  const sam = await logIn(portal, await hireSam(portal));
  expect(sam.page).toMatchObject({ path: "/", status: 200, heading: "Support" });
  expect(sam.page?.links).not.toContain("Accounts");
});

test("the answer to a wrong pair is the same whether the User ID exists or not", async () => {
  const { bob } = await foundPractice(portal);
  const nobody = bob.userId.replace("bob", "rob");
  const wrong = await enterPassword(portal.browser(), bob, "not the password");
  const unknown = await enterPassword(portal.browser(), { userId: nobody }, "not the password");
  expect(wrong.status).toBe(422);
  expect(wrong.errors).toEqual(["The User ID or the password is not right. Check both and try again."]);
  expect(unknown.status).toBe(wrong.status);
  expect(withoutChance(unknown).replaceAll(nobody, bob.userId)).toBe(withoutChance(wrong));
  expect(Object.keys(unknown.headers).sort()).toEqual(Object.keys(wrong.headers).sort());
});

test("after a wrong pair the User ID is still there, and the password is not", async () => {
  const { bob } = await foundPractice(portal);
  const page = await enterPassword(portal.browser(), bob, "almost-the-password");
  expect(page.valueOf("User ID")).toBe(bob.userId);
  expect(page.html).not.toContain("almost-the-password");
  expect(page.title).toMatch(/^Error: /);
});

test("a missing User ID or password is asked for", async () => {
  const page = await enterPassword(portal.browser(), { userId: "  " }, "");
  expect(page.status).toBe(422);
  expect(page.errors).toEqual(["Enter your User ID", "Enter your password"]);
});

test("a form with the same field twice, or with none, is declined and is no bug", async () => {
  const { bob } = await foundPractice(portal);
  const browser = portal.browser();
  const { fields, ...form } = (await browser.get("/login")).sending("Log in", {
    "User ID": bob.userId,
    Password: password,
  });
  const twice = await browser.send({ ...form, fields: [...fields, ["userId", "someone.else"]] });
  expect(twice.status).toBe(422);
  const nested = fields.map(([name, value]): [string, string] => [name === "userId" ? "userId[name]" : name, value]);
  expect((await browser.send({ ...form, fields: nested })).errors).toEqual(["Enter your User ID"]);
});

test("a password longer than any may be is not right, and not an error of ours", async () => {
  const { bob } = await foundPractice(portal);
  expect((await enterPassword(portal.browser(), bob, "long ".repeat(400))).status).toBe(422);
});

test("who is in already is not asked again", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  expect((await browser.get("/login")).path).toBe("/");
});

test("everything needs a log-in, whether it is there or not", async () => {
  const { bob, ...practice } = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  for (const path of ["/", "/accounts", account.path, "/reports/sales.csv", "/no-such-page", "/loginx", "/developer"]) {
    const answer = await portal.browser().ask("GET", path);
    expect([path, answer.status, answer.header("location")]).toEqual([path, 303, "/login"]);
  }
});

test("a short list needs none: logging in, health, the stylesheet, and the demo's outbox", async () => {
  const browser = portal.browser();
  const stylesheet =
    (await browser.get("/login")).root.querySelector("link[rel=stylesheet]")?.getAttribute("href") ?? "";
  for (const path of ["/login", "/healthz", "/readyz", stylesheet, "/dev/outbox", "/dev/outbox.json"]) {
    expect([path, (await portal.browser().ask("GET", path)).status]).toEqual([path, 200]);
  }
});

test("a post needs a log-in too, even with a token", async () => {
  const { bob, ...practice } = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const anonymous = portal.browser();
  const answer = await anonymous.post(`${account.path}/sales`, { key: account.id, amount: "1.00" });
  expect(answer).toMatchObject({ path: "/login", status: 200 });
});

test("what HTMX asks for without a log-in is answered with the way to it, not with a page inside a page", async () => {
  const answer = await portal.browser().ask("GET", "/accounts?q=nora", { headers: { "HX-Request": "true" } });
  expect(answer.status).toBe(401);
  expect(answer.header("hx-redirect")).toBe("/login");
  expect(answer.html).toBe("");
});

test("after the log-in one is back at the page that was asked for", async () => {
  const { bob, ...practice } = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const browser = portal.browser();
  const login = await browser.get(`${account.path}?from=link`);
  expect(login.path).toBe("/login");
  const page = await login.press("Log in", { "User ID": bob.userId, Password: password });
  expect(page).toMatchObject({ path: `${account.path}?from=link`, status: 200 });
  const again = await enterPassword(browser.copy(), bob).catch((error: Error) => error.message);
  expect(again).toContain('no button "Log in"'); // the way back is used once, and the browser is in
});

test.each(["//elsewhere.example/accounts", "/\\elsewhere.example", "///elsewhere.example"])(
  "the way back leads to a page of ours, never elsewhere: %s",
  async (path) => {
    const { bob } = await foundPractice(portal);
    const browser = portal.browser();
    await browser.ask("GET", path);
    const form = (await browser.get("/login")).sending("Log in", { "User ID": bob.userId, Password: password });
    const answer = await browser.ask("POST", form.action, { fields: form.fields });
    expect([answer.status, answer.header("location")]).toEqual([303, "/"]);
  },
);

test("a post that was refused for want of a log-in is not where the log-in leads", async () => {
  const { bob } = await foundPractice(portal);
  const browser = portal.browser();
  await browser.post("/transactions/1/refunds");
  expect((await enterPassword(browser, bob)).path).toBe("/");
});

/** A page without what differs from one answer to the next anyhow. */
function withoutChance(page: Page): string {
  return page.html.replace(/name="_csrf" value="\w+\.\w+"/, 'name="_csrf"');
}
