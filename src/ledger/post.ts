import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { only, prepared, type Trx } from "../platform/db.ts";

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
  const { id, kind, effectiveOn, postedAt, reversesId = null } = posting;
  const lines = linesOf(posting);
  const answer = await prepared<{ posted: boolean }>(trx, postOne, [
    id,
    kind,
    effectiveOn,
    postedAt,
    reversesId,
    ...columnsOf(lines),
    turnsOf(lines),
  ]);
  return only(answer).posted;
}

/** Posts many at once, all or none, in one round trip. Returns how many were not posted before. @throws as `post` */
export async function postAll(trx: Trx, postings: Posting[]): Promise<number> {
  const [first, ...more] = postings;
  if (!first) return 0;
  if (!more.length) return (await post(trx, first)) ? 1 : 0;
  const each = postings.flatMap((posting, number) => linesOf(posting).map((line) => ({ posting, number, line })));
  const answer = await prepared<{ posted: number }>(trx, postMany, [
    each.map(({ posting }) => posting.id),
    each.map(({ posting }) => posting.kind),
    each.map(({ posting }) => posting.effectiveOn),
    each.map(({ posting }) => posting.postedAt),
    withGaps(each.map(({ posting }) => posting.reversesId ?? null)),
    each.map(({ number }) => number),
    ...columnsOf(each.map(({ line }) => line)),
  ]);
  return only(answer).posted;
}

const postOne = { name: "post", text: "select post_to_ledger($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as posted" };
const postMany = {
  name: "post all",
  text: "select post_all_to_ledger($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as posted",
};

/** An entry as the ledger's functions take it. */
type Line = { kind: LedgerAccount["kind"]; ownerId: string | null; saleId: string | null; amountCents: Cents };

function linesOf({ id, entries }: Posting): Line[] {
  const lines = entries
    .filter(({ amountCents }) => amountCents !== 0)
    .map(({ account, amountCents }) => ({
      kind: account.kind,
      ownerId: "ownerId" in account ? account.ownerId : null,
      saleId: "saleId" in account ? (account.saleId ?? null) : null,
      amountCents,
    }));
  const total = lines.reduce((sum, { amountCents }) => sum + amountCents, 0);
  if (lines.length < 2 || total !== 0) throw new Error(`Posting ${id} does not balance: ${total} cents`);
  return lines;
}

const columnsOf = (lines: Line[]) => [
  lines.map(({ kind }) => kind),
  withGaps(lines.map(({ ownerId }) => ownerId)),
  withGaps(lines.map(({ saleId }) => saleId)),
  lines.map(({ amountCents }) => amountCents),
];

/** To the types of Knex an array of texts has no null in it; to PostgreSQL it has. */
const withGaps = (texts: (string | null)[]) => texts as string[];

/** The places of entries, from 1, in the order of their names: every posting locks accounts in it. */
const turnsOf = (lines: Line[]): number[] =>
  lines
    .map(({ kind, ownerId }, index) => ({ name: `${kind} ${ownerId}`, place: index + 1 }))
    .sort((one, other) => (one.name < other.name ? -1 : 1)) // those of one account in either order
    .map(({ place }) => place);
