import { type Account, type Opening, openAccount } from "../credit/account.ts";
import { happen, runThrough, runUntil } from "../credit/engine.ts";
import type { AccountEvent } from "../credit/events.ts";
import { sentTooLate } from "../credit/grace.ts";
import { type Run, startRun } from "../credit/run.ts";
import type { Statement } from "../credit/statement.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Db } from "../platform/db.ts";

/** All that an account follows from. */
export type History = {
  opening: Opening;
  /** What happened on it and was not taken back: by day, and within a day in the order in which it was told. */
  events: AccountEvent[];
  /** The statements that were sent, by the day of their close. */
  sent: ReadonlyMap<IsoDate, Statement>;
};

/** Reads how an account was opened and what has happened on it since. */
export async function historyOf(db: Db, accountId: string): Promise<History> {
  const row = await db("accounts").where({ id: accountId }).first();
  const { opened_on, cycle_day, standard_apr, limit_cents } = row;
  const told = db("account_events").where({ account_id: accountId }).whereNull("taken_back_by");
  const events: AccountEvent[] = await told.orderBy("happened_on").orderBy("place").pluck("event");
  const statements: { figures: Statement; sentOn: IsoDate | null }[] = await db("statements as s")
    .leftJoin("statement_letters as l", (on) => on.on("l.account_id", "s.account_id").andOn("l.number", "s.number"))
    .where({ "s.account_id": accountId })
    .select("s.figures", "l.sent_on as sentOn");
  return {
    opening: { openedOn: opened_on, cycleDay: cycle_day, standardApr: standard_apr, limitCents: limit_cents },
    events,
    sent: new Map(statements.map(({ figures, sentOn }) => [figures.closedOn, asSent(figures, sentOn)])),
  };
}

/** A statement with the day on which it went out, where that was so late that it matters: as the books were told. */
function asSent(figures: Statement, sentOn: IsoDate | null): Statement {
  if (!sentOn || sentOn <= (figures.sentOn ?? figures.closedOn)) return figures;
  return sentTooLate({ sentOn, dueOn: figures.dueOn }) ? { ...figures, sentOn } : figures;
}

/**
 * Runs an account from its opening to where it stands. What once was allowed is not judged again: with a payment taken
 * out, a later sale may lie above the limit, or a credit that was paid out may never have stood; both were made all the same.
 */
export function replay({ opening, events, sent }: History, standing: Pick<Account, "day" | "dayOver">): Run {
  const run: Run = { ...startRun(openAccount(opening)), again: { sent } };
  for (const event of events) happen(run, event);
  if (standing.dayOver) runThrough(run, standing.day);
  else runUntil(run, standing.day);
  return run;
}

/** An account on the evening of a day that is over, as its history has it. */
export function onEveningOf(history: History, day: IsoDate): Account {
  const events = history.events.filter(({ date }) => date <= day);
  return replay({ ...history, events }, { day, dayOver: true }).account;
}
