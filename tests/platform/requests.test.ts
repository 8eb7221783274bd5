import { describe, expect, test } from "vitest";
import type { Page } from "../support/browser.ts";
import { enterPassword, foundPractice, logIn, openAccountFor, reviewSaleOf } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);
const account = await openAccountFor(portal, practice);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("every answer keeps browsers from caching, framing and loading from elsewhere:", async () => {
  const alice = await logIn(portal, practice.alice);
  test.each([
    ["a page", () => alice.get("/accounts")],
    ["a page before the log-in", () => portal.browser().get("/login")],
    ["a page with something wrong", async () => (await alice.get(`${account.path}/sale`)).press("Review sale")],
    ["a page that is not there", () => alice.get("/nowhere")],
    ["a page that is refused", () => alice.post("/logout", { _csrf: "" })],
    ["a fragment", () => alice.get("/accounts", { "HX-Request": "true" })],
    ["a redirect", () => portal.browser().ask("GET", "/accounts")],
    ["a file", () => alice.get("/reports/sales.csv")],
    ["the outbox", () => alice.get("/dev/outbox.json")],
  ])("%s", async (_words, ask) => {
    const { headers } = await ask();
    const policy = (headers["content-security-policy"] ?? "").split(";").map((directive) => directive.trim());
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("style-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("base-uri 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy.join()).not.toMatch(/unsafe|\*|http:|https:/);
    expect(headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "same-origin",
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
    });
    expect(headers).not.toHaveProperty("x-powered-by");
    expect(headers).not.toHaveProperty("etag");
    expect(headers).not.toHaveProperty("access-control-allow-origin");
    expect(headers).not.toHaveProperty("strict-transport-security");
    expect(headers["x-request-id"]).toMatch(uuid);
  });
});

test("behind TLS, browsers are told to stay there", async () => {
  const secure = await openPortal({ env: { PUBLIC_URL: "https://portal.example" } });
  expect((await secure.browser().get("/login")).header("strict-transport-security")).toMatch(/^max-age=\d{8,}/);
});

test("an address that is not there gets a page of ours, with the number to tell us", async () => {
  const alice = await logIn(portal, practice.alice);
  for (const path of [
    "/nowhere",
    "/accounts/1",
    "/transactions/not/there",
    "/assets/none.css",
    "/accounts/../../etc/passwd",
    "/.env",
    "/login/nowhere",
  ]) {
    const page = await alice.get(path);
    expect([path, page.status, page.heading]).toEqual([path, 404, "Not found"]);
    expect(page.text).toContain(`If you call us, say this number: ${page.header("x-request-id")}`);
    expect(page.html).not.toMatch(/node_modules|\.ts\b|Error:/);
    expect(page.links).toContain("Dashboard");
  }
});

test("a mistake of ours gets a page of ours, and the log alone says what it was", async () => {
  const alice = await logIn(portal, practice.alice);
  await portal.db.raw("alter table practice_plans rename to hidden_plans");
  try {
    const page = await alice.get(`${account.path}/sale`);
    expect([page.status, page.heading]).toEqual([500, "Something went wrong"]);
    expect(page.html).not.toMatch(/practice_plans|node_modules|\.ts\b|select/);
    const id = page.header("x-request-id");
    expect(page.text).toContain(id);
    const logged = portal
      .logged()
      .split("\n")
      .find((line) => line.includes(id) && line.includes('"level":50'));
    expect(JSON.parse(logged ?? "{}")).toMatchObject({ path: `${account.path}/sale`, err: { code: "42P01" } });
    expect(logged).toMatch(/practices\/queries\.ts|node_modules/);
  } finally {
    await portal.db.raw("alter table hidden_plans rename to practice_plans");
  }
});

describe("characters that cannot be used are refused wherever they come in:", async () => {
  const bob = await logIn(portal, practice.bob);
  const form = (await bob.get(`${account.path}/sale`)).sending("Review sale", {
    Amount: "10",
    Plan: "Standard account",
  });

  test.each(["\0", "\u0007", "\u001b", "\u007f", "\u000b", "\ufffe", "\uffff"])("%j in a field", async (character) => {
    const fields = form.fields.map(([name, value]): [string, string] => [
      name,
      name === "reference" ? `A${character}B` : value,
    ]);
    const page = await bob.send({ ...form, fields });
    expect([page.status, page.heading]).toEqual([422, "We could not accept that"]);
  });

  test("in the name of a field", async () => {
    expect((await bob.send({ ...form, fields: [...form.fields, ["a\0b", "x"]] })).status).toBe(422);
  });

  test("in an address", async () => {
    expect((await bob.get("/accounts?q=a%00b")).status).toBe(422);
    expect((await bob.get("/reports%00")).status).toBe(404);
    expect((await bob.get("/accounts/%00")).status).toBe(404);
  });

  test("before the log-in too", async () => {
    const page = await enterPassword(portal.browser(), { userId: "bob\0" });
    expect(page.status).toBe(422);
  });

  test("while every other sign is taken as it is", async () => {
    const reference = "Ünï 漢字 🦷 ‏x – “q”";
    const review = await reviewSaleOf(bob, account, { Amount: "10", Reference: reference });
    expect(review.fact("Reference")).toContain(reference);
  });
});

