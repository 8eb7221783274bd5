import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound, Refused } from "../platform/errors.ts";
import type { Viewer } from "./viewer.ts";

/** What the program asks: a factor of everyone (always in production), and whether codes by e-mail are allowed. */
export type FactorPolicy = { everyone: boolean; staffNeedStrong: boolean; emailCodes: boolean };

/**
 * Whether somebody must add a second factor before anything else: where the program asks it of everyone (save for
 * exceptions by name), where the practice asks it of them or of everybody there, and where e-mail is the only one they
 * have while the program has switched e-mail codes off. SQL on `u` (users) and `p` (their practice).
 */
export function mustAddFactorSql({ everyone, staffNeedStrong, emailCodes }: FactorPolicy): string {
  const has = (kinds: string) =>
    `exists (select from second_factors f where f.user_id = u.id and f.kind in (${kinds}))`;
  const enough = has(emailCodes ? "'passkey', 'totp', 'sms', 'email'" : "'passkey', 'totp', 'sms'");
  const excepted = "exists (select from factor_exceptions e where e.user_id = u.id)";
  const asked = [
    "u.needs_factor",
    "coalesce(p.needs_factor, false)",
    ...(everyone ? [`not ${excepted}`] : []),
    ...(emailCodes ? [] : [has("'email'")]),
  ].join(" or ");
  const staff = staffNeedStrong
    ? `(u.practice_id is null and not ${excepted} and not ${has("'passkey', 'totp'")}) or `
    : "";
  return `(${staff}(not ${enough} and (${asked})))`;
}

/** The same question about one person. */
export async function mustAddFactor(db: Db, policy: FactorPolicy, userId: string): Promise<boolean> {
  const row = await db("users as u")
    .leftJoin("practices as p", "p.id", "u.practice_id")
    .where("u.id", userId)
    .first(db.raw(`${mustAddFactorSql(policy)} as asked`));
  return Boolean(row?.asked);
}

export type PracticePerson = {
  id: string;
  userId: string;
  name: string;
  role: string;
  needsFactor: boolean;
  hasFactor: boolean;
  lastSeenAt: Date | null;
};

/** The people of the viewer's practice, and whether a second factor is asked of all of them. */
export async function peopleOfPractice(
  db: Db,
  practiceId: string,
): Promise<{ everybody: boolean; people: PracticePerson[] }> {
  const practice = await db("practices").where({ id: practiceId }).first("needs_factor");
  const people = await db("users as u")
    .where({ practice_id: practiceId })
    .whereNull("u.removed_at")
    .orderBy("u.name")
    .select(
      "u.id",
      "u.user_id as userId",
      "u.name",
      "u.role",
      "u.needs_factor as needsFactor",
      db.raw(`exists (select from second_factors f where f.user_id = u.id) as "hasFactor"`),
      db.raw(`(select max(l.seen_at) from logins l where l.user_id = u.id) as "lastSeenAt"`),
    );
  return { everybody: practice.needs_factor, people };
}

/** Asks a second factor of everybody at the viewer's practice, or of the people named; of the others no more. */
export async function askFactorOf(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  practiceId: string,
  asked: { everybody: boolean; people: string[] },
): Promise<void> {
  await db.transaction(async (trx) => {
    await trx("practices").where({ id: practiceId }).update({ needs_factor: asked.everybody });
    await trx("users")
      .where({ practice_id: practiceId })
      .update({ needs_factor: trx.raw("id = any(?::uuid[])", [asked.people]) });
    const details = { everybody: String(asked.everybody), people: asked.people.length };
    await audit(trx, actor, { at: clock.now(), action: "second factor asked", subjectId: practiceId, details });
  });
}

/** Lets one person go without a second factor where everyone needs one: by name, with the reason and who allowed it. */
export async function exceptFromFactor(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  admin: Viewer,
  given: { personId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const person = await trx("users").where({ id: given.personId }).first("id");
    if (!person) throw notFound();
    if (person.id === admin.id) throw new Refused(403, "Another administrator has to do this for you.");
    const exception = { user_id: person.id, reason: given.reason, allowed_by: admin.userId, allowed_at: clock.now() };
    await trx("factor_exceptions").insert(exception).onConflict("user_id").merge();
    await audit(trx, actor, {
      at: clock.now(),
      action: "second factor excepted",
      subjectId: person.id,
      details: { reason: given.reason },
    });
  });
}
