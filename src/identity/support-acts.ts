import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined, notFound, Refused } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import { forgetAllFailures } from "./failures.ts";
import { logOutEverywhere } from "./logins.ts";
import { mailReset } from "./recover.ts";
import { suspensionOf } from "./suspensions.ts";
import type { Viewer } from "./viewer.ts";

/** Nobody helps themselves in, and support does not help administrators: another administrator does. */
export function refuseHelp(helper: Viewer, person: { id: string; practice_id: string | null }): void {
  if (person.id === helper.id) throw new Refused(403, "Somebody else has to do this for you.");
  if (person.practice_id === null && helper.role !== "administrator") {
    throw new Refused(403, "Only an administrator may do this for people of the program.");
  }
}

type Parts = { db: Db; clock: Clock; vault: Vault; program: { name: string; phone: string } };

/** Lifts the lock of a checked person's User ID, also the one after very many tries, and what a reset by e-mail held back. */
export async function unlockUser(
  parts: Parts,
  actor: Actor,
  helper: Viewer,
  given: { personId: string; reason: string },
): Promise<void> {
  const { db, clock, vault, program } = parts;
  await db.transaction(async (trx) => {
    const person = await trx("users").where({ id: given.personId }).first("id", "user_id", "email", "practice_id");
    if (!person) throw notFound();
    refuseHelp(helper, person);
    await forgetAllFailures(trx, vault, person.user_id);
    await trx("users").where({ id: person.id }).update({ reset_by_mail_at: null });
    await audit(trx, actor, {
      at: clock.now(),
      action: "unlocked",
      subjectId: person.id,
      details: { reason: given.reason },
    });
    const text = `${program.name} support unlocked the User ID ${person.user_id}. If you did not ask for that, call us: ${program.phone}.`;
    await sendMessage(trx, clock.now(), {
      channel: "email",
      to: person.email,
      subject: "Your User ID is unlocked",
      text,
    });
  });
}

/** Ends every log-in of a person at once, for instance because a computer was stolen. The person is told. */
export async function endLoginsOf(
  { db, clock, program }: Parts,
  actor: Actor,
  helper: Viewer,
  given: { personId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const person = await trx("users").where({ id: given.personId }).first("id", "user_id", "email", "practice_id");
    if (!person) throw notFound();
    refuseHelp(helper, person);
    const now = clock.now();
    const logins = await logOutEverywhere(trx, clock, actor, { id: person.id, because: "ended by support" });
    const details = { reason: given.reason, logins };
    await audit(trx, actor, { at: now, action: "log-ins ended by support", subjectId: person.id, details });
    const text = `${program.name} support ended every log-in of the User ID ${person.user_id}. You can log in again. If you did not ask for that, call us: ${program.phone}.`;
    const subject = "Your log-ins were ended";
    await sendMessage(trx, now, { channel: "email", to: person.email, subject, text });
  });
}

/**
 * Sends a person the link to a new password, as if they had asked for it on the log-in page; support never sees it.
 * @throws Declined when the person is suspended, or had several of these mails within the hour
 */
export async function sendRecoveryFor(
  parts: Parts & { publicUrl: string },
  actor: Actor,
  helper: Viewer,
  given: { personId: string; reason: string },
): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const person = await trx("users").where({ id: given.personId }).first("id", "user_id", "email", "practice_id");
    if (!person) throw notFound();
    refuseHelp(helper, person);
    if (await suspensionOf(trx, person.id))
      throw new Declined({ recoveryReason: "This person is suspended. Reinstate them first." });
    const byWhom = "password recovery sent by support";
    if (!(await mailReset(trx, parts, { person, actor, action: byWhom, details: { reason: given.reason } })))
      throw new Declined({ recoveryReason: "Several of these mails went out within the hour. Wait a while." });
  });
}
