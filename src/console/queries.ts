import { type Factor, factorsOf } from "../identity/factors.ts";
import { lockOf } from "../identity/failures.ts";
import { type LogInLimits, type Login, loginsOf } from "../identity/logins.ts";
import type { Role } from "../identity/permissions.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";

export type FoundPerson = {
  id: string;
  userId: string;
  name: string;
  role: Role;
  practiceName: string | null;
  email: string;
};

/** People by any part of User ID, name, e-mail or practice. */
export async function searchPeople(db: Db, typed: string): Promise<FoundPerson[]> {
  const like = `%${typed
    .trim()
    .toLowerCase()
    .replace(/[\\%_]/g, "\\$&")}%`;
  return people(db)
    .whereRaw("lower(u.user_id || ' ' || u.name || ' ' || u.email || ' ' || coalesce(p.name, '')) like ?", [like])
    .orderBy("u.user_id")
    .limit(50);
}

export type Person = FoundPerson & {
  phone: string;
  lock: { failures: number; lockedUntil: Date | null; off: boolean };
  factors: Factor[];
  logins: Login[];
  exception: { reason: string; allowedBy: string } | null;
};

/** One person with what support needs to help them: lock, factors, log-ins. */
export async function findPerson(
  parts: { db: Db; clock: Clock; vault: Vault; program: LogInLimits },
  id: string,
): Promise<Person> {
  const { db, vault } = parts;
  const person = await people(db).where("u.id", id).first();
  if (!person) throw notFound();
  const [lock, factors, logins, exception] = await Promise.all([
    lockOf(db, vault, person.userId),
    factorsOf(db, id),
    loginsOf(parts, id, 10),
    db("factor_exceptions").where({ user_id: id }).first("reason", "allowed_by as allowedBy"),
  ]);
  return { ...person, lock, factors, logins, exception: exception ?? null };
}

const people = (db: Db) =>
  db("users as u")
    .leftJoin("practices as p", "p.id", "u.practice_id")
    .select("u.id", "u.user_id as userId", "u.name", "u.role", "u.email", "u.phone", "p.name as practiceName");
