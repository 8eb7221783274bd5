import { addDays, addMonths, dayOfMonth, type IsoDate } from "../lib/calendar.ts";

/** The end of the cycle that a date lies in: the first cycle day (1 to 28) on or after it. */
export function closeOnOrAfter(date: IsoDate, cycleDay: number): IsoDate {
  const past = dayOfMonth(date) > cycleDay;
  return addDays(addMonths(`${date.slice(0, 8)}01`, past ? 1 : 0), cycleDay - 1);
}

/**
 * When a statement is due: the same day of every month (1026.7(b)(11)) and 25 to 28 days after the close, more than
 * the 21 that 1026.5(b)(2)(ii) asks for. It always lies in the cycle that follows the close.
 */
export function dueDateOf(closedOn: IsoDate): IsoDate {
  return dayOfMonth(closedOn) <= 3 ? addDays(closedOn, 25) : addDays(addMonths(closedOn, 1), -3);
}

/**
 * The first day on which payments above the minimum go to a deferred balance before any other: 1026.53(b)(1)(i), "the
 * two billing cycles immediately preceding expiration". That is the start of the second cycle before the one in which
 * the promotion ends; or of the cycle before it, if the end comes on or after the due date of its last cycle, for then
 * that last cycle is itself one in which a payment can be due and made.
 *
 * @param endsOn the promotion's last day
 */
export function deferredFirstFrom(endsOn: IsoDate, cycleDay: number): IsoDate {
  const closeBefore = addMonths(closeOnOrAfter(endsOn, cycleDay), -1);
  const cyclesBefore = endsOn >= dueDateOf(closeBefore) ? 1 : 2;
  return addDays(addMonths(closeBefore, -cyclesBefore), 1);
}
