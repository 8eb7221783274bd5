import { expect, test } from "vitest";
import type { Browser, Page, Sending } from "../support/browser.ts";
import { foundMallorys, foundPractice, logIn, openAccountFor, reviewSaleOf } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const home = "http://127.0.0.1:3000";

const modern = { "Sec-Fetch-Site": "same-origin", Origin: home };

test.each([
  ["a text browser", {}],
  ["a modern one", modern],
])("a post without the form's token is refused, and nothing is changed: from %s", async (_words, headers) => {
  const { bob, form, sales } = await aChargeToPress();
  const withoutToken = { ...form, fields: form.fields.filter(([name]) => name !== "_csrf") };
  const answer = await bob.send(withoutToken, headers);
  expect(answer.status).toBe(403);
  expect(answer.text).toContain("nothing was changed");
  expect(await sales()).toBe(0);
  expect((await bob.send(form)).path).toMatch(/^\/transactions\//);
  expect(await sales()).toBe(1);
});

test.each([
  ["an empty one", () => ""],
  ["one made up", () => "a".repeat(64)],
  ["one cut short", (token: string) => token.slice(0, -1)],
])("a wrong token is refused: %s", async (_words, change) => {
  const { bob, form, sales } = await aChargeToPress();
  const token = form.fields.find(([name]) => name === "_csrf")?.[1] ?? "";
  for (const headers of [{}, modern])
    expect((await bob.send(withToken(form, change(token)), headers)).status).toBe(403);
  expect(await sales()).toBe(0);
});

test("the token of somebody else's session is refused", async () => {
  const { bob, form, sales } = await aChargeToPress();
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  for (const headers of [{}, modern])
    expect((await bob.send(withToken(form, await mallory.token()), headers)).status).toBe(403);
  expect(await sales()).toBe(0);
});

test("the token of somebody else's session is refused even with its cookie slipped in beside it", async () => {
  const { bob, form, sales } = await aChargeToPress();
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  const token = await mallory.token();
  const cookies = `sid=${bob.sessionCookie}; csrf=${token}`;
  const { action, fields } = withToken(form, token);
  expect((await portal.browser().ask("POST", action, { fields, headers: { Cookie: cookies } })).status).toBe(403);
  expect(await sales()).toBe(0);
});

test("the token from before the log-in is worth nothing after it", async () => {
  const browser = portal.browser();
  const before = await browser.token();
  const { bob } = await foundPractice(portal);
  const inside = await (await browser.get("/login")).press("Log in", {
    "User ID": bob.userId,
    Password: "quiet-harbor-lantern",
  });
  expect(inside.path).toBe("/");
  expect((await browser.post("/logout", { _csrf: before })).status).toBe(403);
});

test("the log-in form needs its token as well", async () => {
  const { bob } = await foundPractice(portal);
  const browser = portal.browser();
  const form = (await browser.get("/login")).sending("Log in", {
    "User ID": bob.userId,
    Password: "quiet-harbor-lantern",
  });
  expect((await portal.browser().send(form)).status).toBe(403);
  expect((await browser.send(form)).path).toBe("/");
});

test.each([
  ["another site, as the browser says", { "Sec-Fetch-Site": "cross-site" }],
  ["a neighbour of the same domain", { "Sec-Fetch-Site": "same-site" }],
  ["nowhere, as when an address is typed", { "Sec-Fetch-Site": "none" }],
  ["another origin", { Origin: "https://elsewhere.example" }],
  ["our name on another port", { Origin: "http://127.0.0.1:3001" }],
  ["our name with more behind it", { Origin: "http://127.0.0.1:3000.elsewhere.example" }],
  ["no origin that can be told", { Origin: "null" }],
  ["another site that claims our origin", { Origin: home, "Sec-Fetch-Site": "cross-site" }],
])("a post with a good token is refused when it comes from %s", async (_words, headers) => {
  const { bob, form, sales } = await aChargeToPress();
  const answer = await bob.send(form, headers);
  expect(answer.status).toBe(403);
  expect(await sales()).toBe(0);
});

test.each([
  ["same-origin, as modern browsers say", { "Sec-Fetch-Site": "same-origin", Origin: home }],
  ["our origin, as older ones say", { Origin: home }],
  ["neither, as text browsers do: the token alone decides", {}],
])("a post with a good token is taken with %s", async (_words, headers) => {
  const { bob, form, sales } = await aChargeToPress();
  expect((await bob.send(form, headers)).status).toBe(200);
  expect(await sales()).toBe(1);
});

test("a post that carries no form, or one of another kind, is refused and is no bug", async () => {
  const { bob } = await aChargeToPress();
  expect((await bob.ask("POST", "/logout")).status).toBe(403);
  expect((await bob.ask("POST", "/logout", { headers: { "Content-Type": "application/json" } })).status).toBe(403);
  expect(
    (
      await bob.ask("POST", "/logout", {
        fields: [
          ["_csrf", "a"],
          ["_csrf", "b"],
        ],
      })
    ).status,
  ).toBe(403);
});

test("looking at a page is not asked for a token, and a foreign link to it works", async () => {
  const { bob } = await aChargeToPress();
  expect((await bob.get("/accounts", { "Sec-Fetch-Site": "cross-site" })).status).toBe(200);
});

const withToken = (form: Sending, token: string): Sending => ({
  ...form,
  fields: form.fields.map(([name, value]) => [name, name === "_csrf" ? token : value]),
});

/** Bob before a reviewed sale, and how many sales there are. */
async function aChargeToPress(): Promise<{ bob: Browser; review: Page; form: Sending; sales: () => Promise<number> }> {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const review = await reviewSaleOf(bob, account, { Amount: "120.00" });
  const sales = async () => (await portal.db("transactions").where({ practice_id: practice.id })).length;
  return { bob, review, form: review.sending("Charge"), sales };
}
