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

/** What people did, then what the calendar did. */
export type PostingKind =
  | "sale"
  | "refund"
  | "payment"
  | "returned payment"
  | "credit refund"
  | "interest"
  | "deferred interest"
  | "late fee"
  | "credit"
  | "deposit"
  | "correction";

export type Posting = {
  /** The key that makes it happen once: the id of the sale, refund or payment. */
  id: string;
  kind: PostingKind;
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
  return (await postAll(trx, [posting])) === 1;
}

/** Posts many at once, all or none, in one round trip. Returns how many were not posted before. @throws as `post` */
export async function postAll(trx: Trx, postings: Posting[]): Promise<number> {
  if (!postings.length) return 0;
  const answer = await trx.raw("select post_all_to_ledger(?) as posted", [JSON.stringify(postings.map(asRow))]);
  return only<{ posted: number }>(answer.rows).posted;
}

function asRow(posting: Posting) {
  const entries = posting.entries.filter((entry) => entry.amountCents !== 0);
  const total = entries.reduce((sum, entry) => sum + entry.amountCents, 0);
  if (entries.length < 2 || total !== 0) throw new Error(`Posting ${posting.id} does not balance: ${total} cents`);
  const { id, kind, effectiveOn, postedAt, reversesId } = posting;
  return {
    ...{ id, kind, effective_on: effectiveOn, posted_at: postedAt, reverses_id: reversesId ?? null },
    entries: entries.map(({ account, amountCents }) => ({
      kind: account.kind,
      owner_id: "ownerId" in account ? account.ownerId : null,
      sale_id: "saleId" in account ? (account.saleId ?? null) : null,
      amount_cents: amountCents,
    })),
  };
}
