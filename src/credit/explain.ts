import { addDays, daysBetween, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import type { Balance } from "./account.ts";
import { accruedInterest } from "./interest.ts";
import { roundHalfUp } from "./rates.ts";

/** Days in a row on which nothing changed: what they bore interest on, and all that had accrued by their end. */
export type InterestStep = { from: IsoDate; through: IsoDate; days: number; balanceCents: Cents; accruedCents: Cents };

/**
 * The arithmetic behind the deferred interest of a balance, from its sale through a day or the end of the promotion: the
 * last step's accrued cents are `deferredInterest`. A refunded part counts as never bought.
 */
export function deferredSteps(balance: Balance, asOf: IsoDate): InterestStep[] {
  const { promotionEndsOn } = balance;
  const through = promotionEndsOn !== null && promotionEndsOn < asOf ? promotionEndsOn : asOf;
  const refundedCents = balance.movements.reduce((sum, each) => (each.kind === "refund" ? sum + each.cents : sum), 0);
  const changes = balance.movements.filter((each) => each.kind !== "refund" && each.on <= through);
  const starts = [...new Set(changes.map((each) => each.on))];
  return starts.map((from, index) => {
    const next = starts[index + 1];
    const last = next ? addDays(next, -1) : through;
    const before = changes.filter((each) => each.on <= last);
    const accrued = accruedInterest(refundedCents, before, {
      apr: balance.apr,
      from: balance.openedOn,
      through: last,
    });
    return {
      ...{ from, through: last, days: daysBetween(from, last) + 1 },
      balanceCents: before.reduce((sum, each) => sum + each.cents, refundedCents),
      accruedCents: roundHalfUp(accrued),
    };
  });
}
