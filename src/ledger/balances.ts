import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";

/** What a patient owes in all; below zero it is a credit. */
export async function receivableCents(db: Db, accountId: string): Promise<Cents> {
  const row = await db("ledger_accounts").where({ kind: "receivable", owner_id: accountId }).first("balance_cents");
  return row?.balance_cents ?? 0;
}

/** What is left on each of a patient's balances: by sale, `null` the standard one. */
export async function receivableBySale(db: Db, accountId: string): Promise<Map<string | null, Cents>> {
  const rows: { sale_id: string | null; cents: Cents }[] = await db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .where({ "a.kind": "receivable", "a.owner_id": accountId })
    .groupBy("e.sale_id")
    .select("e.sale_id", db.raw("sum(e.amount_cents)::bigint as cents"));
  return new Map(rows.map((row) => [row.sale_id, row.cents]));
}
