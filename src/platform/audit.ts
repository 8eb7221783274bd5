import { randomUUIDv7 } from "node:crypto";
import type { Db } from "./db.ts";

/** Who does something, from where: every verb is handed one and writes it beside what it changed. */
export type Actor = { userId: string | null; practiceId: string | null; address: string; requestId: string | null };

/** The portal itself, for what no person asked for. */
export const portalItself: Actor = { userId: null, practiceId: null, address: "portal", requestId: null };

/** Adds a line to the audit log, in the transaction of what it tells. No name, SSN, code or password goes in `details`. */
export async function audit(
  db: Db,
  actor: Actor,
  event: { at: Date; action: string; subjectId?: string | undefined; details?: Record<string, string | number> },
): Promise<void> {
  await db("audit_events").insert({
    id: randomUUIDv7(),
    at: event.at,
    user_id: actor.userId,
    practice_id: actor.practiceId,
    address: actor.address,
    request_id: actor.requestId,
    action: event.action,
    subject_id: event.subjectId ?? null,
    details: event.details ?? {},
  });
}
