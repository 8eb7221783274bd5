import type { Trx } from "../../src/platform/db.ts";

/** Fills tables without the keys and triggers that would look at each row; those that are always on are put back after. */
export async function unguarded(owner: Trx, tables: string[], work: () => Promise<void>): Promise<void> {
  await owner.raw("set local session_replication_role = replica");
  const { rows: guards } = await owner.raw(
    "select tgrelid::regclass::text as guarded, tgname from pg_trigger where tgrelid = any (?::regclass[]) and tgenabled = 'A'",
    [tables],
  );
  for (const { guarded, tgname } of guards) await owner.raw("alter table ?? disable trigger ??", [guarded, tgname]);
  await work();
  for (const { guarded, tgname } of guards)
    await owner.raw("alter table ?? enable always trigger ??", [guarded, tgname]);
}
