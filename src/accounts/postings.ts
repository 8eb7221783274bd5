import { hash } from "node:crypto";
import { standardId } from "../credit/account.ts";
import type { Posting as Movement } from "../credit/run.ts";
import type { Entry, LedgerAccount, Posting, PostingKind } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";

/** What an event is in the ledger: its kind, and the entries opposite the patient's. */
export type OwnPosting = { id: string; kind: PostingKind; on: IsoDate; entries: Entry[] };

/** What the calendar does, and whose income it is; a credit only moves between balances of the account. */
const calendar = {
  interest: { kind: "interest", income: "interest_income" },
  "minimum-interest": { kind: "interest", income: "interest_income" },
  "deferred-interest": { kind: "deferred interest", income: "interest_income" },
  "late-fee": { kind: "late fee", income: "late_fee_income" },
  credit: { kind: "credit", income: null },
} as const;

/**
 * The engine's movements as ledger postings. Those of the event, and the credits that settle in its wake, are one
 * posting under the event's id. What the calendar did is one posting for each day and kind, under an id made of these
 * two and the account: a night that runs twice finds its own postings there.
 */
export function postingsOf(
  accountId: string,
  movements: readonly Movement[],
  { event, postedAt }: { event?: OwnPosting; postedAt: Date },
): Posting[] {
  const from = event ? movements.findIndex((each) => each.event === event.id) : -1;
  const before = from < 0 ? movements : movements.slice(0, from);
  const groups = new Map<string, { first: Movement; kind: PostingKind; entries: Entry[] }>();
  for (const each of before) {
    const { kind, income } = calendar[each.kind as keyof typeof calendar];
    const key = `${each.on} ${kind}`;
    const group = groups.get(key) ?? { first: each, kind, entries: [] };
    groups.set(key, group);
    group.entries.push(receivable(accountId, each));
    if (income) group.entries.push({ account: { kind: income }, amountCents: -each.cents });
  }
  const postings: Posting[] = [...groups].map(([key, { first, kind, entries }]) => ({
    id: idOf(`${accountId} ${key}`),
    kind,
    effectiveOn: first.on,
    postedAt,
    entries,
  }));
  if (event) {
    const { id, kind, on, entries } = event;
    const own = movements.slice(from).map((each) => receivable(accountId, each));
    postings.push({ id, kind, effectiveOn: on, postedAt, entries: [...own, ...entries] });
  }
  return postings;
}

function receivable(accountId: string, { balance, cents }: { balance: string; cents: number }): Entry {
  return { account: receivableOf(accountId, balance), amountCents: cents };
}

/** The ledger's name for a balance of the engine. */
export function receivableOf(accountId: string, balance: string): LedgerAccount {
  return { kind: "receivable", ownerId: accountId, saleId: balance === standardId ? undefined : balance };
}

/** An id that is always the same for the same text, in the form of a UUID (version 8: of one's own making). */
export function idOf(text: string): string {
  const hex = hash("sha256", text, "hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
