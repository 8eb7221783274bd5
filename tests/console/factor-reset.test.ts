import { expect, test } from "vitest";
import { finishDueResets } from "../../src/identity/reset-factors.ts";
import { auditOf, codeTo, isIn, sentTo, someone, strangersTo, verify } from "../identity/support.ts";
import { enterPassword, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const { db, clock } = portal;
const parts = { ...portal.parts, program: portal.parts.config.program };
const stranger = strangersTo(portal);
const sam = await hireSam(portal);
const checked = {
  "I called back on a number that we had before": true,
  "They named the practice’s address and who else works there": true,
};
const calledBack = { "I called back on a number that we had before": true };

test("a reset waits a day, is told to every known address at once, and then takes every factor and code", async () => {
  const bea = await someone(portal, { factors: ["totp", "sms"] });
  const inside = await logIn(portal, bea);
  await (await inside.get("/settings/factors/recovery-codes")).press("Make ten codes");

  const page = await askReset(bea, "Phone stolen");
  expect(page.text).toContain("A reset of second factors waits");
  for (const to of [bea.email, bea.phone]) {
    const [message] = await sentTo(portal, to);
    expect(message?.text).toMatch(/24 hours from now.*log in as usual.*calls it off.*\(800\) 555-0142/);
  }
  clock.advance({ minutes: 24 * 60 - 1 });
  expect(await finishDueResets(parts)).toBe(0);
  expect(await db("second_factors").where({ user_id: bea.id })).toHaveLength(2);

  clock.advance({ minutes: 1 });
  expect(await finishDueResets(parts)).toBe(1);
  expect(await finishDueResets(parts)).toBe(0);
  for (const table of ["second_factors", "recovery_codes"])
    expect(await db(table).where({ user_id: bea.id })).toEqual([]);
  expect(await db("logins").where({ user_id: bea.id }).pluck("ended_because")).toEqual([
    "second factors reset by support",
  ]);
  for (const to of [bea.email, bea.phone])
    expect((await sentTo(portal, to))[0]?.text).toContain("support took away the second factors");
  const lines = (await auditOf(portal, bea)).map(({ action }) => action);
  expect(lines).toContain("factor reset asked");
  expect(lines.at(-1)).toBe("second factors reset");
  expect(await auditOf(portal, bea, "factor reset asked")).toMatchObject([
    { user_id: sam.id, details: { reason: "Phone stolen", checks: "calledBack, namedPeople" } },
  ]);

  const again = stranger();
  expect(await enterPassword(again, bea)).toMatchObject({ path: "/settings/factors", heading: "Second factors" });
  for (const path of ["/", "/accounts", "/settings"])
    expect([path, (await again.get(path)).path]).toEqual([path, "/settings/factors"]);
  const sent = await (await again.get("/settings/factors/sms")).press("Send a code");
  await verify(sent, await codeTo(portal, bea.phone));
  expect((await again.get("/accounts")).path).toBe("/accounts");
});

test("a log-in that waited for its code when the reset came leads nowhere", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  await askReset(bea);
  clock.advance({ minutes: 24 * 60 - 1 });
  const waiting = await enterPassword(stranger(), bea);
  const code = await codeTo(portal, bea.email);
  clock.advance({ minutes: 1 });
  await finishDueResets(parts);
  expect(isIn(await verify(waiting, code))).toBe(false);
});

test("whoever logs in with a factor while it waits has it called off, and is told", async () => {
  const bea = await someone(portal, { factors: ["email"] });
  await askReset(bea);
  await logIn(portal, bea);
  clock.advance({ days: 2 });
  expect(await finishDueResets(parts)).toBe(0);
  expect(await db("second_factors").where({ user_id: bea.id })).toHaveLength(1);
  expect((await sentTo(portal, bea.email))[0]?.subject).toBe("The reset was called off");
  expect(await auditOf(portal, bea, "factor reset called off")).toMatchObject([{ user_id: bea.id }]);
});

