import { expect } from "vitest";
import { checkLedger } from "../../src/ledger/check.ts";
import type { Db } from "../../src/platform/db.ts";

/** What holds after every test, whatever it did: each posting adds up, each balance equals its entries. */
export async function booksBalance(db: Db): Promise<void> {
  expect(await checkLedger(db)).toEqual([]);
}
