import { randomUUIDv7 } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { readBooks } from "../../src/accounts/books.ts";
import { costOfReturn } from "../../src/accounts/correct-books.ts";
import { endDays } from "../../src/accounts/end-days.ts";
import { recordPayment } from "../../src/accounts/record-payment.ts";
import { returnPayment } from "../../src/accounts/return-payment.ts";
import { owedCents } from "../../src/credit/account.ts";
import { receivableBySale } from "../../src/ledger/balances.ts";
import type { IsoDate } from "../../src/lib/dates.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { announceStatements } from "../../src/statements/announce.ts";
import { findings, open, openBooks, pay, sell } from "../nightly/support.ts";

const books = await openBooks();
const { db, clock } = books;
afterEach(async () => expect(await findings(db)).toEqual([]));

/** An account opened on January 15 with a reduced-rate sale: its second statement is due on March 12. */
async function owing(): Promise<string> {
  clock.set("2026-01-15");
  const account = await open(books);
  await sell(books, account, "fixed-24", 240_000);
  clock.set("2026-02-10");
  await pay(books, account, 12_100);
  return account;
}

/** The night in which the second statement goes out, in time. */
async function secondStatement(): Promise<void> {
  clock.set("2026-02-15");
  await endDays(books, "2026-02-15");
}

const balances = async (account: string) => {
  const { balances: all } = await readBooks(db, account);
  return all.map(({ plan, balanceCents }) => [plan, balanceCents]);
};
const feesOf = async (account: string) => {
  const entries = db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .join("ledger_accounts as r", "r.owner_id", db.raw("?", [account]))
    .where("a.kind", "late_fee_income")
    .whereIn(
      "e.transaction_id",
      db("ledger_entries as o").where("o.account_id", db.ref("r.id")).select("o.transaction_id"),
    );
  const [row] = await entries.sum("e.amount_cents as cents");
  return Math.abs(Number(row?.cents ?? 0));
};

test("a statement that went out with less than 21 days to its due date costs no late fee, a day earlier it does", async () => {
  const feeWhenSentOn = async (day: IsoDate) => {
    const account = await owing();
    clock.set(day);
    await endDays(books, day);
    clock.set("2026-03-14");
    await endDays(books, "2026-03-14");
    return feesOf(account);
  };
  // Its close is Feb 15, it is due on March 12.
  expect(await feeWhenSentOn("2026-02-19")).toBe(3_000);
  expect(await feeWhenSentOn("2026-02-20")).toBe(0);
});

test("a close that was worked out in time, and whose letter went out late, costs no fee; nor does it when told again", async () => {
  const told = { ...books, ...books.config };
  const feeWhenTold = async (day: IsoDate) => {
    const account = await owing();
    await secondStatement();
    clock.set(day);
    await announceStatements(told, "2026-02-15");
    clock.set("2026-03-14");
    await endDays(books, "2026-03-14");
    return { account, fee: await feesOf(account) };
  };
  expect((await feeWhenTold("2026-02-19")).fee).toBe(3_000);
  const { account, fee } = await feeWhenTold("2026-02-20");
  expect(fee).toBe(0);
  const paid = await pay(books, account, 100, "2026-02-12");
  await returnPayment(books, portalItself, { id: randomUUIDv7(), paymentId: paid, reason: "No funds" });
  expect(await feesOf(account)).toBe(0);
});

test("a sale that works out a close which no night did sends its statement no earlier", async () => {
  const account = await owing();
  clock.set("2026-02-20");
  await sell(books, account, "standard", 1_000);
  clock.set("2026-03-14");
  await endDays(books, "2026-03-14");
  expect(await feesOf(account)).toBe(0);
  // Told of a payment of before, the account is run again: what went out late still did.
  await pay(books, account, 100, "2026-02-12");
  expect(await feesOf(account)).toBe(0);
});

