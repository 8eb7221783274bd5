import { expect, test } from "vitest";
import { auditOf, someone, strangersTo, wrongPasswords } from "../identity/support.ts";
import { foundPractice, hireSam, logIn, openAccountFor } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const stranger = strangersTo(portal);
const sam = await hireSam(portal);
const ada = await someone(portal, { role: "administrator", name: "Ada Ames" });

test("an administrator finds who did what to whom, when and from where", async () => {
  const bob = await someone(portal);
  await logIn(portal, bob);
  const desk = await logIn(portal, sam);
  const person = await lookAt(desk, `/console/people/${bob.id}`);
  await person.press("Suspend", { Why: "policy", "Reason for the suspension": "Under review" });

  const page = await (await (await logIn(portal, ada)).get("/")).click("Audit log");
  expect(page).toMatchObject({ status: 200, heading: "Audit log" });
  const found = await page.press("Show", { About: bob.userId.toUpperCase(), What: "user suspended" });
  expect(found.rows()).toEqual([
    [
      expect.stringContaining("Nov 23, 2026"),
      "User suspended why: policy reason: Under review",
      sam.userId,
      bob.userId,
      expect.any(String),
    ],
  ]);
  expect((await found.press("Show", { "Done by": sam.userId })).rows()).toHaveLength(1);
  expect((await found.press("Show", { "Done by": bob.userId })).text).toContain("No line like that");
  expect((await found.press("Show", { To: "11/22/2026" })).rows()).toEqual([]);
  expect(
    (await found.press("Show", { "Done by": sam.userId, From: "11/23/2026", To: "11/23/2026" })).rows(),
  ).toHaveLength(1);
  expect((await found.click(bob.userId)).path).toBe(`/console/people/${bob.id}`);
});

test("of an SSN or a card in the reason for an act the last four are kept, in the log and elsewhere", async () => {
  const bob = await someone(portal);
  const account = await openAccountFor(portal, await foundPractice(portal));
  const desk = await logIn(portal, sam);
  const reason = "SSN 987-65-4320, card 4111 1111 1111 1111";
  const person = await lookAt(desk, `/console/people/${bob.id}`);
  expect((await person.press("Suspend", { Why: "policy", "Reason for the suspension": reason })).status).toBe(200);
  const contact = await lookAt(desk, `/console/accounts/${account.id}/contact`);
  expect((await contact.press("Save", { Reason: reason })).status).toBe(200);
  const pay = await (await lookAt(desk, `/console/accounts/${account.id}/payments`)).click("Record a payment");
  const given = { Amount: "5", "Date received": "11/23/2026", "How it was paid": "Check", Reason: reason };
  expect((await (await pay.press("Review payment", given)).press("Record $5.00")).status).toBe(200);

  for (const [about, action] of [
    [bob, "user suspended"],
    [account, "payment recorded"],
  ] as const) {
    const [line] = await auditOf(portal, about, action);
    expect([action, line?.details.reason]).toEqual([action, "SSN •••-••-4320, card •••• 1111"]);
  }
  const kept = ["audit_events", "payment_acts", "suspensions"].map((table) => portal.db(table));
  expect(JSON.stringify(await Promise.all(kept))).not.toMatch(/987-65|4111 1111/);
});

test("a User ID that nobody has, and a date that is none, are told beside the field", async () => {
  const page = await (await logIn(portal, ada)).get("/admin/audit");
  expect((await page.press("Show", { "Done by": "nobody.here" })).errorAt("Done by")).toContain(
    "Nobody has that User ID",
  );
  expect((await page.press("Show", { From: "yesterday" })).errorAt("From")).toContain("like 03/12/1984");
});

test("a long log comes in pages that neither repeat nor leave out a line", async () => {
  const bob = await someone(portal);
  const desk = await logIn(portal, sam);
  for (let looks = 0; looks < 60; looks += 1) await lookAt(desk, `/console/people/${bob.id}`);
  const first = await (await logIn(portal, ada)).get(`/admin/audit?subject=${bob.userId}`);
  const second = await first.click("Older");
  const ids = [first, second].flatMap(({ html }) => [...html.matchAll(/id="line-([0-9a-f-]+)"/g)].map(([, id]) => id));
  expect([first.rows().length, second.rows().length]).toEqual([50, 10]);
  expect(new Set(ids).size).toBe(60);
});

test("support and practices do not see the log", async () => {
  for (const person of [sam, ...(await Promise.all(["clerk", "biller", "owner"].map(() => someone(portal))))]) {
    const browser = await logIn(portal, person);
    const page = await browser.get("/admin/audit");
    expect([page.status, page.rows()]).toEqual([403, []]);
    expect(browser.page?.links).not.toContain("Audit log");
  }
});

test("each line says from which browser and in which request, for log-ins and failures too", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const browser = portal.browser({ headers: { "User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/153.0" } });
  const page = await (await browser.get("/login")).press("Log in", {
    "User ID": bob.userId,
    Password: "not the password",
  });
  await page.press("Log in", { Password: "quiet-harbor-lantern" });
  const lines = await auditOf(portal, bob);
  expect(lines.map(({ action }) => action)).toEqual(["log-in failed", "logged in"]);
  for (const line of lines) {
    expect(line.browser).toContain("Firefox");
    expect(line.request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(line.address).not.toBe("");
  }
});

test("looks at accounts and exports are lines, and so is the reading of the log itself", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await (await logIn(portal, practice.bob)).get(account.path);
  expect(await auditOf(portal, account, "account looked at")).toMatchObject([{ user_id: practice.bob.id }]);
  await (await logIn(portal, practice.bea)).get("/reports/sales.csv?from=11/01/2026&to=11/23/2026");
  expect(await linesOf(practice.bea, "report exported")).toMatchObject([
    { details: { report: "sales", from: "2026-11-01" } },
  ]);
  await (await logIn(portal, ada)).get("/admin/audit");
  expect((await linesOf(ada, "audit log read")).length).toBeGreaterThan(0);
});

test("a lock is a line, and no line of the log holds what was typed", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await wrongPasswords(stranger, bob, 5);
  expect(await auditOf(portal, bob, "User ID locked")).toHaveLength(1);
  const { rows } = await portal.db.raw("select e::text as line from audit_events e");
  expect(rows.filter(({ line }: { line: string }) => line.includes("not the password"))).toEqual([]);
});

const linesOf = (person: { id: string }, action: string) =>
  portal.db("audit_events").where({ user_id: person.id, action });
