import { randomUUID } from "node:crypto";
import { counted } from "../lib/wording.ts";
import { type Db, only } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";

/** Whose tries are counted: a User ID's by strangers, or one browser's that this person fully logged in with before. */
export type Tried = { userId: string; device?: string | undefined };

/** After so many tries with no success between, the log-in is off until support has checked the person (NIST 3.2.2). */
const mostInAll = 100;

/**
 * Counts a try before it is checked, so that guesses sent at once are bounded like guesses sent one by one. Five in a
 * row within 30 minutes lock the User ID for 5 minutes, ten for 30. While locked, tries neither count nor extend.
 * A User ID that nobody has locks in the same way. The times are the database's: the portal's clock may jump.
 * @returns how many tries that makes, this one counted; how to take it back when it was no failure; and, where it
 *   locks if it was one, the sentence that says so
 * @throws Declined with the minutes left when the User ID is locked
 */
export async function countTry(
  db: Db,
  vault: Vault,
  tried: Tried,
): Promise<{ failures: number; locks?: string; giveBack(on: Db): Promise<void> }> {
  const thisTry = randomUUID();
  const locked = `(coalesce(f.locked_until > now(), false) or f.in_all >= ${mostInAll})`;
  const stale = "f.first_at < now() - interval '30 minutes'";
  const { rows } = await db.raw(
    `insert into log_in_failures as f (key, about, failures, in_all, first_at, last_try)
       values (:key, :about, 1, 1, now(), :thisTry)
     on conflict (key) do update set
       failures = case when ${locked} then f.failures when ${stale} then 1 else f.failures + 1 end,
       in_all = case when ${locked} then f.in_all else f.in_all + 1 end,
       first_at = case when ${stale} and not ${locked} then now() else f.first_at end,
       last_try = case when ${locked} then f.last_try else excluded.last_try end,
       locked_until = case when ${locked} then f.locked_until when ${stale} then null
                           when f.failures + 1 = 5 then now() + interval '5 minutes'
                           when f.failures + 1 >= 10 then now() + interval '30 minutes' end
     returning last_try = :thisTry as counted, failures, in_all as "inAll",
       ceil(extract(epoch from locked_until - now()) / 60)::int as minutes`,
    { key: keyOf(vault, tried), about: aboutOf(vault, tried.userId), thisTry },
  );
  const { counted, failures, inAll, minutes } = only<Counted>(rows);
  const locks = inAll >= mostInAll ? offSentence : minutes && lockedSentence(minutes);
  if (!counted) throw new Declined({ form: locks || offSentence });
  return { failures, ...(locks && { locks }), giveBack: (on) => giveBack(on, keyOf(vault, tried), thisTry) };
}

/** A right password that still waits for its code was no failure; the lock that this very try set goes with it. */
async function giveBack(db: Db, key: Buffer, thisTry: string): Promise<void> {
  await db.raw(
    `update log_in_failures set failures = greatest(failures - 1, 0), in_all = greatest(in_all - 1, 0),
       locked_until = case when last_try = :thisTry then null else locked_until end
     where key = :key`,
    { key, thisTry },
  );
}

type Counted = { counted: boolean; failures: number; inAll: number; minutes: number | null };

/** A success ends the row of what was tried; a full log-in also that of strangers, which a reset or a confirmation leaves. */
export async function forgetFailures(db: Db, vault: Vault, tried: Tried, fullLogIn = false): Promise<void> {
  const keys = [keyOf(vault, tried), ...(fullLogIn ? [keyOf(vault, { userId: tried.userId })] : [])];
  await db("log_in_failures").whereIn("key", keys).delete();
}

/** Support has checked the person: every row of failures about them goes, whichever browser they were made in. */
export async function forgetAllFailures(db: Db, vault: Vault, userId: string): Promise<void> {
  await db("log_in_failures")
    .where({ about: aboutOf(vault, userId) })
    .delete();
}

