import { expect, test } from "vitest";
import { foundMallorys, foundPractice, logIn, openAccountFor, reviewSaleOf, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { answers } from "./support.ts";

const portal = await openPortal();
const base = "/settings/practice";
const account = {
  "Name on the account": "Juniper Dental",
  "Kind of account": "Savings",
  "Routing number": "021000021",
  "Account number": "998877661234",
  "The same number once more": "998877661234",
};

test("the owner changes the name that patients know, and the phone", async () => {
  const { alice } = await foundPractice(portal);
  const browser = await logIn(portal, alice);
  const form = await (await (await browser.get("/settings")).click("Practice")).click("Change name");
  const saved = await form.press("Save", { "Name that patients know": "Juniper Smiles", Phone: "(512) 555-0199" });
  expect([saved.path, saved.fact("Name"), saved.fact("Phone")]).toEqual([base, "Juniper Smiles", "(512) 555-0199"]);
  expect((await browser.get("/")).html).toContain("Juniper Smiles");
});

test("a location is added once, changed, and closed: then it takes no new sales, and its past stays", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.alice);
  const form = await (await browser.get(base)).click("Add a location");
  const added = await Promise.all([1, 2].map(() => form.press("Save location", answers.location)));
  expect(added.map(({ path, errors }) => `${path} ${errors}`)).toEqual([`${base} `, `${base} `]);
  expect(await portal.db("locations").where({ practice_id: practice.id, name: "Cedar Grove Main" })).toHaveLength(1);
  const changed = await (await (await browser.get(base)).click("Change Cedar Grove Main")).press("Save location", {
    City: "Round Rock",
  });
  expect(changed.text).toContain("Round Rock, TX");

  const { path } = await openAccountFor(portal, practice);
  expect((await browser.get(`${path}/sale`)).html).toContain("Cedar Grove Main");
  expect((await (await browser.get(base)).press("Close Cedar Grove Main")).text).toContain("Closed.");
  expect((await browser.get(`${path}/sale`)).html).not.toContain("Cedar Grove Main");
  expect((await browser.get(base)).text).not.toContain("Cedar Grove Main");
  expect(await portal.db("locations").where({ practice_id: practice.id })).toHaveLength(2);
});

test("the last location stays open, even when two are closed at once", async () => {
  const practice = await foundPractice(portal, { locations: ["North", "South"] });
  const browser = await logIn(portal, practice.alice);
  const page = await browser.get(base);
  await Promise.all(["North", "South"].map((name) => page.press(`Close ${name}`)));
  expect(await portal.db("locations").where({ practice_id: practice.id }).whereNull("closed_at")).toHaveLength(1);
  const left = practice.locations[0];
  await browser.post(`${base}/locations/${left?.id}/closing`);
  expect(await portal.db("locations").where({ practice_id: practice.id }).whereNull("closed_at")).toHaveLength(1);
});

test("a location with a deposit on its way is not closed before that has arrived", async () => {
  const practice = await foundPractice(portal, { locations: ["North", "South"] });
  const patient = await openAccountFor(portal, practice);
  await sellTo(portal, practice, patient, { locationId: practice.locations[0]?.id ?? "" });
  const browser = await logIn(portal, practice.alice);
  const page = await (await browser.get(base)).press("Close North");
  expect([page.status, page.errors.join()]).toEqual([422, expect.stringContaining("still on its way")]);
});

test("the owner chooses the plans; new sales offer them, and at least one remains", async () => {
  const practice = await foundPractice(portal, { plans: ["standard", "fixed-24"] });
  const browser = await logIn(portal, practice.alice);
  const form = await (await browser.get(base)).click("Change plans");
  const saved = await form.press("Save plans", {
    "Reduced APR, 24 months": false,
    "No interest if paid in full within 12 months": true,
  });
  expect(saved.fact("Plans you offer")).toBe("Standard account No interest if paid in full within 12 months");
  const none = await (await browser.get(`${base}/plans`)).press("Save plans", {
    "Standard account": false,
    "No interest if paid in full within 12 months": false,
  });
  expect([none.status, none.errors]).toEqual([422, ["Offer at least one plan."]]);
});

