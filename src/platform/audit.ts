import { randomUUIDv7 } from "node:crypto";
import { type Db, planned } from "./db.ts";

/** From where something is asked: the address, the browser as it names itself, the number of the request. */
export type Where = { address: string; browser?: string; requestId: string | null };

/** Who does something, from where: every verb is handed one and writes it beside what it changed. */
export type Actor = Where & { userId: string | null; practiceId: string | null };

/** Somebody there: for what is told of a person who is not logged in, or of nobody that the portal knows. */
export const actorAt = (
  { address, browser, requestId }: Where,
  person?: { id: string; practiceId: string | null },
): Actor => ({
  ...{ userId: person?.id ?? null, practiceId: person?.practiceId ?? null, address, requestId },
  ...(browser && { browser }),
});

/** The portal itself, for what no person asked for. */
export const portalItself: Actor = { userId: null, practiceId: null, address: "portal", requestId: null };

/**
 * Adds a line to the audit log, in the transaction of what it tells; `seal-audit.ts` chains it a moment after. No name,
 * SSN, code or password goes in `details`.
 */
export async function audit(
  db: Db,
  actor: Actor,
  event: { at: Date; action: string; subjectId?: string | undefined; details?: Record<string, string | number> },
): Promise<void> {
  await planned(db, writeLine, [
    ...[randomUUIDv7(), event.at, actor.userId, actor.practiceId, actor.address, actor.browser ?? ""],
    ...[actor.requestId, event.action, event.subjectId ?? null, JSON.stringify(event.details ?? {})],
  ]);
}

const writeLine = {
  name: "audit",
  text: `with line as (
      insert into audit_events (id, at, user_id, practice_id, address, browser, request_id, action, subject_id, details)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning id)
    insert into audit_unsealed select id from line`,
};
