import { randomInt, randomUUIDv7 } from "node:crypto";
import type { Actor } from "../platform/audit.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import { countTry, forgetFailures } from "./failures.ts";
import type { Passwords } from "./passwords.ts";

export type FactorKind = "email" | "sms" | "totp";
export type LogInParts = { db: Db; clock: Clock; vault: Vault; passwords: Passwords; programName: string };

/** What a right password leads to: a log-in, or a challenge that waits for its code. */
export type LogInResult = { loginId: string } | { challengeId: string };

export type Where = { address: string; browser: string };

/** User IDs are compared without case and without the spaces that phones add. */
export const normalUserId = (typed: string) => typed.trim().toLowerCase();

/**
 * Checks a User ID and password. The answer takes the same time and says the same whether the User ID exists or not.
 * @throws Declined when the pair is not right or the User ID is locked
 */
export async function logIn(
  parts: LogInParts,
  given: { userId: string; password: string } & Where,
): Promise<LogInResult> {
  const { db, clock, vault, passwords } = parts;
  const userId = normalUserId(given.userId);
  await countTry(db, vault, userId);

  const user = await db("users").where({ user_id: userId }).first();
  if (!(await passwords.matches(given.password, user?.password_hash))) {
    await audit(db, whoTried(user, given), { at: clock.now(), action: "log-in failed", subjectId: user?.id });
    throw new Declined({ form: "The User ID or the password is not right. Check both and try again." });
  }

  return db.transaction(async (trx) => {
    const factor = await trx("second_factors").where({ user_id: user.id }).orderBy("added_at").first();
    if (!factor) {
      await forgetFailures(trx, vault, userId);
      return { loginId: await beginLogin(trx, clock, { user, provedBy: "password", ...given }) };
    }
    const challengeId = randomUUIDv7();
    const code = factor.kind === "totp" ? null : newCode();
    await trx("challenges").insert({
      id: challengeId,
      user_id: user.id,
      factor_id: factor.id,
      ...(code ? sentCode(vault, clock, challengeId, code) : { expires_at: minutesFrom(clock, 10) }),
    });
    if (code) await sendMessage(trx, clock.now(), codeMessage(parts.programName, user, factor.kind, code));
    return { challengeId };
  });
}

/**
 * Sends the code of a waiting log-in again, as a new one; the old one is void.
 * @throws Declined when the last was sent under 30 seconds ago
 */
export async function sendNewCode(parts: LogInParts, challengeId: string): Promise<void> {
  const { db, clock, vault } = parts;
  await db.transaction(async (trx) => {
    const challenge = await waitingChallenge(trx, challengeId);
    if (!challenge || challenge.kind === "totp") return;
    if (challenge.sent_at > new Date(clock.now().getTime() - 30_000)) {
      throw new Declined({ form: "A code was sent a moment ago. Wait half a minute before you ask for a new one." });
    }
    const code = newCode();
    await trx("challenges")
      .where({ id: challengeId })
      .update({ ...sentCode(vault, clock, challengeId, code), tries: 0 });
    await sendMessage(trx, clock.now(), codeMessage(parts.programName, challenge, challenge.kind, code));
  });
}

/** What the page about a waiting log-in tells: how the code arrives. Null when nothing waits any more. */
export async function findChallenge(db: Db, challengeId: string): Promise<{ kind: FactorKind; sentTo: string } | null> {
  const challenge = await waitingChallenge(db, challengeId);
  if (!challenge) return null;
  const sentTo = challenge.kind === "email" ? maskedEmail(challenge.email) : challenge.phone.slice(-4);
  return { kind: challenge.kind, sentTo };
}

/** Begins a log-in: the row that says who is in, since when, from where and how it was proved. */
export async function beginLogin(
  trx: Trx,
  clock: Clock,
  given: { user: { id: string; practice_id: string | null }; provedBy: FactorKind | "password" } & Where,
): Promise<string> {
  const id = randomUUIDv7();
  const { user, provedBy, address, browser } = given;
  await trx("logins").insert({ id, user_id: user.id, began_at: clock.now(), proved_by: provedBy, address, browser });
  await audit(trx, whoTried(user, given), {
    at: clock.now(),
    action: "logged in",
    subjectId: user.id,
    details: { provedBy },
  });
  return id;
}

/** Ends a log-in. A request that is still under way cannot bring it back, for this row decides. */
export async function logOut({ db, clock }: { db: Db; clock: Clock }, actor: Actor, loginId: string): Promise<void> {
  const ended = await db("logins").where({ id: loginId }).whereNull("ended_at").update({ ended_at: clock.now() });
  if (ended) await audit(db, actor, { at: clock.now(), action: "logged out", subjectId: actor.userId ?? undefined });
}

/** The challenge, its person and its factor, as long as it was not used; whether it expired is the code's business. */
export function waitingChallenge(db: Db, challengeId: string) {
  return db("challenges as c")
    .join("users as u", "u.id", "c.user_id")
    .join("second_factors as f", "f.id", "c.factor_id")
    .where("c.id", challengeId)
    .whereNull("c.used_at")
    .first(
      "c.id",
      "c.sent_at",
      "u.id as person",
      "u.user_id",
      "u.email",
      "u.phone",
      "u.practice_id",
      "f.id as factor_id",
      "f.kind",
      "f.secret_sealed",
    );
}

/** Codes are kept as digests bound to their challenge: a copy of the table opens nothing. */
export const codeDigest = (vault: Vault, challengeId: string, code: string) =>
  vault.digest("log-in code", `${challengeId} ${code}`);

const newCode = () => randomInt(1_000_000).toString().padStart(6, "0");
const minutesFrom = (clock: Clock, minutes: number) => new Date(clock.now().getTime() + minutes * 60_000);

function sentCode(vault: Vault, clock: Clock, challengeId: string, code: string) {
  return {
    code_digest: codeDigest(vault, challengeId, code),
    sent_at: clock.now(),
    expires_at: minutesFrom(clock, 10),
  };
}

function codeMessage(
  programName: string,
  person: { email: string; phone: string },
  kind: "email" | "sms",
  code: string,
) {
  const text = `${code} is your ${programName} verification code. It works once, for ten minutes. Nobody from ${programName} will ever ask you for it.`;
  const to = kind === "email" ? person.email : person.phone;
  return { channel: kind, to, subject: `Your ${programName} verification code`, text };
}

const maskedEmail = (email: string) => email.replace(/^(.)[^@]*/, "$1•••");

const whoTried = (user: { id: string; practice_id: string | null } | undefined, { address }: Where): Actor => ({
  ...{ userId: user?.id ?? null, practiceId: user?.practice_id ?? null },
  ...{ address, requestId: null },
});
