import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { audit, portalItself } from "../../src/platform/audit.ts";
import { checkAudit } from "../../src/platform/check-audit.ts";
import { type Db, openDb } from "../../src/platform/db.ts";
import { openLog } from "../../src/platform/log.ts";
import { sealAudit } from "../../src/platform/seal-audit.ts";
import { openVault } from "../../src/platform/secrets.ts";
import { asPortal, copyTemplate } from "../support/database.ts";

const vault = openVault(Buffer.alloc(32, "test"));
const at = new Date("2026-11-23T16:00:00Z");

describe("whoever rules the database", () => {
  test.each([
    ["changes a line", "update audit_events set details = '{}' where id = LINE(4)", ["Line 4"]],
    ["changes who did it", "update audit_events set user_id = gen_random_uuid() where id = LINE(4)", ["Line 4"]],
    ["changes when it was", "update audit_events set at = at - interval '1 second' where id = LINE(1)", ["Line 1"]],
    ["removes a line", "delete from audit_events where id = LINE(4)", ["Line 4", "was removed"]],
    [
      "removes a line and its seal",
      "delete from audit_events where id = LINE(4); delete from audit_seals where place = 4",
      ["Line 4 was cut out"],
    ],
    ["removes the last line", "delete from audit_events where id = LINE(9)", ["Line 9", "was removed"]],
    [
      "cuts the end off",
      "delete from audit_events where id = LINE(9); delete from audit_seals where place = 9",
      ["Line 9 was cut out"],
    ],
    [
      "cuts the end off and sets the head back",
      "delete from audit_events where id in (LINE(8), LINE(9)); delete from audit_seals where place > 7; update audit_head set place = 7, hash = (select hash from audit_seals where place = 7)",
      ["not as the portal signed it", "Lines 8 to 9 were cut out"],
    ],
    [
      "cuts the beginning off",
      "delete from audit_events where id = LINE(1); delete from audit_seals where place = 1",
      ["Line 1 was cut out"],
    ],
    [
      "empties everything",
      "delete from audit_events; delete from audit_seals; update audit_head set place = 0, hash = '', signature = ''",
      ["Lines 1 to 9 were cut out"],
    ],
    [
      "puts a line in",
      "insert into audit_events (id, at, address, action, details) select gen_random_uuid(), at, address, 'made up', details from audit_events limit 1",
      ["was not written by the portal"],
    ],
    [
      "puts a line in, with a seal of its own",
      "with line as (insert into audit_events (id, at, address, action, details) select gen_random_uuid(), at, address, 'made up', details from audit_events limit 1 returning id) insert into audit_seals select 10, id, '\\x00', now() from line",
      ["Line 10"],
    ],
    [
      "changes the order",
      "update audit_seals set event_id = gen_random_uuid() where place = 5; update audit_seals set event_id = LINE(5) where place = 4; update audit_seals set event_id = LINE(4) where place = 5",
      ["Line 4", "Line 5"],
    ],
    [
      "sets the head back to the beginning",
      "update audit_head set place = 0, hash = '', signature = ''",
      ["The end of the chain was set back from line 9 to 0"],
    ],
    ["takes the signature away", "update audit_head set signature = ''", ["not as the portal signed it"]],
    ["takes the head away", "delete from audit_head", ["not as the portal signed it"]],
  ])("%s: it shows", async (_, tampering, said) => {
    const log = await openLogOfNine();
    expect((await checkAudit(log)).findings).toEqual([]);
    const { rows: ids } = await log.owner.raw("select event_id from audit_seals order by place");
    const sql = tampering.replace(/LINE\((\d+)\)/g, (_all, place) => `'${ids[place - 1].event_id}'::uuid`);
    await asSuperuser(log.owner, sql);
    const findings = (await checkAudit(log)).findings.join("\n");
    for (const words of said) expect(findings).toContain(words);
  });

  test("cuts the end off with a head that was signed earlier: the copy outside the database shows it, for good", async () => {
    const log = await openLogOfNine();
    const earlier = await log.owner("audit_head").first();
    await write(log.db, 3);
    await sealAudit(log);
    await asSuperuser(
      log.owner,
      "delete from audit_events where id in (select event_id from audit_seals where place > 9); delete from audit_seals where place > 9",
    );
    await log.owner("audit_head").update({ ...earlier });
    expect((await checkAudit(log)).findings).toEqual(["Lines 10 to 12 were cut out"]);
    await write(log.db, 8); // life goes on, past the place where it was cut
    await sealAudit(log);
    expect((await checkAudit(log)).findings).toEqual(["Line 12 is not the one that this machine saw there"]);
  });

  test("does what they did before a line was sealed: what waits in the queue shows it", async () => {
    const log = await openLogOfNine();
    await write(log.db, 1);
    await asSuperuser(log.owner, "delete from audit_events where id in (select event_id from audit_unsealed)");
    expect((await checkAudit(log)).findings.join()).toContain("was removed before it was sealed");
  });

  test("cannot make seals of their own without DATA_KEY", async () => {
    const log = await openLogOfNine();
    const others = openVault(Buffer.alloc(32, "else"));
    await log.owner("audit_head").update({ place: 0, hash: Buffer.alloc(0), signature: Buffer.alloc(0) });
    await asSuperuser(log.owner, "delete from audit_seals; insert into audit_unsealed select id from audit_events");
    await sealAudit({ ...log, vault: others });
    expect((await checkAudit(log)).findings.length).toBeGreaterThan(9);
  });
});