/** A reset password frees the person from every lock; how many tries there were in all stays counted (ASVS 6.6.3). */
export async function liftLock(db: Db, vault: Vault, userId: string): Promise<void> {
  await db("log_in_failures")
    .where({ about: aboutOf(vault, userId) })
    .update({ locked_until: null, failures: 0 });
}

const perAddress = { most: 100, minutes: 15 };

/**
 * Counts a try of an address over log-in, codes and recovery; a success gives it back. IPv6 counts by its /64.
 * @throws Refused 429 after a hundred within 15 minutes
 */
export async function countAddress(db: Db, vault: Vault, address: string): Promise<{ giveBack(): Promise<void> }> {
  const key = vault.digest("log-in address", networkOf(address));
  await countWithin(db, key, perAddress);
  return {
    giveBack: async () => {
      await db("log_in_failures").where({ key }).where("failures", ">", 0).decrement("failures", 1);
    },
  };
}

/**
 * Counts what strangers may ask for, by where they ask from. IPv6 counts by its /64.
 * @throws Refused 429 when it was more often than that
 */
export function countStranger(
  db: Db,
  vault: Vault,
  asked: { use: string; address: string; most: number; minutes: number },
): Promise<void> {
  return countWithin(db, vault.digest(asked.use, networkOf(asked.address)), asked);
}

async function countWithin(db: Db, key: Buffer, { most, minutes }: { most: number; minutes: number }): Promise<void> {
  const { rows } = await db.raw(
    `insert into log_in_failures as f (key, failures, in_all, first_at, last_try) values (:key, 1, 1, now(), :thisTry)
     on conflict (key) do update set
       failures = case when f.first_at < now() - make_interval(mins => :minutes) then 1 else f.failures + 1 end,
       first_at = case when f.first_at < now() - make_interval(mins => :minutes) then now() else f.first_at end
     returning failures, ceil(extract(epoch from first_at + make_interval(mins => :minutes) - now()))::int as seconds`,
    { key, minutes, thisTry: randomUUID() },
  );
  const { failures, seconds } = only<{ failures: number; seconds: number }>(rows);
  if (failures > most) throw new Refused(429, tooOftenSentence, Math.max(seconds, 1));
}

/** How a User ID stands, for support: the worst of its rows, with the failures in a row, the lock, and whether it is off. */
export async function lockOf(
  db: Db,
  vault: Vault,
  userId: string,
): Promise<{ failures: number; lockedUntil: Date | null; off: boolean }> {
  const row = await db("log_in_failures")
    .where({ about: aboutOf(vault, userId) })
    .first(
      db.raw("coalesce(max(failures), 0) as failures"),
      db.raw(`max(locked_until) filter (where locked_until > now()) as "lockedUntil"`),
      db.raw(`coalesce(max(in_all) >= ${mostInAll}, false) as off`),
    );
  return row ?? { failures: 0, lockedUntil: null, off: false };
}

/** IPv6 is given out by the /64, whatever its spelling. */
export function networkOf(address: string): string {
  const v4 = /(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (v4) return v4;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":").filter(Boolean);
  const rest = (tail ?? "").split(":").filter(Boolean);
  const middle = tail === undefined ? [] : Array(Math.max(8 - groups.length - rest.length, 0)).fill("0");
  return [...groups, ...middle, ...rest].slice(0, 4).join(":");
}

function lockedSentence(minutes: number): string {
  return `This User ID is locked after several wrong tries. It unlocks by itself in ${counted(minutes, "minute")}. If you forgot your password, you can reset it now; or call support.`;
}

const offSentence =
  "This User ID is locked after very many wrong tries. Call support: they check who you are and unlock it.";
const tooOftenSentence = "There were too many tries from your connection. Wait a few minutes, then try again.";

const keyOf = (vault: Vault, { userId, device }: Tried) =>
  vault.digest("log-in failures", JSON.stringify([userId, device ?? null]));

const aboutOf = (vault: Vault, userId: string) => vault.digest("log-in failures about", userId);
