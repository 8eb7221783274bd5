import { actorAt, audit, type Where } from "../platform/audit.ts";
import { Declined } from "../platform/errors.ts";
import { type Maintenance, UnderMaintenance } from "../platform/maintenance.ts";
import { type ChallengeParts, openChallenge } from "./challenges.ts";
import { factorsOf } from "./factors.ts";
import { countAddress, countTry, forgetFailures } from "./failures.ts";
import { beginLogin, type LogInLimits } from "./logins.ts";
import type { PasskeySite } from "./passkeys.ts";
import type { Passwords } from "./passwords.ts";
import { type Role, roleMay } from "./permissions.ts";
import { type Proof, prove } from "./prove.ts";
import { refuseSuspended, suspendedSentence, suspensionOf } from "./suspensions.ts";
import { tellFailure } from "./tell-failure.ts";

export type LogInParts = ChallengeParts & {
  maintenance: Maintenance;
  passwords: Passwords;
  site: PasskeySite;
  program: { name: string; phone: string; emailCodes?: boolean } & LogInLimits;
};

/** During full maintenance only those who run it get in. */
const isKeptOut = ({ maintenance, clock }: LogInParts, role: Role) =>
  maintenance.inForce(clock.now())?.mode === "full" && !roleMay(role, "run maintenance");

/** What a right password leads to: a log-in, or a challenge that waits for its second factor. */
export type LogInResult = { loginId: string; userId: string } | { challengeId: string };

/** User IDs are compared without case and without the spaces that phones add. */
export const normalUserId = (typed: string) => typed.trim().toLowerCase();

/**
 * Checks a User ID and password. The answer takes the same time and says the same whether the User ID exists or not.
 * @param given.device this browser's device cookie, if the person fully logged in with it before
 * @throws Declined when the pair is not right, the User ID is locked, or (to who knows the password alone) suspended;
 *   Refused when its address tries too often; UnderMaintenance when the portal is closed to this person
 */
export async function logIn(
  parts: LogInParts,
  given: { userId: string; password: string; device?: string | undefined } & Where,
): Promise<LogInResult> {
  const { db, vault, passwords } = parts;
  const userId = normalUserId(given.userId);
  const address = await countAddress(db, vault, given.address);
  const tried = { userId, device: given.device };
  const { failures, locks, giveBack } = await countTry(db, vault, tried);

  const user = await db("users").where({ user_id: userId }).first();
  if (!(await passwords.matches(given.password, user?.password_hash))) {
    const person = user && { id: user.id, userId, email: user.email, practiceId: user.practice_id };
    await tellFailure(parts, person, { ...given, failures, action: "log-in failed" });
    throw new Declined({ form: locks ?? "The User ID or the password is not right. Check both and try again." });
  }
  await address.giveBack();
  const suspension = await suspensionOf(db, user.id);
  if (suspension) {
    await giveBack(db);
    const actor = actorAt(given, { id: user.id, practiceId: user.practice_id });
    await audit(db, actor, { at: parts.clock.now(), action: "suspended log-in refused", subjectId: user.id });
    throw new Declined({ form: suspendedSentence(suspension, parts.program) });
  }
  if (isKeptOut(parts, user.role)) {
    await giveBack(db);
    throw new UnderMaintenance();
  }
  const betterHash = passwords.isOutdated(user.password_hash) ? await passwords.hash(given.password) : null;

  return db.transaction(async (trx) => {
    if (betterHash) await trx("users").where({ id: user.id }).update({ password_hash: betterHash });
    if ((await factorsOf(trx, user.id)).length) {
      await giveBack(trx);
      return { challengeId: await openChallenge(trx, parts, { userId: user.id, purpose: "log in" }) };
    }
    await forgetFailures(trx, vault, tried, true);
    return { loginId: await beginLogin(trx, parts, { user, provedBy: "password", ...given }), userId };
  });
}

/**
 * Finishes a log-in with its second factor.
 * @throws Declined when the proof is wrong or spent, or the User ID is locked
 */
export async function finishLogIn(
  parts: LogInParts,
  given: { challengeId: string; proof: Proof; device?: string | undefined } & Where,
): Promise<{ loginId: string; userId: string }> {
  return prove(parts, { ...given, purpose: "log in" }, async (trx, { challenge, provedBy, provedSince }) => {
    await refuseSuspended(trx, parts.program, challenge.person.id);
    const user = await trx("users").where({ id: challenge.person.id }).first();
    if (isKeptOut(parts, user.role)) throw new UnderMaintenance();
    return { loginId: await beginLogin(trx, parts, { user, provedBy, provedSince, ...given }), userId: user.user_id };
  });
}
