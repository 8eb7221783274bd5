import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { only, type Trx } from "../platform/db.ts";

/** The chart of accounts. A receivable is one patient account's, a payable one practice's; the others are the program's. */
export type LedgerAccount =
  | { kind: "receivable"; ownerId: string; saleId?: string | undefined }
  | { kind: "payable"; ownerId: string }
  | { kind: "merchant_fee_income" | "interest_income" | "late_fee_income" | "cash_in" | "cash_out" | "write_off" };

/** One side of a posting: a debit is positive, a credit negative. */
export type Entry = { account: LedgerAccount; amountCents: Cents };

export type Posting = {
  /** The key that makes it happen once: the id of the sale, refund or payment. */
  id: string;
  kind: "sale" | "refund" | "payment";
  effectiveOn: IsoDate;
  postedAt: Date;
  entries: Entry[];
  /** The posting that this one takes back. */
  reversesId?: string;
};

/**
 * Posts to the ledger, in the caller's transaction and in one round trip. Entries of no cents are left out.
 * Posting the same again changes nothing and returns false.
 * @throws when the entries do not add up to zero, or the id was posted with other content
 */
export async function post(trx: Trx, posting: Posting): Promise<boolean> {
  const entries = posting.entries.filter((entry) => entry.amountCents !== 0);
  const total = entries.reduce((sum, entry) => sum + entry.amountCents, 0);
  if (entries.length < 2 || total !== 0) throw new Error(`Posting ${posting.id} does not balance: ${total} cents`);

  const rows = entries.map(({ account, amountCents }) => ({
    kind: account.kind,
    owner_id: "ownerId" in account ? account.ownerId : null,
    sale_id: "saleId" in account ? (account.saleId ?? null) : null,
    amount_cents: amountCents,
  }));
  const { id, kind, effectiveOn, postedAt, reversesId } = posting;
  const answer = await trx.raw("select post_to_ledger(?, ?, ?, ?, ?, ?) as posted", [
    ...[id, kind, effectiveOn, postedAt, reversesId ?? null],
    JSON.stringify(rows),
  ]);
  return only<{ posted: boolean }>(answer.rows).posted;
}
