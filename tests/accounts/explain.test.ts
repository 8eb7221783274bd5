import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { endDays } from "../../src/accounts/end-days.ts";
import { recordPayment } from "../../src/accounts/record-payment.ts";
import { returnPayment } from "../../src/accounts/return-payment.ts";
import { daysBetween } from "../../src/lib/calendar.ts";
import type { IsoDate } from "../../src/lib/dates.ts";
import type { Cents } from "../../src/lib/money.ts";
import { portalItself } from "../../src/platform/audit.ts";
import type { Page } from "../support/browser.ts";
import { foundMallorys, foundPractice, logIn, openAccountFor, sellTo, type TestAccount } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

// An account that two practices sell on, opened Nov 23, 2026; its cycle closes on day 23.
const portal = await openPortal();
const [practice, larkspur] = [await foundPractice(portal), await foundMallorys(portal)];
const bobs = await openAccountFor(portal, practice, { limitCents: 900_000 });
const mallorys = await openAccountFor(portal, larkspur, { person: bobs.person });

const cents = (text = "") => Math.round(Number(text.replace("−", "-").replace(/[$,]/g, "")) * 100);
const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);

const goTo = (day: IsoDate) => portal.clock.advance({ days: daysBetween(portal.clock.today(), day) });

async function payOn(day: IsoDate, account: TestAccount, amountCents: Cents, toward?: string): Promise<string> {
  goTo(day);
  const id = randomUUIDv7();
  const payment = { id, accountId: account.id, amountCents, receivedOn: day, ...(toward && { toward }) };
  await recordPayment(portal, portalItself, payment);
  return id;
}

async function nightOf(day: IsoDate): Promise<void> {
  goTo(day);
  await endDays(portal, day);
}

/** The rows of a page's tables whose cells pass. */
const rowsOf = (page: Page, is: (row: string[]) => boolean) => page.rows().filter(is);

// Four months of a history with everything in it.
const shared = mallorys.id === bobs.id;
const fixedSale = await sellTo(portal, practice, bobs, { amountCents: 200_000, planId: "fixed-24" });
const deferredSale = await sellTo(portal, practice, bobs, { amountCents: 40_000, planId: "deferred-6" });
await sellTo(portal, practice, bobs, { amountCents: 30_000 });
await sellTo(portal, larkspur, mallorys, { amountCents: 20_011, by: larkspur.mallory, reference: "Spaniel, teeth" });
await sellTo(portal, larkspur, mallorys, { amountCents: 50_000, planId: "deferred-12", by: larkspur.mallory });
await nightOf("2026-12-23");
const first = await payOn("2027-01-10", bobs, 21_000);
await nightOf("2027-01-23");
await nightOf("2027-02-23");
const second = await payOn("2027-03-05", bobs, 30_000);
const asked = await payOn("2027-04-06", bobs, 5_000, "standard");
await nightOf("2027-06-23");
goTo("2027-06-24");
const bob = await logIn(portal, practice.bob);

test("two practices see the same account", () => expect(shared).toBe(true));

test("the standard balance opens: what is the practice's own by name, what is another's in one sum, all of it in all", async () => {
  const parts = await (await bob.get(bobs.path)).click("Owed in all");
  const left = rowsOf(parts, ([name]) => name === "Standard purchases, interest on them and late fees")[0]?.at(-1);
  const page = await parts.click("Standard purchases, interest on them and late fees");
  const lines = rowsOf(page, (row) => row.length < 5).reverse();
  expect(page.text).toContain(`Left to pay ${left}`);
  expect(sum(lines.map((row) => cents(row.at(-1))))).toBe(cents(left));
  expect(lines.at(-1)).toEqual(["Nov 23, 2026", "Sale", "$300.00"]);
  expect(lines[0]).toEqual(["Purchases at other practices, less their refunds", "$200.11"]);
  expect(new Set(lines.map(([, what]) => what))).toEqual(
    new Set(["Sale", "Payment", "Interest", "Late fee", "$200.11"]),
  );
  expect(page.html).not.toContain("Spaniel");
  expect(page.links).toContain("Nov 23, 2026"); // leads to the sale
});

