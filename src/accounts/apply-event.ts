import { happen } from "../credit/engine.ts";
import type { AccountEvent } from "../credit/events.ts";
import type { Run } from "../credit/run.ts";
import type { Entry, PostingKind } from "../ledger/post.ts";
import type { Trx } from "../platform/db.ts";
import { saveBooks } from "./books.ts";
import { postingsOf } from "./postings.ts";

/**
 * Puts an event on an account, in the transaction of the verb that caused it, which holds the account's row: the engine
 * decides, the ledger records, the state is stored. What the calendar did since the account was touched last (interest,
 * late fees, ends of promotions, statements) is posted with it, each on its own day.
 *
 * @param run the account's books, on the morning of the event's day or before it (`onMorningOf`)
 * @param given.entries what stands opposite the patient's entries: together they add up to zero
 * @throws Refused of the engine, when the account does not take it
 */
export async function applyEvent(
  trx: Trx,
  accountId: string,
  given: { run: Run; event: AccountEvent; kind: PostingKind; entries: Entry[]; postedAt: Date },
): Promise<void> {
  const { run, event, kind, entries, postedAt } = given;
  happen(run, event);
  const own = { id: event.id, kind, on: event.date, entries };
  const postings = postingsOf(accountId, run.postings, { event: own, postedAt });
  const { account, statements, closings = [] } = run;
  await saveBooks(trx, [{ accountId, account, postings, statements, closings, event }]);
}
