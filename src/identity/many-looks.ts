import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Refused } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import { keptOutSql } from "./suspensions.ts";
import type { Viewer } from "./viewer.ts";

export type LookBounds = { program: { name: string; looksPerHour: number }; publicUrl: string };

/** Searching as one types is several searches for each look. */
const searchesForALook = 5;
const hourMs = 3_600_000;
const told = "many look-ups";

/**
 * Bounds what one person of the program sees within an hour, so that the console is no way to copy everybody out: half
 * of the most is told to the administrators by mail, once an hour, and at the most no more is shown. Counted under a lock
 * of the person, so that many at once are bounded like one by one.
 * @param write what counts, in the transaction that counted
 * @throws Refused 429 with the seconds to wait
 */
export async function boundLooks(
  { db, clock, program, publicUrl }: { db: Db; clock: Clock } & LookBounds,
  viewer: Viewer,
  { what, neverRefused }: { what: "looks" | "searches"; neverRefused: boolean },
  write: (trx: Trx) => PromiseLike<unknown>,
): Promise<void> {
  const most = program.looksPerHour * (what === "searches" ? searchesForALook : 1);
  const isTooMany = await db.transaction(async (trx) => {
    await trx("users").where({ id: viewer.id }).forNoKeyUpdate().first("id");
    const now = clock.now();
    const count = await countSince(trx, viewer.id, what, new Date(now.getTime() - hourMs));
    if (count >= Math.ceil(most / 2))
      await tellAdministrators(trx, { viewer, what, count, most, now, program, publicUrl });
    if (count >= most && !neverRefused) return true;
    await write(trx);
    return false;
  });
  if (isTooMany) throw new Refused(429, sentence, 600);
}

const sentence =
  "You have looked at more within the hour than anybody's work needs, so no more is shown for now. The administrators were told. Try again in ten minutes, or ask one of them.";

async function countSince(trx: Trx, userId: string, what: "looks" | "searches", since: Date): Promise<number> {
  const counted =
    what === "looks"
      ? trx("looks").where({ user_id: userId }).where("began_at", ">", since).countDistinct("subject_id as count")
      : trx("audit_events")
          .where({ user_id: userId, action: "console searched" })
          .where("at", ">", since)
          .count("* as count");
  return Number((await counted.first())?.count);
}

async function tellAdministrators(
  trx: Trx,
  given: { viewer: Viewer; what: string; count: number; most: number; now: Date } & LookBounds,
): Promise<void> {
  const { viewer, what, count, most, now, program, publicUrl } = given;
  const before = await trx("audit_events")
    .where({ user_id: viewer.id, action: told })
    .where("at", ">", new Date(now.getTime() - hourMs))
    .first("id");
  if (before) return;
  await audit(trx, viewer.actor, { at: now, action: told, subjectId: viewer.id, details: { [what]: count } });
  const administrators = await trx("users as u")
    .where("u.role", "administrator")
    .whereRaw(`not ${keptOutSql()}`)
    .pluck("u.email");
  const text =
    `${viewer.name} (${viewer.userId}) made ${count} ${what} in the console within an hour; at ${most} no more is shown. ` +
    `If you do not expect that, suspend the User ID and ask.\n\nWhat was looked at: ${publicUrl}/admin/audit?person=${viewer.userId}`;
  for (const to of administrators)
    await sendMessage(trx, now, { channel: "email", to, subject: `Many look-ups at ${program.name}`, text });
}
