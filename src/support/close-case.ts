import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

/** Closes a case, or opens it again. What is so already stays so. */
export async function closeCase(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  given: { caseId: string; isClosed: boolean },
): Promise<void> {
  const { caseId, isClosed } = given;
  await db.transaction(async (trx) => {
    const found = await trx("support_cases").where({ id: caseId }).forUpdate().first("closed_at");
    if (!found) throw notFound();
    if ((found.closed_at !== null) === isClosed) return;
    const now = clock.now();
    await trx("support_cases")
      .where({ id: caseId })
      .update({ closed_at: isClosed ? now : null, touched_at: now });
    await audit(trx, actor, { at: now, action: isClosed ? "case closed" : "case reopened", subjectId: caseId });
  });
}
