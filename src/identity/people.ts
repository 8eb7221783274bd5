import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import type { Role } from "./permissions.ts";
import type { Team } from "./team.ts";

/** Somebody of a team, as whoever looks after it sees them. */
export type TeamPerson = {
  id: string;
  userId: string;
  name: string;
  email: string;
  phone: string;
  role: Role;
  lastSeenAt: Date | null;
  hasFactor: boolean;
  removedAt: Date | null;
};

const people = (db: Db, team: Team) =>
  db("users as u")
    .where("u.practice_id", team.practiceId)
    .select(
      "u.id",
      "u.user_id as userId",
      "u.name",
      "u.email",
      "u.phone",
      "u.role",
      "u.removed_at as removedAt",
      db.raw(`exists (select from second_factors f where f.user_id = u.id) as "hasFactor"`),
      db.raw(`(select max(l.seen_at) from logins l where l.user_id = u.id) as "lastSeenAt"`),
    );

/** Everybody of a team, those who were removed last. */
export async function peopleOf(db: Db, team: Team): Promise<TeamPerson[]> {
  return people(db, team).orderByRaw("u.removed_at is not null, u.name, u.user_id");
}

/** One person of a team; 404 for anybody else. */
export async function findPersonOf(db: Db, team: Team, id: string): Promise<TeamPerson> {
  const person = await people(db, team).where("u.id", id).first();
  if (!person) throw notFound();
  return person;
}

export type ListedInvitation = {
  id: string;
  name: string;
  email: string;
  role: Role;
  sentAt: Date;
  expiresAt: Date;
  /** Of somebody who is in already, and has only to set a password. */
  personId: string | null;
};

/** The invitations that wait to be accepted, the newest first; those that are too old can be sent again. */
export async function openInvitationsOf(db: Db, team: Team): Promise<ListedInvitation[]> {
  return db("invitations")
    .where({ practice_id: team.practiceId })
    .whereNull("accepted_at")
    .whereNull("withdrawn_at")
    .orderBy("sent_at", "desc")
    .select("id", "name", "email", "role", "sent_at as sentAt", "expires_at as expiresAt", "person_id as personId");
}
