import { setTimeout } from "node:timers/promises";
import { type Actor, actorAt, audit, type Where } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { linkTokenHash, newLinkToken } from "../platform/link-tokens.ts";
import { sendMessage } from "../platform/messages.ts";
import { openChallenge, voidPending } from "./challenges.ts";
import { factorsOf } from "./factors.ts";
import { countAddress, liftLock } from "./failures.ts";
import { type LogInParts, normalUserId } from "./log-in.ts";
import { logOutEverywhere } from "./logins.ts";
import { checkPassword } from "./password-rules.ts";
import { type Proof, prove } from "./prove.ts";
import { suspendedSentence, suspensionOf } from "./suspensions.ts";

const minutesOfLink = 30;
const mostAnHour = 5;

/**
 * Sends the User IDs of an e-mail address, or a link to set a new password, to whom it belongs. The answer and its time
 * are the same whether there is such a person or not; nobody gets more than five such mails an hour.
 * @throws Refused when the address of the asker tries too often
 */
export async function sendRecovery(
  parts: LogInParts & { publicUrl: string },
  asked: { what: "userId" | "password"; email: string; userId: string } & Where,
): Promise<void> {
  const { db, clock, vault, program } = parts;
  await countAddress(db, vault, asked.address);
  const sameForAll = setTimeout(250);
  const action = "User ID recovery sent";
  const people = db("users").whereRaw("lower(email) = lower(?)", [asked.email.trim()]);
  if (asked.what === "password") people.where({ user_id: normalUserId(asked.userId) });
  const found: { id: string; user_id: string; email: string }[] = await people.select("id", "user_id", "email");

  await db.transaction(async (trx) => {
    const [first] = found;
    if (!first) return;
    const actor = actorAt(asked);
    if (asked.what === "password") {
      await mailReset(trx, parts, { person: first, actor, action: "password recovery sent" });
      return;
    }
    if (!(await mayBeMailed(trx, { userId: first.id, action, now: clock.now() }))) return;
    const list = found.map(({ user_id }) => `  ${user_id}`).join("\n");
    const text = `Somebody asked which ${program.name} User IDs belong to this address:\n\n${list}\n\nLog in at ${parts.publicUrl}/login. If you did not ask, nothing needs doing.`;
    const subject = `Your ${program.name} User ID`;
    await sendMessage(trx, clock.now(), { channel: "email", to: first.email, subject, text });
    await audit(trx, actor, { at: clock.now(), action, subjectId: first.id });
  });
  await sameForAll;
}

/**
 * Mails a person the link to a new password; whoever is suspended is told that instead.
 * @returns false when several of these mails went to them within the hour
 */
export async function mailReset(
  trx: Trx,
  { clock, program, publicUrl }: { clock: Clock; program: { name: string; phone: string }; publicUrl: string },
  given: {
    person: { id: string; user_id: string; email: string };
    actor: Actor;
    action: string;
    details?: Record<string, string>;
  },
): Promise<boolean> {
  const { person, actor, action, details = {} } = given;
  const now = clock.now();
  if (!(await mayBeMailed(trx, { userId: person.id, action, now }))) return false;
  await audit(trx, actor, { at: now, action, subjectId: person.id, details });
  const asked = `Somebody asked for a new password for the ${program.name} User ID ${person.user_id}.`;
  const suspension = await suspensionOf(trx, person.id);
  if (suspension) {
    const subject = `Your ${program.name} User ID is suspended`;
    const text = `${asked} ${suspendedSentence(suspension, program)}`;
    await sendMessage(trx, now, { channel: "email", to: person.email, subject, text });
    return true;
  }
  const token = newLinkToken();
  const usefulUntil = new Date(now.getTime() + minutesOfLink * 60_000);
  await trx("password_resets").insert({
    token_hash: linkTokenHash(token),
    user_id: person.id,
    expires_at: usefulUntil,
  });
  const text = `${asked} To choose one, open this link within ${minutesOfLink} minutes:\n\n${publicUrl}/recover/password/${token}\n\nIt works once. If you did not ask, nothing needs doing: your password still holds.`;
  const subject = `Choose a new ${program.name} password`;
  await sendMessage(trx, now, { channel: "email", to: person.email, subject, text, usefulUntil });
  return true;
}

