import { expect, test } from "vitest";
import { auditOf } from "../identity/support.ts";
import { foundMallorys, foundPractice, hireSam, logIn, openAccountFor } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);
const sam = await hireSam(portal);
const account = await openAccountFor(portal, practice);
const path = `/console/accounts/${account.id}`;
const asked = { Language: "es", "Statements, reminders and news go": "sms" };
const contact = () =>
  portal
    .db("patients as p")
    .join("accounts as a", "a.patient_id", "p.id")
    .where("a.id", account.id)
    .first("p.language", "p.reached_by");

test("support settles the language and the way in which a patient is written to, with a reason", async () => {
  const page = await (await lookAt(await logIn(portal, sam), path)).click("How the patient is written to");
  const wrong = await page.press("Save", { ...asked, Reason: "" });
  expect([wrong.status, wrong.errorAt("Reason")]).toEqual([422, "Enter the reason: it stands in the audit log"]);
  expect(await contact()).toEqual({ language: "en", reached_by: "email" });
  expect((await page.press("Save", { ...asked, Reason: "Asked on the phone" })).path).toBe(path);
  expect(await contact()).toEqual({ language: "es", reached_by: "sms" });
  const details = { language: "es", reachedBy: "sms", reason: "Asked on the phone" };
  expect(await auditOf(portal, account, "contact changed")).toMatchObject([{ user_id: sam.id, details }]);
});

test("nobody of a practice does", async () => {
  const before = await contact();
  for (const person of [practice.bob, practice.alice, (await foundMallorys(portal)).mallory]) {
    const desk = await logIn(portal, person);
    expect((await desk.get(`${path}/contact`)).status).toBe(403);
    expect((await desk.post(`${path}/contact`, { language: "en", reachedBy: "email", reason: "x" })).status).toBe(403);
  }
  expect(await contact()).toEqual(before);
});
