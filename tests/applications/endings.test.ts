import { randomUUIDv7 } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decideApplication } from "../../src/applications/decide-application.ts";
import { lapseApplications, withdrawApplication } from "../../src/applications/end-application.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { formatDate } from "../../src/lib/dates.ts";
import { runNightly } from "../../src/nightly.ts";
import type { Parts } from "../../src/parts.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { lookAt } from "../console/support.ts";
import { apply } from "../support/applications.ts";
import type { Browser, Page } from "../support/browser.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { foundMallorys, foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const bureau = scriptedBureau();
const portal = await openPortal({ bureau });
const node = await portal.anotherNode({ bureau });
const practice = await foundPractice(portal);
const sam = await hireSam(portal);
const asksForId = { outcome: "pending", missing: "The patient has to show who they are." } as const;
const identity = "Showed a driver’s license on the call of Monday";

/** A pending application of somebody new: the page, its id, and what the patient has been sent so far. */
async function pendingApplication(given: { answer?: Parameters<typeof bureau.answers>[0] } = {}) {
  bureau.answers(given.answer ?? asksForId);
  const email = `${randomUUIDv7()}@patient.example`;
  const page = await apply(await logIn(portal, practice.bob), { "E-mail": email });
  const id = page.path.split("/").at(-1) ?? "";
  return { page, id, letters: () => lettersTo(email) };
}

const lettersTo = async (email: string) => (await portal.messages()).filter(({ to }) => to === email).reverse();
const rowOf = (id: string) => portal.db("applications").where({ id }).first();
const settle = async (id: string, patient: string, Reason = identity): Promise<Page> =>
  (await lookAt(await logIn(portal, sam), `/console/applications/${id}`)).press("Record", {
    ...(patient && { "The patient": patient }),
    Reason,
  });
const again = async (page: Page, desk?: Browser) => (desk ?? (await logIn(portal, practice.bob))).get(page.path);
const decideParts = (parts: Parts) => ({ ...parts, program: parts.config.program, publicUrl: parts.config.publicUrl });
const nights = (days: number) => runNightly(portal.parts, { through: addDays(portal.clock.today(), days) });

