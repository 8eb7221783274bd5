import pg from "pg";
import { expect, test, vi } from "vitest";
import { endDays } from "../../src/accounts/end-days.ts";
import { charge, foundPractice, logIn, openAccountFor, payOn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);

/** The statements about the ledger that are sent to the database while something is done. */
async function ledgerStatements(work: () => Promise<unknown>): Promise<string[]> {
  const sent = vi.spyOn(pg.Client.prototype, "query");
  await work();
  const said = sent.mock.calls.map(([statement]: unknown[]) =>
    typeof statement === "string" ? statement : String((statement as { text?: string }).text),
  );
  sent.mockRestore();
  return said.filter((sql) => /post_\w+ledger|(insert into|update|delete from) "?ledger_/.test(sql));
}

const posting = (name: string, places: number) =>
  `select ${name}(${Array.from({ length: places }, (_, index) => `$${index + 1}`).join(", ")}) as posted`;

test("a sale is posted in one round trip: all its entries, and what the calendar did before it", async () => {
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  expect(await ledgerStatements(() => charge(bob, account, { Amount: "300" }))).toEqual([
    posting("post_to_ledger", 10),
  ]);
  await endDays(portal, portal.clock.today()); // the first statement goes out in time
  portal.clock.advance({ days: 100 }); // three closes with interest, and a late fee
  const late = () => payOn({ ...portal, db: portal.parts.db }, account, 5_000);
  expect(await ledgerStatements(late)).toEqual([posting("post_all_to_ledger", 10)]);
  const { rows } = await portal.db.raw(
    `select count(distinct t.id)::int as postings, count(distinct t.kind)::int as kinds from ledger_transactions t
     join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id where a.owner_id = ?`,
    [account.id],
  );
  expect(rows[0].postings).toBeGreaterThan(4);
  expect(rows[0].kinds).toBe(4);
});
