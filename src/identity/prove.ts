import { timingSafeEqual } from "node:crypto";
import { verify } from "otplib";
import type { Where } from "../platform/audit.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import {
  type Challenge,
  type ChallengeParts,
  codeDigest,
  findChallenge,
  forgetSending,
  type Purpose,
} from "./challenges.ts";
import { countAddress, countTry, forgetFailures } from "./failures.ts";
import { type PasskeyAnswer, type PasskeySite, passkeyProves } from "./passkeys.ts";
import { tellFailure } from "./tell-failure.ts";

const wrongCode = "That code is not right. Check the latest one, or send a new code.";
const deadCode = "That code can no longer be used. Send a new code, or log in again.";

/** What a person shows: a code, a recovery code, or a passkey's answer. */
export type Proof = { code: string } | { recoveryCode: string } | { passkey: PasskeyAnswer };

export type Proved = {
  challenge: Challenge;
  provedBy: "email" | "sms" | "totp" | "passkey" | "recovery code";
  /** Since when the person has had what they showed. */
  provedSince: Date;
};

/**
 * Checks the second factor of a waiting challenge, once. Every try is counted before it is looked at, together with
 * those of the password; a code is taken once, within ten minutes, at most five tries (ASVS 6.5.1, 6.6.3; NIST
 * SP 800-63B-4 3.1.3.2). What follows from it is done by `then`, in the transaction that uses the challenge up.
 * @throws Declined when the proof is wrong or spent, or the User ID is locked
 */
export async function prove<Result>(
  parts: ChallengeParts & { site: PasskeySite; program: { name: string; phone: string } },
  given: { challengeId: string; purpose: Purpose; proof: Proof; device?: string | undefined } & Where,
  then: (trx: Trx, proved: Proved) => Promise<Result>,
): Promise<Result> {
  const { db, clock, vault } = parts;
  const challenge = await findChallenge(db, given.challengeId);
  if (challenge?.purpose !== given.purpose) throw new Declined({ code: deadCode });
  const { proof } = given;
  const code = "code" in proof ? proof.code.replace(/[\s-]/g, "") : "";
  if ("code" in proof && !/^\d{6}$/.test(code)) throw new Declined({ code: "Enter the six digits of the code." });

  const address = await countAddress(db, vault, given.address);
  const tried = { userId: challenge.person.userId, device: given.device };
  const { failures, locks } = await countTry(db, vault, tried);
  const counted = await db("challenges")
    .where({ id: challenge.id })
    .whereNull("used_at")
    .where("tries", "<", 5)
    .where("expires_at", ">", clock.now())
    .increment("tries", 1)
    .returning("code_digest");
  if (!counted.length) throw new Declined({ code: deadCode });

  const shown = await check(parts, challenge, counted[0].code_digest, {
    ...proof,
    ...("code" in proof && { code }),
  });
  if (!shown) {
    await tellFailure(parts, challenge.person, { ...given, failures, action: "second factor failed" });
    if (locks) throw new Declined({ form: locks });
    const field = "passkey" in proof ? "form" : Object.keys(proof)[0];
    throw new Declined({
      [field ?? "code"]: field === "recoveryCode" ? "That recovery code is not right, or was used before." : wrongCode,
    });
  }

  await address.giveBack();
  return db.transaction(async (trx) => {
    const used = await trx("challenges")
      .where({ id: challenge.id })
      .whereNull("used_at")
      .update({ used_at: clock.now() });
    if (!used) throw new Declined({ code: deadCode });
    await forgetFailures(trx, vault, tried, given.purpose === "log in");
    if (shown.provedBy === "email" || shown.provedBy === "sms")
      await forgetSending(trx, challenge.person.id, shown.provedBy);
    return then(trx, { challenge, ...shown });
  });
}

async function check(
  parts: ChallengeParts & { site: PasskeySite },
  challenge: Challenge,
  digest: Buffer | null,
  proof: Proof,
): Promise<Omit<Proved, "challenge"> | null> {
  const { db, vault } = parts;
  const { factor } = challenge;
  if ("recoveryCode" in proof) {
    const provedSince = await takeRecoveryCode(parts, challenge, proof.recoveryCode);
    return provedSince && { provedBy: "recovery code", provedSince };
  }
  if ("passkey" in proof) {
    const provedSince = await passkeyProves(parts, challenge, proof.passkey);
    return provedSince && { provedBy: "passkey", provedSince };
  }
  if (!factor || factor.kind === "passkey") return null;
  const right =
    factor.kind === "totp"
      ? await takeTotp(db, vault, challenge, proof.code)
      : digest !== null && timingSafeEqual(digest, codeDigest(vault, challenge.id, proof.code));
  return right ? { provedBy: factor.kind, provedSince: factor.addedAt } : null;
}

/** One step of drift either way, and no step twice: the row count of the update decides between two at once. */
async function takeTotp(db: Db, vault: Vault, { factor, secretSealed }: Challenge, code: string): Promise<boolean> {
  if (!factor || !secretSealed) return false;
  const step = await totpStep(vault.open(secretSealed, factor.id), code);
  if (step === null) return false;
  const taken = await db("second_factors")
    .where({ id: factor.id })
    .where("last_step", "<", step)
    .update({ last_step: step });
  return taken === 1;
}

/** The time step that a code of an authenticator app belongs to, now or one step off; null when it is wrong. */
export async function totpStep(secret: string, code: string): Promise<number | null> {
  const result = await verify({ secret, token: code, epochTolerance: 30 });
  return result.valid && "timeStep" in result ? result.timeStep : null;
}

/** Recovery codes are kept as keyed digests, each taken once; the person is told that one was used. */
async function takeRecoveryCode(
  { db, clock, vault, program }: ChallengeParts,
  { person }: Challenge,
  typed: string,
): Promise<Date | null> {
  const plain = typed.toUpperCase().replace(/[^A-Z2-7]/g, "");
  return db.transaction(async (trx) => {
    const now = clock.now();
    const [taken] = await trx("recovery_codes")
      .where({ user_id: person.id, code_digest: recoveryDigest(vault, person.id, plain) })
      .whereNull("used_at")
      .update({ used_at: now })
      .returning("made_at");
    if (!taken) return null;
    const left = await trx("recovery_codes").where({ user_id: person.id }).whereNull("used_at").count().first();
    const text = `A recovery code of your ${program.name} log-in ${person.userId} was used. ${left?.count ?? 0} are left. If this was not you, call support at once.`;
    const subject = "A recovery code was used";
    await sendMessage(trx, now, { channel: "email", to: person.email, subject, text });
    return taken.made_at;
  });
}

/** 80 random bits need no slow hash; the key makes a copy of the table worthless. */
export const recoveryDigest = (vault: Vault, userId: string, code: string) =>
  vault.digest("recovery code", `${userId} ${code}`);
