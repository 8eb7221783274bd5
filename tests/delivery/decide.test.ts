import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { consents } from "../../src/applications/consents.ts";
import { decideApplication } from "../../src/applications/decide-application.ts";
import { applicationForm } from "../../src/applications/form.ts";
import { submitApplication } from "../../src/applications/submit-application.ts";
import { apply } from "../support/applications.ts";
import { atOnce } from "../support/at-once.ts";
import type { Page } from "../support/browser.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { foundPractice, logIn, type Practice } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { eventually, jobOf, makeDue, work } from "./support.ts";

const bureau = scriptedBureau();
const portal = await openPortal({ bureau });
const { db, parts } = portal;
const decideParts = { ...parts, program: parts.config.program, publicUrl: parts.config.publicUrl };

test("an application that the page has decided leaves no job behind", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  bureau.answers(approval(300_000));
  const page = await apply(bob);
  expect(page.heading).toBe("Approved for $3,000.00");
  expect(await jobOf(db, idOf(page))).toBe(undefined);
});

test("when the portal died between submission and decision, the job decides", async () => {
  const id = await submit(await foundPractice(portal));
  const asked = bureau.asked.length;
  bureau.answers(approval(400_000));
  work(portal);
  await makeDue(db, id);
  await eventually(() => db("applications").where({ id }).first()).toMatchObject({
    outcome: "approved",
    limit_cents: 400_000,
  });
  expect(bureau.asked.length).toBe(asked + 1);
  await eventually(() => jobOf(db, id)).toBe(undefined);
});

test("a bureau that is silent for a while is asked until it answers", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.answers(new Error("down"));
  const page = await apply(bob, { "E-mail": "patience@patient.example" });
  expect(page.heading).toBe("Pending");
  work(portal);
  for (const _ of [1, 2]) {
    const asked = bureau.asked.length;
    await makeDue(db, idOf(page));
    await eventually(() => bureau.asked.length).toBe(asked + 1);
  }
  bureau.answers(approval(250_000));
  await makeDue(db, idOf(page));
  await eventually(async () => (await bob.get(page.path)).heading).toBe("Approved for $2,500.00");
  const told = (await portal.messages()).filter(({ to }) => to === "patience@patient.example");
  expect(told).toHaveLength(1);
  const tale = await db("audit_events")
    .where({ subject_id: idOf(page) })
    .whereNot({ action: "application looked at" })
    .orderBy("id")
    .pluck("action");
  expect(tale).toEqual(["application submitted", "application pending", "application approved"]);
});

test("page and job that ask at once make one decision", async () => {
  const practice = await foundPractice(portal);
  const id = await submit(practice);
  bureau.answers(approval(100_000));
  await atOnce(db, "select from applications for update", [1, 2, 3], () => decideApplication(decideParts, id));
  expect(await db("practice_accounts").where({ practice_id: practice.id })).toHaveLength(1);
  expect(await db("audit_events").where({ subject_id: id, action: "application approved" })).toHaveLength(1);
});

test("what is asked of the bureau stands in no job", async () => {
  const id = await submit(await foundPractice(portal));
  const { rows } = await db.raw("select payload from graphile_worker._private_jobs where key = ?", [
    `decide-application:${id}`,
  ]);
  expect(rows).toEqual([{ payload: { id } }]);
});

const idOf = (page: Page) => page.path.split("/").at(-1) ?? "";

/** Submits as the page does, and goes no further. */
async function submit({ bob, locations }: Practice): Promise<string> {
  const key = randomUUIDv7();
  const form = applicationForm(portal.clock.today()).parse({
    location: locations[0]?.id,
    firstName: "Nora",
    lastName: "Quill",
    dateOfBirth: "04/09/1985",
    ssn: `950-01-${1000 + submitted++}`,
    street: "9 Elm St",
    city: "Austin",
    state: "TX",
    zip: "78704",
    housing: "Rent",
    housingCost: "1,200",
    mobile: "5126660100",
    email: "nora@patient.example",
    income: "61,000",
    incomeSource: "Employment",
    ...Object.fromEntries(consents.map(({ id }) => [id, "yes"])),
  });
  await submitApplication(parts, bob.viewer, { key, ...form });
  return key;
}
let submitted = 0;
