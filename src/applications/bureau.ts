import type { Cents } from "../lib/money.ts";

/** What the decision service is asked. */
export type Inquiry = {
  applicationId: string;
  firstName: string;
  lastName: string;
  bornOn: string;
  ssn: string;
  /** When support saw who the patient is, after this bureau had asked for it (ISO 8601); null before. */
  identityConfirmedAt: string | null;
  annualIncomeCents: Cents;
  monthlyHousingCents: Cents;
};

/**
 * What it answers. Reasons are the specific ones of Regulation B (12 CFR 1002.9(b)(2)), four at most; `withoutReport`
 * where no credit report had a part in them, which changes what the notice says.
 */
export type Decision =
  | { outcome: "approved"; limitCents: Cents; standardApr: string }
  | { outcome: "declined"; reasons: string[]; withoutReport?: boolean; score?: CreditScore }
  | { outcome: "pending"; missing: string };

/** A credit score that had a part in a decline, as the patient has to be told of it (15 USC 1681m(a)(2)). */
export type CreditScore = { value: number; lowest: number; highest: number; on: string; factors: string[] };

/**
 * The one port to whoever decides. It rejects when it has no answer; asking twice about one application is harmless, and
 * another question once the identity is confirmed.
 */
export type Bureau = {
  /** A sentence against an SSN that this bureau cannot be asked about, or null. */
  refusesSsn(ssn: string): string | null;
  decide(inquiry: Inquiry, signal: AbortSignal): Promise<Decision>;
};
