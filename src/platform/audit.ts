import { randomUUIDv7 } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Db, prepared } from "./db.ts";

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

export type AuditEvent = {
  at: Date;
  action: string;
  subjectId?: string | undefined;
  details?: Record<string, string | number>;
};

/**
 * Adds a line to the audit log, in the transaction of what it tells; `seal-audit.ts` chains it a moment after. No name,
 * SSN, code or password goes in `details`. Lines outside a transaction that come in the same moment, as when many
 * people look at accounts, are written and made durable by one statement; the promise waits for it.
 */
export function audit(db: Db, actor: Actor, event: AuditEvent): Promise<void> {
  const line = {
    ...{ id: randomUUIDv7(), at: event.at, user_id: actor.userId, practice_id: actor.practiceId },
    ...{ address: actor.address, browser: actor.browser ?? "", request_id: actor.requestId },
    ...{ action: event.action, subject_id: event.subjectId ?? null, details: event.details ?? {} },
  };
  return db.isTransaction ? write(db, [line]) : writeTogether(db, line);
}

const gathering = new WeakMap<Db, { lines: object[]; written: Promise<void> }>();

function writeTogether(db: Db, line: object): Promise<void> {
  const others = gathering.get(db);
  if (others) {
    others.lines.push(line);
    return others.written;
  }
  const lines = [line];
  const written = setImmediate().then(() => {
    gathering.delete(db);
    return write(db, lines);
  });
  gathering.set(db, { lines, written });
  return written;
}

const writeLines = {
  name: "audit",
  text: `with line as (
      insert into audit_events select * from jsonb_populate_recordset(null::audit_events, $1) returning id)
    insert into audit_unsealed select id from line`,
};

async function write(db: Db, lines: object[]): Promise<void> {
  await prepared(db, writeLines, [JSON.stringify(lines)]);
}
