import { randomUUIDv7 } from "node:crypto";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { linkTokenHash, newLinkToken } from "../platform/link-tokens.ts";
import { sendMessage } from "../platform/messages.ts";
import { type Role, roleNames } from "./permissions.ts";
import type { Team } from "./team.ts";
import type { Viewer } from "./viewer.ts";

const daysOfInvitation = 7;
const mostOpen = 100;
const mostSentAnHour = 30;

export type InviteParts = { db: Db; clock: Clock; program: { name: string; phone: string }; publicUrl: string };

export type Invited = { name: string; email: string; role: Role; locationId: string | null };

/**
 * Invites somebody to the practice, or to the program's staff, by a link that works once, for seven days.
 * @param invited.id the form's own key: pressing the button again invites once
 * @throws Declined when the role is none of the team's, the address has an open invitation, or too many go out
 */
export async function invite(
  parts: InviteParts,
  actor: Actor,
  given: { viewer: Viewer; team: Team; invited: Invited & { id: string } },
): Promise<void> {
  const { db, clock } = parts;
  const { viewer, team, invited } = given;
  if (!team.roles.includes(invited.role)) throw new Declined({ role: "Choose a role" });
  await db.transaction(async (trx) => {
    await team.lock(trx);
    const made = await trx("invitations").where({ id: invited.id }).first("practice_id", "email");
    if (made && made.practice_id === team.practiceId && made.email === invited.email) return;
    if (made) throw new Declined({ form: "This form has invited somebody already. Begin again from the list." });
    await refuseTooMany(trx, team, actor, clock.now());
    if (await openInvitations(trx, team).whereRaw("lower(email) = lower(?)", [invited.email]).first("id")) {
      throw new Declined({
        email: "There is an open invitation for this address. Send that one again, or withdraw it.",
      });
    }

    const { token, ...link } = newLink(clock.now());
    await trx("invitations").insert({
      id: invited.id,
      practice_id: team.practiceId,
      home_location_id: invited.locationId,
      name: invited.name,
      email: invited.email,
      role: invited.role,
      invited_by: viewer.id,
      ...link,
    });
    await mailInvitation(trx, parts, { ...invited, token, by: viewer.name, team: team.name });
    const details = { role: invited.role };
    await audit(trx, actor, { at: clock.now(), action: "person invited", subjectId: invited.id, details });
  });
}

/**
 * Sends an open invitation again: the link before is dead.
 * @throws Refused 404 when it is not the team's, or not open any more
 */
export async function sendInvitationAgain(
  parts: InviteParts,
  actor: Actor,
  given: { viewer: Viewer; team: Team; id: string },
): Promise<void> {
  const { db, clock } = parts;
  await db.transaction(async (trx) => {
    await given.team.lock(trx);
    const { token, ...link } = newLink(clock.now());
    await refuseTooMany(trx, given.team, actor, clock.now());
    const [row] = await openInvitations(trx, given.team).where({ id: given.id }).update(link).returning("*");
    if (!row) throw notFound();
    if (row.person_id) {
      const person = await trx("users").where({ id: row.person_id }).first("user_id");
      await mailFirstPassword(trx, parts, { ...row, token, userId: person.user_id, team: given.team.name });
    } else {
      await mailInvitation(trx, parts, { ...row, token, by: given.viewer.name, team: given.team.name });
    }
    await audit(trx, actor, { at: clock.now(), action: "invitation sent again", subjectId: given.id });
  });
}

/** Withdraws an open invitation: its link is dead. Withdrawing twice withdraws once. */
export async function withdrawInvitation(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  given: { team: Team; id: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const of = { id: given.id, practice_id: given.team.practiceId, person_id: null };
    if (!(await trx("invitations").where(of).first("id"))) throw notFound();
    const withdrawn = await trx("invitations")
      .where(of)
      .whereNull("accepted_at")
      .whereNull("withdrawn_at")
      .update({ withdrawn_at: clock.now() });
    if (withdrawn) await audit(trx, actor, { at: clock.now(), action: "invitation withdrawn", subjectId: given.id });
  });
}

const openInvitations = (trx: Trx, team: Team) =>
  trx("invitations").where({ practice_id: team.practiceId }).whereNull("accepted_at").whereNull("withdrawn_at");

