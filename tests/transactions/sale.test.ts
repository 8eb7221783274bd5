import { describe, expect, test } from "vitest";
import { planIds, planLabel, planTerms } from "../../src/credit/plans.ts";
import { quotePlan } from "../../src/credit/quote.ts";
import { receivableBySale, receivableCents } from "../../src/ledger/balances.ts";
import { formatMoney } from "../../src/lib/money.ts";
import { payableCents } from "../support/books.ts";
import { charge, foundPractice, logIn, openAccountFor, reviewSaleOf } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test("a clerk charges a sale: the form, its review, the receipt, the books", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const bob = await logIn(portal, practice.bob);

  const form = await (await bob.get(account.path)).click("New sale");
  expect(form).toMatchObject({ path: `${account.path}/sale`, heading: "New sale" });
  expect(form.text).toContain("Available credit $8,000.00");
  expect(form.valueOf("Date of service")).toBe("11/23/2026");

  const review = await form.press("Review sale", {
    Amount: "$1,200.00",
    Plan: "No interest if paid in full within 12 months",
    "Date of service": "2026-11-20",
    Reference: "Crown, 17",
  });
  expect(review.status).toBe(200);
  expect(review.text).toContain(`Charge Nora ${account.person.lastName} $1,200.00`);
  expect(review.text).toContain("$6,800.00 of credit is left after this");
  expect(review.fact("Plan")).toMatch(/^No interest if paid in full within 12 months/);
  expect(review.fact("Monthly payment")).toBe("$109.10 11 payments, $1,200.00 in all");
  expect(review.fact("Date of service")).toMatch(/^Nov 20, 2026/);
  expect(review.fact("Reference")).toMatch(/^Crown, 17/);
  expect(review.fact("Cost to the practice")).toBe("$118.80 $1,081.20 is paid to you");
  expect(review.text).toContain("No interest if paid in full by Nov 23, 2027");
  expect(await receivableCents(portal.db, account.id)).toBe(0); // nothing is charged by looking

  const receipt = await review.press("Charge $1,200.00");
  expect(receipt).toMatchObject({ status: 200, title: "Sale receipt – Caraway" });
  expect(receipt.path).toMatch(/^\/transactions\/[0-9a-f-]{36}$/);
  const id = receipt.path.split("/").at(-1) ?? "";
  expect(await receivableBySale(portal.db, account.id)).toEqual(new Map([[id, 120_000]]));
  expect(await payableCents(portal.db, practice.id)).toBe(108_120);
  expect((await bob.get(account.path)).text).toContain("Available credit $6,800.00");
  const audited = await portal.db("audit_events").where({ subject_id: id }).first();
  expect(audited).toMatchObject({ action: "sale recorded", user_id: practice.bob.id, practice_id: practice.id });
});

test("a sale on the standard account goes to the standard balance", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await charge(await logIn(portal, practice.bob), account, { Amount: "0.01" });
  expect(await receivableBySale(portal.db, account.id)).toEqual(new Map([[null, 1]]));
});

test("the plans offered are the practice's, in the order of the table, in the words of the contract", async () => {
  const practice = await foundPractice(portal, { plans: ["convert-12", "fixed-36", "deferred-6", "standard"] });
  const account = await openAccountFor(portal, practice);
  const form = await (await logIn(portal, practice.bob)).get(`${account.path}/sale`);
  const offered = form.root
    .querySelectorAll("input[name=plan]")
    .map((radio) => [radio.getAttribute("value"), radio.closest("label")?.text.trim()]);
  expect(offered).toEqual([
    ["standard", "Standard account"],
    ["deferred-6", "No interest if paid in full within 6 months"],
    ["fixed-36", "Reduced APR, 36 months"],
    ["convert-12", "0% for 12 months, then reduced APR"],
  ]);
});

test("a form that HTMX sends is answered like any other: 422 with what is wrong and what was typed, then 303", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  const wrong = form.sending("Review sale", { Amount: "12.345", Plan: "Standard account" });
  const page = await bob.send(wrong, { "HX-Request": "true" });
  expect(page).toMatchObject({ status: 422, errors: ["Enter an amount in dollars and cents, like 1,200.00"] });
  expect(page.valueOf("Amount")).toBe("12.345");
  const { fields } = page.sending("Review sale", { Amount: "12.34" });
  const done = await bob.ask("POST", `${account.path}/sale`, { headers: { "HX-Request": "true" }, fields });
  expect(done.status).toBe(303);
  expect(done.header("location")).toMatch(new RegExp(`^${account.path}/sale/`));
});