test("without tampering the log is whole, with lines waiting and sealed, whatever the time zone", async () => {
  const log = await openLogOfNine();
  await write(log.db, 2);
  expect(await checkAudit(log)).toEqual({ lines: 9, waiting: 2, findings: [] });
  await log.db.raw("set time zone 'Asia/Kathmandu'");
  await sealAudit(log);
  expect(await checkAudit(log)).toEqual({ lines: 11, waiting: 0, findings: [] });
});

test("nodes that seal at once, while others write, make one chain in which each line stands once", async () => {
  const log = await openLogOfNine();
  const writers = Array.from({ length: 6 }, () => write(log.db, 40));
  const sealers = Array.from({ length: 12 }, () => sealAudit(log));
  await Promise.all([...writers, ...sealers]);
  await sealAudit(log);
  expect(await checkAudit(log)).toEqual({ lines: 249, waiting: 0, findings: [] });
});

test("a line of a transaction that is under way is neither sealed nor waited for, and one rolled back was never there", async () => {
  const log = await openLogOfNine();
  const late = await log.db.transaction();
  await audit(late, portalItself, { at, action: "late" });
  const lost = await log.db.transaction();
  await audit(lost, portalItself, { at, action: "lost" });
  await write(log.db, 1);
  expect(await sealAudit(log)).toBe(1);
  await late.commit();
  await lost.rollback();
  expect(await sealAudit(log)).toBe(1);
  expect(await checkAudit(log)).toEqual({ lines: 11, waiting: 0, findings: [] });
});

test("after the signed end was changed nothing is sealed any more", async () => {
  const log = await openLogOfNine();
  await asSuperuser(log.owner, "update audit_head set place = 8");
  await write(log.db, 1);
  await expect(sealAudit(log)).rejects.toThrow("npm run audit:check says more");
});

test.each(["update audit_seals set place = 100", "delete from audit_seals", "truncate audit_seals"])(
  "the table itself refuses: %s",
  async (statement) => {
    const log = await openLogOfNine();
    await expect(log.owner.raw(statement)).rejects.toMatchObject({ code: "23001" });
    await expect(log.db.raw(statement)).rejects.toMatchObject({ code: "42501" });
  },
);

test("another machine, which has no copy of the end, checks what it can", async () => {
  const log = await openLogOfNine();
  rmSync(join(log.config.dataDir, readdirSync(log.config.dataDir)[0] ?? ""));
  expect((await checkAudit(log)).findings).toEqual([]);
});

/** A log of nine sealed lines, in a database of its own. */
async function openLogOfNine() {
  const copy = await copyTemplate();
  const dataDir = mkdtempSync(join(tmpdir(), "caraway-audit-"));
  const [owner, db] = [copy.url, asPortal(copy.url)].map((url) => openDb(async () => url, openLog("silent"))) as [
    Db,
    Db,
  ];
  onTestFinished(async () => {
    await Promise.all([owner.destroy(), db.destroy()]);
    await copy.drop();
    rmSync(dataDir, { recursive: true });
  });
  await write(db, 9);
  const log = { db, owner, vault, config: { dataDir } };
  await sealAudit(log);
  return log;
}

async function write(db: Db, lines: number): Promise<void> {
  for (let line = 0; line < lines; line += 1)
    await audit(db, { ...portalItself, browser: "Lynx" }, { at, action: "written", details: { line, b: "é", a: 1 } });
}

/** With every guard switched off, which a superuser can do. */
const asSuperuser = (owner: Db, sql: string) =>
  owner.transaction(async (trx) => {
    const tables = ["audit_events", "audit_seals"];
    for (const table of tables) await trx.raw(`alter table ${table} disable trigger all`);
    await trx.raw(sql);
    for (const table of tables) await trx.raw(`alter table ${table} enable trigger all`);
  });
