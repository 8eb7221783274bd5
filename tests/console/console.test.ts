import { expect, test } from "vitest";
import { auditOf, isIn, sentTo, someone, strangersTo, wrongPasswords } from "../identity/support.ts";
import type { Browser, Page } from "../support/browser.ts";
import { enterPassword, foundPractice, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt, withReason } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const stranger = strangersTo(portal);
const sam = await hireSam(portal);
const ada = await someone(portal, { role: "administrator", name: "Ada Ames" });

// Finding people

test("support finds people by User ID, name, e-mail and practice", async () => {
  const practice = await foundPractice(portal, { name: "Mulberry Orthodontics" });
  const { bob } = practice;
  await portal.db("users").where({ id: bob.id }).update({ name: "Barnabas Quist" });
  const desk = await logIn(portal, sam);
  for (const typed of [bob.userId, bob.userId.toUpperCase(), "barnabas", "QUIST", bob.email, "mulberry"]) {
    const found = await (await desk.get("/console")).press("Search", {
      "Name, User ID, e-mail, phone, practice or number": typed,
    });
    expect([typed, found.links.includes("Barnabas Quist")]).toEqual([typed, true]);
  }
  const page = await withReason(await (await desk.get(`/console?q=${bob.userId}`)).click("Barnabas Quist"));
  expect(page).toMatchObject({ status: 200, heading: "Barnabas Quist" });
  expect(page.text).toContain("Mulberry Orthodontics");
  expect(page.fact("E-mail")).toBe(bob.email);
});

test("an empty search lists nobody, and one without a hit says so", async () => {
  const desk = await logIn(portal, sam);
  for (const q of ["", "%20", "no-such-person"]) expect((await desk.get(`/console?q=${q}`)).rows()).toEqual([]);
  expect((await desk.get("/console?q=no-such-person")).text).toContain("Nothing found for “no-such-person”");
});

test("signs that a database reads as “anything” are looked for as they stand", async () => {
  const desk = await logIn(portal, sam);
  for (const q of ["%25", "_", "%5C", "'%20or%201=1--"]) expect((await desk.get(`/console?q=${q}`)).rows()).toEqual([]);
});

test("the page of a person shows their factors, log-ins and lock, and no secret", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  await logIn(portal, bea);
  await wrongPasswords(stranger, bea, 5);
  const page = await personPage(await logIn(portal, sam), bea);
  expect(page.fact("Second factors")).toBe("Authenticator app");
  expect(page.fact("Failed tries in a row")).toBe("5");
  expect(page.fact("Locked until")).not.toBe("");
  expect(page.rows("[aria-labelledby=logins] tbody tr")).toHaveLength(1);
  const history = page.rows("[aria-labelledby=history] tbody tr").map(([, what]) => what);
  expect(history.slice(0, 2)).toEqual(["User ID locked", "Log-in failed"]);
  expect(history).toContain("Logged in");
  expect(page.html).not.toContain("GEZDGNBV");
  expect(page.html).not.toContain("argon2");
});

// Who may

test.each(["clerk", "biller", "owner"] as const)(
  "a %s of a practice sees and does nothing in the console",
  async (role) => {
    const bob = await someone(portal, { role });
    const other = await someone(portal);
    const desk = await logIn(portal, bob);
    for (const path of ["/console", `/console?q=${other.userId}`, `/console/people/${other.id}`]) {
      const page = await desk.get(path);
      expect([path, page.status, page.html.includes(other.email)]).toEqual([path, 403, false]);
    }
    const reasons = {
      reason: "because",
      resetReason: "because",
      calledBack: "yes",
      namedPeople: "yes",
      exceptionReason: "because",
    };
    for (const act of ["unlocking", "factor-reset", "factor-exception"]) {
      expect([act, (await desk.post(`/console/people/${other.id}/${act}`, reasons)).status]).toEqual([act, 403]);
    }
    expect(await auditOf(portal, other)).toEqual([]);
    expect(desk.page?.links).not.toContain("Console");
  },
);

