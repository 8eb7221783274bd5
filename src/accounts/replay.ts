import { type Account, type Opening, openAccount } from "../credit/account.ts";
import { happen, runThrough, runUntil } from "../credit/engine.ts";
import type { AccountEvent } from "../credit/events.ts";
import { type Run, startRun } from "../credit/run.ts";
import type { Statement } from "../credit/statement.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Db } from "../platform/db.ts";

/** How an account was opened. */
export async function openingOf(db: Db, accountId: string): Promise<Opening> {
  const row = await db("accounts").where({ id: accountId }).first();
  const { opened_on, cycle_day, standard_apr, limit_cents } = row;
  return { openedOn: opened_on, cycleDay: cycle_day, standardApr: standard_apr, limitCents: limit_cents };
}

/** All that happened on an account and was not taken back: by day, and within a day in the order in which it was told. */
export async function eventsOf(db: Db, accountId: string): Promise<AccountEvent[]> {
  const told = db("account_events").where({ account_id: accountId }).whereNull("taken_back_by");
  return told.orderBy("happened_on").orderBy("place").pluck("event");
}

/** The statements that were sent, by the day of their close. */
export async function sentTo(db: Db, accountId: string): Promise<Map<IsoDate, Statement>> {
  const figures: Statement[] = await db("statements").where({ account_id: accountId }).pluck("figures");
  return new Map(figures.map((each) => [each.closedOn, each]));
}

/**
 * Runs an account from its opening to where it stands. What once was allowed is not judged again: with a payment taken
 * out, a later sale may lie above the limit, or a credit that was paid out may never have stood; both were made all the same.
 */
export function replay(
  opening: Opening,
  events: readonly AccountEvent[],
  { sent, standing }: { sent: ReadonlyMap<IsoDate, Statement>; standing: Account },
): Run {
  const run: Run = { ...startRun(openAccount(opening)), again: { sent } };
  for (const event of events) happen(run, event);
  if (standing.dayOver) runThrough(run, standing.day);
  else runUntil(run, standing.day);
  return run;
}
