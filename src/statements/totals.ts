import type { PostingKind } from "../ledger/post.ts";
import type { Cents } from "../lib/money.ts";
import type { StatementFacts } from "./find-statement.ts";

/** What the cycle came to, by kind; signs as on the account: what lowers the balance is below zero. */
export type Totals = {
  paymentsCents: Cents;
  refundsCents: Cents;
  creditRefundsCents: Cents;
  purchasesCents: Cents;
  feesCents: Cents;
  interestCents: Cents;
  correctionsCents: Cents;
};

const columns: Partial<Record<PostingKind, keyof Totals>> = {
  sale: "purchasesCents",
  refund: "refundsCents",
  payment: "paymentsCents",
  "returned payment": "paymentsCents",
  "credit refund": "creditRefundsCents",
  interest: "interestCents",
  "deferred interest": "interestCents",
  "late fee": "feesCents",
};

/** From the ledger: with the previous balance they add up to the new one, whatever kinds of posting there will be. */
export function totalsOf({ lines }: Pick<StatementFacts, "lines">): Totals {
  const totals: Totals = {
    paymentsCents: 0,
    refundsCents: 0,
    creditRefundsCents: 0,
    purchasesCents: 0,
    feesCents: 0,
    interestCents: 0,
    correctionsCents: 0,
  };
  for (const { kind, cents } of lines) totals[columns[kind] ?? "correctionsCents"] += cents;
  return totals;
}
