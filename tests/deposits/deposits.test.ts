import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { checkDeposits } from "../../src/deposits/check-deposits.ts";
import { makeDeposits } from "../../src/deposits/make-deposits.ts";
import { runNightly } from "../../src/nightly.ts";
import { refundSale, reviewRefund } from "../../src/transactions/refund-sale.ts";
import { payableCents } from "../support/books.ts";
import { foundPractice, logIn, openAccountFor, type Practice, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal(); // Monday, the 23rd of November 2026; the Thursday is Thanksgiving

test("what each location sold on a day arrives two banking days later, as one deposit", async () => {
  const practice = await foundPractice(portal, { locations: ["Uptown", "Downtown"] });
  const account = await openAccountFor(portal, practice);
  const [uptown = "", downtown = ""] = practice.locations.map(({ id }) => id);
  await sellTo(portal, practice, account, { amountCents: 10_000, locationId: uptown });
  await sellTo(portal, practice, account, { amountCents: 20_000, locationId: uptown });
  await sellTo(portal, practice, account, { amountCents: 40_000, locationId: downtown });
  await night("2026-11-23");
  expect(await depositsOf(practice)).toEqual([
    ["2026-11-23", "2026-11-25", 30_000, 570, 0, 29_430, "due"],
    ["2026-11-23", "2026-11-25", 40_000, 760, 0, 39_240, "due"],
  ]);
  expect(await payableCents(portal.db, practice.id)).toBe(29_430 + 39_240);
  await night("2026-11-24");
  expect(await payableCents(portal.db, practice.id)).toBe(29_430 + 39_240);
  await night("2026-11-25");
  expect((await depositsOf(practice)).map((row) => row.at(-1))).toEqual(["paid", "paid"]);
  expect(await payableCents(portal.db, practice.id)).toBe(0);
  const cash = await portal.db.raw(
    `select t.kind, t.effective_on, e.amount_cents from ledger_entries e join ledger_accounts a on a.id = e.account_id
     join ledger_transactions t on t.id = e.transaction_id where a.kind = 'cash_out' order by 3`,
  );
  expect(cash.rows.map(Object.values)).toEqual([
    ["deposit", "2026-11-25", -39_240],
    ["deposit", "2026-11-25", -29_430],
  ]);
});

test("a day below zero is carried to the next deposit of its location", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { amountCents: 50_000 });
  await night("2026-11-23");
  await refundOf(practice, saleId, 50_000);
  portal.clock.advance({ days: 1 });
  await sellTo(portal, practice, account, { amountCents: 20_000 });
  await night("2026-11-24");
  portal.clock.advance({ days: 1 });
  await sellTo(portal, practice, account, { amountCents: 100_000 });
  await night("2026-11-25");
  const rows = await depositsOf(practice);
  const paid = rows.reduce((sum, row) => sum + Number(row[5]), 0);
  expect(rows.map((row) => [row[2], row[4], row[5]])).toEqual([
    [50_000, 0, 49_050],
    [-30_000, 0, 0],
    [100_000, -29_430, 68_670],
  ]);
  expect(paid).toBe(Math.round(120_000 * (1 - 0.019)));
});

test("what comes when its day has its deposit goes into the next", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { amountCents: 10_000 });
  const today = portal.clock.today();
  await makeDeposits(portal.parts, today);
  await portal.db.transaction(async (trx) => {
    // Recorded before midnight, committed after the night was over.
    await sellTo({ ...portal, db: trx } as typeof portal, practice, account, { amountCents: 7_000 });
    expect(await makeDeposits({ ...portal.parts, db: trx }, today)).toBe(0);
  });
  await makeDeposits(portal.parts, "2026-11-27");
  expect((await depositsOf(practice)).map((row) => [row[0], row[2]])).toEqual([
    [today, 10_000],
    ["2026-11-27", 7_000],
  ]);
});

test("five nodes at once make each deposit once", async () => {
  const practice = await foundPractice(portal, { locations: ["Uptown", "Downtown", "Midtown"] });
  const account = await openAccountFor(portal, practice);
  for (const { id } of practice.locations) await sellTo(portal, practice, account, { locationId: id });
  portal.clock.advance({ days: 3 });
  await Promise.all([1, 2, 3, 4, 5].map(() => runNightly(portal.parts, { through: portal.clock.today() })));
  const rows = await depositsOf(practice);
  expect(rows.map((row) => [row[2], row.at(-1)])).toEqual(Array(3).fill([30_000, "due"]));
});

test("the dashboard says what is on its way, and when it arrives", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bea = await logIn(portal, practice.bea);
  expect((await bea.get("/")).text).toContain("Money on its way $0.00");
  await sellTo(portal, practice, account, { amountCents: 100_000 });
  const today = portal.clock.today();
  expect(today).toBe("2026-11-28"); // a Saturday
  const before = (await bea.get("/")).text;
  expect(before).toContain("Money on its way $981.00 $981.00 arrives on Dec 1, 2026");
  expect((await bea.get("/reports/funding")).text).toContain("In no deposit yet $981.00 made tonight");
  await night(today);
  expect((await bea.get("/")).text).toContain("Money on its way $981.00 $981.00 arrives on Dec 1, 2026");
  expect((await bea.get("/reports/funding")).text).not.toContain("In no deposit yet");
  await night("2026-12-01");
  expect((await bea.get("/")).text).toContain(
    "Money on its way $0.00 the last deposit, $981.00, arrived on Dec 1, 2026",
  );
});