test("a second person of support shortens the wait to an hour; who asked for it cannot", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const own = await (await askReset(bea)).press("Approve the reset", { "Reason to approve": "Sure" });
  expect(own.errorAt("Reason to approve")).toContain("somebody else has to approve it");
  const page = await lookAt(await logIn(portal, await hireSam(portal)), `/console/people/${bea.id}`);
  const approved = await page.press("Approve the reset", { "Reason to approve": "Know her voice" });
  expect(approved.text).toContain("Approved by");
  expect(await finishDueResets(parts)).toBe(0);
  clock.advance({ minutes: 60 });
  expect(await finishDueResets(parts)).toBe(1);
  expect(await db("second_factors").where({ user_id: bea.id })).toEqual([]);
});

test("support calls it off, and another can be asked for afterwards", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const page = await askReset(bea);
  const off = await page.press("Call the reset off", { "Reason to call it off": "Found the phone" });
  expect(off.text).toContain("The reset is called off");
  clock.advance({ days: 2 });
  expect(await finishDueResets(parts)).toBe(0);
  expect((await askReset(bea)).text).toContain("A reset of second factors waits");
});

test("it wants two checks of who they are and a reason; what was ticked stays ticked", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const page = await lookAt(await logIn(portal, sam), `/console/people/${bea.id}`);
  const one = await page.press("Reset second factors", { ...calledBack, "Reason for the reset": "Phone stolen" });
  expect([one.status, one.errors]).toEqual([422, ["Check at least two of these before you go on"]]);
  expect(one.sending("Reset second factors").fields).toContainEqual(["calledBack", "yes"]);
  const none = await one.press("Reset second factors", { ...checked, "Reason for the reset": " " });
  expect(none.errorAt("Reason for the reset")).toContain("Enter the reason");
  expect(await db("factor_resets").where({ user_id: bea.id })).toEqual([]);
});

test("asked for twice at once, one waits, and one notice goes out", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const page = await lookAt(await logIn(portal, sam), `/console/people/${bea.id}`);
  const filling = { ...checked, "Reason for the reset": "Twice" };
  const answers = await Promise.all([1, 2].map(() => page.press("Reset second factors", filling)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  expect(await db("factor_resets").where({ user_id: bea.id })).toHaveLength(1);
  expect(await sentTo(portal, bea.phone)).toHaveLength(1);
});

test("done by two nodes at once, it is done once", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  await askReset(bea);
  clock.advance({ days: 1 });
  await Promise.all([1, 2, 3].map(() => finishDueResets(parts)));
  expect(await auditOf(portal, bea, "second factors reset")).toHaveLength(1);
});

test("no practice asks for, approves or calls off a reset, and support none for administrators", async () => {
  const bea = await someone(portal, { factors: ["totp"] });
  const ada = await someone(portal, { role: "administrator", factors: ["totp"] });
  const fields = { calledBack: "yes", namedPeople: "yes", resetReason: "x", approvalReason: "x", callOffReason: "x" };
  const acts = ["factor-reset", "factor-reset-approval", "factor-reset-end"];
  for (const role of ["clerk", "biller", "owner"] as const) {
    const browser = await logIn(portal, await someone(portal, { role }));
    for (const act of acts) expect((await browser.post(`/console/people/${bea.id}/${act}`, fields)).status).toBe(403);
  }
  const desk = await logIn(portal, sam);
  expect((await desk.post(`/console/people/${ada.id}/factor-reset`, fields)).status).toBe(403);
  expect(await db("factor_resets").whereIn("user_id", [bea.id, ada.id])).toEqual([]);
});

async function askReset(person: TestPerson, reason = "Lost the phone") {
  const page = await lookAt(await logIn(portal, sam), `/console/people/${person.id}`);
  return page.press("Reset second factors", { ...checked, "Reason for the reset": reason });
}
