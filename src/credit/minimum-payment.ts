import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, undisputedCents } from "./account.ts";
import { percentOf } from "./rates.ts";
import type { Terms } from "./terms.ts";

/**
 * The minimum payment of the statement that now closes, after interest is billed: the fixed payments, what is past
 * due, and a share of the other balances; never more than the new balance, and nothing of what is disputed: a patient
 * may withhold that (1026.13(d)(1)).
 */
export function minimumPayment(account: Account, terms: Terms): Cents {
  const fixed = account.balances.reduce((sum, each) => sum + fixedPaymentDue(each), 0);
  // Past due belongs to no balance: it asks for money sooner, it does not make any balance owe more.
  const whole = fixed + minimumStillDue(account) + shareOfOthers(account, terms);
  return Math.max(0, Math.min(whole, owedUndisputed(account)));
}

/**
 * What of the last statement's minimum payments and refunds have not yet covered. What was disputed since need not be
 * paid: the fixed payment of a balance only as far as it is not disputed, and all together no more than that.
 */
export function minimumStillDue(account: Account): Cents {
  const { lastStatement, cycle, balances } = account;
  if (!lastStatement) return 0;
  const withheld = lastStatement.fixedPayments.reduce((sum, { balance: id, cents }) => {
    const disputed = balances.find((each) => each.id === id && each.disputedCents > 0);
    return sum + (disputed ? Math.max(0, cents - undisputedCents(disputed)) : 0);
  }, 0);
  const due = lastStatement.minimumPaymentCents - cycle.paidCents - withheld;
  return Math.max(0, Math.min(due, owedUndisputed(account)));
}

const owedUndisputed = ({ balances }: Account): Cents => balances.reduce((sum, each) => sum + undisputedCents(each), 0);

/** The fixed payment of a balance, at most what is left of it and not disputed; 0 for other plans. */
export function fixedPaymentDue(balance: Balance): Cents {
  return Math.min(balance.fixedPaymentCents ?? 0, Math.max(0, undisputedCents(balance)));
}

/** The larger of the floor and 1 % + interest + fees, at most the balances themselves; deferred interest apart. */
function shareOfOthers({ balances, cycle }: Account, terms: Terms): Cents {
  const others = balances.filter((each) => each.fixedPaymentCents === null);
  const owed = others.reduce((sum, each) => sum + undisputedCents(each), 0);
  if (owed <= 0) return 0;
  const interest = others.reduce((sum, each) => sum + each.interestCents, 0);
  const share = percentOf(owed, terms.minimumPercent) + interest + cycle.feesCents;
  return Math.min(owed, Math.max(terms.minimumFloorCents, share));
}
