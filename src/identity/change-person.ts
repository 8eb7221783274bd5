import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import { voidPending } from "./challenges.ts";
import { logOutEverywhere } from "./logins.ts";
import { type Role, roleNames } from "./permissions.ts";
import { lockForChange, type Team } from "./team.ts";
import type { Viewer } from "./viewer.ts";

type Parts = { db: Db; clock: Clock; program: { name: string; phone: string } };
type Change = { by: Viewer; team: Team; personId: string };

/**
 * Gives somebody of the team another role; it holds from their next click.
 * @throws Declined when it is one's own, or the team would be without its last head; 404 for anybody else's people
 */
export async function changeRole(parts: Parts, actor: Actor, change: Change & { role: Role }): Promise<void> {
  const { db, clock, program } = parts;
  const { team, role } = change;
  if (!team.roles.includes(role)) throw new Declined({ role: "Choose a role" });
  await db.transaction(async (trx) => {
    const person = await personFor(trx, change, { leavesHead: role !== team.head });
    if (person.role === role) return;
    await trx("users").where({ id: person.id }).update({ role });
    const details = { from: person.role, to: role };
    await audit(trx, actor, { at: clock.now(), action: "role changed", subjectId: person.id, details });
    await tell(
      trx,
      parts,
      person,
      `Your role at ${team.name} is now: ${roleNames[role]}. The ${program.name} User ID ${person.user_id} stays the same.`,
    );
  });
}

/**
 * Removes somebody from the team: every log-in ends at once, codes and links that wait are void, nobody gets in with
 * the User ID; what they did stays in the history. Twice does no more.
 * @throws Declined when it is oneself, or the team would be without its last head; 404 for anybody else's people
 */
export async function removePerson(parts: Parts, actor: Actor, change: Change): Promise<void> {
  const { db, clock, program } = parts;
  await db.transaction(async (trx) => {
    const person = await personFor(trx, change, { leavesHead: true });
    const now = clock.now();
    const removed = await trx("users")
      .where({ id: person.id })
      .whereNull("removed_at")
      .update({ removed_at: now, removed_by: change.by.id });
    if (!removed) return;
    await voidPending(trx, person.id, now);
    await trx("invitations")
      .where({ person_id: person.id })
      .whereNull("accepted_at")
      .whereNull("withdrawn_at")
      .update({ withdrawn_at: now });
    await logOutEverywhere(trx, clock, actor, { id: person.id, because: "removed" });
    await audit(trx, actor, { at: now, action: "person removed", subjectId: person.id });
    await tell(
      trx,
      parts,
      person,
      `The ${program.name} User ID ${person.user_id} at ${change.team.name} was removed. It lets nobody in any more.`,
    );
  });
}

/** Restores somebody who was removed, with the role, password and second factors they had. */
export async function restorePerson(parts: Parts, actor: Actor, change: Change): Promise<void> {
  const { db, clock, program } = parts;
  await db.transaction(async (trx) => {
    const person = await personFor(trx, change, { leavesHead: false });
    const now = clock.now();
    const restored = await trx("users")
      .where({ id: person.id })
      .whereNotNull("removed_at")
      .update({ removed_at: null, removed_by: null });
    if (!restored) return;
    await logOutEverywhere(trx, clock, actor, { id: person.id, because: "restored" });
    await audit(trx, actor, { at: now, action: "person restored", subjectId: person.id });
    await tell(
      trx,
      parts,
      person,
      `The ${program.name} User ID ${person.user_id} at ${change.team.name} was restored: you can log in again.`,
    );
  });
}

/** The person of a change, the team held: whoever was changed or removed in the meantime changes nobody. */
async function personFor(trx: Trx, { by, team, personId }: Change, { leavesHead }: { leavesHead: boolean }) {
  await lockForChange(trx, team, { by, who: personId, leavesHead });
  const person = await trx("users")
    .where({ id: personId })
    .whereRaw("practice_id is not distinct from ?", [team.practiceId])
    .forUpdate()
    .first("id", "user_id", "email", "role");
  if (!person) throw notFound();
  if (person.id === by.id) {
    const who = team.head === "owner" ? "owner" : "administrator";
    throw new Declined({ form: `Another ${who} has to do this for you. Invite one first if there is none.` });
  }
  return person;
}

async function tell(trx: Trx, { clock, program }: Parts, person: { email: string }, what: string): Promise<void> {
  const text = `${what} If that should not be, ask those you work for, or call us: ${program.phone}.`;
  const subject = `A change to your ${program.name} log-in`;
  await sendMessage(trx, clock.now(), { channel: "email", to: person.email, subject, text });
}
