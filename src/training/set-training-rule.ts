import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";

/**
 * Sets whether nobody of a practice charges without a certificate. Refuses nothing.
 * @param rule.reason why, where an administrator does it for the practice
 */
export async function setTrainingRule(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  rule: { practiceId: string; chargingNeedsTraining: boolean; reason?: string },
): Promise<void> {
  const { practiceId, chargingNeedsTraining, reason } = rule;
  await db.transaction(async (trx) => {
    const row = { practice_id: practiceId, charging_needs_training: chargingNeedsTraining };
    await trx("training_rules").insert(row).onConflict("practice_id").merge();
    const details = { chargingNeedsTraining: chargingNeedsTraining ? "yes" : "no", ...(reason && { reason }) };
    await audit(trx, actor, { at: clock.now(), action: "training rule set", subjectId: practiceId, details });
  });
}
