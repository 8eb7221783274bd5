import { afterEach, expect, test } from "vitest";
import {
  addPerson,
  charge,
  enterPassword,
  foundPractice,
  hireSam,
  logIn,
  openAccountFor,
  reviewSaleOf,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { adaOf, type Filled, hireAda } from "./support.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);
const account = await openAccountFor(portal, practice);
const bob = await logIn(portal, practice.bob);
/** Another administrator each time: log-ins end, and some tests take a day. */
const set = async (filled: Filled) => (await adaOf(portal)).set(filled);
afterEach(async () => void (await set({ Mode: "Off" })));

const sales = () => portal.db("transactions").where({ account_id: account.id });

test("read-only: looking up and reports work, money is refused in plain words, what was typed is kept", async () => {
  const review = await reviewSaleOf(bob, account, { Amount: "123.45", Reference: "Crown 17" });
  const saved = await set({ Mode: "Read-only", Message: "We move to a new database.", Ends: "11/23/2026 1:30 PM" });
  expect(saved).toMatchObject({ status: 200, heading: "Maintenance" });
  const before = (await sales()).length;

  const page = await review.press("Charge");
  expect(page).toMatchObject({ status: 503, heading: "Not during maintenance" });
  expect(page.header("retry-after")).toBe("9000"); // at 11:00 in New York
  expect(page.text).toContain("The portal is read-only until Nov 23, 2026, 12:30 PM CST"); // in Austin
  expect(page.text).toContain("We move to a new database.");
  expect(page.text).toContain("nothing was changed, and no money has moved");
  expect(await sales()).toHaveLength(before);

  for (const path of ["/", "/accounts?q=Quill", account.path, "/transactions", "/settings"]) {
    const look = await bob.get(path);
    expect([path, look.status]).toEqual([path, 200]);
    expect(look.html).toContain("Read-only for maintenance");
  }
  const bea = await logIn(portal, practice.bea);
  const [report] = (await bea.get("/reports")).root.querySelectorAll("main a").map((link) => link.getAttribute("href"));
  expect((await bea.get(report ?? "")).status).toBe(200);

  await set({ Mode: "Off" });
  const receipt = await page.press("Send it again");
  expect(receipt.title).toContain("Sale receipt");
  expect(await sales()).toHaveLength(before + 1);
});

test("a form half filled in when it begins: kept on the page, and for who went away, until it is sent", async () => {
  const form = await (await bob.get(account.path)).click("New sale");
  await set({ Mode: "Read-only" });
  const refused = await form.press("Review sale", { Amount: "77.10", Plan: "Standard account", Reference: "Bridge 4" });
  expect(refused.status).toBe(503);
  expect((await bob.get("/")).links).not.toContain("Go on where you were"); // it could not be sent yet
  await set({ Mode: "Off" });
  const kept = await (await bob.get("/")).click("Go on where you were");
  const review = await kept.press("Send it again");
  expect(review.buttons).toContain("Charge $77.10");
  expect(review.fact("Reference")).toMatch(/^Bridge 4/);
  expect((await bob.get("/")).links).not.toContain("Go on where you were");
});

test("an SSN is neither kept nor shown again", async () => {
  const form = await bob.get("/applications/new");
  await set({ Mode: "Read-only" });
  const filled = { "First name": "Nora", "Social Security number": "987-65-4320" };
  const page = await form.press("Submit application", filled);
  expect(page.status).toBe(503);
  expect(page.html).toContain("Nora");
  expect(page.html).not.toMatch(/987-?65-?4320/);
});

test("read-only: people get in and out, confirm who they are and change their password", async () => {
  await set({ Mode: "Read-only" });
  const bea = await logIn(portal, practice.bea);
  expect((await bea.get("/login")).path).toBe("/");
  const out = await (await bea.get("/settings")).press("Log out");
  expect(out.path).toBe("/login");
  expect(out.html).toContain("Read-only for maintenance");
  expect((await portal.browser().post("/recover", { what: "userId", email: "nobody@example.com" })).path).toBe(
    "/recover/sent",
  );
  const sam = await logIn(portal, await hireSam(portal));
  const unlocked = await (await sam.get(`/console/people/${practice.bea.id}`)).root.querySelector("form");
  expect(unlocked).not.toBeNull();
});

test("full: what a stranger had half filled in is kept on the page, and sent when it is over; no number is written back", async () => {
  const stranger = portal.browser();
  const letter = await stranger.get("/support");
  const filled = { "Your name": "Nell", "E-mail": "nell@example.org", Subject: "Joining", Message: "How do we join?" };
  const applicant = portal.browser();
  await (await applicant.get("/enroll")).press("Begin", { "Owner’s e-mail": "owen@example.org" });
  const taxId = await applicant.get("/enroll/tax-id");
  await set({ Mode: "Full" });

  const refused = await letter.press("Send message", filled);
  expect([refused.status, refused.heading]).toEqual([503, "Closed for maintenance"]);
  expect(refused.html).toContain("How do we join?");
  const numbered = await taxId.press("Continue", { "Tax ID": "83-7654329" });
  expect([numbered.status, numbered.buttons.includes("Send it again")]).toEqual([503, true]);
  expect(numbered.html).not.toContain("7654329");
  const foreign = { fields: [["message", "From elsewhere"]] as [string, string][] };
  const planted = await portal.browser().ask("POST", "/support", foreign);
  expect([planted.status, planted.html.includes("From elsewhere")]).toEqual([503, false]);

  await set({ Mode: "Off" });
  expect((await refused.press("Send it again")).text).toContain("We have your message");
  expect((await numbered.press("Send it again")).errorAt("Tax ID")).toBe("Enter the nine digits of the tax ID");
});

test("full: closed to all but administrators, with a page that says until when, and no look at the database", async () => {
  const sam = await logIn(portal, await hireSam(portal));
  const { ada, set } = await adaOf(portal);
  await set({ Mode: "Full", Message: "We replace the disks.", Ends: "2026-11-23 14:00" });
  for (const [browser, path] of [
    [portal.browser(), "/"],
    [portal.browser(), "/accounts"],
    [bob, account.path],
    [bob, "/settings"],
    [sam, "/console"],
  ] as const) {
    const page = await browser.ask("GET", path);
    expect([path, page.status, page.header("retry-after")]).toEqual([path, 503, "10800"]);
    expect(page.heading).toBe("Closed for maintenance");
    expect(page.text).toMatch(/The portal is closed until Nov 23, 2026, (2:00 PM EST|1:00 PM CST)\./);
    expect(page.text).toContain("We replace the disks.");
  }
  const part = await bob.ask("GET", "/accounts", { headers: { "HX-Request": "true" } });
  expect([part.status, part.header("retry-after")]).toEqual([503, "10800"]);
  expect(part.html).toContain("Closed for maintenance");
  expect(part.html).not.toContain("<html");

  expect((await ada.get("/admin/maintenance")).status).toBe(200);
  expect((await ada.get("/console")).status).toBe(200);
  for (const path of ["/healthz", "/readyz"]) expect((await portal.browser().ask("GET", path)).status).toBe(200);
});

test("full: the log-in page says so; an administrator gets in, anybody else is told and gets no log-in", async () => {
  await set({ Mode: "Full" });
  const login = await portal.browser().get("/login");
  expect([login.status, login.html]).toEqual([200, expect.stringContaining("Closed for maintenance")]);
  const another = await hireAda(portal);
  expect((await enterPassword(portal.browser(), another)).status).toBe(200);

  for (const person of [practice.alice, await hireSam(portal)]) {
    const browser = portal.browser();
    const page = await enterPassword(browser, person);
    expect([page.status, page.heading]).toEqual([503, "Closed for maintenance"]);
    expect((await browser.get("/settings")).status).toBe(503);
    expect(await portal.db("logins").where({ user_id: person.id })).toEqual([]);
    const wrong = await enterPassword(portal.browser(), person, "not the password at all");
    expect([wrong.status, wrong.errors[0]]).toEqual([422, expect.stringContaining("is not right")]);
  }
  await set({ Mode: "Off" });
  for (let time = 1; time <= 3; time += 1) await enterPassword(portal.browser(), practice.alice, "wrong once more");
  expect((await logIn(portal, practice.alice)).page?.status).toBe(200); // being told was no failure of hers
});

test("full: no code is sent to who may not get in, and one that was sent before leads nowhere", async () => {
  const carl = await addPerson(portal, {
    name: "Carl Codes",
    role: "owner",
    factor: "email",
    practice: { id: practice.id, name: practice.name, homeLocationId: null },
  });
  const waiting = await enterPassword(portal.browser(), carl);
  expect(waiting.path).toBe("/login/code");
  const sent = async () => (await portal.messages()).filter(({ to }) => to === carl.email);
  expect(await sent()).toHaveLength(1);
  await set({ Mode: "Full" });
  const code = /\b\d{6}\b/.exec((await sent())[0]?.text ?? "")?.[0] ?? "";
  expect((await waiting.press("Verify", { "Verification code": code })).status).toBe(503);
  expect((await enterPassword(portal.browser(), carl)).status).toBe(503);
  expect(await sent()).toHaveLength(1);
  expect(await portal.db("logins").where({ user_id: carl.id })).toEqual([]);
});

test("planned: a banner from a day before, in the reader's time zone; it begins and ends by itself", async () => {
  await set({ Mode: "Full", Message: "New version.", Starts: "11/25/2026 1:00 AM", Ends: "11/25/2026 3:00 AM" });
  expect((await bob.get("/")).html).not.toContain("Maintenance is planned");
  portal.clock.advance({ minutes: 14 * 60 });
  const { ada: later } = await adaOf(portal); // log-ins last half a day
  const login = await portal.browser().get("/login");
  expect(login.html).toContain("From Nov 25, 2026, 1:00 AM EST until Nov 25, 2026, 3:00 AM EST the portal is closed");
  const bea = await logIn(portal, practice.bea);
  expect((await bea.get("/")).html).toContain("From Nov 25, 2026, 12:00 AM CST until Nov 25, 2026, 2:00 AM CST");
  expect((await later.get("/admin/maintenance")).valueOf("Starts")).toBe("11/25/2026 1:00 AM");
  portal.clock.advance({ minutes: 24 * 60 });
  expect((await portal.browser().ask("GET", "/")).status).toBe(503);
  portal.clock.advance({ minutes: 120 });
  expect((await portal.browser().ask("GET", "/")).status).toBe(303);
  expect((await portal.browser().get("/login")).html).not.toContain("New version.");
});

test("times that are past, the wrong way round or no times at all are declined beside their field", async () => {
  const { set: save } = await adaOf(portal);
  const open = (await portal.browser().ask("GET", "/")).status;
  const past = await save({ Mode: "Full", Starts: "11/20/2026 1:00 AM", Ends: "11/20/2026 2:00 AM", Message: "Disks" });
  expect(past.status).toBe(422);
  expect(past.errorAt("Starts")).toContain("That time is over");
  expect(past.errorAt("Ends")).toContain("That time is over");
  expect(past.valueOf("Message")).toBe("Disks");
  const inverted = await save({ Mode: "Full", Starts: "12/20/2026 2:00 AM", Ends: "12/20/2026 1:00 AM" });
  expect(inverted.errorAt("Ends")).toBe("Enter an end that comes after the start.");
  const none = await save({ Mode: "Full", Starts: "tonight" });
  expect(none.errorAt("Starts")).toContain("Enter a date and a time, like");
  expect([open, (await portal.browser().ask("GET", "/")).status]).toEqual([303, 303]);
});

test("two administrators: the second is told what the first did, and may then save over it; twice the same is once", async () => {
  const [{ ada: one }, { ada: two }] = [await adaOf(portal), await adaOf(portal)];
  const [first, second] = [await one.get("/admin/maintenance"), await two.get("/admin/maintenance")];
  await first.press("Save", { Mode: "Read-only", Message: "Disks" });
  const count = async () => (await portal.db("maintenance_plans").count("* as n").first())?.n;
  const before = await count();
  expect((await first.press("Save", { Mode: "Read-only", Message: "Disks" })).status).toBe(200);
  expect(await count()).toBe(before);
  const told = await second.press("Save", { Mode: "Full", Message: "Mine" });
  expect([told.status, told.errors[0]]).toEqual([422, expect.stringContaining("Another administrator changed this")]);
  expect((await told.press("Save")).text).toContain("Closed for maintenance");
});

test("support reads it and does not toggle it; a practice does neither; every act stands in the audit log", async () => {
  const sam = await logIn(portal, await hireSam(portal));
  const page = await sam.get("/admin/maintenance");
  expect([page.status, page.buttons.includes("Save")]).toEqual([200, false]);
  expect((await sam.post("/admin/maintenance", { mode: "full" })).status).toBe(403);
  const alice = await logIn(portal, practice.alice);
  expect((await alice.get("/admin/maintenance")).status).toBe(403);
  expect((await alice.post("/admin/maintenance", { mode: "full" })).status).toBe(403);
  await (await adaOf(portal)).set({ Mode: "Read-only", Message: "Disks" });
  const act = await portal.db("audit_events").where({ action: "maintenance set" }).orderBy("id", "desc").first();
  expect(act.details).toEqual({ mode: "read-only", starts: "now", ends: "when switched off" });
});

test("after all of it a sale goes through as ever", async () => {
  const clerk = await logIn(portal, practice.bob);
  await (await adaOf(portal)).set({ Mode: "Off" });
  expect((await charge(clerk, account, { Amount: "10.00" })).title).toContain("Sale receipt");
});
