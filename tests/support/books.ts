import { expect } from "vitest";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { checkDeposits } from "../../src/deposits/check-deposits.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import type { Db } from "../../src/platform/db.ts";

/**
 * What holds after every test, whatever it did: the ledger adds up, and says of each account what the engine says.
 * @param whose "ledger" where a test writes past the engine, to try the ledger's own guards
 */
export async function booksBalance(db: Db, whose: "ledger" | "all" = "all"): Promise<void> {
  if (whose === "ledger") return void expect(await checkLedger(db)).toEqual([]);
  expect([...(await checkLedger(db)), ...(await checkBooks(db)), ...(await checkDeposits(db))]).toEqual([]);
}
