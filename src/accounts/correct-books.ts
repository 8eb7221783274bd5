import { type Account, owedCents } from "../credit/account.ts";
import type { Share } from "../credit/allocation.ts";
import type { AccountEvent } from "../credit/events.ts";
import type { Run } from "../credit/run.ts";
import type { Entry, Posting } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db, Trx } from "../platform/db.ts";
import { businessDay, saveBooks } from "./books.ts";
import { idOf, receivableOf } from "./postings.ts";
import { historyOf, replay } from "./replay.ts";

type Payment = Extract<AccountEvent, { type: "payment" }>;
type Correction = { accountId: string; standing: Account; today: IsoDate; postedAt: Date } & (
  | { add: Payment }
  | { takeBack: Payment; returnId: string }
);

/**
 * Brings the books to where they would be had a payment come on its day, or never come, with no fee for a minimum that
 * no statement asked for: the account is run again from its opening, and the difference is posted today, interest and
 * late fees included. What was posted stays, and so do the statements that were sent; the next one goes on from the
 * corrected account.
 */
export async function correctBooks(trx: Trx, correction: Correction): Promise<void> {
  const { accountId, standing, today, postedAt } = correction;
  const { was, is } = await runAgain(trx, { accountId, standing }, (events) =>
    "add" in correction ? inserted(events, correction.add) : events.filter(({ id }) => id !== correction.takeBack.id),
  );

  const effectiveOn = businessDay(standing, today);
  const posted = { effectiveOn, postedAt };
  const change = { accountId, account: is.account, statements: [], closings: [] };
  if ("add" in correction) {
    const { id } = correction.add;
    const shares = sharesOf(is, id);
    const payment = { id, kind: "payment" as const, ...posted, entries: paymentEntries(accountId, shares, 1) };
    const rest = remainder(was, is, { accountId, shares, direction: 1 });
    const postings = [payment, ...rest.map((entries) => correctionOf(id, { ...posted, entries }))];
    await saveBooks(trx, [{ ...change, postings, event: correction.add }]);
  } else {
    const { takeBack, returnId: id } = correction;
    const shares = sharesOf(was, takeBack.id);
    const entries = paymentEntries(accountId, shares, -1);
    const returned = { id, kind: "returned payment" as const, ...posted, entries, reversesId: takeBack.id };
    const rest = remainder(was, is, { accountId, shares, direction: -1 });
    const postings = [returned, ...rest.map((entries) => correctionOf(id, { ...posted, entries }))];
    await trx("account_events").where({ account_id: accountId, event_id: takeBack.id }).update({ taken_back_by: id });
    await saveBooks(trx, [{ ...change, postings }]);
  }
}

/** What a returned payment brings with it: interest and fees that it had spared, and what the patient then owes. */
export async function costOfReturn(
  db: Db,
  given: { accountId: string; paymentId: string; standing: Account },
): Promise<{ interestCents: Cents; feesCents: Cents; owedCents: Cents }> {
  const { was, is } = await runAgain(db, given, (events) => events.filter(({ id }) => id !== given.paymentId));
  return {
    interestCents: billed(is, interestKinds) - billed(was, interestKinds),
    feesCents: billed(is, feeKinds) - billed(was, feeKinds),
    owedCents: owedCents(is.account),
  };
}

/** The account run again from its opening: as its events were told, and with them changed. */
async function runAgain(
  db: Db,
  { accountId, standing }: { accountId: string; standing: Account },
  change: (events: AccountEvent[]) => AccountEvent[],
): Promise<{ was: Run; is: Run }> {
  const history = await historyOf(db, accountId);
  const was = replay(history, standing);
  mustBeAsKept(accountId, was.account, standing);
  return { was, is: replay({ ...history, events: change(history.events) }, standing) };
}

/** Where the engine put a payment. */
function sharesOf(run: Run, paymentId: string): Share[] {
  const found = run.payments.find(({ id }) => id === paymentId);
  if (!found) throw new Error(`payment ${paymentId} is not among the account's events`);
  return found.allocated;
}

/** The payment itself, come (1) or gone (−1). */
function paymentEntries(accountId: string, shares: Share[], direction: 1 | -1): Entry[] {
  const total = shares.reduce((sum, { cents }) => sum + cents, 0);
  return [
    ...shares.map(({ balance, cents }) => ({
      account: receivableOf(accountId, balance),
      amountCents: -direction * cents,
    })),
    { account: { kind: "cash_in" }, amountCents: direction * total },
  ];
}

/** What else is different: interest and fees, and where later payments went. None, or the entries of one posting. */
function remainder(
  was: Run,
  is: Run,
  { accountId, shares, direction }: { accountId: string; shares: Share[]; direction: 1 | -1 },
): Entry[][] {
  const entries: Entry[] = is.account.balances.map(({ id, balanceCents }) => {
    const before = was.account.balances.find((each) => each.id === id)?.balanceCents ?? 0;
    const paid = shares.find(({ balance }) => balance === id)?.cents ?? 0;
    return { account: receivableOf(accountId, id), amountCents: balanceCents - before + direction * paid };
  });
  entries.push(
    { account: { kind: "interest_income" }, amountCents: billed(was, interestKinds) - billed(is, interestKinds) },
    { account: { kind: "late_fee_income" }, amountCents: billed(was, feeKinds) - billed(is, feeKinds) },
  );
  return entries.some(({ amountCents }) => amountCents !== 0) ? [entries] : [];
}

function correctionOf(causeId: string, posted: Pick<Posting, "effectiveOn" | "postedAt" | "entries">): Posting {
  return { id: idOf(`${causeId} correction`), kind: "correction", ...posted };
}

/** Into its place by day, after what happened on the same day. */
function inserted(events: AccountEvent[], event: AccountEvent): AccountEvent[] {
  const place = events.findIndex((each) => each.date > event.date);
  return place < 0 ? [...events, event] : events.toSpliced(place, 0, event);
}

const interestKinds = ["interest", "minimum-interest", "deferred-interest"];
const feeKinds = ["late-fee"];

const billed = ({ postings }: Run, kinds: string[]): Cents =>
  postings.reduce((sum, each) => (kinds.includes(each.kind) ? sum + each.cents : sum), 0);

/** The events are the whole truth about an account; if they do not lead to what is kept, nothing may be built on them. */
function mustBeAsKept(accountId: string, run: Account, kept: Account): void {
  const balances = ({ balances }: Account) => balances.map(({ id, balanceCents }) => `${id} ${balanceCents}`).join();
  if (balances(run) !== balances(kept)) {
    throw new Error(`account ${accountId}: its events do not lead to its books`);
  }
}
