import { randomUUIDv7 } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { readBooks } from "../../src/accounts/books.ts";
import { closeAccount } from "../../src/accounts/close-account.ts";
import { refundCredit } from "../../src/accounts/refund-credit.ts";
import { returnPayment } from "../../src/accounts/return-payment.ts";
import { endDay } from "../../src/credit/engine.ts";
import type { IsoDate } from "../../src/lib/dates.ts";
import { runNightly } from "../../src/nightly.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { latestMessages } from "../../src/platform/messages.ts";
import { findings, open, openBooks, pay, sell } from "../nightly/support.ts";

vi.setConfig({ testTimeout: 60_000 }); // there are tests of a hundred nights
const books = await openBooks();
const { db, clock } = books;
const parts = { ...books, ...books.config };
afterEach(async () => expect(await findings(db)).toEqual([]));

/** Goes on to a day, its morning: every night before it is over. */
async function morningOf(day: IsoDate): Promise<void> {
  clock.set(day);
  await runNightly(books);
}

const patientOf = async (accountId: string) => {
  const account = await db("accounts").where({ id: accountId }).first("patient_id");
  return db("patients").where({ id: account.patient_id }).first();
};
const lettersTo = async (accountId: string, subject: RegExp) => {
  const { email, phone } = await patientOf(accountId);
  const all = await latestMessages(db, 1000);
  return all.filter((each) => [email, phone].includes(each.to) && subject.test(each.subject));
};
const creditOf = async (accountId: string) => {
  const { balances } = await readBooks(db, accountId);
  return 0 - (balances[0]?.balanceCents ?? 0);
};

// One stretch of time: what is opened here is looked at in the tests below, in the order of its days.
clock.set("2025-01-03");
const overpaid = await open(books);
await sell(books, overpaid, "standard", 20_000);
await pay(books, overpaid, 26_500);
clock.set("2025-01-05");
const idle = await open(books);
await sell(books, idle, "standard", 9_000);
await pay(books, idle, 9_000);
const closed = await open(books);
await closeAccount(books, portalItself, closed);
const busy = await open(books);
await sell(books, busy, "standard", 42_000);
clock.set("2025-01-16");
const promoted = await open(books);
await sell(books, promoted, "deferred-6", 120_000);
const paid = await open(books);
await sell(books, paid, "deferred-6", 30_000);
await pay(books, paid, 30_000);
const spanish = await open(books);
await db("patients")
  .where({ id: (await patientOf(spanish)).id })
  .update({ language: "es", reached_by: "sms" });
await sell(books, spanish, "deferred-6", 45_000);

test("a statement is told of with its figures and a link", async () => {
  await morningOf("2025-02-04");
  const [letter] = await lettersTo(busy, /statement/);
  expect(letter?.text).toContain("New balance: $420.00\nMinimum payment: $30.00\nPayment due date: Feb 2, 2025");
  expect(letter?.text).toMatch(/http:\/\/127\.0\.0\.1:3000\/my-statement\/[\w-]{43}\n/);
});

test("a credit is refunded on request, up to what it is, once for each key; a payment returned afterwards is owed", async () => {
  const account = await open(books);
  await sell(books, account, "standard", 10_000);
  const paymentId = await pay(books, account, 15_000);
  const given = { id: randomUUIDv7(), accountId: account, amountCents: 5_001 };
  await expect(refundCredit(parts, portalItself, given)).rejects.toThrow("The credit is $50.00. Enter an amount up");
  const refund = { ...given, amountCents: 5_000 };
  await Promise.all([1, 2, 3].map(() => refundCredit(parts, portalItself, refund)));
  expect(await creditOf(account)).toBe(0);
  await expect(refundCredit(parts, portalItself, { ...refund, amountCents: 100 })).rejects.toThrow("Another amount");
  await morningOf("2025-02-20");
  await returnPayment(parts, portalItself, { id: randomUUIDv7(), paymentId, reason: "Returned by the bank" });
  expect(await creditOf(account)).toBe(-15_000); // the sale, and the money that was sent back to the patient
});

