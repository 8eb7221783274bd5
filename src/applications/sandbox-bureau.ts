import { setTimeout } from "node:timers/promises";
import type { Bureau, Decision } from "./bureau.ts";

const standardApr = "32.99";
const approved = (dollars: number): Decision => ({ outcome: "approved", limitCents: dollars * 100, standardApr });
const declined = (...reasons: string[]) => ({ outcome: "declined", reasons }) satisfies Decision;

/** SSNs that can belong to nobody, each with its outcome. */
const fixed: Record<string, Decision> = {
  "987654320": approved(8000),
  "987654321": approved(2500),
  "987654322": approved(500),
  "987654323": declined("Number of established accounts", "Proportion of balances to credit limits is too high"),
  "987654324": declined("Delinquent past or present credit obligations with others"),
  "987654325": {
    outcome: "pending",
    missing: "The patient’s identity has to be confirmed. We wrote to the patient about how.",
  },
  "987654328": { outcome: "pending", missing: "We are looking at some details. The patient will hear from us." },
  "987654329": declined("No credit file"),
};

/** What becomes of the pending ones once support has confirmed who the patient is. */
const confirmed: Record<string, Decision> = {
  "987654325": approved(4000),
  "987654328": { ...declined("Unable to verify residence"), withoutReport: true },
};

/**
 * A deterministic bureau for demonstrations, refused in production. Beside the fixed numbers it takes those of area
 * 900 to 999 with a middle of 01 to 49, which the Social Security Administration never issues: their score is 500 plus
 * the last four modulo 351; 720 brings $6,000, 680 $3,500, 640 $1,500, less a decline.
 */
export const sandboxBureau: Bureau = {
  refusesSsn: (ssn) =>
    ssn in fixed || ["987654326", "987654327"].includes(ssn) || /^9\d\d(0[1-9]|[1-4]\d)\d{4}$/.test(ssn)
      ? null
      : "This is a demonstration: use a made-up number such as 987-65-4320, never a real one.",

  async decide({ ssn, identityConfirmedAt }, signal) {
    if (ssn === "987654326") return setTimeout(2 ** 31 - 1, approved(0), { signal, ref: false }); // never answers
    if (ssn === "987654327") return setTimeout(8_000, approved(3000), { signal });
    return (identityConfirmedAt && confirmed[ssn]) || fixed[ssn] || byScore(500 + (Number(ssn.slice(-4)) % 351));
  },
};

function byScore(score: number): Decision {
  if (score >= 720) return approved(6000);
  if (score >= 680) return approved(3500);
  if (score >= 640) return approved(1500);
  return declined("Length of credit history", "Proportion of balances to credit limits is too high");
}
