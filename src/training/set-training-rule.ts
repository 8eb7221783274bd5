import type { PracticeViewer } from "../identity/viewer.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";

/** Sets whether nobody of the viewer's practice charges without a certificate. Refuses nothing. */
export async function setTrainingRule(
  { db, clock }: { db: Db; clock: Clock },
  viewer: PracticeViewer,
  actor: Actor,
  chargingNeedsTraining: boolean,
): Promise<void> {
  await db.transaction(async (trx) => {
    const row = { practice_id: viewer.practice.id, charging_needs_training: chargingNeedsTraining };
    await trx("training_rules").insert(row).onConflict("practice_id").merge();
    const details = { chargingNeedsTraining: chargingNeedsTraining ? "yes" : "no" };
    await audit(trx, actor, { at: clock.now(), action: "training rule set", subjectId: viewer.practice.id, details });
  });
}