describe("an application whose patient is asked to call", () => {
  test("names the day until which they are waited for, to the patient and on every page", async () => {
    const { page, letters } = await pendingApplication();
    const until = formatDate(addDays(portal.clock.today(), 30));
    expect(page.text).toContain(`The patient has until ${until} to call`);
    const [notice, ...more] = await letters();
    expect(more).toEqual([]);
    expect(notice?.text).toContain(`by ${until}`);
    expect(notice?.text).toContain(
      "If we do not hear from you by then, we will not be able to consider your application further",
    );
    expect((await (await logIn(portal, practice.bob)).get("/")).text).toContain(
      `The patient has until ${until} to call us`,
    );
  });

  test("confirmed by support: the bureau is asked again, told so, and decides; the account opens", async () => {
    const { page, id, letters } = await pendingApplication();
    bureau.answers(approval(400_000));
    const done = await settle(id, "has shown who they are");
    expect(done.path).toBe(`/console/applications/${id}`);
    expect(done.text).toContain("Approved");
    expect(
      bureau.asked
        .slice(-2)
        .map(({ applicationId, identityConfirmedAt }) => [applicationId, identityConfirmedAt !== null]),
    ).toEqual([
      [id, false],
      [id, true],
    ]);
    expect((await again(page)).heading).toBe("Approved for $4,000.00");
    expect((await letters()).map(({ subject }) => subject)).toEqual([
      "About your Caraway application",
      "Your Caraway account",
    ]);
    const [line] = await portal
      .db("audit_events")
      .where({ subject_id: id, action: "identity of an applicant confirmed" });
    expect(line).toMatchObject({ user_id: sam.id, details: { reason: identity } });
  });

  test("confirmed while the bureau is silent: it stays pending, is asked again and lapses no more by the old day", async () => {
    const { page, id } = await pendingApplication();
    bureau.answers(new Error("down"));
    const done = await settle(id, "has shown who they are");
    expect(done.text).toContain("The credit bureau is asked again");
    expect(done.text).not.toContain("cannot show who they are");
    expect(await rowOf(id)).toMatchObject({ outcome: "pending", answered_at: null, lapses_on: null });
    bureau.answers(approval(100_000));
    await decideApplication(decideParts(node.parts), id);
    expect((await again(page)).heading).toBe("Approved for $1,000.00");
  });

  test("not confirmed: declined, with a notice that claims no credit report", async () => {
    const { page, id, letters } = await pendingApplication();
    await settle(id, "cannot show who they are", "Could not name the street");
    expect((await again(page)).heading).toBe("Not approved this time");
    const notice = (await letters()).at(-1);
    expect(notice?.text).toContain("  - Unable to verify identity");
    expect(notice?.text).toContain(
      "administers compliance with this law concerning this creditor is: Federal Trade Commission",
    );
    expect(notice?.text).toContain("consumer reporting agency: Sandbox Credit Bureau");
    expect((await again(page)).text).not.toContain("verify identity");
  });

  test("without a choice or a reason nothing is recorded, and what was typed stays", async () => {
    const { id } = await pendingApplication();
    const wrong = await settle(id, "", "Said so on the phone");
    expect([wrong.status, wrong.errorAt("The patient")]).toEqual([422, "Choose what came of it"]);
    expect(wrong.valueOf("Reason")).toBe("Said so on the phone");
    const without = await settle(id, "has shown who they are", "");
    expect([without.status, without.errorAt("Reason")]).toEqual([422, "Enter the reason: it stands in the audit log"]);
    expect(await rowOf(id)).toMatchObject({ outcome: "pending", confirmed_at: null });
  });

  test("support finds those that wait, the soonest first; practices do not", async () => {
    const { id } = await pendingApplication();
    const desk = await logIn(portal, sam);
    const list = await (await desk.get("/")).click("Applications waiting");
    expect(list.html).toContain(`/console/applications/${id}`);
    expect(list.text).toContain("30 days left");
    const { mallory } = await foundMallorys(portal);
    for (const person of [practice.alice, mallory])
      expect((await (await logIn(portal, person)).get("/console/applications")).status).toBe(403);
  });
});