test("its interest is the average daily balance × the days × the rate ÷ 365, cycle by cycle, and no other than was posted", async () => {
  const page = await bob.get(`${bobs.path}/balance?sale=standard`);
  const bills = rowsOf(page, (row) => row.length === 5 && / to /.test(row[0] ?? ""));
  expect(bills.length).toBeGreaterThan(2);
  // The day of the sales bore $0.98 on the reduced rate: under the least charge of $2.00.
  expect(bills.at(-1)?.slice(1)).toEqual(["1", "$0.00", "$1.02", "$1.02"]);
  for (const [, days, average, least, billed] of bills) {
    expect(Math.round((cents(average) * Number(days) * 32.99) / 36_500)).toBe(cents(billed) - cents(least));
  }
  const posted = rowsOf(page, ([, what]) => what === "Interest").map((row) => row.at(-1));
  expect(bills.map((row) => row.at(-1)).reverse()).toEqual(posted);
});

test("interest on a reduced rate is shown day by day, and comes to what each close billed", async () => {
  const page = await bob.get(`${bobs.path}/balance?sale=${fixedSale}`);
  const posted = rowsOf(page, ([, what]) => what === "Interest").map(([on, , amount]) => `Billed ${on} ${amount}`);
  const billed = rowsOf(page, ([name = ""]) => name.startsWith("Billed ")).map((row) => row.join(" "));
  expect(posted.length).toBeGreaterThan(5);
  expect(billed.reverse()).toEqual(posted);
  // By hand: what the day of the sale left, $2,000.98, over the 30 days from Nov 24 through Dec 23.
  const cycle = ["Nov 24, 2026", "Dec 23, 2026", "30", "$2,000.98"];
  const accrued = 200_098 * ((1 + 0.179 / 365) ** 30 - 1);
  expect(page.rows()).toContainEqual([...cycle, `$${(Math.round(accrued) / 100).toFixed(2)}`]);
  expect(page.text).toContain("Not billed yet");
});

test("deferred interest that was charged is shown from the sale on, to the cent that the ledger has", async () => {
  const page = await bob.get(`${bobs.path}/balance?sale=${deferredSale}`);
  const charged = rowsOf(page, ([, what]) => what === "Deferred interest, charged")[0]?.[2];
  expect(charged).toMatch(/^\$/);
  expect(page.text).toContain("Something was unpaid after May 23, 2027");
  const last = rowsOf(page, ([, through]) => through === "May 23, 2027")[0];
  expect(last?.at(-1)).toBe(charged);
});

test("a payment tells where it went: the practice's own sales by name, what went to others' in one sum", async () => {
  const page = await bob.get(`${bobs.path}/balance?payment=${second}`);
  const shares = page.rows();
  expect(page.text).toContain("Payment $300.00");
  expect(sum(shares.map((row) => cents(row.at(-1))))).toBe(30_000);
  expect(shares.map(([name]) => name)).toContain("Reduced APR, 24 months");
  const hers = await (await logIn(portal, larkspur.mallory)).get(`${mallorys.path}/balance?payment=${second}`);
  expect(hers.text).not.toContain("Reduced APR");
  expect(rowsOf(hers, ([name]) => name === "Promotional sales of other practices")).toHaveLength(1);
  expect((await bob.get(bobs.path)).links).toContain("Mar 5, 2027");
});

test("a payment that the patient directed goes there, and says so", async () => {
  const page = await bob.get(`${bobs.path}/balance?payment=${asked}`);
  expect(page.rows()).toEqual([["Standard purchases, interest on them and late fees", "", "$50.00"]]);
  expect(page.text).toContain("The patient asked for a balance of their choice");
});

test("a payment that was returned went nowhere, and the balance says so and where what it changed stands", async () => {
  await returnPayment(portal, portalItself, { id: randomUUIDv7(), paymentId: first, reason: "No funds" });
  const page = await bob.get(`${bobs.path}/balance?payment=${first}`);
  expect(page.text).toContain("The bank returned this payment");
  expect(page.rows()).toEqual([]);
  const balance = await bob.get(`${bobs.path}/balance?sale=${fixedSale}`);
  expect(balance.text).toContain("Payment returned by the bank");
  expect(balance.text).toContain("what that changed is the correction among the entries");
  const left = rowsOf(balance, (row) => row.length === 4)
    .at(-1)
    ?.at(-1);
  expect(balance.text).toContain(`Left to pay ${left}`);
});

test("nobody opens a payment of another account, and a practice without dealings none at all", async () => {
  const stranger = await foundPractice(portal);
  const other = await openAccountFor(portal, practice);
  expect((await bob.get(`${other.path}/balance?payment=${second}`)).status).toBe(404);
  const theirs = await logIn(portal, stranger.bob);
  for (const path of [`balance?payment=${second}`, "balance?sale=standard"]) {
    expect((await theirs.get(`${bobs.path}/${path}`)).status).toBe(404);
  }
});