test("the account as it was before the close is kept with its statement, and leads to it", async () => {
  await morningOf("2025-03-10");
  const rows = await db("statements").where({ account_id: promoted }).orderBy("number");
  expect(rows).toHaveLength(2);
  for (const { figures, account: kept, closed_on } of rows) {
    const [made] = endDay(kept, closed_on).statements;
    expect({ ...made, sentOn: figures.sentOn }).toEqual(figures);
  }
});

test("a promotion's end is reminded of 90, 60, 30 and 7 days before, with what the engine says", async () => {
  await morningOf("2025-04-16");
  expect(await lettersTo(promoted, /promotion ends/)).toEqual([]);
  await morningOf("2025-04-17");
  const [first] = await lettersTo(promoted, /promotion ends/);
  expect(first?.subject).toBe("Your promotion ends Jul 16, 2025");
  expect(first?.text).toContain("You still owe $1,200.00 on it");
  expect(first?.text).toContain("interest is charged from Jan 16, 2025 at 32.99% a year");
  expect(first?.text).toMatch(/pay \$\d+\.\d\d to the account on each of the \d due dates from \w{3} \d+, 2025\./);
  for (const [day, count] of [
    ["2025-05-16", 1],
    ["2025-05-17", 2],
    ["2025-06-16", 3],
    ["2025-07-03", 3],
  ] as const) {
    await morningOf(day);
    expect(await lettersTo(promoted, /promotion ends/)).toHaveLength(count);
  }
});

test("a credit that stood for six months goes back to the patient, once, and the books show it", async () => {
  expect(await creditOf(overpaid)).toBe(6_500);
  await morningOf("2025-07-04"); // the night of the 3rd is over
  expect(await creditOf(overpaid)).toBe(0);
  await morningOf("2025-07-10");
  const letters = await lettersTo(overpaid, /refunding/);
  expect(letters).toHaveLength(1);
  expect(letters[0]?.text).toContain("$65.00");
});

test("the last reminder comes seven days before; a balance that is paid has none", async () => {
  expect(await lettersTo(promoted, /promotion ends/)).toHaveLength(4);
  expect(await lettersTo(paid, /promotion ends/)).toEqual([]);
});

test("a patient who reads Spanish and prefers texts gets texts in Spanish", async () => {
  const letters = await lettersTo(spanish, /promoción/);
  expect(letters.map(({ channel }) => channel)).toEqual(["sms", "sms", "sms", "sms"]);
  expect(letters[0]?.text).toContain("acaba el 16 de julio de 2025");
  expect((await lettersTo(spanish, /estado de cuenta/)).length).toBe(6);
});

test("a cycle with no balance and no activity is not told of, and a closed account of nothing", async () => {
  expect(await lettersTo(busy, /statement/)).toHaveLength(7);
  expect(await lettersTo(idle, /statement/)).toHaveLength(1); // the cycle with the sale in it
  expect(await lettersTo(closed, /./)).toEqual([]);
});

test("nodes at once, weeks behind: a credit is refunded once, a promotion reminded of once, of what is still ahead", async () => {
  const credited = await open(books);
  await sell(books, credited, "deferred-6", 90_000);
  await pay(books, credited, 95_000);
  const away = await open(books);
  await sell(books, away, "convert-12", 50_000);
  clock.set("2026-06-18"); // 22 days before the end: three reminders were due meanwhile
  await Promise.all([runNightly(books), runNightly(books), runNightly(books)]);
  expect(await creditOf(credited)).toBe(0);
  expect(await lettersTo(credited, /refunding/)).toHaveLength(1);
  const told = await db("statement_letters").where({ account_id: away });
  expect(await lettersTo(away, /statement/)).toHaveLength(told.length);
  const letters = await lettersTo(away, /promotion ends/);
  expect(letters).toHaveLength(1);
  expect(letters[0]?.text).toContain("No interest is charged for the time before");
});
