import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { closeAccount } from "../../src/accounts/close-account.ts";
import { recordPayment } from "../../src/accounts/record-payment.ts";
import { receivableBySale, receivableCents } from "../../src/ledger/balances.ts";
import { addDays } from "../../src/lib/calendar.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { charge, foundMallorys, foundPractice, logIn, openAccountFor, payOn, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test("the page of an account says what is available, owed, promised and paid", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  await sellTo(portal, practice, account, { amountCents: 120_000, planId: "deferred-12" });
  await sellTo(portal, practice, account, { amountCents: 30_000 });
  await payOn(portal, account, 5_000);
  const page = await (await logIn(portal, practice.bob)).get(account.path);

  expect(page.root.querySelectorAll("h2").map((heading) => heading.text)).toEqual([
    "Balance",
    "Promotional balances",
    "Transactions",
    "Payments",
    "Statements",
  ]);
  expect(page.text).toMatch(/Available credit \$6,550\.00/);
  expect(page.text).toContain("Owed in all $1,450.00");
  expect(page.text).toContain("No interest if paid in full within 12 months");
  expect(page.text).toContain("Left of $1,200.00 $1,200.00"); // the payment went to the standard balance
  expect(page.text).toContain("365 days left");
  expect(page.links).toContain("New sale");
  expect(page.rows()).toEqual([
    ["Nov 23, 2026", "Sale", "Standard account", "", "$300.00"],
    ["Nov 23, 2026", "Sale", "No interest if paid in full within 12 months", "", "$1,200.00"],
    ["Nov 23, 2026", "$50.00"],
  ]);
});

test("another practice sees the totals, and neither the sales nor their promotions", async () => {
  const [practice, other] = [await foundPractice(portal), await foundMallorys(portal)];
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  await openAccountFor(portal, other, { person: account.person });
  await sellTo(portal, practice, account, { amountCents: 120_000, planId: "deferred-12", reference: "Root canal 17" });
  const page = await (await logIn(portal, other.mallory)).get(account.path);
  expect(page.text).toContain("Available credit $6,800.00");
  expect(page.text).toContain("No promotional balance from your practice is open.");
  expect(page.text).toContain("Your practice has charged nothing to this account yet.");
  expect(page.html).not.toContain("Root canal 17");
});

test("Mallory is told that there is no such account", async () => {
  const account = await openAccountFor(portal, await foundPractice(portal));
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  const page = await mallory.get(account.path);
  const missing = await mallory.get(`/accounts/${randomUUIDv7()}`);
  expect(page.status).toBe(404);
  expect(page.html).not.toContain(account.person.lastName);
  expect([missing.status, missing.heading, missing.text.replace(/[0-9a-f-]{36}/, "")]).toEqual([
    404,
    page.heading,
    page.text.replace(/[0-9a-f-]{36}/, ""),
  ]);
});

test.each(["1", "not-an-id", "%27", "..%2f..", "00000000-0000-0000-0000-00000000000g"])(
  "what is no id is not there: %s",
  async (id) => {
    const bob = await logIn(portal, (await foundPractice(portal)).bob);
    expect((await bob.get(`/accounts/${id}`)).status).toBe(404);
  },
);

test("a closed account says so, and offers no New sale", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await closeAccount(portal, portalItself, account.id);
  const page = await (await logIn(portal, practice.bob)).get(account.path);
  expect(page.text).toContain("This account is closed");
  expect(page.text).toContain("Available credit $0.00");
  expect(page.links).not.toContain("New sale");
});

test("an account is closed at zero alone, and closing it again changes nothing", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { amountCents: 30_000 });
  await expect(closeAccount(portal, portalItself, account.id)).rejects.toThrow("$300.00 is still open on this account");
  await payOn(portal, account, 30_000);
  await closeAccount(portal, portalItself, account.id);
  const closedOn = portal.clock.today();
  portal.clock.advance({ days: 1 });
  await closeAccount(portal, portalItself, account.id);
  expect(await portal.db("accounts").where({ id: account.id }).first("closed_on")).toEqual({ closed_on: closedOn });
});

test("what a patient paid beyond everything owed is shown as a credit of theirs", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 100_000 });
  await sellTo(portal, practice, account, { amountCents: 30_000 });
  await payOn(portal, account, 42_000);
  const page = await (await logIn(portal, practice.bob)).get(account.path);
  expect(page.text).toContain("Credit of the patient $120.00");
  expect(page.text).toContain("Available credit $1,120.00");
});

test("a payment sent twice, or five times at once, is one payment", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { amountCents: 30_000 });
  const payment = { id: randomUUIDv7(), accountId: account.id, amountCents: 10_000, receivedOn: portal.clock.today() };
  await Promise.all([1, 2, 3, 4, 5].map(() => recordPayment(portal, portalItself, payment)));
  await recordPayment(portal, portalItself, payment);
  expect(await receivableCents(portal.db, account.id)).toBe(20_000);
});

test("payments and sales at once leave the books in order", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 10_000_000 });
  await sellTo(portal, practice, account, { amountCents: 100_000 });
  await Promise.all([
    ...[1, 2, 3, 4].map(() => payOn(portal, account, 7_000)),
    ...[1, 2, 3, 4].map(() => sellTo(portal, practice, account, { amountCents: 25_000, planId: "deferred-6" })),
  ]);
  expect(await receivableCents(portal.db, account.id)).toBe(172_000);
  const balances = await receivableBySale(portal.db, account.id);
  expect([...balances.values()].reduce((sum, cents) => sum + cents, 0)).toBe(172_000);
});

test("how long a promotion has left is told to the day", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const bob = await logIn(portal, practice.bob);
  await charge(bob, account, { Amount: "400", Plan: "No interest if paid in full within 6 months" });
  const { today } = portal.clock;
  expect(addDays(today(), 181)).toBe("2027-05-24");
  expect((await bob.get(account.path)).text).toContain("181 days left");
  portal.clock.advance({ days: 180 });
  expect((await (await logIn(portal, practice.bob)).get(account.path)).text).toContain("1 day left");
  portal.clock.advance({ days: 1 });
  expect((await (await logIn(portal, practice.bob)).get(account.path)).text).toContain("Ends today");
  portal.clock.advance({ days: 1 });
  const ended = await (await logIn(portal, practice.bob)).get(account.path);
  expect(ended.text).toContain("Ended");
  expect(ended.text).not.toContain("No interest if the");
});
