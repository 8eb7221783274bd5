import type { IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, isRunning, standardId } from "./account.ts";
import { deferredFirstFrom } from "./cycle.ts";
import { minimumStillDue } from "./minimum-payment.ts";
import { compareRates } from "./rates.ts";

/** A part of a payment or of a credit, and the balance it lowers. */
export type Share = { balance: string; cents: Cents };

/**
 * Where a payment goes (1026.53). Up to what is still due of the minimum the program chooses; above it the law does.
 * Disputed amounts come last in both, and what exceeds all that is owed is a credit on `standard`. The shares add up
 * to the payment, one for each balance, in the order in which they were first reached.
 *
 * @param toward the balance that the patient asked for, which takes all it can first (1026.53(b)(1)(ii))
 */
export function allocatePayment(
  account: Account,
  amountCents: Cents,
  { on, toward }: { on: IsoDate; toward?: string | undefined },
): Share[] {
  const split = splitting(amountCents);
  for (const asked of account.balances) if (asked.id === toward) split.give(asked);

  const given = amountCents - split.left();
  const ofMinimum = Math.max(0, minimumStillDue(account) - given);
  split.keepBack(Math.max(0, split.left() - ofMinimum));
  for (const [balance, cents] of fixedPaymentsStillDue(account)) split.give(balance, cents);
  for (const balance of minimumOrder(account)) split.give(balance);

  split.keepBack(0);
  return finish(split, orderAboveMinimum(account, on));
}

/** Where a credit goes that stands beside debts: like the part of a payment above the minimum. */
export function allocateCredit(account: Account, creditCents: Cents, on: IsoDate): Share[] {
  const debts = account.balances.reduce((sum, each) => sum + Math.max(0, each.balanceCents), 0);
  return finish(splitting(Math.min(creditCents, debts)), orderAboveMinimum(account, on));
}

function finish(split: Splitting, order: Balance[]): Share[] {
  for (const balance of order) split.give(balance);
  for (const balance of order) split.giveDisputed(balance);
  split.giveRest(standardId);
  return split.shares();
}

/** The fixed payments of the last statement, less what payments have put to them since; oldest first. */
function fixedPaymentsStillDue(account: Account): [Balance, Cents][] {
  return (account.lastStatement?.fixedPayments ?? []).flatMap(({ balance: id, cents }) =>
    account.balances
      .filter((each) => each.id === id)
      .map((balance): [Balance, Cents] => [balance, cents - paidOn(balance)]),
  );
}

function paidOn(balance: Balance): Cents {
  return balance.movements.reduce((sum, each) => (each.kind === "payment" ? sum - each.cents : sum), 0);
}

/** Within the minimum, after fixed payments: what must be paid by a date first, what bears interest after it. */
function minimumOrder(account: Account): Balance[] {
  const running = account.balances.filter(isRunning);
  return [
    ...soonestEndFirst(running.filter((each) => each.kind === "deferred")),
    ...soonestEndFirst(running.filter((each) => each.kind === "convert")),
    account.balances[0],
    ...account.balances.filter((each) => each.ended),
  ];
}

/**
 * Above the minimum: highest APR first, a running deferred or converting balance counting as 0 % (comment 53-3), but
 * a deferred balance in the two cycles before its end before all others.
 */
function orderAboveMinimum(account: Account, on: IsoDate): Balance[] {
  const isUrgent = (each: Balance) =>
    each.kind === "deferred" &&
    isRunning(each) &&
    each.promotionEndsOn !== null &&
    on >= deferredFirstFrom(each.promotionEndsOn, account.cycleDay);
  const rate = (each: Balance) => (isRunning(each) ? "0" : each.apr);
  const urgent = account.balances.filter(isUrgent);
  // The sort is stable and `balances` is `standard`, then oldest first: the order asked for within one rate.
  const others = account.balances.filter((each) => !isUrgent(each)).sort((a, b) => compareRates(rate(b), rate(a)));
  return [...soonestEndFirst(urgent), ...others];
}

function soonestEndFirst(balances: Balance[]): Balance[] {
  const end = (each: Balance) => each.promotionEndsOn ?? "";
  return balances.toSorted((a, b) => (end(a) < end(b) ? -1 : end(a) > end(b) ? 1 : 0));
}

type Splitting = ReturnType<typeof splitting>;

/** An amount being handed out: no balance takes more than it owes, and nothing of the amount is lost. */
function splitting(amountCents: Cents) {
  const shares = new Map<string, Cents>();
  let left = amountCents;
  let keptBack = 0;

  const take = (id: string, most: Cents) => {
    const cents = Math.min(most, left - keptBack);
    if (cents <= 0) return;
    shares.set(id, (shares.get(id) ?? 0) + cents);
    left -= cents;
  };
  const owed = (balance: Balance) => balance.balanceCents - (shares.get(balance.id) ?? 0);

  return {
    left: () => left,
    /** From here on so much of the amount is not given out. */
    keepBack: (cents: Cents) => {
      keptBack = cents;
    },
    give: (balance: Balance, most: Cents = owed(balance)) =>
      take(balance.id, Math.min(most, owed(balance) - balance.disputedCents)),
    giveDisputed: (balance: Balance) => take(balance.id, owed(balance)),
    giveRest: (id: string) => take(id, left),
    shares: (): Share[] => [...shares].map(([balance, cents]) => ({ balance, cents })),
  };
}
