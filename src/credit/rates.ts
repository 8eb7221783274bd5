import type { Cents } from "../lib/money.ts";

/** A rate as decimal text, per cent: "32.99" is 32.99 % (a year, for an APR). Text, because 0.1 is no binary number. */
export type Percent = string;

/** An exact number: numerator over a denominator above zero. */
export type Fraction = { num: bigint; den: bigint };

/** "32.99" → 3299/10000. Throws on anything that is not a plain decimal of at most four places. */
export function percentFraction(percent: Percent): Fraction {
  const match = /^(\d{1,4})(?:\.(\d{1,4}))?$/.exec(percent);
  if (!match) throw new Error(`not a rate: ${percent}`);
  const decimals = (match[2] ?? "").length;
  return { num: BigInt((match[1] ?? "") + (match[2] ?? "")), den: 100n * 10n ** BigInt(decimals) };
}

/** Negative, zero or positive as the first rate is below, equal to or above the second. */
export function compareRates(a: Percent, b: Percent): number {
  const x = percentFraction(a);
  const y = percentFraction(b);
  const difference = x.num * y.den - y.num * x.den;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** To the whole cent, half a cent upward. The engine rounds nothing below zero. */
export function roundHalfUp({ num, den }: Fraction): Cents {
  return Number((2n * num + den) / (2n * den));
}

/** A share of an amount in whole cents, half-up: `percentOf(100_000, "1.90")` is 1,900. */
export function percentOf(amountCents: Cents, percent: Percent): Cents {
  const { num, den } = percentFraction(percent);
  return roundHalfUp({ num: BigInt(amountCents) * num, den });
}
