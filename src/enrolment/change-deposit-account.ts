import type { PracticeViewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import { sendMessage } from "../platform/messages.ts";
import { lockPractice } from "../practices/change-practice.ts";
import { keepDepositAccount } from "../practices/deposit-account.ts";
import type { EnrolParts } from "./links.ts";
import type { DepositForm } from "./steps.ts";

/**
 * Changes where a practice's deposits go, from the next one on. Every owner is told, at the address the portal knows;
 * the account before stays in the history. Pressing the button again changes once.
 * @param given.id the form's own key
 */
export async function changeDepositAccount(
  { db, clock, vault, program }: EnrolParts,
  viewer: PracticeViewer,
  given: { id: string; form: DepositForm },
): Promise<void> {
  const { id, form } = given;
  const practiceId = viewer.practice.id;
  await db.transaction(async (trx) => {
    const practice = await lockPractice(trx, practiceId);
    if (await trx("deposit_accounts").where({ id, practice_id: practiceId }).first("id")) return;
    const now = clock.now();
    await keepDepositAccount(trx, { vault, at: now }, { id, practiceId, account: form });
    const last4 = form.accountNumber.slice(-4);
    await audit(trx, viewer.actor, {
      at: now,
      action: "deposit account changed",
      subjectId: practiceId,
      details: { last4 },
    });
    const owners = await trx("users").where({ practice_id: practiceId, role: "owner" }).whereNull("removed_at");
    const text = `${viewer.name} changed where the deposits of ${practice.name} go: to the account ending in ${last4}, from the next deposit on. If that should not be, call us at once: ${program.phone}.`;
    const subject = "Your deposits go to another account";
    for (const { email } of owners) await sendMessage(trx, now, { channel: "email", to: email, subject, text });
  });
}
