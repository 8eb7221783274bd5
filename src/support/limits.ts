import { networkOf } from "../identity/failures.ts";
import type { Db } from "../platform/db.ts";
import { only } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";

const minutes = 15;
/** Of a whole practice behind one address, or of one person: more than anybody needs, less than a machine wants. */
const most = { stranger: 10, person: 40 };

/**
 * Counts what somebody sends to support, in one atomic statement, so that many at once are bounded like one by one.
 * @throws Refused 429 with the seconds to wait: over ten letters or chats of a stranger's network within 15 minutes, or
 *   forty of a person who is logged in
 */
export async function countWriting(
  db: Db,
  vault: Vault,
  by: { personId: string } | { address: string },
): Promise<void> {
  const [who, limit] = "personId" in by ? [by.personId, most.person] : [networkOf(by.address), most.stranger];
  const { rows } = await db.raw(
    `insert into support_counts as c (key, first_at, count) values (:key, now(), 1)
     on conflict (key) do update set
       count = case when c.first_at < now() - interval '${minutes} minutes' then 1 else c.count + 1 end,
       first_at = case when c.first_at < now() - interval '${minutes} minutes' then now() else c.first_at end
     returning count, ceil(extract(epoch from first_at + interval '${minutes} minutes' - now()))::int as seconds`,
    { key: vault.digest("support writing", who) },
  );
  const { count, seconds } = only<{ count: number; seconds: number }>(rows);
  if (count > limit) throw new Refused(429, tooOften, Math.max(seconds, 1));
}

/** Takes counts away that no longer count. */
export async function forgetCounts(db: Db): Promise<void> {
  await db.raw(`delete from support_counts where first_at < now() - interval '${minutes} minutes'`);
}

const tooOften =
  "There were too many messages from your connection. Wait a few minutes, then send it again; or call us.";
