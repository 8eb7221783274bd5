import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { checkLedger } from "../../src/ledger/check.ts";
import type { Trx } from "../../src/platform/db.ts";
import { foundPractice, openAccountFor, payOn, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

// The books of this portal are spoiled on purpose, each time in a transaction that is then rolled back.
const portal = await openPortal({ booksBalance: false });
const practice = await foundPractice(portal);
const account = await openAccountFor(portal, practice);
const saleId = await sellTo(portal, practice, account, { amountCents: 60_000, planId: "deferred-6" });
await payOn(portal, account, 5_000);

test("books that are in order have nothing wrong with them", async () => {
  expect(await checkLedger(portal.db)).toEqual([]);
});

test("an empty database is in order", async () => {
  expect(await checkLedger((await openPortal()).db)).toEqual([]);
});

const balances = "every transaction has two entries or more, and they add up to zero";
const says = "every transaction has the entries that it says, and no other";
const kept = "every kept balance equals its entries";
const refunds = "no sale is refunded for more than it was";
const stands = "every sale and refund stands in the ledger with its amount and its fee";
const rows = "every sale, refund and payment in the ledger has its own row";

test.each([
  [
    "an amount that was changed",
    balances,
    "update ledger_entries set amount_cents = amount_cents + 1 where amount_cents = 60000",
  ],
  ["an amount that its posting does not say", says, "update ledger_entries set amount_cents = amount_cents + 1"],
  ["an entry moved to another balance", says, "update ledger_entries set sale_id = null where sale_id is not null"],
  [
    "an entry that no posting says",
    says,
    "insert into ledger_entries select transaction_id, 9, account_id, null, 7 from ledger_entries limit 1",
  ],
  ["an entry that was deleted", balances, "delete from ledger_entries where line = 3"],
  ["all entries of a sale deleted", balances, "delete from ledger_entries"],
  [
    "a balance that was changed",
    kept,
    "update ledger_accounts set balance_cents = balance_cents - 1 where kind = 'receivable'",
  ],
  ["a balance that was set to nothing", kept, "update ledger_accounts set balance_cents = 0 where kind = 'payable'"],
  [
    "entries moved to another account",
    kept,
    "update ledger_entries e set account_id = (select id from ledger_accounts where kind = 'payable') where amount_cents = 60000",
  ],
  ["both sides changed alike", kept, "update ledger_entries set amount_cents = amount_cents * 2"],
  ["a sale that counts a refund that is none", refunds, "update transactions set refunded_cents = 1"],
  ["a fee given back that was not", refunds, "update transactions set refunded_fee_cents = 1"],
  ["a sale whose amount was changed", stands, "update transactions set amount_cents = amount_cents + 1"],
  ["a sale whose fee was changed", stands, "update transactions set fee_cents = fee_cents + 1"],
  [
    "a sale moved to another practice",
    stands,
    "update transactions set practice_id = '00000000-0000-7000-8000-000000000001'",
  ],
  ["a sale that was deleted", rows, "delete from transactions"],
  ["a payment that was deleted", rows, "delete from payments"],
  ["a posting without a sale", rows, "update ledger_transactions set kind = 'sale' where kind = 'payment'"],
  [
    "a payment without a posting",
    rows,
    "insert into payments select gen_random_uuid(), account_id, 1, received_on, recorded_at from payments",
  ],
  ["a payment whose amount was changed", "payment", "update payments set amount_cents = amount_cents + 1"],
])("%s is found", async (_what, claim, statement) => {
  const findings = await spoiled(async (trx) => {
    expect((await trx.raw(statement)).rowCount).toBeGreaterThan(0);
  });
  expect(findings.length).toBeGreaterThan(0);
  expect(findings.join("\n")).toContain(claim);
});

test("a posting of no entries is found", async () => {
  const empty = {
    id: randomUUIDv7(),
    kind: "sale",
    effective_on: "2026-11-23",
    posted_at: new Date(),
    account_ids: [],
    sale_ids: [],
    cents: [],
  };
  const findings = await spoiled((trx) => trx("ledger_transactions").insert(empty));
  expect(findings.join("\n")).toContain(balances);
});

test("a refund of more than its sale is found", async () => {
  const findings = await spoiled(async (trx) => {
    const sale = await trx("transactions").where({ id: saleId }).first();
    await trx("transactions").insert({
      ...sale,
      id: randomUUIDv7(),
      kind: "refund",
      sale_id: saleId,
      amount_cents: 60_001,
      fee_cents: 0,
    });
  });
  expect(findings.join("\n")).toContain(refunds);
});

test("a finding names the row and what is wrong with it", async () => {
  const findings = await spoiled((trx) =>
    trx("ledger_accounts").where({ kind: "receivable" }).update({ balance_cents: 1 }),
  );
  expect(findings).toEqual([expect.stringMatching(/"kind":"receivable","kept":1,"entries":"?55000/)]);
});

/** What the check finds after the guards were taken off and something was planted; all of it is put back. */
async function spoiled(plant: (trx: Trx) => Promise<unknown>): Promise<string[]> {
  const trx = await portal.db.transaction();
  try {
    for (const table of ["ledger_accounts", "ledger_transactions", "ledger_entries", "transactions", "payments"]) {
      await trx.raw("alter table ?? disable trigger all", [table]);
    }
    await plant(trx);
    return await checkLedger(trx);
  } finally {
    await trx.rollback();
  }
}
