import { addDays, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, isRunning } from "./account.ts";
import { cycleInterest } from "./accrual.ts";
import { deferredInterest } from "./deferred.ts";
import { type AccountEvent, Refused, takeEvent } from "./events.ts";
import { cycleIsFree } from "./grace.ts";
import { lateFee, lateFeeDay } from "./late-fee.ts";
import { minimumStillDue } from "./minimum-payment.ts";
import { roundHalfUp } from "./rates.ts";
import { move, type Run, settleCredit, startRun, termsToday } from "./run.ts";
import { closeCycle } from "./statement.ts";
import type { TermsTable } from "./terms.ts";

/** What happened, and the account after it. */
export type Outcome = Omit<Run, "table">;

/**
 * Puts one event on an account: first ends the days before it, then begins its day.
 * The order within a day is: late fee, end of promotions, events in the order given, interest, close.
 * @throws Refused when the account does not take it
 */
export function applyEvent(account: Account, event: AccountEvent, table?: TermsTable): Outcome {
  return applyAll(account, { events: [event] }, table);
}

/** Ends a day and all days before it: the nightly job. A day that has ended already is left as it is. */
export function endDay(account: Account, day: IsoDate, table?: TermsTable): Outcome {
  return applyAll(account, { events: [], through: day }, table);
}

/** Events in the order of time, then the end of `through`. @throws Refused */
export function applyAll(
  account: Account,
  { events, through }: { events: readonly AccountEvent[]; through?: IsoDate },
  table?: TermsTable,
): Outcome {
  const run = startRun(account, table);
  for (const event of events) happen(run, event);
  if (through !== undefined) runThrough(run, through);
  const { table: _, ...outcome } = run;
  return outcome;
}

/** As `applyEvent`, on a run. */
export function happen(run: Run, event: AccountEvent): void {
  if (event.date < run.account.openedOn) throw new Refused("date", "before the opening");
  runUntil(run, event.date);
  if (event.date < run.account.day || run.account.dayOver) throw new Refused("date", "that day has ended");
  takeEvent(run, event);
}

/** As `endDay`, on a run. */
export function runThrough(run: Run, day: IsoDate): void {
  runUntil(run, day);
  if (run.account.day === day) evening(run);
}

/** Brings an account to the morning of a day, its late fee and ends of promotions done. */
export function runUntil(run: Run, day: IsoDate): void {
  const { account } = run;
  while (account.day < day) {
    evening(run);
    const next = nextWorkingDay(account);
    account.day = next < day ? next : day;
    account.dayOver = false;
    morning(run);
  }
}

/** The next day on which the calendar changes the account: a nightly job may leave it alone until it ends that day. */
export function nextWorkingDay(account: Account): IsoDate {
  const feeDay = minimumStillDue(account) > 0 ? lateFeeDay(account) : null;
  const days = account.balances.filter(isRunning).map((each) => addDays(each.promotionEndsOn ?? account.day, 1));
  if (feeDay !== null) days.push(feeDay);
  return days.reduce(
    (soonest, each) => (each > account.day && each < soonest ? each : soonest),
    account.cycle.closesOn,
  );
}

function morning(run: Run): void {
  const { account } = run;
  const fee = lateFee(account, termsToday(run));
  if (fee > 0) {
    account.cycle.feesCents += fee;
    account.lastLateFeeCycle = account.cycle.number;
    move(run, account.balances[0], { kind: "late-fee", cents: fee });
  }
  for (const balance of account.balances) {
    if (isRunning(balance) && (balance.promotionEndsOn ?? "") < account.day) endPromotion(run, balance);
  }
}

/** The morning after a promotion's last day: what is unpaid of a deferred balance is billed its interest whole. */
function endPromotion(run: Run, balance: Balance): void {
  const { day } = run.account;
  const cents = deferredInterest(balance, balance.promotionEndsOn ?? day);
  balance.ended = true;
  balance.deferredInterestCents += cents;
  move(run, balance, { kind: "deferred-interest", cents });
  balance.accruesFrom = day;
  balance.movements = [];
}

function evening(run: Run): void {
  const { account } = run;
  if (account.dayOver) return;
  if (account.day === account.cycle.closesOn) {
    const wasFree = cycleIsFree(account);
    run.closings?.push(structuredClone(account));
    billInterest(run);
    settleCredit(run, { effective: addDays(account.day, 1) });
    closeCycle(run, { wasFree });
  }
  account.dayOver = true;
}

/** Bills what each balance accrued in the cycle, each rounded once, and the minimum interest charge. */
function billInterest(run: Run): void {
  const { account } = run;
  const [standard] = account.balances;
  // All are worked out before any is billed: a bill must not bear interest on the day it is made.
  const bills = account.balances.map((each): [Balance, Cents] => [each, roundHalfUp(cycleInterest(account, each))]);
  for (const [balance, cents] of bills) bill(run, balance, "interest", cents);
  const billed = account.balances.reduce((sum, each) => sum + each.interestCents + each.deferredInterestCents, 0);
  const least = termsToday(run).minimumInterestCents;
  if (billed > 0 && billed < least) bill(run, standard, "minimum-interest", least - billed);
}

function bill(run: Run, balance: Balance, kind: "interest" | "minimum-interest", cents: Cents): void {
  balance.interestCents += cents;
  move(run, balance, { kind, cents });
}