describe("withdrawn", () => {
  test("by the practice: not decided any more, confirmed to the patient, and said only once", async () => {
    const { page, id, letters } = await pendingApplication();
    const ask = await page.click("Withdraw");
    expect(ask.text).toContain("It cannot be taken back");
    expect((await ask.press("Withdraw application")).heading).toBe("Withdrawn");
    expect((await ask.press("Withdraw application")).heading).toBe("Withdrawn"); // pressed again
    expect((await letters()).map(({ subject }) => subject)).toEqual([
      "About your Caraway application",
      "Your Caraway application was withdrawn",
    ]);
    expect(await portal.db("audit_events").where({ subject_id: id, action: "application withdrawn" })).toHaveLength(1);
    expect((await (await logIn(portal, practice.bob)).get("/applications?state=withdrawn")).rows()[0]?.[1]).toBe(
      "Withdrawn",
    );
    expect((await (await logIn(portal, practice.bob)).get("/")).html).not.toContain(page.path);
  });

  test("by support, while the bureau is silent: it is asked no more, and its late answer changes nothing", async () => {
    bureau.answers(new Error("down"));
    const page = await apply(await logIn(portal, practice.bob));
    const id = page.path.split("/").at(-1) ?? "";
    const answer = bureau.waits();
    const late = decideApplication(decideParts(portal.parts), id);
    await (await page.click("Withdraw")).press("Withdraw application");
    answer(approval(900_000));
    await late;
    expect((await again(page)).heading).toBe("Withdrawn");
    expect(await rowOf(id)).toMatchObject({ account_id: null });
    expect(
      (await portal.db.raw("select count(*)::int as jobs from graphile_worker.jobs where key like ?", [`%${id}%`]))
        .rows[0].jobs,
    ).toBe(0);
  });

  test("too late: what is approved stays approved, and the page says so", async () => {
    const { page, id } = await pendingApplication();
    const ask = await page.click("Withdraw");
    bureau.answers(approval(200_000));
    await settle(id, "has shown who they are");
    const refused = await ask.press("Withdraw application");
    expect([refused.status, refused.errors]).toEqual([
      422,
      ["This application was approved meanwhile. Nothing was changed."],
    ]);
    expect((await again(page)).heading).toBe("Approved for $2,000.00");
    const desk = await lookAt(await logIn(portal, sam), `/console/applications/${id}`);
    expect(desk.buttons).not.toContain("Record");
  });

  test("another practice’s application is not there", async () => {
    const { page } = await pendingApplication();
    const { mallory } = await foundMallorys(portal);
    const thief = await logIn(portal, mallory);
    expect((await thief.get(`${page.path}/withdraw`)).status).toBe(404);
    expect((await thief.post(`${page.path}/withdraw`, {})).status).toBe(404);
    expect((await again(page)).heading).toBe("Pending");
  });

  test("withdrawn and confirmed at once: one of them holds, and the patient hears of one", async () => {
    const { id, letters } = await pendingApplication();
    bureau.answers(approval(300_000));
    const acts = [
      () => withdrawApplication(decideParts(portal.parts), portalItself, { id }),
      () => settle(id, "has shown who they are"),
    ];
    await Promise.allSettled(acts.map((act) => act()));
    const { outcome, account_id } = await rowOf(id);
    expect(["withdrawn", "approved"]).toContain(outcome);
    expect(account_id === null).toBe(outcome === "withdrawn");
    expect(await letters()).toHaveLength(2);
  });
});

describe("what nobody answers", () => {
  test("is reminded of a week before, expires after thirty days, and tells the patient, once on however many nodes", async () => {
    const { page, id, letters } = await pendingApplication();
    const other = await pendingApplication();
    await settle(other.id, "no longer wants the account");
    const called = portal.clock.today();
    const subjects = async () => (await letters()).map(({ subject }) => subject).slice(1);
    await nights(22);
    expect(await subjects()).toEqual([]);
    await nights(23);
    await nights(24);
    expect(await subjects()).toEqual(["Your Caraway application still waits for you"]);
    await nights(29);
    expect(await rowOf(id)).toMatchObject({ outcome: "pending" });
    await Promise.all([portal.parts, node.parts].map((parts) => runNightly(parts, { through: addDays(called, 30) })));
    await nights(31);
    expect(await subjects()).toEqual([
      "Your Caraway application still waits for you",
      "Your Caraway application has expired",
    ]);
    const shown = await again(page);
    expect(shown.heading).toBe("Expired");
    expect(shown.text).toContain(`until ${formatDate(addDays(called, 30))}`);
    expect(await portal.db("audit_events").where({ subject_id: id, action: "application expired" })).toHaveLength(1);
    expect(await rowOf(other.id)).toMatchObject({ outcome: "withdrawn" });
    expect((await (await logIn(portal, practice.bea)).get("/reports/applications")).status).toBe(200);
  });

  test("of which the bureau keeps silent is declined within thirty days of the application", async () => {
    const { page, letters } = await pendingApplication({ answer: new Error("down") });
    const end = (night: number) =>
      lapseApplications(decideParts(portal.parts), addDays(portal.clock.today(), night), {});
    await end(24);
    expect(await letters()).toEqual([]);
    await end(25);
    await end(25);
    expect((await letters()).map(({ text }) => text.includes("  - Unable to obtain a credit report"))).toEqual([true]);
    expect((await again(page)).heading).toBe("Not approved this time");
  });
});
