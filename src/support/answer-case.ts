import type { Viewer } from "../identity/viewer.ts";
import { maskNumbers } from "../lib/mask-numbers.ts";
import { audit } from "../platform/audit.ts";
import { mailAbout, type SupportParts } from "./case-mail.ts";
import { insertCaseMessage } from "./open-case.ts";
import { findAnyCase } from "./queries.ts";

/**
 * An agent answers: the person gets it by e-mail and finds it in the portal. A case that nobody had becomes the
 * agent's, a closed one is open again. Sent twice, it is said once.
 * @param given.id the key of the form
 * @throws Refused 404 when there is no such case
 */
export async function answerCase(
  parts: SupportParts,
  agent: Viewer,
  given: { id: string; caseId: string; message: string },
): Promise<void> {
  const { db, clock } = parts;
  const { id, caseId, message } = given;
  await db.transaction(async (trx) => {
    await trx("support_cases").where({ id: caseId }).forUpdate().first("id");
    const about = await findAnyCase(trx, caseId);
    if (!(await insertCaseMessage(trx, parts, { id, caseId, saidBy: "agent", author: agent, body: message }))) return;
    const now = clock.now();
    await trx("support_cases")
      .where({ id: caseId })
      .update({ touched_at: now, waits_for: "person", closed_at: null, agent_id: about.agentId ?? agent.id });
    await audit(trx, agent.actor, { at: now, action: "case answered", subjectId: caseId });
    await mailAbout(trx, parts, about, `${agent.name} of support writes:\n\n${maskNumbers(message).text}`);
  });
}
