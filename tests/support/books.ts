import { expect } from "vitest";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { checkDeposits } from "../../src/deposits/check-deposits.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import type { Cents } from "../../src/lib/money.ts";
import type { Db } from "../../src/platform/db.ts";
import { checkDays } from "../../src/reports/check-days.ts";

/** The tables that the proofs read, and their state when the proofs last held. */
type Proven = { tables: string[]; state: string | undefined };
const proven = new WeakMap<Db, Proven>();

/**
 * What holds after every test, whatever it did: the ledger adds up, and says of each account what the engine says.
 * Twenty proofs a test were a fifth of the run, and most tests move no money: where no row that the proofs read has
 * changed since they held, they hold still.
 * @param whose "ledger" where a test writes past the engine, to try the ledger's own guards
 */
export async function booksBalance(db: Db, whose: "ledger" | "all" = "all"): Promise<void> {
  const before = proven.get(db);
  const state = before && (await stateOf(db, before.tables)); // asked first, so that what changes meanwhile is seen next time
  if (state && state === before.state) return;

  const questions: string[] = [];
  const note = ({ sql }: { sql: string }) => questions.push(sql);
  db.on("query", note);
  try {
    const checks = whose === "ledger" ? [checkLedger] : [checkLedger, checkBooks, checkDeposits, checkDays];
    for (const check of checks) expect(await check(db)).toEqual([]);
  } finally {
    db.removeListener("query", note);
  }
  proven.set(db, { tables: before?.tables ?? (await tablesIn(db, questions)), state });
}

/** The tables that are named in questions. */
async function tablesIn(db: Db, questions: string[]): Promise<string[]> {
  const words = new Set(questions.join(" ").split(/\W+/));
  const tables = await db("pg_tables").where({ schemaname: "public" }).pluck("tablename");
  return tables.filter((table) => words.has(table));
}

/** Changes with every row that is inserted, updated or deleted: each version of a row carries the number of who wrote it. */
async function stateOf(db: Db, tables: string[]): Promise<string> {
  const states = tables.map((table) => `(select count(*) || '/' || sum(xmin::text::bigint) from ${table})`);
  const { rows } = await db.raw(`select concat_ws(' ', ${states.join(", ")}) as state`);
  return rows[0].state;
}

/** What the program owes a practice and has not paid out; payables are credits, so the sign is turned. */
export async function payableCents(db: Db, practiceId: string): Promise<Cents> {
  const row = await db("ledger_accounts").where({ kind: "payable", owner_id: practiceId }).first("balance_cents");
  return 0 - (row?.balance_cents ?? 0);
}