test("without a log-in the console is not to be seen, and its posts change nothing", async () => {
  const bob = await someone(portal);
  expect((await stranger().get(`/console/people/${bob.id}`)).path).toBe("/login");
  expect((await stranger().post(`/console/people/${bob.id}/unlocking`, { reason: "because" })).path).toBe("/login");
  expect(await auditOf(portal, bob)).toEqual([]);
});

test("an exception is the administrator's: support is neither offered it nor let do it", async () => {
  const bob = await someone(portal);
  const page = await personPage(await logIn(portal, sam), bob);
  expect(page.buttons).not.toContain("Allow without second factor");
  const browser = await logIn(portal, sam);
  const answer = await browser.post(`/console/people/${bob.id}/factor-exception`, { exceptionReason: "because" });
  expect(answer.status).toBe(403);
  expect(await portal.db("factor_exceptions").where({ user_id: bob.id })).toEqual([]);
});

test("the administrator allows it by name, with a reason, and that is recorded and shown", async () => {
  const bob = await someone(portal);
  const page = await personPage(await logIn(portal, ada), bob);
  const missing = await page.press("Allow without second factor");
  expect(missing.status).toBe(422);
  expect(missing.errorAt("Reason for the exception")).toContain("Enter the reason");
  const allowed = await page.press("Allow without second factor", {
    "Reason for the exception": "No phone at the desk",
  });
  expect(allowed.fact("Exception")).toContain(`No phone at the desk (${ada.userId})`);
  expect(await auditOf(portal, bob, "second factor excepted")).toMatchObject([
    { user_id: ada.id, details: { reason: "No phone at the desk" } },
  ]);
});

test.each(["not-a-person", "01a2062b-5a83-7595-b190-000000000000"])(
  "a person who is not there (%s) is not found",
  async (id) => {
    const desk = await logIn(portal, sam);
    expect((await desk.get(`/console/people/${id}`)).status).toBe(404);
    expect((await desk.post(`/console/people/${id}/unlocking`, { reason: "because" })).status).toBe(404);
    const reset = { resetReason: "because", calledBack: "yes", namedPeople: "yes" };
    expect((await desk.post(`/console/people/${id}/factor-reset`, reset)).status).toBe(404);
  },
);

// Unlocking

test("support unlocks with a reason, the person gets in and is told, and the reason stands in the audit log", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongPasswords(stranger, bob, 5);
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
  const page = await personPage(await logIn(portal, sam), bob);
  const unlocked = await page.press("Unlock", { Reason: "Called from the practice; knew the last deposit" });
  expect(unlocked.text).toContain("Not locked");
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
  expect((await sentTo(portal, bob.email))[0]?.subject).toBe("Your User ID is unlocked");
  expect(await auditOf(portal, bob, "unlocked")).toMatchObject([
    { user_id: sam.id, details: { reason: "Called from the practice; knew the last deposit" } },
  ]);
});

test.each(["", "   "])("without a reason (“%s”) nobody is unlocked", async (reason) => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongPasswords(stranger, bob, 5);
  const page = await personPage(await logIn(portal, sam), bob);
  const answer = await page.press("Unlock", { Reason: reason });
  expect(answer.status).toBe(422);
  expect(answer.errorAt("Reason")).toBe("Enter the reason: it stands in the audit log");
  expect((await enterPassword(stranger(), bob)).errors.join()).toContain("locked");
});

// What is written down

test("each search and each look stands in the audit log, without what was searched for", async () => {
  const bob = await someone(portal, { name: "Xaverina Roe" });
  const desk = await logIn(portal, sam);
  const before = new Date(portal.clock.now().getTime() - 1);
  await desk.get("/console?q=xaverina");
  await personPage(desk, bob);
  const lines = await portal.db("audit_events").where({ user_id: sam.id }).where("at", ">", before).orderBy("id");
  expect(lines.slice(-2)).toMatchObject([
    { action: "console searched", details: { hits: 1 } },
    { action: "user looked up", subject_id: bob.id },
  ]);
  expect(JSON.stringify(lines).toLowerCase()).not.toContain("xaverina");
  expect(portal.logged().toLowerCase().includes("xaverina")).toBe(false);
});

const personPage = (desk: Browser, person: TestPerson): Promise<Page> => lookAt(desk, `/console/people/${person.id}`);
