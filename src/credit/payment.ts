import type { Cents } from "../lib/money.ts";
import { type Percent, percentFraction, roundHalfUp } from "./rates.ts";

/**
 * The level monthly payment: amount × i / (1 − (1 + i)^−n) with i = APR/12, to the cent, half-up.
 * Exact to the rounding: public calculators that work in floating point, or round i first, miss by a cent or more.
 *
 * @param amountCents what is financed
 * @param apr per cent a year
 * @param months the number of payments
 */
export function fixedPayment(amountCents: Cents, apr: Percent, months: number): Cents {
  const amount = BigInt(amountCents);
  const { num, den } = percentFraction(apr);
  if (num === 0n) return roundHalfUp({ num: amount, den: BigInt(months) });
  // i = num / d, so the payment is amount × num × (d + num)^n / (d × ((d + num)^n − d^n)).
  const d = den * 12n;
  const grown = (d + num) ** BigInt(months);
  return roundHalfUp({ num: amount * num * grown, den: d * (grown - d ** BigInt(months)) });
}

/**
 * The level payment sure to clear a sale inside a promotion of so many months: only months − 1 due dates are sure to
 * fall inside it. Rounded up, because a cent short bills all of the deferred interest; never under the floor.
 */
export function clearingPayment(amountCents: Cents, months: number, floorCents: Cents): Cents {
  return Math.max(Math.ceil(amountCents / (months - 1)), floorCents);
}