test("a payment that came in time and was told of late takes its late fee back", async () => {
  const [inTime, toldLate] = [await owing(), await owing()];
  await secondStatement();
  clock.set("2026-03-12");
  await pay(books, inTime, 12_100);
  clock.set("2026-03-20");
  await endDays(books, "2026-03-19");
  expect(await feesOf(toldLate)).toBe(3_000);
  await pay(books, toldLate, 12_100, "2026-03-12");
  expect(await feesOf(toldLate)).toBe(0);
  expect(await balances(toldLate)).toEqual(await balances(inTime));
  await endDays(books, "2026-06-19");
  expect(await balances(toldLate)).toEqual(await balances(inTime));
});

test("a payment that the bank returned leaves the account as if it had never come", async () => {
  const [unpaid, returned] = [await owing(), await owing()];
  await secondStatement();
  clock.set("2026-03-12");
  const paymentId = await pay(books, returned, 12_100);
  clock.set("2026-03-20");
  await endDays(books, "2026-03-19");
  expect(await feesOf(returned)).toBe(0);
  const given = { id: randomUUIDv7(), paymentId, reason: "No funds" };
  await returnPayment(books, portalItself, given);
  await returnPayment(books, portalItself, given);
  expect(await feesOf(returned)).toBe(3_000);
  expect(await balances(returned)).toEqual(await balances(unpaid));
  const again = returnPayment(books, portalItself, { ...given, id: randomUUIDv7() });
  await expect(again).rejects.toMatchObject({ errors: { payment: "This payment was returned already" } });
});

test("a payment goes to the balance the patient asked for, told of in time or late, if that was there on its day", async () => {
  const asked = async (toldOn: IsoDate) => {
    const account = await owing();
    await sell(books, account, "standard", 30_000);
    const saleId = await sell(books, account, "deferred-12", 50_000);
    const given = { accountId: account, amountCents: 20_000, toward: saleId };
    if (toldOn > "2026-02-20") {
      clock.set(toldOn);
      await endDays(books, "2026-03-19");
    }
    const early = recordPayment(books, portalItself, { ...given, id: randomUUIDv7(), receivedOn: "2026-02-09" });
    await expect(early).rejects.toMatchObject({ errors: { toward: "There was no such balance on that day" } });
    const payment = { ...given, id: randomUUIDv7(), receivedOn: "2026-02-10" };
    expect(await recordPayment(books, portalItself, payment)).toBe(true);
    expect(await recordPayment(books, portalItself, payment)).toBe(false);
    const other = recordPayment(books, portalItself, { ...payment, toward: "standard" });
    await expect(other).rejects.toMatchObject({
      errors: { form: "Another payment was recorded under this reference" },
    });
    clock.set("2026-03-20");
    await endDays(books, "2026-03-19");
    expect((await receivableBySale(db, account)).get(saleId)).toBe(30_000);
    return balances(account);
  };
  expect(await asked("2026-03-20")).toEqual(await asked("2026-02-10"));
});

test("what is left of a promotion follows a payment that was told of late, and one that the bank returned", async () => {
  clock.set("2026-01-15");
  const account = await open(books);
  const saleId = await sell(books, account, "deferred-12", 120_000);
  const left = async () => (await db("promotions").where({ sale_id: saleId }).first("left_cents")).left_cents;
  clock.set("2026-02-10");
  const paymentId = await pay(books, account, 20_000);
  expect(await left()).toBe(100_000);
  await endDays(books, "2026-02-20");
  clock.set("2026-02-21");
  await pay(books, account, 5_000, "2026-02-09");
  expect(await left()).toBe(95_000);
  await returnPayment(books, portalItself, { id: randomUUIDv7(), paymentId, reason: "No funds" });
  expect(await left()).toBe(115_000);
});