/** Of what strangers get in the program's name there is an end: people with an invitation open, and mails in an hour. */
async function refuseTooMany(trx: Trx, team: Team, actor: Actor, now: Date): Promise<void> {
  const open = await openInvitations(trx, team).count().first();
  const sent = await trx("audit_events")
    .where({ user_id: actor.userId })
    .whereIn("action", ["person invited", "invitation sent again"])
    .where("at", ">", new Date(now.getTime() - 3_600_000))
    .count()
    .first();
  if (Number(open?.count) >= mostOpen)
    throw new Declined({ form: "Too many invitations are open. Withdraw some first." });
  if (Number(sent?.count) >= mostSentAnHour)
    throw new Declined({ form: "Many invitations went out within the hour. Wait a while, then go on." });
}

/** A token and what is kept of it. */
export function newLink(now: Date) {
  const token = newLinkToken();
  const expiresAt = new Date(now.getTime() + daysOfInvitation * 86_400_000);
  return { token, token_hash: linkTokenHash(token), sent_at: now, expires_at: expiresAt };
}

type Mailed = { token: string; name: string; email: string; team: string };

async function mailInvitation(
  trx: Trx,
  { clock, program, publicUrl }: InviteParts,
  { token, name, email, team, role, by }: Mailed & { role: Role; by: string },
): Promise<void> {
  const text = `Hello ${name},\n\n${by} invites you to work with ${program.name} at ${team}, as: ${roleNames[role]}. Open this link within ${daysOfInvitation} days to choose your User ID and your password:\n\n${publicUrl}/invitations/${token}\n\nIt works once. If you do not know ${by}, throw this message away, or call ${program.phone}.`;
  const subject = `${by} invites you to ${team}`;
  await sendMessage(trx, clock.now(), { channel: "email", to: email, subject, text });
}

async function mailFirstPassword(
  trx: Trx,
  { clock, program, publicUrl }: InviteParts,
  { token, name, email, team, userId }: Mailed & { userId: string },
): Promise<void> {
  const text = `Hello ${name},\n\n${team} can work with ${program.name} now. Your User ID is\n\n  ${userId}\n\nOpen this link within ${daysOfInvitation} days to set your password:\n\n${publicUrl}/invitations/${token}\n\nIt works once. If it is too old, call ${program.phone}, and we send another one.`;
  const subject = `Welcome to ${program.name}: set your password`;
  await sendMessage(trx, clock.now(), { channel: "email", to: email, subject, text });
}

/**
 * Adds the owner of a practice that was just founded, with a User ID made of its name, and mails a link that sets the
 * password: it works once, for seven days. Nobody ever has a password but the person.
 * @param owner.passwordHash of something that nobody knows
 */
export async function addOwner(
  trx: Trx,
  parts: InviteParts,
  owner: {
    practice: { id: string; name: string; homeLocationId: string | null };
    person: { name: string; email: string; phone: string };
    passwordHash: string;
  },
): Promise<{ id: string; userId: string }> {
  const { practice, person } = owner;
  const now = parts.clock.now();
  const id = randomUUIDv7();
  const userId = await insertPerson(trx, ownersUserIds(practice.name), {
    id,
    practice_id: practice.id,
    home_location_id: practice.homeLocationId,
    role: "owner",
    ...person,
    password_hash: owner.passwordHash,
    created_at: now,
  });
  const { token, ...link } = newLink(now);
  await trx("invitations").insert({
    id: randomUUIDv7(),
    practice_id: practice.id,
    person_id: id,
    role: "owner",
    ...link,
    name: person.name,
    email: person.email,
  });
  await mailFirstPassword(trx, parts, { ...person, token, userId, team: practice.name });
  return { id, userId };
}

/** `riverside.owner`, and then with the whole name or a number, until one is free. */
function* ownersUserIds(practiceName: string): Generator<string> {
  const words = plainWords(practiceName);
  yield `${words[0] ?? "practice"}.owner`;
  yield `${words.slice(0, 3).join("-") || "practice"}.owner`;
  for (let number = 2; ; number += 1) yield `${words[0] ?? "practice"}.owner${number}`;
}

/** Words of a name in the letters that a User ID takes: "Dr. Núñez" is "dr", "nunez". */
export const plainWords = (name: string): string[] =>
  name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .map((word) => word.slice(0, 20));

async function insertPerson(trx: Trx, userIds: Iterable<string>, person: object): Promise<string> {
  for (const userId of userIds) {
    const [made] = await trx("users")
      .insert({ ...person, user_id: userId })
      .onConflict("user_id")
      .ignore()
      .returning("id");
    if (made) return userId;
  }
  throw new Error("No User ID was free");
}
