import { expect, test } from "vitest";
import { foundMallorys, foundPractice, logIn, openAccountFor, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal(); // Monday, the 23rd of November 2026

test("the day begins with its sales against the usual, the next deposit, what ends and what waits", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 900_000 });
  await sellTo(portal, practice, account, { amountCents: 80_000, planId: "deferred-6" });
  portal.clock.advance({ days: 7 });
  await sellTo(portal, practice, account, { amountCents: 30_000 });
  const bob = await logIn(portal, practice.bob);
  const page = await bob.get("/");
  expect(page.text).toContain("Sales today $300.00 1 sale. A Monday usually brings $100.00.");
  expect(page.text).toContain("Promotions ending 0 none within 45 days");
  expect(page.text).toContain("Nothing is waiting for you.");
  expect(page.root.querySelector("svg title")?.text).toBe("Sales of the last four weeks");
  expect(page.root.querySelectorAll("svg rect")).toHaveLength(28);
  expect(page.links).not.toContain("Money on its way"); // a clerk has no reports to go to
  const bea = await logIn(portal, practice.bea);
  expect((await (await bea.get("/")).click("Money on its way")).path).toBe("/reports/funding");
});

test("a quiet day of the week is called so", async () => {
  const practice = await foundPractice(portal);
  const page = await (await logIn(portal, practice.bob)).get("/");
  expect(page.text).toContain("Sales today $0.00 0 sales. A Monday is usually quiet.");
});

test("a promotion that ends soon is a patient to remind, and no other practice’s", async () => {
  const practice = await foundPractice(portal);
  const mallorys = await foundMallorys(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { amountCents: 120_000, planId: "deferred-6" });
  portal.clock.advance({ days: 150 });
  const page = await (await logIn(portal, practice.bob)).get("/");
  const name = `${account.person.firstName} ${account.person.lastName}`;
  expect(page.text).toContain("Promotions ending 1 $1,200.00 left on them, within 45 days");
  expect(page.text).toContain(`Remind ${name} $1,200.00 is left on a promotional balance that ends on May 30, 2027`);
  expect((await page.click(`Remind ${name}`)).path).toBe(account.path);
  const mallory = await (await logIn(portal, mallorys.mallory)).get("/");
  expect(mallory.text).toContain("Promotions ending 0");
  expect(mallory.text).not.toContain(account.person.lastName);
});