describe("once the amount is known, each plan says what it costs whom", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  const shown = await form.press("Show payments", { Amount: "3,000" });
  const asked = await bob.get(`${account.path}/sale?amount=3000`, { "HX-Request": "true" });

  test.each(planIds)("%s", (planId) => {
    const quote = quotePlan({
      plan: planId,
      amountCents: 300_000,
      standardApr: "32.99",
      cycleDay: 23,
      saleDate: "2026-11-23",
    });
    const row = shown.root.querySelector(`input[value=${planId}]`)?.closest("label")?.text.replace(/\s+/g, " ") ?? "";
    expect(row).toContain(planLabel(planTerms(planId)));
    expect(row).toContain(`Monthly payment ${formatMoney(quote.monthlyPaymentCents)}`);
    expect(row).toContain(formatMoney(quote.totalCents));
    expect(row).toContain(`Cost to the practice ${formatMoney(quote.merchantFeeCents)}`);
    if (planId.startsWith("deferred")) expect(row).toContain("If even $0.01 is still owed the day after");
  });

  test("with script and without it", () => {
    const rows = (page: typeof shown) =>
      page.root.querySelectorAll("label.choice").map((label) => label.text.replace(/\s+/g, " "));
    expect(rows(asked)).toEqual(rows(shown));
    expect(asked.html).not.toContain("<html");
  });

  test("and showing it keeps what was typed, and changes nothing", () => {
    expect(shown).toMatchObject({ status: 200, heading: "New sale" });
    expect(shown.valueOf("Amount")).toBe("3,000");
    expect(shown.errors).toEqual([]);
  });
});

test.each([
  "",
  "0",
  "0.01",
  "1",
  "29.99",
  "199.99",
  "200",
  "999.99",
  "2500",
  "9,999,999.99",
  "99999999",
  "-1",
  "NaN",
  "1e5",
  "½",
])("asking for the plans of any amount whatever is answered: %s", async (amount) => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const fragment = await bob.get(`${account.path}/sale?amount=${encodeURIComponent(amount)}`, { "HX-Request": "true" });
  expect(fragment.status).toBe(200);
  expect(fragment.root.querySelectorAll("input[name=plan]")).toHaveLength(planIds.length);
});

test("a plan that the amount is too small or too large for cannot be chosen, and says why", async () => {
  const practice = await foundPractice(portal, {
    plans: ["standard", "deferred-6", { planId: "fixed-24", leastCents: 150_000, mostCents: 200_000 }],
  });
  const account = await openAccountFor(portal, practice);
  const form = await (await logIn(portal, practice.bob)).get(`${account.path}/sale`);
  const small = await form.press("Show payments", { Amount: "199.99" });
  expect(() => small.sending("Review sale", { Plan: "No interest" })).toThrow("offers no");
  expect(small.text).toContain("For sales of $200.00 or more");
  expect(small.text).toContain("For sales of $1,500.00 or more");
  expect((await form.press("Show payments", { Amount: "2,000.01" })).text).toContain("For sales up to $2,000.00");
});

test("the amount may be typed in any of the usual ways", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const bob = await logIn(portal, practice.bob);
  for (const typed of ["1200", "1,200.00", "$1,200", " $ 1200.0 "]) {
    expect((await reviewSaleOf(bob, account, { Amount: typed })).buttons).toContain("Charge $1,200.00");
  }
});

test("both ways of writing a date are taken", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  for (const typed of ["11/2/2026", "11/02/2026", "2026-11-02"]) {
    const review = await reviewSaleOf(bob, account, { Amount: "50", "Date of service": typed });
    expect(review.fact("Date of service")).toMatch(/^Nov 2, 2026/);
  }
});

test("one's own location is chosen already, and another one can be", async () => {
  const practice = await foundPractice(portal, { locations: ["Uptown", "Downtown"] });
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  expect(form.valueOf("Location")).toBe(practice.locations[0]?.id);
  const receipt = await charge(bob, account, { Amount: "50", Location: "Downtown" });
  expect(receipt.text).toContain("Downtown");
});

test("Change on the review goes back to the form, filled in as it was, and makes no second sale", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const bob = await logIn(portal, practice.bob);
  const review = await reviewSaleOf(bob, account, {
    Amount: "1,500",
    Plan: "Reduced APR, 24 months",
    Reference: "A-1",
  });
  const form = await review.click("Change plan");
  expect([
    form.valueOf("Amount"),
    form.valueOf("Plan"),
    form.valueOf("Date of service"),
    form.valueOf("Reference"),
  ]).toEqual(["1500.00", "fixed-24", "11/23/2026", "A-1"]);
  const receipt = await (await form.press("Review sale", { Amount: "1,600" })).press("Charge $1,600.00");
  expect(receipt.text).toContain("$1,600.00");
  expect(await portal.db("transactions").where({ account_id: account.id })).toHaveLength(1);
});

test("a second sale of the same amount within ten minutes is asked about, not refused", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  await charge(bob, account, { Amount: "80" });
  const again = await reviewSaleOf(bob, account, { Amount: "80" });
  expect(again.text).toContain("was charged to this account a few minutes ago");
  expect((await again.press("Charge")).status).toBe(200);
  portal.clock.advance({ minutes: 11 });
  expect((await reviewSaleOf(bob, account, { Amount: "80" })).text).not.toContain("a few minutes ago");
});

test("the whole available credit can be charged, to the cent", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 100_000 });
  const bob = await logIn(portal, practice.bob);
  await charge(bob, account, { Amount: "400.01" });
  const receipt = await charge(bob, account, { Amount: "599.99" });
  expect(receipt.status).toBe(200);
  expect((await bob.get(account.path)).text).toContain("Available credit $0.00");
});
