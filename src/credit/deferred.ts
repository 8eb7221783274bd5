import type { IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Balance, isRunning } from "./account.ts";
import { accruedInterest } from "./interest.ts";
import { roundHalfUp } from "./rates.ts";

/**
 * The deferred interest of a balance through the end of a day, in cents: shown on every statement, not owed, and
 * billed only if the promotion ends with something unpaid. Once the balance is paid in full it is gone.
 *
 * It is worked out from the movements since the sale, not added up day by day, because a refund reaches back: the
 * interest becomes what it would have been had the refunded part never been bought. A payment is never undone by this
 * (what a refund takes beyond the balance is a credit elsewhere), so the interest cannot come out below nothing.
 */
export function deferredInterest(balance: Balance, through: IsoDate): Cents {
  if (balance.kind !== "deferred" || !isRunning(balance) || balance.balanceCents <= 0) return 0;
  const refunds = balance.movements.filter((each) => each.kind === "refund");
  const changes = balance.movements.filter((each) => each.kind !== "refund");
  const neverBought = refunds.reduce((sum, each) => sum + each.cents, 0);
  return roundHalfUp(accruedInterest(neverBought, changes, { apr: balance.apr, from: balance.openedOn, through }));
}
