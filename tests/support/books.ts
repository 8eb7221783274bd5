import { expect } from "vitest";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { checkDeposits } from "../../src/deposits/check-deposits.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import type { Cents } from "../../src/lib/money.ts";
import type { Db } from "../../src/platform/db.ts";
import { checkDays } from "../../src/reports/check-days.ts";

/**
 * What holds after every test, whatever it did: the ledger adds up, and says of each account what the engine says.
 * @param whose "ledger" where a test writes past the engine, to try the ledger's own guards
 */
export async function booksBalance(db: Db, whose: "ledger" | "all" = "all"): Promise<void> {
  if (whose === "ledger") return void expect(await checkLedger(db)).toEqual([]);
  const checks = [checkLedger, checkBooks, checkDeposits, checkDays];
  for (const check of checks) expect(await check(db)).toEqual([]);
}

/** What the program owes a practice and has not paid out; payables are credits, so the sign is turned. */
export async function payableCents(db: Db, practiceId: string): Promise<Cents> {
  const row = await db("ledger_accounts").where({ kind: "payable", owner_id: practiceId }).first("balance_cents");
  return 0 - (row?.balance_cents ?? 0);
}
