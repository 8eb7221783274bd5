import { expect, test } from "vitest";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { runNightly } from "../../src/nightly.ts";
import { foundPractice, openAccountFor, payOn, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

// The books of this portal are spoiled on purpose, each time in a transaction that is then rolled back.
const portal = await openPortal({ booksBalance: false });
const practice = await foundPractice(portal);
const account = await openAccountFor(portal, practice);
await sellTo(portal, practice, account, { amountCents: 60_000, planId: "deferred-6" });
await payOn(portal, account, 65_000);
await sellTo(portal, practice, account, { amountCents: 40_000, planId: "deferred-12" });
portal.clock.advance({ days: 70 });
await runNightly(portal.parts);

test("books that are in order have nothing wrong with them", async () => {
  expect(await checkBooks(portal.db)).toEqual([]);
  expect(await portal.db("statements").where({ account_id: account.id })).toHaveLength(3);
});

const engine = "every balance in the ledger is the engine's, to the cent";
const statements = "every statement shows what the ledger had at its close";
const numbers = "the statements of an account are numbered without a gap";
const told = "every sale, refund and payment was told to the engine, and no other";
const promotions = "every promotional sale that ends is known by its end and what is left of it, and no other";

test.each([
  ["an account without the engine's state", "every account has the engine's state", "delete from account_states"],
  [
    "a balance of the engine that the ledger does not have",
    engine,
    `update account_states set state = jsonb_set(state, '{balances,1,balanceCents}', '1')`,
  ],
  ["an entry that the engine does not know", engine, "update ledger_entries set amount_cents = amount_cents + 1"],
  ["an entry on another balance", engine, "update ledger_entries set sale_id = null"],
  ["a statement of another amount", statements, "update statements set new_balance_cents = new_balance_cents + 1"],
  [
    "a statement of another day",
    statements,
    "update statements set closed_on = closed_on - 90, due_on = due_on - 90 where number = 1",
  ],
  ["a statement that is missing", numbers, "delete from statements where number = 2"],
  ["a sale that the engine was not told of", told, `delete from account_events where event ->> 'type' = 'sale'`],
  ["a payment that has no row", told, "delete from payments"],
  ["a sale moved to another account", told, "update account_events set account_id = gen_random_uuid()"],
  [
    "a credit refund that the engine was not told of",
    "every credit refund in the ledger was told to the engine, and the other way",
    "update ledger_transactions set kind = 'credit refund' where kind = 'payment'",
  ],
  ["a promotion with another amount left", promotions, "update promotions set left_cents = left_cents + 1"],
  ["a promotion with another end", promotions, "update promotions set ends_on = ends_on + 1"],
  ["a promotion under another plan", promotions, "update promotions set plan_id = 'standard'"],
  ["a promotion of another practice", promotions, "update promotions set practice_id = gen_random_uuid()"],
  ["a promotion that is missing", promotions, "delete from promotions"],
  [
    "a promotion that is none",
    promotions,
    `insert into promotions (sale_id, account_id, practice_id, location_id, plan_id, ends_on, left_cents)
       select gen_random_uuid(), account_id, practice_id, location_id, plan_id, ends_on, 0 from promotions`,
  ],
])("%s is found", async (_what, claim, statement) => {
  const trx = await portal.db.transaction();
  try {
    await trx.raw("set local session_replication_role = replica");
    for (const table of guarded) await trx.raw("alter table ?? disable trigger all", [table]);
    expect((await trx.raw(statement)).rowCount).toBeGreaterThan(0);
    expect((await checkBooks(trx)).join("\n")).toContain(claim);
  } finally {
    await trx.rollback();
  }
});

const guarded = [
  "ledger_transactions",
  "ledger_entries",
  "transactions",
  "payments",
  "account_events",
  "statements",
  "promotions",
];
