import { expect } from "vitest";
import { checkDeposits } from "../../src/deposits/check-deposits.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import type { Db } from "../../src/platform/db.ts";

/** What holds after every test, whatever it did: each posting adds up, each balance equals its entries. */
export async function booksBalance(db: Db): Promise<void> {
  expect([...(await checkLedger(db)), ...(await checkDeposits(db))]).toEqual([]);
}
