import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { applicationOf } from "../support/applications.ts";
import { untilWaiting } from "../support/at-once.ts";
import { Browser } from "../support/browser.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { addPerson, codeFor, enterPassword, foundPractice, logIn, password } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const bureau = scriptedBureau();
const portal = await openPortal({ bureau });

test("logging out ends the log-in, and the page of it is the log-in page", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const page = await bob.page?.press("Log out");
  expect(page).toMatchObject({ path: "/login", status: 200 });
  expect((await bob.get("/accounts")).path).toBe("/login");
});

test("logging out orders the browser to forget the pages that were open, with HTMX and without", async () => {
  for (const headers of [{}, { "HX-Request": "true" }]) {
    const browser = await logIn(portal, (await foundPractice(portal)).bob);
    const fields: [string, string][] = [["_csrf", await browser.token()]];
    const page = await browser.ask("POST", "/logout", { headers, fields });
    expect(page.header("clear-site-data")).toBe('"storage"');
  }
});

test("a cookie that was stolen before the log-out opens nothing after it", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const thief = bob.copy();
  expect((await thief.get("/accounts")).status).toBe(200);
  await bob.page?.press("Log out");
  expect((await thief.get("/accounts")).path).toBe("/login");
});

test("a request still under way when one logs out does not bring the log-in back", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const form = await applicationOf(bob);
  const thief = bob.copy();
  const bureauAnswers = bureau.waits();
  const before = bureau.asked.length;
  const underWay = bob.copy().send(form);
  while (bureau.asked.length === before) await setTimeout(5);
  await bob.page?.press("Log out");
  bureauAnswers(approval(300_000));
  expect((await underWay).path).toBe("/login");
  expect((await thief.get("/accounts")).path).toBe("/login");
  expect((await bob.get("/accounts")).path).toBe("/login");
});

test("a request that saves its session after one has logged out does not bring the log-in back either", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const thief = browser.copy();
  const holder = await portal.db.transaction();
  await holder("users").where({ id: bob.id }).forUpdate().first("id");
  const underWay = browser.copy().post("/settings/factors/email"); // which waits for that row, and then saves
  await untilWaiting(portal.db, 1);
  await browser.page?.press("Log out");
  await holder.commit();
  await underWay;
  const { rows } = await portal.db.raw(
    "select count(*)::int as count from web_sessions where data::text like '%pending%'",
  );
  expect(rows[0].count).toBe(1); // it did save, and the session is back
  expect((await thief.get("/accounts")).path).toBe("/login"); // but the log-in is not
});

test("logging out here leaves a log-in elsewhere alone", async () => {
  const { bob } = await foundPractice(portal);
  const [desk, phone] = [await logIn(portal, bob), await logIn(portal, bob)];
  await desk.page?.press("Log out");
  expect((await phone.get("/accounts")).status).toBe(200);
});

test("the session's id changes when one logs in, so that one planted before is worth nothing", async () => {
  const { bob } = await foundPractice(portal);
  const victim = portal.browser();
  const contact = { "Your name": "Bob", "E-mail": "bob@example.org" };
  await (await victim.get("/support")).press("Start a chat", contact); // makes a session that remembers the chat
  const planted = victim.copy();
  expect(planted.sessionCookie).not.toBe("");
  await enterPassword(victim, bob);
  expect(victim.sessionCookie).not.toBe(planted.sessionCookie);
  expect((await planted.get("/accounts")).path).toBe("/login");
});

test("it changes at the password and again at the code", async () => {
  const { id, name } = await foundPractice(portal);
  const practice = { id, name, homeLocationId: null };
  const person = await addPerson(portal, { name: "Bea Bishop", role: "biller", practice, factor: "email" });
  const browser = portal.browser();
  const seen = new Set([browser.sessionCookie]);
  const page = await enterPassword(browser, person);
  const halfWay = browser.copy();
  seen.add(browser.sessionCookie);
  await page.press("Verify", { "Verification code": await codeFor(portal, person) });
  seen.add(browser.sessionCookie);
  expect(seen.size).toBe(3);
  expect((await halfWay.get("/accounts")).path).toBe("/login");
});

test("a log-in ends after twelve hours, however busy it was", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  for (let minutes = 0; minutes < 12 * 60 - 10; minutes += 10) {
    portal.clock.advance({ minutes: 10 });
    expect((await bob.get("/accounts")).path).toBe("/accounts");
  }
  portal.clock.advance({ minutes: 10 });
  expect((await bob.get("/accounts")).path).toBe("/login");
});

test("a log-in ends after a quarter of an hour in which nothing was asked for", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  portal.clock.advance({ minutes: 14 });
  expect((await bob.get("/accounts")).path).toBe("/accounts"); // which counts as use
  portal.clock.advance({ minutes: 14 });
  expect((await bob.get("/accounts")).path).toBe("/accounts");
  portal.clock.advance({ minutes: 15 });
  expect((await bob.get("/accounts")).path).toBe("/login");
});