test("a deposit that came to nothing is shown all the same", async () => {
  const fresh = await foundPractice(portal);
  const account = await openAccountFor(portal, fresh, { limitCents: 100_000 });
  await refundOf(fresh, await sellTo(portal, fresh, account, { amountCents: 5_000 }), 5_000);
  const bea = await logIn(portal, fresh.bea);
  await makeDeposits(portal.parts, portal.clock.today());
  const page = await bea.get(`/reports/funding?from=${portal.clock.today()}&to=2027-06-30`);
  expect(page.text).toContain("0 deposits");
  expect(page.text).toContain("Nothing to pay");
});

test("what a location is below zero is taken off what arrives next, on the dashboard too", async () => {
  const practice = await foundPractice(portal, { locations: ["Uptown", "Downtown"] });
  const [uptown = "", downtown = ""] = practice.locations.map(({ id }) => id);
  const account = await openAccountFor(portal, practice, { limitCents: 900_000 });
  const bea = await logIn(portal, practice.bea);
  const saleId = await sellTo(portal, practice, account, { amountCents: 50_000, locationId: uptown });
  const today = portal.clock.today();
  await makeDeposits(portal.parts, today);
  await refundOf(practice, saleId, 30_000);
  await makeDeposits(portal.parts, "2026-12-10");
  expect((await bea.get("/")).text).toContain("Money on its way $196.20 $490.50 arrives on");
  await night("2026-12-10");
  expect((await bea.get("/")).text).toContain(
    "Money on its way −$294.30 below zero: it is taken off your next deposits",
  );
  portal.clock.advance({ days: 15 });
  const later = await logIn(portal, practice.bea);
  await sellTo(portal, practice, account, { amountCents: 20_000, locationId: uptown });
  await sellTo(portal, practice, account, { amountCents: 10_000, locationId: downtown });
  expect((await later.get("/")).text).toMatch(
    /Money on its way \$0.00 \$98.10 arrives on [^;]+; what a location is below zero comes off later/,
  );
  await sellTo(portal, practice, account, { amountCents: 40_000, locationId: uptown });
  expect((await later.get("/")).text).toMatch(/Money on its way \$392.40 \$392.40 arrives on/);
});

test("deposits that were spoiled are found", async () => {
  const spoil = async (sql: string) => {
    const trx = await portal.db.transaction();
    try {
      for (const table of ["deposits", "deposit_lines"]) await trx.raw("alter table ?? disable trigger all", [table]);
      await trx.raw(sql);
      return (await checkDeposits(trx)).join("\n");
    } finally {
      await trx.rollback();
    }
  };
  expect(await spoil("delete from deposit_lines where deposit_id is null or true")).toContain("has its line");
  expect(await spoil("update deposit_lines set gross_cents = gross_cents + 1")).toContain("sum of its lines");
  expect(
    await spoil(
      "update deposits set paid_cents = paid_cents + 1, gross_cents = gross_cents + 1 where posted_at is not null",
    ),
  ).toContain("stands in the ledger");
  expect(
    await spoil("update deposits set carried_in_cents = -1, gross_cents = gross_cents + 1 where carried_in_cents = 0"),
  ).toContain("before it carried");
  expect(await spoil("update deposits set posted_at = null")).toContain("less what was paid");
});

test("nobody changes a deposit or a line of it", async () => {
  const { db } = portal;
  await expect(db("deposits").update({ arrives_on: "2030-01-01" })).rejects.toThrow("does not change");
  await expect(db("deposits").delete()).rejects.toThrow("append-only");
  await expect(db("deposit_lines").update({ deposit_id: null })).rejects.toThrow("does not change");
  await expect(db("deposit_lines").delete()).rejects.toThrow("append-only");
});

const night = (through: string) => runNightly(portal.parts, { through });

async function refundOf(practice: Practice, saleId: string, amountCents: number): Promise<void> {
  const id = randomUUIDv7();
  await reviewRefund(portal, practice.bea.viewer, { id, saleId, refund: { amountCents, reason: "Other" } });
  await refundSale(portal, practice.bea.viewer, { id, saleId, shownCents: amountCents });
}

async function depositsOf(practice: Practice): Promise<(string | number)[][]> {
  const rows = await portal.db("deposits").where({ practice_id: practice.id }).orderBy(["covers_on", "gross_cents"]);
  return rows.map((row) => [
    row.covers_on,
    row.arrives_on,
    row.gross_cents,
    row.fee_cents,
    row.carried_in_cents,
    row.paid_cents,
    row.posted_at ? "paid" : "due",
  ]);
}
