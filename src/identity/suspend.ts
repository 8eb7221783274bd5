import { randomUUIDv7 } from "node:crypto";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import { voidPending } from "./challenges.ts";
import { logOutEverywhere } from "./logins.ts";
import { refuseHelp } from "./support-acts.ts";
import type { SuspensionCause } from "./suspensions.ts";
import type { Viewer } from "./viewer.ts";

type Parts = { db: Db; clock: Clock; program: { name: string; phone: string } };

/** One person, or a whole practice with everybody there. */
export type Suspended = { personId: string } | { practiceId: string };

type Person = { id: string; user_id: string; email: string; role: string };

/**
 * Suspends a person or a whole practice: every log-in ends at once on every node, waiting codes and links are void, and
 * nobody of them gets in until support reinstates. The person (of a practice its owners) is told. Twice does no more.
 * @param helper who suspends; null is the portal itself, for inactivity
 * @throws Refused when the helper may not
 */
export async function suspend(
  { db, clock, program }: Parts,
  actor: Actor,
  helper: Viewer | null,
  given: Suspended & { why: SuspensionCause; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const { name, people, ...subject } = await subjectOf(trx, helper, given);
    const now = clock.now();
    const row = { id: randomUUIDv7(), ...subject, why: given.why, reason: given.reason, suspended_at: now };
    const added = await trx("suspensions")
      .insert({ ...row, suspended_by: helper?.id ?? null })
      .onConflict()
      .ignore()
      .returning("id");
    if (!added.length) return;
    for (const { id } of people) {
      await voidPending(trx, id, now);
      await logOutEverywhere(trx, clock, actor, { id, because: "suspended" });
    }
    const details = { why: given.why, reason: given.reason };
    await audit(trx, actor, { at: now, action: `${kindOf(given)} suspended`, subjectId: idOf(given), details });
    const text = `${name(program.name)} was suspended ${causes[given.why]}, and every log-in was ended. To have it reinstated, call us: ${program.phone}.`;
    await tell(trx, now, people, { subject: `Suspended at ${program.name}`, text });
  });
}

const causes = {
  policy: "by policy of the program",
  request: "because that was asked of us",
  inactivity: "because nobody had logged in with it for a long time",
};

/**
 * Lifts a suspension, so that the person, or everybody at the practice, gets in again with what they had.
 * @throws Refused when the helper may not
 */
export async function reinstate(
  { db, clock, program }: Parts,
  actor: Actor,
  helper: Viewer,
  given: Suspended & { reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const { name, people, ...subject } = await subjectOf(trx, helper, given);
    const now = clock.now();
    const lifted = await trx("suspensions")
      .where(subject)
      .whereNull("lifted_at")
      .update({ lifted_at: now, lifted_by: helper.id, lifted_because: given.reason });
    if (!lifted) return;
    const details = { reason: given.reason };
    await audit(trx, actor, { at: now, action: `${kindOf(given)} reinstated`, subjectId: idOf(given), details });
    const text = `${name(program.name)} was reinstated: you can log in again. If you did not ask for that, call us: ${program.phone}.`;
    await tell(trx, now, people, { subject: `Reinstated at ${program.name}`, text });
  });
}

const kindOf = (given: Suspended) => ("personId" in given ? "user" : "practice");
const idOf = (given: Suspended) => ("personId" in given ? given.personId : given.practiceId);

async function subjectOf(trx: Trx, helper: Viewer | null, given: Suspended) {
  if ("personId" in given) {
    const person = await trx("users")
      .where({ id: given.personId })
      .forUpdate()
      .first("id", "user_id", "email", "role", "practice_id");
    if (!person) throw notFound();
    if (helper) refuseHelp(helper, person);
    const people: Person[] = [person];
    return { user_id: person.id, people, name: (program: string) => `The ${program} User ID ${person.user_id}` };
  }
  const practice = await trx("practices").where({ id: given.practiceId }).forUpdate().first("id", "name");
  if (!practice) throw notFound();
  const people: Person[] = await trx("users")
    .where({ practice_id: practice.id })
    .orderBy("id")
    .select("id", "user_id", "email", "role");
  return { practice_id: practice.id, people, name: (program: string) => `${practice.name} at ${program}` };
}

/** One person is told; of a practice its owners are. */
async function tell(trx: Trx, now: Date, people: Person[], mail: { subject: string; text: string }): Promise<void> {
  const told = people.length === 1 ? people : people.filter(({ role }) => role === "owner");
  for (const { email } of told) await sendMessage(trx, now, { channel: "email", to: email, ...mail });
}
