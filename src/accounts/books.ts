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

/**
 * The account, changed in place, on the morning of a day that is open: its late fee and ends of promotions done.
 * @param today the day that it really is, on which the statements of closes that no night has worked out go out
 */
export function onMorningOf(account: Account, { day, today }: { day: IsoDate; today: IsoDate }): Run {
  const run: Run = { ...goOn(account), closings: [], today };
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
    JSON.stringify(promotionsOf(account)),
    JSON.stringify(account),
    nextWorkingDay(account),
  ]);
}

/**
 * Each promotional sale is known by its end, and by what is left of it as soon as that is another amount. In the order
 * of the days that they share with other accounts, so that of two that change the same days the second waits and no more.
 */
const keepPromotions = (parameter: string) => `
  insert into promotions (sale_id, account_id, practice_id, location_id, plan_id, ends_on, left_cents)
    select g.sale_id, t.account_id, t.practice_id, t.location_id, t.plan_id, g.ends_on, g.left_cents
      from jsonb_to_recordset(${parameter}::jsonb) as g (sale_id uuid, ends_on date, left_cents bigint)
        left join promotions kept on kept.sale_id = g.sale_id
        left join transactions t on t.id = g.sale_id
      where kept.left_cents is distinct from g.left_cents
      order by t.practice_id, g.ends_on, t.location_id, t.plan_id
    on conflict (sale_id) do update set left_cents = excluded.left_cents`;

const keepOne = {
  name: "save one",
  text: `with told as (
      insert into account_events (account_id, event_id, happened_on, event) values ($1, $2, $3, $4)
    ), promised as (${keepPromotions("$5")})
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
  const promotions = changes.flatMap(({ account }) => promotionsOf(account));
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
    ), promised as (${keepPromotions("$3")})
    update account_states s set state = g.state, next_work_on = g.next_work_on
      from jsonb_to_recordset($4::jsonb) as g (account_id uuid, state jsonb, next_work_on date)
      where s.account_id = g.account_id`,
};

/** What there is to know of the sales on an account whose promotion ends, or ended. */
function promotionsOf({ balances }: Account) {
  return balances.flatMap(({ id, promotionEndsOn, balanceCents }) =>
    promotionEndsOn ? [{ sale_id: id, ends_on: promotionEndsOn, left_cents: balanceCents }] : [],
  );
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
