import { randomUUIDv7 } from "node:crypto";
import { counted } from "../lib/wording.ts";
import { type Actor, audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import { callOffReset } from "./call-off-reset.ts";
import { voidPending } from "./challenges.ts";
import { logOutEverywhere } from "./logins.ts";
import { refuseHelp } from "./support-acts.ts";
import type { Viewer } from "./viewer.ts";

/** How support can know who somebody is, without asking for what an attacker would have too; two of them at least. */
export const identityChecks = {
  calledBack: "I called back on a number that we had before",
  ownerConfirmed: "The owner of the practice, or a colleague we know, confirmed it",
  namedFigures: "They named the date and amount of a recent deposit or sale",
  namedPeople: "They named the practice’s address and who else works there",
} as const;
export type IdentityCheck = keyof typeof identityChecks;

/** Approved by a second person of support, a reset still leaves this long for the notices to be read. */
const leastWaitHours = 1;

type Program = { name: string; phone: string; resetHours: number };
type Parts = { db: Db; clock: Clock; program: Program };

export type WaitingReset = {
  askedBy: string;
  askedById: string;
  askedAt: Date;
  checks: IdentityCheck[];
  reason: string;
  dueAt: Date;
  approvedBy: string | null;
};

/** The reset that waits for a person, if one does. */
export async function waitingReset(db: Db, personId: string): Promise<WaitingReset | null> {
  const row = await waiting(db)
    .join("users as by", "by.id", "r.asked_by")
    .leftJoin("users as second", "second.id", "r.approved_by")
    .where("r.user_id", personId)
    .first(
      "by.user_id as askedBy",
      "by.id as askedById",
      "r.asked_at as askedAt",
      "r.checks",
      "r.reason",
      "r.due_at as dueAt",
      "second.user_id as approvedBy",
    );
  return row ?? null;
}

const waiting = (db: Db) => db("factor_resets as r").whereNull("r.done_at").whereNull("r.called_off_at");

/**
 * Asks for all second factors of a person to be taken away, once support has checked who they are. It waits, and every
 * known address is told at once; a log-in with one of the factors calls it off.
 * @throws Declined with fewer than two checks, or when one waits already
 */
export async function askFactorReset(
  { db, clock, program }: Parts,
  actor: Actor,
  helper: Viewer,
  given: { personId: string; reason: string; checks: IdentityCheck[] },
): Promise<void> {
  if (given.checks.length < 2) throw new Declined({ checks: "Check at least two of these before you go on" });
  await db.transaction(async (trx) => {
    const person = await lockPerson(trx, helper, given.personId);
    const now = clock.now();
    const dueAt = new Date(now.getTime() + program.resetHours * 3_600_000);
    const added = await trx("factor_resets")
      .insert({
        id: randomUUIDv7(),
        user_id: person.id,
        asked_by: helper.id,
        asked_at: now,
        due_at: dueAt,
        checks: given.checks,
        reason: given.reason,
      })
      .onConflict()
      .ignore()
      .returning("id");
    if (!added.length) throw new Declined({ resetReason: "A reset waits for this person already." });
    const details = { reason: given.reason, checks: given.checks.join(", ") };
    await audit(trx, actor, { at: now, action: "factor reset asked", subjectId: person.id, details });
    const text = `${program.name} support was asked to take away the second factors of the User ID ${person.user_id}. That happens ${counted(program.resetHours, "hour")} from now. If you did not ask for it, log in as usual with your second factor, which calls it off, and call us at once: ${program.phone}.`;
    await tellEveryAddress(trx, now, person, { subject: "Your second factors are to be reset", text });
  });
}

/**
 * A second person of support vouches for a waiting reset, which shortens the wait to an hour after it was asked for.
 * @throws Declined when none waits, or the helper is who asked for it
 */
export async function approveFactorReset(
  { db, clock }: Parts,
  actor: Actor,
  helper: Viewer,
  given: { personId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const person = await lockPerson(trx, helper, given.personId);
    const reset = await waitingReset(trx, person.id);
    if (!reset) throw new Declined({ approvalReason: "No reset waits for this person." });
    if (reset.askedById === helper.id)
      throw new Declined({ approvalReason: "You asked for it: somebody else has to approve it." });
    const now = clock.now();
    const soonest = new Date(Math.max(reset.askedAt.getTime() + leastWaitHours * 3_600_000, now.getTime()));
    await waiting(trx)
      .where("r.user_id", person.id)
      .update({ approved_by: helper.id, due_at: trx.raw("least(due_at, ?)", [soonest]) });
    const details = { reason: given.reason };
    await audit(trx, actor, { at: now, action: "factor reset approved", subjectId: person.id, details });
  });
}

/** Support calls a waiting reset off. */
export async function stopFactorReset(
  { db, clock, program }: Parts,
  actor: Actor,
  helper: Viewer,
  given: { personId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const person = await lockPerson(trx, helper, given.personId);
    await callOffReset(trx, { now: clock.now(), program }, actor, { personId: person.id, because: given.reason });
  });
}

/** Does the resets whose wait is over, each once. Returns how many. */
export async function finishDueResets({ db, clock, program }: Parts): Promise<number> {
  const due: { id: string; user_id: string }[] = await waiting(db)
    .where("r.due_at", "<=", clock.now())
    .orderBy("r.due_at")
    .select("r.id", "r.user_id");
  for (const reset of due) await db.transaction((trx) => finishReset(trx, { now: clock.now(), clock, program }, reset));
  return due.length;
}

/**
 * Takes all second factors and recovery codes away, ends every log-in and whatever waited, and has the person add a new
 * factor at the next log-in. Every known address is told.
 */
async function finishReset(
  trx: Trx,
  { now, clock, program }: { now: Date; clock: Clock; program: Program },
  { id, user_id }: { id: string; user_id: string },
): Promise<void> {
  const person = await lockPerson(trx, null, user_id);
  if (!(await waiting(trx).where("r.id", id).update({ done_at: now }))) return; // called off, or done by another node
  await trx("second_factors").where({ user_id: person.id }).delete();
  await trx("recovery_codes").where({ user_id: person.id }).delete();
  await trx("users").where({ id: person.id }).update({ needs_factor: true });
  await voidPending(trx, person.id, now);
  await logOutEverywhere(trx, clock, portalItself, { id: person.id, because: "second factors reset by support" });
  await audit(trx, portalItself, { at: now, action: "second factors reset", subjectId: person.id });
  const text = `${program.name} support took away the second factors of the User ID ${person.user_id}. At the next log-in a new one has to be added. If you did not ask for that, call us at once: ${program.phone}.`;
  await tellEveryAddress(trx, now, person, { subject: "Your second factors were reset", text });
}

type Person = { id: string; user_id: string; email: string; phone: string; practice_id: string | null };

async function lockPerson(trx: Trx, helper: Viewer | null, id: string): Promise<Person> {
  const person = await trx("users").where({ id }).forUpdate().first("id", "user_id", "email", "phone", "practice_id");
  if (!person) throw notFound();
  if (helper) refuseHelp(helper, person);
  return person;
}

async function tellEveryAddress(
  trx: Trx,
  now: Date,
  { email, phone }: Person,
  message: { subject: string; text: string },
): Promise<void> {
  await sendMessage(trx, now, { channel: "email", to: email, ...message });
  await sendMessage(trx, now, { channel: "sms", to: phone, ...message });
}
