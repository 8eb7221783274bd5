import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import type { Db, Trx } from "./db.ts";
import type { Log } from "./log.ts";
import type { Vault } from "./secrets.ts";

export type ChainParts = { db: Db; vault: Vault; config: { dataDir: string } };

/** The end of the chain: how many lines are sealed, and the last seal, in hexadecimal digits. */
export type Head = { place: number; hash: string };

/** A line as it is hashed, of `e` (audit_events): the same text in every time zone and on every version of PostgreSQL. */
export const contentSql = `jsonb_build_array(e.id, extract(epoch from e.at), e.user_id, e.practice_id, e.address, e.browser,
  e.request_id, e.action, e.subject_id, e.details)::text`;

/** The seal of a line: over the seal before it, so that none can be taken out, put in or moved. */
export const sealOf = (vault: Vault, before: string, content: string) =>
  vault.digest("audit line", `${before} ${content}`).toString("hex");

/** What only the portal can say of the head; whoever changes the database cannot sign an earlier one. */
export const signatureOf = (vault: Vault, { place, hash }: Head) => vault.digest("audit head", `${place} ${hash}`);

const batch = 500;

/**
 * Seals every line that is committed and has no seal, in the order of their ids. One node does it at a time; the others
 * go on without waiting. Returns how many lines were sealed.
 * @throws when the head was changed by somebody else: `npm run audit:check` says more
 */
export async function sealAudit(parts: ChainParts): Promise<number> {
  let sealed = 0;
  for (let more = batch; more === batch; sealed += more) more = await sealBatch(parts);
  return sealed;
}

async function sealBatch({ db, vault, config }: ChainParts): Promise<number> {
  return db.transaction(async (trx) => {
    const row = await trx("audit_head").forUpdate().skipLocked().first();
    if (!row) return 0; // another node is at it
    let head: Head = { place: row.place, hash: row.hash.toString("hex") };
    if (head.place > 0 && !signatureOf(vault, head).equals(row.signature))
      throw new Error("The end of the audit log is not as the portal signed it: npm run audit:check says more.");
    const lines: { id: string; content: string }[] = await trx("audit_unsealed as q")
      .join("audit_events as e", "e.id", "q.event_id")
      .orderBy("e.id")
      .limit(batch)
      .select("e.id", trx.raw(`${contentSql} as content`));
    if (!lines.length) return 0;
    const hashes = lines.map(({ content }) => {
      head = { place: head.place + 1, hash: sealOf(vault, head.hash, content) };
      return head.hash;
    });
    const ids = lines.map(({ id }) => id);
    await trx.raw(
      `insert into audit_seals (place, event_id, hash, sealed_at)
         select ? + at, id, decode(hash, 'hex'), now() from unnest(?::uuid[], ?::text[]) with ordinality as t (id, hash, at)`,
      [row.place, ids, hashes],
    );
    await trx.raw("delete from audit_unsealed where event_id = any(?)", [ids]);
    const signed = { place: head.place, hash: Buffer.from(head.hash, "hex"), signature: signatureOf(vault, head) };
    await trx("audit_head").update(signed);
    await keepHead(trx, config.dataDir, head);
    return lines.length;
  });
}

/** A file for each database: one that was restored or made anew has an identity of its own. */
async function headFile(db: Db, dataDir: string): Promise<string> {
  const identity = db("pg_database").whereRaw("datname = current_database()").select("oid");
  const row = await db.first(db.raw("(select system_identifier from pg_control_system()) as server"), {
    database: identity,
  });
  return join(dataDir, `audit-head.${row.server}.${row.database}`);
}

/** The end of the chain as this node last saw it, kept outside the database: what goes back behind it was cut. */
export async function keptHead(db: Db, dataDir: string): Promise<Head | null> {
  const file = await headFile(db, dataDir);
  if (!existsSync(file)) return null;
  const [place = "", hash = ""] = readFileSync(file, "utf8").trim().split(" ");
  return { place: Number(place), hash };
}

/** A kept head that the chain does not hold any more stays as it is: it is the proof that something was cut. */
async function keepHead(trx: Trx, dataDir: string, head: Head): Promise<void> {
  const [file, kept] = [await headFile(trx, dataDir), await keptHead(trx, dataDir)];
  if (kept) {
    const seal = await trx("audit_seals").where({ place: kept.place }).first("hash");
    if (seal?.hash.toString("hex") !== kept.hash) return;
  }
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, `${head.place} ${head.hash}\n`, { mode: 0o600 });
  renameSync(fresh, file);
}

/** Seals every two seconds until it is stopped, whatever happens to the database. */
export function startSealing(parts: ChainParts & { log: Log }, everyMs = 2_000): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const ended = (async () => {
    while (!stopping.signal.aborted) {
      await sealAudit(parts).catch((error) =>
        parts.log.error({ reason: error.message }, "the audit log is not sealed"),
      );
      await setTimeout(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    stop() {
      stopping.abort();
      return ended;
    },
  };
}