test("a plan is kept to a range of amounts, which narrows it and cannot widen it", async () => {
  const practice = await foundPractice(portal, { plans: ["fixed-24"] });
  const browser = await logIn(portal, practice.alice);
  const form = await (await browser.get(`${base}/plans`)).click("Keep a plan to a range of amounts");
  const wide = await form.press("Save amounts", { "Smallest sale": "500", "Largest sale": "400" });
  expect(wide.status).toBe(422);
  expect(wide.errorAt("Smallest sale")).toContain("takes sales of $1,000.00 or more");
  expect(wide.errorAt("Largest sale")).toContain("as large as the smallest");
  expect(wide.html).toContain('value="500"');
  expect((await form.press("Save amounts", { "Smallest sale": "much" })).errorAt("Smallest sale")).toContain("dollars");
  await wide.press("Save amounts", { "Smallest sale": "1,500", "Largest sale": "2,000.00" });
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  for (const [amount, told] of [
    ["1,499.99", "takes sales of $1,500.00 or more"],
    ["2,000.01", "takes sales up to $2,000.00"],
  ] as const) {
    const refused = await reviewSaleOf(bob, account, { Amount: amount, Plan: "Reduced APR, 24 months" });
    expect([refused.status, refused.errors.join()]).toEqual([422, expect.stringContaining(told)]);
  }
  const again = await (await browser.get(`${base}/plans/amounts`)).press("Save amounts", {
    "Smallest sale": "",
    "Largest sale": "",
  });
  expect([again.path, again.status]).toEqual([base, 200]);
  const reviewed = await reviewSaleOf(bob, account, { Amount: "1,100.00", Plan: "Reduced APR, 24 months" });
  expect(reviewed.heading).toBe("Review sale");
});

test("where a law is against a plan, it cannot be switched on, by the page or past it", async () => {
  const practice = await foundPractice(portal, { plans: ["standard"] });
  await portal.db("practices").where({ id: practice.id }).update({ state: "CA" });
  const browser = await logIn(portal, practice.alice);
  const page = await browser.get(`${base}/plans`);
  expect(page.text).toContain("Not in your state: Cal. Bus. & Prof. Code § 654.3");
  const forged = await browser.post(`${base}/plans`, { standard: "yes", "deferred-12": "yes" });
  expect(forged.status).toBe(422);
  expect((await portal.db("practice_plans").where({ practice_id: practice.id })).map(({ plan_id }) => plan_id)).toEqual(
    ["standard"],
  );
});

test("a new deposit account asks for a fresh proof, is kept sealed, and every owner is told", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.alice);
  portal.clock.advance({ minutes: 6 });
  expect((await browser.get(`${base}/deposit-account`)).path).toBe("/confirm");
  const fresh = await logIn(portal, practice.alice);
  const form = await (await fresh.get(base)).click("Change deposit account");
  const wrong = await form.press("Change deposit account", { ...account, "Routing number": "021000022" });
  expect([wrong.status, wrong.errorAt("Routing number")]).toEqual([422, expect.stringContaining("no bank’s")]);
  const pages = await Promise.all([1, 2, 3].map(() => form.press("Change deposit account", account)));
  expect(pages.map(({ path }) => path)).toEqual([base, base, base]);
  const rows = await portal.db("deposit_accounts").where({ practice_id: practice.id });
  expect(rows).toMatchObject([{ last4: "1234", kind: "savings", ended_at: null }]);
  expect(JSON.stringify(rows)).not.toContain("998877661234");
  const told = (await portal.messages()).filter(
    ({ to, subject }) => to === practice.alice.email && subject.startsWith("Your deposits"),
  );
  expect(told).toHaveLength(1);
  expect(told[0]?.text).toContain("ending in 1234");
});

test("after a reset by e-mail the deposit account is held back", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.alice);
  const form = await browser.get(`${base}/deposit-account`);
  await portal.db("users").where({ id: practice.alice.id }).update({ reset_by_mail_at: portal.clock.now() });
  expect((await form.press("Change deposit account", account)).status).toBe(403);
  expect(await portal.db("deposit_accounts").where({ practice_id: practice.id })).toEqual([]);
});

test("Bob and Bea may not; Mallory changes nothing of Alice's", async () => {
  const practice = await foundPractice(portal, { locations: ["North", "South"] });
  const { mallory } = await foundMallorys(portal);
  const north = practice.locations[0]?.id;
  for (const person of [practice.bob, practice.bea]) {
    const browser = await logIn(portal, person);
    expect([(await browser.get(base)).status, (await browser.post(`${base}/plans`)).status]).toEqual([403, 403]);
  }
  const browser = await logIn(portal, mallory);
  expect((await browser.get(`${base}/locations/${north}`)).status).toBe(404);
  expect((await browser.post(`${base}/locations/${north}`, {})).status).toBe(404);
  expect((await browser.post(`${base}/locations/${north}/closing`)).status).toBe(404);
  expect(await portal.db("locations").where({ id: north }).first("closed_at")).toEqual({ closed_at: null });
});
