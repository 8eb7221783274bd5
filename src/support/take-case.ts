import type { Viewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import { Declined, Refused } from "../platform/errors.ts";
import type { SupportParts } from "./case-mail.ts";
import { otherAgents } from "./chat-queries.ts";
import { insertCaseMessage } from "./open-case.ts";
import { findAnyCase } from "./queries.ts";

type Parts = Pick<SupportParts, "db" | "clock">;

/**
 * An agent takes a case on, from another too, or hands it to a colleague.
 * @param given.from who had it when the page was shown ("" for nobody): two who press at once do not both get it
 * @param given.toId the colleague; left out, the agent
 * @throws Declined when there is no such colleague
 * @throws Refused 409 when somebody else took it meanwhile
 */
export async function takeCase(
  { db, clock }: Parts,
  agent: Viewer,
  given: { caseId: string; from: string; toId?: string },
): Promise<void> {
  const { caseId, from, toId = agent.id } = given;
  await db.transaction(async (trx) => {
    await trx("support_cases").where({ id: caseId }).forUpdate().first("id");
    const { agentId } = await findAnyCase(trx, caseId);
    if (agentId === toId) return;
    if ((agentId ?? "") !== from) throw new Refused(409, "Somebody else took this case a moment ago.");
    const isHandedOn = toId !== agent.id;
    if (isHandedOn && !(await otherAgents(trx, agent)).some(({ id }) => id === toId))
      throw new Declined({ to: "Choose who takes over" });
    await trx("support_cases").where({ id: caseId }).update({ agent_id: toId });
    const action = isHandedOn ? "case handed on" : "case taken";
    await audit(trx, agent.actor, {
      at: clock.now(),
      action,
      subjectId: caseId,
      ...(isHandedOn && { details: { to: toId } }),
    });
  });
}

/**
 * Adds a note between agents, which the person never sees. Sent twice, it is added once.
 * @param given.id the key of the form
 * @throws Refused 404 when there is no such case
 */
export async function noteInCase(
  { db, clock }: Parts,
  agent: Viewer,
  given: { id: string; caseId: string; note: string },
): Promise<void> {
  const { id, caseId, note: body } = given;
  await db.transaction(async (trx) => {
    await findAnyCase(trx, caseId);
    const isNew = await insertCaseMessage(trx, { clock }, { id, caseId, saidBy: "note", author: agent, body });
    if (isNew) await audit(trx, agent.actor, { at: clock.now(), action: "case noted", subjectId: caseId });
  });
}
