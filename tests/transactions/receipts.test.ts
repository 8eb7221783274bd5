import { expect, test } from "vitest";
import {
  charge,
  foundMallorys,
  foundPractice,
  logIn,
  openAccountFor,
  reviewRefundOf,
  sellTo,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal(); // it is ten in the morning in Austin, on the 23rd of November 2026

test("a sale's receipt says what, when, where, for whom, by whom, and how to reach someone", async () => {
  const practice = await foundPractice(portal, { locations: ["Juniper Uptown"] });
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const bob = await logIn(portal, practice.bob);
  const receipt = await charge(bob, account, {
    Amount: "1,200",
    Plan: "No interest if paid in full within 12 months",
    "Date of service": "11/20/2026",
    Reference: "Crown 17",
  });
  expect(receipt.title).toBe("Sale receipt – Caraway");
  expect(receipt.heading).toBe("Sale");
  for (const words of [
    practice.name,
    "Juniper Uptown",
    "1 Main St",
    "Austin, TX 78701",
    "(512) 555-0100",
    "$1,200.00",
    "Nov 23, 2026, 10:00 AM CST",
  ]) {
    expect(receipt.text).toContain(words);
  }
  const facts = [
    "Patient",
    "Account",
    "Plan",
    "Pay in full by",
    "Date of service",
    "Reference",
    "Taken by",
    "Transaction",
  ];
  expect(facts.map((key) => receipt.fact(key))).toEqual([
    `Nora ${account.person.lastName}`,
    `ending ${account.last4}`,
    "No interest if paid in full within 12 months",
    "Nov 23, 2027",
    "Nov 20, 2026",
    "Crown 17",
    "Bob Baker",
    receipt.path.split("/").at(-1),
  ]);
  expect(receipt.text).toContain(
    "No interest if paid in full by Nov 23, 2027. If it is not, interest from Nov 23, 2026 is charged to the account: $",
  );
  expect(receipt.text).toContain("Signature of the patient");
  expect(receipt.text).toContain("I agree to pay this amount under my account agreement.");
  expect(receipt.links).toContain("Print");
  expect(receipt.html).not.toContain(account.person.ssn.slice(0, 5));
  expect(receipt.html).not.toMatch(/merchant|\$118\.80/i); // the fee is between the practice and the program
});

test.each([
  ["Standard account", ""],
  ["Reduced APR, 24 months", ""],
  ["0% for 12 months, then reduced APR", "Nov 23, 2027"],
])("the receipt of a sale on “%s” does not speak of interest from the date of the sale", async (plan, ends) => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const receipt = await charge(await logIn(portal, practice.bob), account, { Amount: "1,200", Plan: plan });
  expect(receipt.fact("Plan")).toBe(plan);
  expect(receipt.fact("Period ends")).toBe(ends);
  expect(receipt.text).not.toContain("paid in full");
});

test("a refund's receipt says what was given back and why, and asks for no signature", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { amountCents: 30_000, reference: "Crown 17" });
  const bea = await logIn(portal, practice.bea);
  const receipt = await (await reviewRefundOf(bea, saleId, "100", "Charged too much")).press("Refund");
  expect(receipt.title).toBe("Refund receipt – Caraway");
  expect(receipt.heading).toBe("Refund");
  expect(["Patient", "Account", "Plan", "Reason", "Reference", "Taken by"].map((key) => receipt.fact(key))).toEqual([
    `Nora ${account.person.lastName}`,
    `ending ${account.last4}`,
    "Standard account",
    "Charged too much",
    "Crown 17",
    "Bea Bishop",
  ]);
  expect(receipt.text).toContain("This amount was taken off the balance of the account.");
  expect(receipt.text).not.toContain("Signature");
  expect(receipt.text).not.toContain("I agree to pay");
  expect(receipt.links).toContain("Print");
});

test("who may refund finds Refund on the receipt, and every refund made", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { amountCents: 30_000 });
  const [bob, bea, alice] = [
    await logIn(portal, practice.bob),
    await logIn(portal, practice.bea),
    await logIn(portal, practice.alice),
  ];
  const path = `/transactions/${saleId}`;
  expect((await bob.get(path)).links).not.toContain("Refund");
  expect((await bea.get(path)).links).toContain("Refund");
  expect((await alice.get(path)).links).toContain("Refund");
  await (await reviewRefundOf(bea, saleId, "10")).press("Refund");
  await (await reviewRefundOf(bea, saleId, "20")).press("Refund");
  const links = (await bob.get(path)).links.filter((link) => link.startsWith("Refund of"));
  expect(links).toEqual(["Refund of $10.00 on Nov 23, 2026", "Refund of $20.00 on Nov 23, 2026"]);
});

test("words of the reference that look like markup are shown as words", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const receipt = await charge(await logIn(portal, practice.bob), account, {
    Amount: "10",
    Reference: `<b onclick='x'>"&amp;`,
  });
  expect(receipt.fact("Reference")).toBe(`<b onclick='x'>"&amp;`);
  expect(receipt.html).not.toContain("<b onclick");
});

test("the list of transactions shows fifty, then the older ones, none twice and none left out", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 100_000_000 });
  const ids: string[] = [];
  for (let count = 0; count < 53; count += 1)
    ids.push(await sellTo(portal, practice, account, { amountCents: 1_000 + count }));
  const bea = await logIn(portal, practice.bea);
  await (await reviewRefundOf(bea, ids[0] ?? "", "5")).press("Refund");
  const first = await bea.get("/transactions");
  const second = await first.click("Older");
  const shown = [...first.rows(), ...second.rows()].map((row) => row[4]);
  expect([first.rows().length, second.rows().length]).toEqual([50, 4]);
  expect(new Set(shown).size).toBe(54);
  expect(shown).toContain("−$5.00");
  expect(second.links).not.toContain("Older");
  expect((await second.click("Newer")).rows()).toEqual(first.rows());
  const refunds = await first.press("Show", { Show: "Refunds" });
  expect(refunds.rows().map((row) => row[2])).toEqual(["Refund"]);
});

test("the list holds the practice's own transactions alone, whatever is asked of it", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { reference: "Only ours" });
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  for (const query of ["", "?kind=sale", `?before=${saleId}`, "?kind=nonsense"]) {
    const page = await mallory.get(`/transactions${query}`);
    expect([query, page.status, page.rows()]).toEqual([query, 200, []]);
  }
  expect((await mallory.get("/transactions?before=1")).status).toBe(404);
});
