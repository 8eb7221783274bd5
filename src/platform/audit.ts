import { randomUUIDv7 } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { type Db, isUnavailable, prepared } from "./db.ts";

/** From where something is asked: the address, the browser as it names itself, the number of the request. */
export type Where = { address: string; browser?: string; requestId: string | null };

/** Who does something, from where: every verb is handed one and writes it beside what it changed. */
export type Actor = Where & { userId: string | null; practiceId: string | null };

/** Somebody there: for what is told of a person who is not logged in, or of nobody that the portal knows. */
export const actorAt = (
  { address, browser, requestId }: Where,
  person?: { id: string; practiceId: string | null },
): Actor => ({
  userId: person?.id ?? null,
  practiceId: person?.practiceId ?? null,
  address,
  requestId,
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
    id: nextId(),
    at: event.at,
    user_id: actor.userId,
    practice_id: actor.practiceId,
    address: actor.address,
    browser: actor.browser ?? "",
    request_id: actor.requestId,
    action: event.action,
    subject_id: event.subjectId ?? null,
    details: event.details ?? {},
  };
  return db.isTransaction ? write(db, [line]) : writeTogether(db, line);
}

let lastId = "";

/** Ids of one millisecond ascend too: two lines of the same moment stay in the order in which they were written. */
function nextId(): string {
  let id = randomUUIDv7();
  while (id.slice(0, 13) === lastId.slice(0, 13) && id <= lastId) id = randomUUIDv7();
  lastId = id;
  return id;
}

type Batch = { lines: object[]; written: Promise<void> };
const gathering = new WeakMap<Db, Batch>();

async function writeTogether(db: Db, line: object): Promise<void> {
  const batch = gathering.get(db) ?? beginBatch(db);
  batch.lines.push(line);
  try {
    await batch.written;
  } catch (error) {
    // What is wrong with one line is not the others' fault: each is written by itself.
    if (batch.lines.length === 1 || isUnavailable(error)) throw error;
    await write(db, [line]);
  }
}

function beginBatch(db: Db): Batch {
  const lines: object[] = [];
  const written = setImmediate().then(() => {
    gathering.delete(db);
    return write(db, lines);
  });
  const batch = { lines, written };
  gathering.set(db, batch);
  return batch;
}

const columns = "id, at, user_id, practice_id, address, browser, request_id, action, subject_id, details";
const writeLines = {
  name: "audit",
  text: `with line as (
      insert into audit_events (${columns})
        select ${columns} from jsonb_populate_recordset(null::audit_events, $1) returning id)
    insert into audit_unsealed select id from line`,
};

async function write(db: Db, lines: object[]): Promise<void> {
  await prepared(db, writeLines, [JSON.stringify(lines)]);
}