test("a page that asks by itself does not keep a log-in alive", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  portal.clock.advance({ minutes: 10 });
  expect((await bob.get("/applications?waiting")).path).toBe("/applications?waiting");
  portal.clock.advance({ minutes: 5 });
  expect((await bob.get("/applications?waiting")).path).toBe("/login");
});

test("a session cookie that was tampered with, or made up, opens nothing", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const { sessionCookie } = bob;
  const made = [
    sessionCookie.replace(/.$/, (last) => (last === "A" ? "B" : "A")),
    sessionCookie.replace(/^s%3A[^.]+/, "s%3Amine"),
    "x",
  ];
  for (const cookie of made) {
    const answer = await portal.browser().ask("GET", "/accounts", { headers: { Cookie: `sid=${cookie}` } });
    expect([cookie, answer.status]).toEqual([cookie, 303]);
  }
  const real = await portal.browser().ask("GET", "/accounts", { headers: { Cookie: `sid=${sessionCookie}` } });
  expect(real.status).toBe(200);
});

test("a copy of the table of sessions opens none of them", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const id = /^s%3A([^.]+)/.exec(bob.sessionCookie)?.[1] ?? "no id";
  const { rows } = await portal.db.raw("select encode(sid_hash, 'escape') as id, data::text from web_sessions");
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(id);
});

test("the page that somebody wanted waits sealed in the browser, and costs no session", async () => {
  const { bob } = await foundPractice(portal);
  const before = await portal.db("web_sessions").count().first();
  const stranger = portal.browser();
  const answer = await stranger.ask("GET", "/accounts?q=Alvarez");
  expect([answer.status, answer.header("location")]).toEqual([303, "/login"]);
  expect(answer.setCookies.join()).toMatch(/^return=[\w-]+;.*HttpOnly/);
  expect(answer.setCookies.join()).not.toMatch(/Alvarez|sid=/);
  expect(await portal.db("web_sessions").count().first()).toEqual(before);
  const page = await (await stranger.get("/login")).press("Log in", { "User ID": bob.userId, Password: password });
  expect([page.path, page.valueOf("Name, phone, or last four of the account or SSN")]).toEqual([
    "/accounts?q=Alvarez",
    "Alvarez",
  ]);
  expect(JSON.stringify(await portal.db("web_sessions"))).not.toContain("Alvarez");
  expect(stranger.cookieHeader).not.toContain("return=");
});

test("what somebody wanted is forgotten when they log out: nobody after them at the desk is led to it", async () => {
  const { bob } = await foundPractice(portal);
  const stranger = portal.browser();
  await stranger.ask("GET", "/accounts?q=Alvarez");
  const { cookieHeader } = await logIn(portal, bob);
  const cookies = `${cookieHeader}; ${stranger.cookieHeader}`.split("; ").map((each) => each.split("="));
  const desk = new Browser(portal.server, { cookies: cookies as [string, string][] });
  const inside = await desk.get("/");
  expect(desk.cookieHeader).toContain("return=");
  await inside.press("Log out");
  expect(desk.cookieHeader).not.toContain("return=");
});

test("a page to return to that somebody made up is none", async () => {
  const { bob } = await foundPractice(portal);
  for (const made of ["//evil.example", Buffer.from("//evil.example").toString("base64url"), ""]) {
    const browser = new Browser(portal.server, { cookies: [["return", made]] });
    const page = await (await browser.get("/login")).press("Log in", { "User ID": bob.userId, Password: password });
    expect([made, page.status, page.path]).toEqual([made, 200, "/"]);
  }
});

test("cookies are kept from scripts and from other sites", async () => {
  const { bob } = await foundPractice(portal);
  const cookies = await cookiesOfALogIn(portal.browser(), bob);
  expect(cookies.map((cookie) => cookie.split("=")[0]).sort()).toEqual(["csrf", "device", "sid"]);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Lax/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).not.toMatch(/Domain=/);
  }
});

test("in production cookies go over TLS alone, to this host alone", async () => {
  const production = await openPortal({
    env: {
      NODE_ENV: "production",
      PUBLIC_URL: "https://portal.example",
      TRUSTED_PROXIES: "1",
      DEMO: "0",
      SMTP_URL: "smtp://mail.example",
      BUREAU_URL: "https://bureau.example",
    },
  });
  const { bob } = await foundPractice(production);
  const cookies = await cookiesOfALogIn(production.browser(), bob, { "X-Forwarded-Proto": "https" });
  expect(cookies.map((cookie) => cookie.split("=")[0]).sort()).toEqual(["__Host-csrf", "__Host-device", "__Host-sid"]);
  for (const cookie of cookies) expect(cookie).toMatch(/; Path=\/;.*Secure/);
});

async function cookiesOfALogIn(browser: Browser, person: { userId: string }, headers = {}): Promise<string[]> {
  const login = await browser.get("/login", headers);
  const { fields, action } = login.sending("Log in", { "User ID": person.userId, Password: "quiet-harbor-lantern" });
  const answer = await browser.ask("POST", action, { fields, headers });
  expect(answer.status).toBe(303);
  return [...login.setCookies, ...answer.setCookies];
}
