import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, owedCents } from "./account.ts";
import { sentTooLate } from "./grace.ts";
import { percentOf } from "./rates.ts";
import type { Terms } from "./terms.ts";

/**
 * The minimum payment of the statement that now closes, after interest is billed: the fixed payments, what is past
 * due, and a share of the other balances; never more than the new balance.
 */
export function minimumPayment(account: Account, terms: Terms): Cents {
  const fixed = account.balances.reduce((sum, each) => sum + fixedPaymentDue(each), 0);
  // Past due belongs to no balance: it asks for money sooner, it does not make any balance owe more.
  const whole = fixed + pastDue(account) + shareOfOthers(account, terms);
  return Math.max(0, Math.min(whole, owedCents(account)));
}

/** What of the last minimum is late; nothing where its statement was sent too late to be missed (1026.5(b)(2)(ii)(A)). */
export function pastDue(account: Account): Cents {
  return account.lastStatement && sentTooLate(account.lastStatement) ? 0 : minimumStillDue(account);
}

/** What of the last statement's minimum payments and refunds have not yet covered. */
export function minimumStillDue({ lastStatement, cycle }: Account): Cents {
  return Math.max(0, (lastStatement?.minimumPaymentCents ?? 0) - cycle.paidCents);
}

/** The fixed payment of a balance, at most what is left of it; 0 for other plans. */
export function fixedPaymentDue(balance: Balance): Cents {
  return Math.min(balance.fixedPaymentCents ?? 0, Math.max(0, balance.balanceCents));
}

/** The larger of the floor and 1 % + interest + fees, at most the balances themselves; deferred interest apart. */
function shareOfOthers({ balances, cycle }: Account, terms: Terms): Cents {
  const others = balances.filter((each) => each.fixedPaymentCents === null);
  const owed = others.reduce((sum, each) => sum + each.balanceCents, 0);
  if (owed <= 0) return 0;
  const interest = others.reduce((sum, each) => sum + each.interestCents, 0);
  const share = percentOf(owed, terms.minimumPercent) + interest + cycle.feesCents;
  return Math.min(owed, Math.max(terms.minimumFloorCents, share));
}
