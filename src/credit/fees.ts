import type { Cents } from "../lib/money.ts";
import type { Plan } from "./plans.ts";
import { percentOf } from "./rates.ts";

/** What the practice pays for a sale: amount × the rate of the plan as it stood on the day of the sale, half-up, in cents. */
export function merchantFee({ merchantRate }: Plan, amountCents: Cents): Cents {
  return percentOf(amountCents, merchantRate);
}

/**
 * The fee given back with one refund. It is the fall of the fee on what is left of the sale, not the fee on the refund:
 * so the parts of a full refund add up to the fee taken, whatever each of them would round to.
 */
export function merchantFeeGivenBack(
  plan: Plan,
  sale: { amountCents: Cents; refundedBeforeCents: Cents; refundCents: Cents },
): Cents {
  const left = sale.amountCents - sale.refundedBeforeCents;
  return merchantFee(plan, left) - merchantFee(plan, left - sale.refundCents);
}
