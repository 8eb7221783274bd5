import { addDays } from "../lib/calendar.ts";
import { formatDate, type IsoDate } from "../lib/dates.ts";
import { portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { sendMessage } from "../platform/messages.ts";
import { suspend } from "./suspend.ts";
import { suspendedSql } from "./suspensions.ts";

/** Whoever does not log in is told twice, so many days before the suspension. */
const noticeDays = { first: 14, last: 3 } as const;

type Program = { name: string; phone: string; timeZone: string; inactiveDays: number };
type Parts = { db: Db; clock: Clock; program: Program; publicUrl: string };

type Inactive = {
  id: string;
  userId: string;
  email: string;
  role: string;
  since: IsoDate;
  suspendsOn: IsoDate | null;
  remindedOn: IsoDate | null;
};

/**
 * Suspends whoever has not logged in for 90 days (PCI DSS 8.2.6; a setting), and tells them 14 and 3 days before. Nobody
 * is suspended who was not told both times and that long before, however many nights were missed. The last administrator
 * who is left is spared: somebody has to reinstate.
 * @param night the night that ends; what is said is said on the morning after it
 */
export async function suspendInactive(
  parts: Parts,
  night: IsoDate,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const today = addDays(night, 1);
  for (const person of await inactivePeople(parts, today)) {
    signal?.throwIfAborted();
    const { suspendsOn, remindedOn } = person;
    if (!suspendsOn) await tellFirst(parts, person, today);
    else if (!remindedOn && today >= addDays(suspendsOn, -noticeDays.last)) await tellLast(parts, person, today);
    else if (remindedOn && today >= suspendsOn && today >= addDays(remindedOn, noticeDays.last))
      await suspendOne(parts, person);
  }
}

/** Everybody whose time is near, the day since when, and what they were told about it. */
async function inactivePeople({ db, program }: Parts, today: IsoDate): Promise<Inactive[]> {
  const { rows } = await db.raw(
    `select u.id, u.user_id as "userId", u.email, u.role, active.since, n.suspends_on as "suspendsOn",
         n.reminded_on as "remindedOn"
       from users u
       cross join lateral (
         select (greatest(u.created_at, (select max(l.seen_at) from logins l where l.user_id = u.id),
           (select max(x.lifted_at) from suspensions x where x.user_id = u.id or x.practice_id = u.practice_id))
           at time zone :timeZone)::date as since
       ) active
       left join inactivity_notices n on n.user_id = u.id and n.since = active.since
      where active.since <= :near and not ${suspendedSql}
      order by u.id`,
    { timeZone: program.timeZone, near: addDays(today, noticeDays.first - program.inactiveDays) },
  );
  return rows;
}

async function tellFirst({ db, ...parts }: Parts, person: Inactive, today: IsoDate): Promise<void> {
  const { since } = person;
  // Told late, it is suspended late.
  const days = [addDays(since, parts.program.inactiveDays), addDays(today, noticeDays.first)];
  const suspendsOn = days.sort().at(-1) ?? today;
  await db.transaction(async (trx) => {
    const told = await trx("inactivity_notices")
      .insert({ user_id: person.id, since, suspends_on: suspendsOn })
      .onConflict()
      .ignore()
      .returning("since");
    if (told.length) await mail(trx, parts, person, suspendsOn);
  });
}

async function tellLast({ db, ...parts }: Parts, person: Inactive, today: IsoDate): Promise<void> {
  const soonest = addDays(today, noticeDays.last);
  await db.transaction(async (trx) => {
    const [told] = await trx("inactivity_notices")
      .where({ user_id: person.id, since: person.since })
      .whereNull("reminded_on")
      .update({ reminded_on: today, suspends_on: trx.raw("greatest(suspends_on, ?)", [soonest]) })
      .returning("suspends_on");
    if (told) await mail(trx, parts, person, told.suspends_on);
  });
}

async function suspendOne(parts: Parts, person: Inactive): Promise<void> {
  if (person.role === "administrator") {
    const others = await parts
      .db("users as u")
      .where("u.role", "administrator")
      .whereNot("u.id", person.id)
      .whereRaw(`not ${suspendedSql}`)
      .first("u.id");
    if (!others) return;
  }
  const reason = `No log-in for ${parts.program.inactiveDays} days`;
  await suspend(parts, portalItself, null, { personId: person.id, why: "inactivity", reason });
}

async function mail(
  trx: Trx,
  { clock, program, publicUrl }: Omit<Parts, "db">,
  person: Inactive,
  suspendsOn: IsoDate,
): Promise<void> {
  const day = formatDate(suspendsOn);
  await sendMessage(trx, clock.now(), {
    channel: "email",
    to: person.email,
    subject: `Your ${program.name} User ID will be suspended on ${day}`,
    text: `Nobody has logged in to ${program.name} as ${person.userId} since ${formatDate(person.since)}. User IDs that are not used for ${program.inactiveDays} days are suspended: this one on ${day}. To keep it, log in once before then: ${publicUrl}/login. If you do not need it any more, nothing needs doing. Questions? Call us: ${program.phone}.`,
  });
}
