import { expect, test } from "vitest";
import { enterPassword, foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { isIn } from "./support.ts";

const portal = await openPortal();
const agent =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/149.0.0.0 Safari/537.36 Edg/149.0.0.0";

test("“Trouble logging in?” stands on the log-in page and on the pages around it", async () => {
  for (const path of ["/login", "/recover", "/recover/sent"]) {
    const page = await portal.browser().get(path);
    expect([path, page.href("Trouble logging in?")]).toEqual([path, "/trouble"]);
  }
});

test("a browser that keeps cookies is told that they work, and which browser it is", async () => {
  const browser = portal.browser({ headers: { "User-Agent": agent } });
  const page = await (await browser.get("/login")).click("Trouble logging in?");
  expect(page.status).toBe(200);
  expect(page.fact("Cookies")).toBe("Work");
  expect(page.fact("Browser")).toContain("Edge on Windows");
  expect(page.fact("Connection")).toContain("Works: this page reached you");
  expect(page.fact("Connection")).toContain("127.0.0.1");
});

test("a browser that keeps none is told so, by the server and without a script", async () => {
  const first = await portal.browser().ask("GET", "/trouble");
  expect([first.status, first.header("location")]).toEqual([303, "/trouble?checked"]);
  const page = await portal.browser().ask("GET", first.header("location"));
  expect(page.status).toBe(200);
  expect(page.fact("Cookies")).toContain("Are off: turn cookies on for this site");
});

test("a page that was kept as a bookmark says the truth once cookies are on", async () => {
  const browser = portal.browser();
  expect((await browser.get("/trouble?checked")).fact("Cookies")).toContain("Are off");
  expect((await browser.get("/trouble")).fact("Cookies")).toBe("Work");
});

test("the server's time is shown, for a clock that is wrong", async () => {
  const page = await portal.browser().get("/trouble");
  const now = portal.clock.now().toISOString();
  expect(page.root.querySelector("[data-server-time]")?.getAttribute("data-server-time")).toBe(now);
  expect(page.fact("Clock")).toContain(`${now.slice(0, 16).replace("T", " ")} UTC`);
});

test("it says how to get help, and what to do when locked or forgotten", async () => {
  const page = await portal.browser().get("/trouble");
  expect(page.text).toMatch(/Call \(800\) 555-0142, every day, around the clock\./);
  expect(page.href("reset your password")).toBe("/recover");
});

test("clearing leads to the log-in with an order to the browser to forget everything, and the log-in works", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const thief = browser.copy();
  const page = await browser.get("/trouble");
  const { action, fields } = page.sending("Clear this site’s cookies and cache");
  const answer = await browser.ask("POST", action, { fields });
  expect([answer.status, answer.header("location")]).toEqual([303, "/login"]);
  const ordered = answer.header("clear-site-data").split(/,\s*/).sort();
  expect(ordered).toEqual(['"cache"', '"cookies"', '"storage"']);
  const cleared = answer.setCookies.map((cookie) => /^([^=]+)=; Path=\/;.*Expires=Thu, 01 Jan 1970/.exec(cookie)?.[1]);
  for (const name of ["sid", "csrf", "device"]) expect(cleared).toContain(name);
  expect(isIn(await enterPassword(browser, bob))).toBe(true);
  expect((await thief.get("/accounts")).status).toBe(200); // clearing a browser is not logging out
});

test("clearing wants the form's token, like every post: no other site can empty a browser", async () => {
  const browser = portal.browser();
  await browser.get("/trouble");
  const answer = await browser.ask("POST", "/trouble/clearing", { fields: [["_csrf", "made up"]] });
  expect(answer.status).toBe(403);
  expect(answer.header("clear-site-data")).toBe("");
});

test("somebody whose cookies are off and logs in is told, and not sent round in circles", async () => {
  const { bob } = await foundPractice(portal);
  const form = await portal.browser().get("/login");
  const { action, fields } = form.sending("Log in", { "User ID": bob.userId, Password: "quiet-harbor-lantern" });
  const answer = await portal.browser().ask("POST", action, { fields });
  expect(answer.status).toBe(403);
  expect(answer.links).toContain("Trouble logging in?");
});