/** The person's row is held, so that many requests at once are counted one after the other. */
async function mayBeMailed(trx: Trx, asked: { userId: string; action: string; now: Date }): Promise<boolean> {
  const { userId, action, now } = asked;
  await trx("users").where({ id: userId }).forUpdate().first("id");
  const counted = await trx("audit_events")
    .where({ subject_id: userId, action })
    .where("at", ">", new Date(now.getTime() - 3_600_000))
    .count()
    .first();
  return Number(counted?.count) < mostAnHour;
}

/** Whose link it is, as long as it works; opening it consumes nothing, for mail scanners open links too. */
export async function findReset({ db, clock }: LogInParts, token: string) {
  return db("password_resets as r")
    .join("users as u", "u.id", "r.user_id")
    .leftJoin("practices as p", "p.id", "u.practice_id")
    .where({ "r.token_hash": linkTokenHash(token) })
    .whereNull("r.used_at")
    .where("r.expires_at", ">", clock.now())
    .first("u.id", "u.user_id", "p.name as practice_name");
}

const deadLink = "This link has been used or is too old. Ask for a new one.";

/**
 * Takes the new password of a link. Where the person has a second factor the password waits for it, and nothing is
 * changed yet; otherwise it is changed at once.
 * @throws Declined when the password may not be, or the link no longer works
 */
export async function chooseNewPassword(
  parts: LogInParts,
  given: { token: string; newPassword: string } & Where,
): Promise<{ challengeId: string } | { changed: true }> {
  const reset = await findReset(parts, given.token);
  if (!reset) throw new Declined({ form: deadLink });
  checkPassword(given.newPassword, { userId: reset.user_id, practiceName: reset.practice_name });
  const newHash = await parts.passwords.hash(given.newPassword);
  return parts.db.transaction(async (trx) => {
    const { clock } = parts;
    const link = trx("password_resets")
      .where({ token_hash: linkTokenHash(given.token) })
      .whereNull("used_at");
    if (!(await link.where("expires_at", ">", clock.now()).update({ used_at: clock.now() })))
      throw new Declined({ form: deadLink });
    if ((await factorsOf(trx, reset.id)).length) {
      return {
        challengeId: await openChallenge(trx, parts, { userId: reset.id, purpose: "reset password", detail: newHash }),
      };
    }
    await setForgottenPassword(trx, parts, { userId: reset.id, newHash, heldBack: true, where: given });
    return { changed: true };
  });
}

/**
 * Changes a forgotten password once the second factor is shown: all log-ins end, the lock is lifted, nobody is logged in.
 * @throws Declined when the proof is wrong or spent
 */
export async function finishReset(
  parts: LogInParts,
  given: { challengeId: string; proof: Proof } & Where,
): Promise<void> {
  // Counted apart from the password's failures, so that a reset is open to somebody whom a stranger locked out.
  await prove(parts, { ...given, purpose: "reset password", device: "reset" }, async (trx, { challenge, provedBy }) => {
    if (!challenge.detail) throw new Error("A reset without its new password");
    const heldBack = provedBy === "email";
    await setForgottenPassword(trx, parts, {
      userId: challenge.person.id,
      newHash: challenge.detail,
      heldBack,
      where: given,
    });
  });
}

async function setForgottenPassword(
  trx: Trx,
  { clock, vault, program }: LogInParts,
  given: { userId: string; newHash: string; heldBack: boolean; where: Where },
): Promise<void> {
  const now = clock.now();
  const [user] = await trx("users")
    .where({ id: given.userId })
    .update({ password_hash: given.newHash, reset_by_mail_at: given.heldBack ? now : null })
    .returning(["id", "user_id", "email", "practice_id"]);
  await voidPending(trx, user.id, now);
  // Whoever never set a first password has one now: the link to set it must not change it past the second factor.
  await trx("invitations")
    .where({ person_id: user.id, accepted_at: null, withdrawn_at: null })
    .update({ withdrawn_at: now });
  const actor = actorAt(given.where, { id: user.id, practiceId: user.practice_id });
  await logOutEverywhere(trx, clock, actor, { id: user.id, because: "password reset" });
  await liftLock(trx, vault, user.user_id);
  await audit(trx, actor, { at: now, action: "password reset", subjectId: user.id });
  const text = `The password of your ${program.name} User ID ${user.user_id} was changed, and every log-in of it was ended. If that was not you, call us at once: ${program.phone}.`;
  await sendMessage(trx, now, {
    channel: "email",
    to: user.email,
    subject: `Your ${program.name} password was changed`,
    text,
  });
}
