import type { Viewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound, Refused } from "../platform/errors.ts";

/**
 * An agent takes a case on, from another too.
 * @param given.from who had it when the page was shown ("" for nobody): two who press at once do not both get it
 * @throws Refused 409 when somebody else took it meanwhile
 */
export async function takeCase(
  { db, clock }: { db: Db; clock: Clock },
  agent: Viewer,
  given: { caseId: string; from: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const found = await trx("support_cases").where({ id: given.caseId }).forUpdate().first("agent_id");
    if (!found) throw notFound();
    if (found.agent_id === agent.id) return;
    if ((found.agent_id ?? "") !== given.from) throw new Refused(409, "Somebody else took this case a moment ago.");
    await trx("support_cases").where({ id: given.caseId }).update({ agent_id: agent.id });
    await audit(trx, agent.actor, { at: clock.now(), action: "case taken", subjectId: given.caseId });
  });
}
