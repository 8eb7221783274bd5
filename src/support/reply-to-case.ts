import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { insertCaseMessage } from "./open-case.ts";
import type { Case } from "./queries.ts";

/** The person writes on: the case waits for support again, and a closed one is open again. Sent twice, it is said once. */
export async function replyToCase(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  given: { id: string; about: Case; author: { id: string | null; name: string }; message: string },
): Promise<void> {
  const { id, about, author, message } = given;
  await db.transaction(async (trx) => {
    await trx("support_cases").where({ id: about.id }).forUpdate().first("id");
    if (!(await insertCaseMessage(trx, { clock }, { id, caseId: about.id, saidBy: "person", author, body: message })))
      return;
    const now = clock.now();
    await trx("support_cases")
      .where({ id: about.id })
      .update({ touched_at: now, waits_for: "support", closed_at: null });
    await audit(trx, actor, { at: now, action: "case written to", subjectId: about.id });
  });
}
