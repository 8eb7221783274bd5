import { type Factor, factorsOf } from "../identity/factors.ts";
import { lockOf } from "../identity/failures.ts";
import { type LogInLimits, type Login, loginsOf } from "../identity/logins.ts";
import type { Role } from "../identity/permissions.ts";
import { type WaitingReset, waitingReset } from "../identity/reset-factors.ts";
import { type Suspension, suspendedSql, suspensionOf, suspensionOfPractice } from "../identity/suspensions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { hasPart, partOf } from "../platform/find-text.ts";
import type { Vault } from "../platform/secrets.ts";
import { everyLocationOf, findPractice, type Location, type Practice } from "../practices/queries.ts";

export type FoundPerson = {
  id: string;
  userId: string;
  name: string;
  role: Role;
  practiceId: string | null;
  practiceName: string | null;
  email: string;
  isSuspended: boolean;
};

/** People by any part of User ID, name, e-mail, phone or practice, or by their id. */
export async function searchPeople(db: Db, typed: string, most = 50): Promise<FoundPerson[]> {
  return people(db)
    .whereRaw(hasPart("concat_ws(' ', u.user_id, u.name, u.email, u.phone, p.name, u.id)"), [partOf(typed.trim())])
    .orderBy("u.user_id")
    .limit(most);
}

export type Person = FoundPerson & {
  phone: string;
  suspension: Suspension | null;
  lock: { failures: number; lockedUntil: Date | null; off: boolean };
  factors: Factor[];
  logins: Login[];
  exception: { reason: string; allowedBy: string } | null;
  reset: WaitingReset | null;
  history: { at: Date; action: string; by: string | null }[];
};

/** What happened to a person's User ID of late: log-ins, failures, locks, changes and acts of support, but for mere looks. */
async function historyOf(db: Db, id: string): Promise<Person["history"]> {
  return db("audit_events as e")
    .leftJoin("users as by", "by.id", "e.user_id")
    .where("e.subject_id", id)
    .whereNot("e.action", "user looked up")
    .orderBy([
      { column: "e.at", order: "desc" },
      { column: "e.id", order: "desc" },
    ])
    .limit(15)
    .select("e.at", "e.action", "by.user_id as by");
}

/** One person with what support needs to help them: suspension, lock, factors, log-ins, and what happened. */
export async function findPerson(
  parts: { db: Db; clock: Clock; vault: Vault; program: LogInLimits },
  id: string,
): Promise<Person> {
  const { db, vault } = parts;
  const person = await people(db).where("u.id", id).first();
  if (!person) throw notFound();
  const [suspension, lock, factors, logins, exception, reset, history] = await Promise.all([
    suspensionOf(db, id),
    lockOf(db, vault, person.userId),
    factorsOf(db, id),
    loginsOf(parts, id, 10),
    db("factor_exceptions").where({ user_id: id }).first("reason", "allowed_by as allowedBy"),
    waitingReset(db, id),
    historyOf(db, id),
  ]);
  return { ...person, suspension, lock, factors, logins, exception: exception ?? null, reset, history };
}

const people = (db: Db) =>
  db("users as u")
    .leftJoin("practices as p", "p.id", "u.practice_id")
    .select(
      "u.id",
      "u.user_id as userId",
      "u.name",
      "u.role",
      "u.email",
      "u.phone",
      "p.id as practiceId",
      "p.name as practiceName",
      db.raw(`${suspendedSql} as "isSuspended"`),
    );

export type PracticeSeen = Practice & {
  suspension: Suspension | null;
  locations: Location[];
  people: (FoundPerson & { lastSeenAt: Date | null })[];
  accounts: number;
  lastSaleAt: Date | null;
};

/** A practice as support sees it: where it is, who works there, how much it uses the portal. */
export async function findPracticeSeen(db: Db, id: string): Promise<PracticeSeen> {
  const practice = await findPractice(db, id);
  const [suspension, locations, staff, counted, last] = await Promise.all([
    suspensionOfPractice(db, id),
    everyLocationOf(db, id),
    people(db)
      .where("u.practice_id", id)
      .orderBy("u.name")
      .select(db.raw(`(select max(l.seen_at) from logins l where l.user_id = u.id) as "lastSeenAt"`)),
    db("practice_accounts").where({ practice_id: id }).count().first(),
    db("transactions").where({ practice_id: id, kind: "sale" }).orderBy("recorded_at", "desc").first("recorded_at"),
  ]);
  return {
    ...practice,
    suspension,
    locations,
    people: staff,
    accounts: Number(counted?.count ?? 0),
    lastSaleAt: last?.recorded_at ?? null,
  };
}
