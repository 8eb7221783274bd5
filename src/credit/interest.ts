import { dayNumber, type IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Fraction, type Percent, percentFraction } from "./rates.ts";

/** A change of the balance and the first day that ends with it. */
export type Change = { on: IsoDate; cents: Cents };

/** What a balance bears interest on: from one day through another, `changes` in the order of time. */
export type Accrual = {
  openingCents: Cents;
  changes: readonly Change[];
  apr: Percent;
  from: IsoDate;
  through: IsoDate;
};

/**
 * The interest that a balance accrues from one day through another, exact, in cents.
 *
 * Each day adds APR / 365 (leap years too) of the balance at the end of the day **and** of the interest accrued so
 * far and not yet billed: it compounds daily. A day that ends at zero or below bears nothing, and loses nothing of
 * what was accrued before. So with x = balance + interest, a day is x × (1 + APR/365), and n like days its n-th power;
 * x is kept as a fraction of whole numbers, because rounding belongs to the bill alone.
 *
 * @param openingCents the balance before the first change
 * @param changes in the order of time; one before `from` counts from `from`
 */
export function accruedInterest(
  openingCents: Cents,
  changes: readonly Change[],
  { apr, from, through }: { apr: Percent; from: IsoDate; through: IsoDate },
): Fraction {
  const rate = percentFraction(apr);
  const perYear = rate.den * 365n;
  const grown = perYear + rate.num;
  let balance = openingCents;
  let num = BigInt(openingCents);
  let den = 1n;
  let day = dayNumber(from);

  const passDaysUntil = (next: number) => {
    if (next <= day) return;
    if (balance > 0) {
      const days = BigInt(next - day);
      num *= grown ** days;
      den *= perYear ** days;
    }
    day = next;
  };

  for (const { on, cents } of changes) {
    passDaysUntil(dayNumber(on));
    balance += cents;
    num += BigInt(cents) * den;
  }
  passDaysUntil(dayNumber(through) + 1);
  return { num: num - BigInt(balance) * den, den };
}