describe("a form that is too long gets a page of ours,", async () => {
  const bob = await logIn(portal, practice.bob);
  const tooMuch: [string, string][] = [["reference", "x".repeat(70_000)]];
  const tooMany = Array.from({ length: 1_001 }, (_, index): [string, string] => [`f${index}`, "1"]);

  test.each([
    ["for its length", tooMuch],
    ["for its number of fields", tooMany],
  ])("%s", async (_words, more) => {
    const page = await bob.send({
      action: `${account.path}/sale`,
      method: "post",
      fields: [["_csrf", await bob.token()], ...more],
    });
    expectOurs(page, 413, "Too long");
  });

  test("also before the log-in", async () => {
    const browser = portal.browser();
    expectOurs(
      await browser.send({ action: "/login", method: "post", fields: [["_csrf", await browser.token()], ...tooMuch] }),
      413,
      "Too long",
    );
  });
});

test.each(["/accounts/%E0%A4%A", "/%", "/accounts/%ff"])(
  "an address that cannot be read gets a page of ours: %s",
  async (path) => {
    const alice = await logIn(portal, practice.alice);
    const page = await alice.get(path);
    expect([400, 404]).toContain(page.status);
    expect(page.text).toContain(page.header("x-request-id"));
  },
);

test("a form in a language that we do not read gets a page of ours", async () => {
  const bob = await logIn(portal, practice.bob);
  const headers = { "Content-Type": "application/x-www-form-urlencoded; charset=klingon" };
  expectOurs(
    await bob.ask("POST", "/logout", { headers, fields: [["_csrf", "x"]] }),
    400,
    "We could not read that request",
  );
});

test("where a request came from is told by the proxies that we know, and by nobody else", async () => {
  const claim = { "X-Forwarded-For": "203.0.113.9" };
  await addressOfLogIn(portal);
  expect(await addressOfLogIn(portal)).toBe("127.0.0.1");
  expect(await addressOfLogIn(await openPortal({ env: { TRUSTED_PROXIES: "1" } }))).toBe("203.0.113.9");

  async function addressOfLogIn(at: typeof portal): Promise<string> {
    const { bob } = await foundPractice(at);
    const browser = at.browser();
    const page = await browser.get("/login");
    await page.press("Log in", { "User ID": bob.userId, Password: "quiet-harbor-lantern" }, claim);
    const { address } = await at.db("logins").where({ user_id: bob.id }).first("address");
    return address.replace("::ffff:", "");
  }
});

test("a forged name of the host leads nobody astray", async () => {
  const answer = await portal
    .browser()
    .ask("GET", "/accounts", { headers: { Host: "elsewhere.example", "X-Forwarded-Host": "elsewhere.example" } });
  expect(answer.header("location")).toBe("/login");
  const page = await portal.browser().get("/login", { Host: "elsewhere.example" });
  expect(page.html).not.toContain("elsewhere.example");
});

test("pages are compressed", async () => {
  const alice = await logIn(portal, practice.alice);
  const page = await alice.get("/accounts", { "Accept-Encoding": "gzip" });
  expect(page.header("content-encoding")).toBe("gzip");
  expect(page.heading).toBe("Accounts");
});

test("what is asked for is logged by its path and its answer, never by what was typed", async () => {
  const before = portal.logged().length;
  const bob = await logIn(portal, practice.bob);
  await bob.get("/accounts?q=Telltale&x=Telltale");
  await enterPassword(portal.browser(), { userId: "telltale.user" }, "telltale-password");
  const lines = portal
    .logged()
    .slice(before)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({
      path: "/accounts",
      method: "GET",
      status: 200,
      userId: practice.bob.id,
      requestId: expect.stringMatching(uuid),
    }),
  );
  expect(JSON.stringify(lines)).not.toMatch(/telltale|quiet-harbor|sid=|csrf/i);
});

function expectOurs(page: Page, status: number, heading: string): void {
  expect([page.status, page.heading]).toEqual([status, heading]);
  expect(page.text).toContain(page.header("x-request-id"));
  expect(page.html).not.toMatch(/node_modules|\.ts\b/);
}
