import { addDays, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import type { Account } from "./account.ts";
import { sentTooLate } from "./grace.ts";
import { minimumStillDue } from "./minimum-payment.ts";
import type { Terms } from "./terms.ts";

/** The morning on which a missed minimum costs a fee: the day after the due date; null before the first statement. */
export function lateFeeDay(account: Account): IsoDate | null {
  return account.lastStatement && addDays(account.lastStatement.dueOn, 1);
}

/**
 * The late fee of this morning, in cents; 0 if none is due. It is charged on one day of the cycle only, so one missed
 * due date has one fee, whatever remains unpaid afterwards (1026.52(b)(2)(ii)). It is the higher one if a fee fell in
 * one of the six cycles before, and never more than the minimum that was missed (1026.52(b)(2)(i)(A)).
 */
export function lateFee(account: Account, terms: Terms): Cents {
  const { lastStatement, lastLateFeeCycle, cycle } = account;
  if (!lastStatement || account.day !== lateFeeDay(account)) return 0;
  if (minimumStillDue(account) === 0 || sentTooLate(lastStatement)) return 0;
  const repeated = lastLateFeeCycle !== null && cycle.number - lastLateFeeCycle <= terms.repeatLateFeeCycles;
  const fee = repeated ? terms.repeatLateFeeCents : terms.lateFeeCents;
  return Math.min(fee, lastStatement.minimumPaymentCents);
}
