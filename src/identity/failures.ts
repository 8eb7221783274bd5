import { randomUUID } from "node:crypto";
import { type Db, only } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";

/**
 * Counts a try before it is checked, so that guesses sent at once are bounded like guesses sent one by one. Five in a
 * row within 30 minutes lock the User ID for 5 minutes, ten for 30. While locked, tries neither count nor extend.
 * A User ID that nobody has locks in the same way. The times are the database's: the portal's clock may jump.
 * @throws Declined with the minutes left when the User ID is locked
 */
export async function countTry(db: Db, vault: Vault, userId: string): Promise<void> {
  const thisTry = randomUUID();
  const { rows } = await db.raw(
    `insert into log_in_failures as f (key, failures, first_at, last_try) values (:key, 1, now(), :thisTry)
     on conflict (key) do update set
       failures = case when f.locked_until > now() then f.failures
                       when f.first_at < now() - interval '30 minutes' then 1 else f.failures + 1 end,
       first_at = case when f.first_at < now() - interval '30 minutes' and not coalesce(f.locked_until > now(), false)
                       then now() else f.first_at end,
       last_try = case when f.locked_until > now() then f.last_try else excluded.last_try end,
       locked_until = case when f.locked_until > now() then f.locked_until
                           when f.first_at < now() - interval '30 minutes' then null
                           when f.failures + 1 = 5 then now() + interval '5 minutes'
                           when f.failures + 1 >= 10 then now() + interval '30 minutes' end
     returning last_try = :thisTry as counted, ceil(extract(epoch from locked_until - now()) / 60)::int as minutes`,
    { key: keyOf(vault, userId), thisTry },
  );
  const { counted, minutes } = only<{ counted: boolean; minutes: number }>(rows);
  if (!counted) throw new Declined({ form: lockedSentence(minutes) });
}

/** A full log-in ends the row of failures. */
export async function forgetFailures(db: Db, vault: Vault, userId: string): Promise<void> {
  await db("log_in_failures")
    .where({ key: keyOf(vault, userId) })
    .delete();
}

function lockedSentence(minutes: number): string {
  const left = minutes === 1 ? "1 minute" : `${minutes} minutes`;
  return `This User ID is locked after several wrong tries. It unlocks by itself in ${left}. To have it unlocked sooner, call support.`;
}

const keyOf = (vault: Vault, userId: string) => vault.digest("log-in failures", userId);