test("accounts with promotions that end on the same days, changed in either order at once, never lock each other out", async () => {
  clock.set("2026-01-15");
  const [one, other] = [await open(books), await open(books)];
  for (const [account, plans] of [
    [one, ["deferred-6", "deferred-12"]],
    [other, ["deferred-12", "deferred-6"]],
  ] as const)
    for (const plan of plans) await sell(books, account, plan, 100_000);
  clock.set("2026-02-10");
  // Each waits a moment between the two days, so that the other surely comes in between.
  await db.raw(`
    create function wait_a_moment() returns trigger language plpgsql as $$ begin perform pg_sleep(0.2); return null; end $$;
    create trigger wait_a_moment after update on promotion_days for each row execute function wait_a_moment()`);
  // So much that both balances change.
  await Promise.all([one, other].map((account) => pay(books, account, 150_000)));
  await db.raw("drop function wait_a_moment cascade");
  const rows = await db("promotions").whereIn("account_id", [one, other]).sum("left_cents as left").first();
  expect(Number(rows?.left)).toBe(4 * 100_000 - 2 * 150_000);
});

test("a returned payment is one missed minimum: statements since then, paid as they asked, have no fee and keep grace", async () => {
  clock.set("2026-01-15");
  const account = await open(books);
  await sell(books, account, "fixed-24", 240_000);
  const payments: string[] = [];
  for (const month of ["02", "03", "04", "05", "06"]) {
    clock.set(`2026-${month}-10`);
    payments.push(await pay(books, account, 12_100));
    await endDays(books, `2026-${month}-20`);
  }
  const [, second = ""] = payments;
  clock.set("2026-06-21");
  const standing = await readBooks(db, account);
  const brings = await costOfReturn(db, { accountId: account, paymentId: second, standing });
  await returnPayment(books, portalItself, { id: randomUUIDv7(), paymentId: second, reason: "No funds" });
  expect(await feesOf(account)).toBe(3_000);
  const after = await readBooks(db, account);
  expect(brings).toEqual({
    feesCents: 3_000,
    interestCents: owedCents(after) - owedCents(standing) - 12_100 - 3_000,
    owedCents: owedCents(after),
  });
  expect(brings.interestCents).toBeGreaterThan(0);
  // What is missing is asked for by the next statement, and only then.
  await endDays(books, "2026-07-14");
  expect(await feesOf(account)).toBe(3_000 + 4_100); // the minimum of June 15 was left unpaid
  const { minimum_payment_cents } = await db("statements")
    .where({ account_id: account })
    .orderBy("number", "desc")
    .first();
  expect(minimum_payment_cents).toBe(11_970);
  await endDays(books, "2026-07-15");
  const next = await db("statements").where({ account_id: account }).orderBy("number", "desc").first();
  expect(next.minimum_payment_cents).toBeGreaterThan(2 * 11_970);
});

test("a payment from before the account, or from tomorrow, is declined", async () => {
  const account = await owing();
  await expect(pay(books, account, 100, "2026-01-14")).rejects.toMatchObject({
    errors: { receivedOn: expect.any(String) },
  });
  await expect(pay(books, account, 100, "2026-02-11")).rejects.toMatchObject({
    errors: { receivedOn: expect.any(String) },
  });
});

test("a sale after tonight's books are closed counts from tomorrow", async () => {
  clock.set("2026-01-15");
  const account = await open(books);
  await endDays(books, "2026-01-15");
  const id = await sell(books, account, "standard", 5_000);
  expect(await db("transactions").where({ id }).first("business_on")).toEqual({ business_on: "2026-01-16" });
});

test("five sales, five payments and the night at once: every cent is where it belongs", async () => {
  clock.set("2026-01-15");
  const account = await open(books);
  await sell(books, account, "standard", 100_000);
  clock.set("2026-02-15");
  await Promise.all([
    ...[1, 2, 3, 4, 5].map(() => sell(books, account, "deferred-6", 20_000)),
    ...[1, 2, 3, 4, 5].map(() => pay(books, account, 3_000)),
    endDays(books, "2026-02-15"),
  ]);
  const told = await db("account_events").where({ account_id: account });
  expect(told).toHaveLength(11);
  expect(await db("statements").where({ account_id: account })).toHaveLength(2);
});
