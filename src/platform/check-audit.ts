import type { Db } from "./db.ts";
import { type ChainParts, contentSql, type Head, keptHead, sealOf, signatureOf } from "./seal-audit.ts";

const batch = 2_000;

export type AuditCheck = { lines: number; waiting: number; findings: string[] };

/**
 * Proves the audit log: every sealed line is there, unchanged and in its place; the chain ends where the portal signed
 * that it ends, and where this node last saw it; and no line came in behind the portal's back. The newest lines wait for
 * their seal.
 */
export async function checkAudit({ db, vault, config }: ChainParts): Promise<AuditCheck> {
  const row = await db("audit_head").first();
  const head: Head = { place: row?.place ?? 0, hash: row?.hash.toString("hex") ?? "" };
  const findings: string[] = [];
  const isSigned = head.place > 0 ? signatureOf(vault, head).equals(row.signature) : Boolean(row);
  if (!isSigned) findings.push("The end of the chain is not as the portal signed it");

  // Up to the last seal there is, not to the head: a head that was set back must not hide what follows.
  let last: Head = { place: 0, hash: "" };
  const kept = await keptHead(db, config.dataDir);
  for (let seals = await sealsAfter(db, 0); seals.length; seals = await sealsAfter(db, last.place)) {
    for (const { place, eventId, hash, content } of seals) {
      if (place !== last.place + 1) findings.push(missing(last.place + 1, place - 1));
      else if (content === null) findings.push(`Line ${place} (${eventId}) was removed`);
      else if (sealOf(vault, last.hash, content) !== hash)
        findings.push(`Line ${place} (${eventId}) was changed, or put in the place of another`);
      if (kept?.place === place && kept.hash !== hash)
        findings.push(`Line ${place} is not the one that this machine saw there`);
      last = { place, hash };
    }
  }
  const end = Math.max(head.place, kept?.place ?? 0);
  if (end > last.place) findings.push(missing(last.place + 1, end));
  else if (head.place < last.place) {
    // A seal and the head come together: a head that is asked for now is behind only if somebody set it back.
    const place: number = (await db("audit_head").first("place"))?.place ?? 0;
    if (place < last.place) findings.push(`The end of the chain was set back from line ${last.place} to ${place}`);
  } else if (isSigned && last.place === head.place && last.hash !== head.hash)
    findings.push(`Line ${last.place} is not the one that the portal signed as the last`);

  findings.push(...(await strayLines(db)));
  const waiting = await db("audit_unsealed").count().first();
  return { lines: last.place, waiting: Number(waiting?.count), findings };
}

const missing = (from: number, to: number) =>
  from === to ? `Line ${from} was cut out` : `Lines ${from} to ${to} were cut out`;

type Seal = { place: number; eventId: string; hash: string; content: string | null };

async function sealsAfter(db: Db, place: number): Promise<Seal[]> {
  return db("audit_seals as s")
    .leftJoin("audit_events as e", "e.id", "s.event_id")
    .where("s.place", ">", place)
    .orderBy("s.place")
    .limit(batch)
    .select(
      "s.place",
      "s.event_id as eventId",
      db.raw("encode(s.hash, 'hex') as hash"),
      db.raw(`case when e.id is not null then ${contentSql} end as content`),
    );
}

/** Lines with neither a seal nor a place in the queue, and places in the queue without a line. */
async function strayLines(db: Db): Promise<string[]> {
  const findings: string[] = [];
  let after = "00000000-0000-0000-0000-000000000000";
  for (;;) {
    const lines: { id: string; isStray: boolean }[] = await db("audit_events as e")
      .where("e.id", ">", after)
      .orderBy("e.id")
      .limit(batch)
      .select(
        "e.id",
        db.raw(`not exists (select from audit_seals s where s.event_id = e.id)
          and not exists (select from audit_unsealed q where q.event_id = e.id) as "isStray"`),
      );
    findings.push(
      ...lines.filter(({ isStray }) => isStray).map(({ id }) => `Line ${id} was not written by the portal`),
    );
    if (lines.length < batch) break;
    after = lines.at(-1)?.id ?? after;
  }
  const empty: { event_id: string }[] = await db("audit_unsealed as q")
    .whereRaw("not exists (select from audit_events e where e.id = q.event_id)")
    .select("event_id");
  findings.push(...empty.map(({ event_id }) => `Line ${event_id} was removed before it was sealed`));
  return findings;
}
