import { type Cents, formatMoney } from "../lib/money.ts";
import type { Message } from "../platform/messages.ts";

export type Program = { name: string; phone: string };
type Applicant = { first_name: string; last_name: string; email: string };

/** To the patient alone: the practice is told that it was sent, never what it says (12 CFR 1002.9(a)(2)). */
export function declineNotice(program: Program, applicant: Applicant, reasons: string[]): Message {
  const text = `Dear ${applicant.first_name} ${applicant.last_name},

Thank you for applying for a ${program.name} health credit account. We are unable to approve your application at this time.

Our main reasons:
${reasons.map((reason) => `  - ${reason}`).join("\n")}

Our decision was based in whole or in part on information from a consumer reporting agency. The agency did not make the decision and cannot explain it. You have the right to a free copy of your report from the agency if you ask within 60 days, and to dispute with it anything that is inaccurate or incomplete.

The federal Equal Credit Opportunity Act prohibits creditors from discriminating against credit applicants on the basis of race, color, religion, national origin, sex, marital status, age (provided the applicant has the capacity to enter into a binding contract); because all or part of the applicant's income derives from any public assistance program; or because the applicant has in good faith exercised any right under the Consumer Credit Protection Act.

Questions? Call ${program.phone}.

${program.name}`;
  return { channel: "email", to: applicant.email, subject: `About your ${program.name} application`, text };
}

/** To the patient: that the decision waits for something only they can say. Nothing in it tells what is suspected. */
export function pendingNotice(program: Program, applicant: Applicant): Message {
  const text = `Dear ${applicant.first_name} ${applicant.last_name},

Thank you for applying for a ${program.name} health credit account. Before we can decide, we need to confirm a few details with you.

Please call ${program.phone}, and have a government-issued photo ID at hand. Once your application is complete, you will hear our decision within 30 days.

If you did not apply, call the same number at once.

${program.name}`;
  return { channel: "email", to: applicant.email, subject: `About your ${program.name} application`, text };
}

/** To the patient: what was approved, and at what rate. */
export function approvalNotice(
  program: Program,
  applicant: Applicant,
  account: { limitCents: Cents; standardApr: string; alreadyOpen: boolean },
): Message {
  const news = account.alreadyOpen
    ? `you already have a ${program.name} health credit account. No second one was opened, and its limit and rate are unchanged.`
    : `your ${program.name} health credit account is open. Your credit limit is ${formatMoney(account.limitCents)} and your standard APR is ${account.standardApr}%.`;
  const text = `Dear ${applicant.first_name} ${applicant.last_name},

Good news: ${news}

If you did not ask for this, call ${program.phone} at once.

${program.name}`;
  return { channel: "email", to: applicant.email, subject: `Your ${program.name} account`, text };
}
