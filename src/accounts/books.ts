import { type Account, type Opening, openAccount } from "../credit/account.ts";
import { nextWorkingDay, runUntil } from "../credit/engine.ts";
import type { AccountEvent } from "../credit/events.ts";
import { goOn, type Run } from "../credit/run.ts";
import type { Statement } from "../credit/statement.ts";
import { type Posting, postAll } from "../ledger/post.ts";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Db, prepared, type Trx } from "../platform/db.ts";

/** Begins the books of a new account: it stands on the morning of its first day. */
export async function beginBooks(trx: Trx, accountId: string, opening: Opening): Promise<void> {
  const account = openAccount(opening);
  await trx("account_states").insert({
    account_id: accountId,
    state: JSON.stringify(account),
    next_work_on: nextWorkingDay(account),
  });
}

/**
 * The engine's account as it was stored last: after its latest event, or the latest night that had work on it. Inside a
 * transaction `lock` holds it; whoever changes it for a person holds the row of `accounts` first, "for no key update":
 * the night writes statements, whose foreign key has to pass.
 */
export async function readBooks(db: Db, accountId: string, options: { lock?: boolean } = {}): Promise<Account> {
  const question = db("account_states").where({ account_id: accountId });
  const row = await (options.lock ? question.forUpdate() : question).first("state");
  if (!row) throw new Error(`account ${accountId} has no books`);
  return row.state;
}

/** The first day that an account still takes events on: the one it stands in, or the next when that is over. */
export function firstOpenDay(account: Account): IsoDate {
  return account.dayOver ? addDays(account.day, 1) : account.day;
}

/** The day on which something done today counts: today, unless a night has ended today already. */
export function businessDay(account: Account, today: IsoDate): IsoDate {
  const first = firstOpenDay(account);
  return today < first ? first : today;
}

/** The account, changed in place, on the morning of a day that is open: its late fee and ends of promotions done. */
export function onMorningOf(account: Account, day: IsoDate): Run {
  const run: Run = { ...goOn(account), closings: [] };
  runUntil(run, day);
  return run;
}

/** What became of an account, to be stored: all that the ledger gets of it, and the state that goes with that. */
export type Change = {
  accountId: string;
  account: Account;
  postings: Posting[];
  statements: Statement[];
  /** The account on the evening of the close of each of the statements, before it. */
  closings: Account[];
  event?: AccountEvent;
};

/**
 * Stores and posts what became of accounts, in the caller's transaction and two round trips however many they are.
 * The ledger and the state are written together or not at all, so that they never disagree.
 */
export async function saveBooks(trx: Trx, changes: Change[]): Promise<void> {
  const [only] = changes;
  if (only && changes.length === 1 && only.event && !only.statements.length) await saveOne(trx, only, only.event);
  else await saveMany(trx, changes);
  // Last: a practice's payable is held from here to the commit, and each of its sales waits for it.
  await postAll(
    trx,
    changes.flatMap(({ postings }) => postings),
  );
}

/** What one event did, as nearly always: a third of the work of many. */
async function saveOne(trx: Trx, { accountId, account }: Change, event: AccountEvent): Promise<void> {
  await prepared(trx, keepOne, [
    accountId,
    event.id,
    event.date,
    JSON.stringify(event),
    promotionEnd(account, event),
    JSON.stringify(account),
    nextWorkingDay(account),
  ]);
}

const keepOne = {
  name: "save one",
  text: `with told as (
      insert into account_events (account_id, event_id, happened_on, event) values ($1, $2, $3, $4)
    ), promised as (
      insert into promotions (sale_id, account_id, ends_on)
        select $2, $1, $5::date where $5::date is not null
    )
    update account_states set state = $6, next_work_on = $7 where account_id = $1`,
};

async function saveMany(trx: Trx, changes: Change[]): Promise<void> {
  const states = changes.map(({ accountId, account }) => ({
    account_id: accountId,
    state: account,
    next_work_on: nextWorkingDay(account),
  }));
  const events = changes.flatMap(({ accountId, event }) =>
    event ? [{ account_id: accountId, event_id: event.id, happened_on: event.date, event }] : [],
  );
  const statements = changes.flatMap(({ accountId, statements, closings }) =>
    statements.map((each, at) => ({
      account_id: accountId,
      ...statementColumns(each),
      figures: each,
      account: closings[at],
    })),
  );
  const promotions = changes.flatMap(({ accountId, account, event }) => {
    const ends_on = event && promotionEnd(account, event);
    return ends_on ? [{ account_id: accountId, sale_id: event.id, ends_on }] : [];
  });
  await prepared(
    trx,
    keepMany,
    [events, statements, promotions, states].map((rows) => JSON.stringify(rows)),
  );
}

const keepMany = {
  name: "save many",
  text: `with told as (
      insert into account_events (account_id, event_id, happened_on, event)
        select * from jsonb_to_recordset($1::jsonb) as e (account_id uuid, event_id uuid, happened_on date, event jsonb)
    ), closed as (
      insert into statements select * from jsonb_populate_recordset(null::statements, $2::jsonb)
    ), promised as (
      insert into promotions select * from jsonb_populate_recordset(null::promotions, $3::jsonb)
    )
    update account_states s set state = g.state, next_work_on = g.next_work_on
      from jsonb_to_recordset($4::jsonb) as g (account_id uuid, state jsonb, next_work_on date)
      where s.account_id = g.account_id`,
};

/** When the promotion of the sale that happened ends, if it has one. */
function promotionEnd(account: Account, event: AccountEvent): IsoDate | null {
  if (event.type !== "sale") return null;
  return account.balances.find(({ id }) => id === event.id)?.promotionEndsOn ?? null;
}

function statementColumns(statement: Statement) {
  return {
    number: statement.number,
    closed_on: statement.closedOn,
    due_on: statement.dueOn,
    opening_balance_cents: statement.openingBalanceCents,
    new_balance_cents: statement.newBalanceCents,
    minimum_payment_cents: statement.minimumPaymentCents,
    interest_cents: statement.interestCents,
    fees_cents: statement.feesCents,
  };
}
