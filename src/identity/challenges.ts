import { randomInt, randomUUIDv7 } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, TooOften } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import type { Vault } from "../platform/secrets.ts";
import { type Factor, type FactorKind, factorsOf } from "./factors.ts";

/** What waits for a second factor. */
export type Purpose = "log in" | "reset password" | "confirm";

export type ChallengeParts = { db: Db; clock: Clock; vault: Vault; program: { name: string; emailCodes?: boolean } };

/** A waiting challenge with its person, and the factor chosen for it. */
export type Challenge = {
  id: string;
  purpose: Purpose;
  person: { id: string; userId: string; email: string; phone: string; practiceId: string | null };
  factor: Factor | null;
  factors: Factor[];
  secretSealed: Buffer | null;
  passkeyChallenge: string | null;
  detail: string | null;
  sentAt: Date | null;
};

const minutesToAnswer = 10;

/**
 * Begins to wait for a second factor, the strongest that the person has; a code goes out at once where the factor is one.
 * @throws TooOften when twenty codes that nobody answered went to the person within the hour
 */
export async function openChallenge(
  trx: Trx,
  parts: ChallengeParts,
  given: { userId: string; purpose: Purpose; detail?: string },
): Promise<string> {
  const id = randomUUIDv7();
  const expires = new Date(parts.clock.now().getTime() + minutesToAnswer * 60_000);
  const { userId, purpose, detail } = given;
  const opened = { opened_at: parts.clock.now(), expires_at: expires };
  await trx("challenges").insert({ id, user_id: userId, purpose, detail: detail ?? null, ...opened });
  const [strongest] = usable(await factorsOf(trx, userId), parts.program.emailCodes);
  if (strongest) await useFactor(trx, parts, { challengeId: id, factor: strongest, onRequest: false });
  return id;
}

/** Where the program has switched codes by e-mail off, they are left to those who have nothing else yet. */
function usable(factors: Factor[], emailCodes = true): Factor[] {
  const others = factors.filter(({ kind }) => kind !== "email");
  return emailCodes || !others.length ? factors : others;
}

/** The challenge, as long as it was not used; whether its time is over is the business of whoever answers it. */
export async function findChallenge(db: Db, id: string, emailCodes = true): Promise<Challenge | null> {
  const row = await db("challenges as c")
    .join("users as u", "u.id", "c.user_id")
    .leftJoin("second_factors as f", "f.id", "c.factor_id")
    .where("c.id", id)
    .whereNull("c.used_at")
    .first(
      "c.id",
      "c.purpose",
      "c.sent_at",
      "c.detail",
      "c.passkey_challenge",
      "c.factor_id",
      "f.secret_sealed",
      "u.id as person_id",
      "u.user_id",
      "u.email",
      "u.phone",
      "u.practice_id",
    );
  if (!row) return null;
  const factors = usable(await factorsOf(db, row.person_id), emailCodes);
  return {
    id: row.id,
    purpose: row.purpose,
    sentAt: row.sent_at,
    detail: row.detail,
    factors,
    person: { id: row.person_id, userId: row.user_id, email: row.email, phone: row.phone, practiceId: row.practice_id },
    factor: factors.find((factor) => factor.id === row.factor_id) ?? null,
    secretSealed: row.secret_sealed,
    passkeyChallenge: row.passkey_challenge,
  };
}

/** A new password or address ends whatever was under way with the old one: waiting codes and links to a new password. */
export async function voidPending(trx: Trx, userId: string, now: Date): Promise<void> {
  await trx("challenges").where({ user_id: userId }).whereNull("used_at").update({ used_at: now });
  await trx("password_resets").where({ user_id: userId }).whereNull("used_at").update({ used_at: now });
}

/**
 * Chooses another of the person's factors for a waiting challenge, or sends the code of the chosen one again; the code
 * before is void. What was failed so far stays counted.
 * @throws TooOften when a code was asked for under 30 seconds ago, or five were within half an hour
 */
export async function chooseFactor(parts: ChallengeParts, challengeId: string, factorId: string): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const challenge = await findChallenge(trx, challengeId, parts.program.emailCodes);
    const factor = challenge?.factors.find((one) => one.id === factorId);
    if (!challenge || !factor) throw new Declined({ form: "That way is not open to you. Choose another one." });
    await useFactor(trx, parts, { challengeId, factor, onRequest: true });
  });
}

async function useFactor(
  trx: Trx,
  parts: ChallengeParts,
  given: { challengeId: string; factor: Factor; onRequest: boolean },
): Promise<void> {
  const { challengeId, factor, onRequest } = given;
  const now = parts.clock.now();
  const chosen = trx("challenges").where({ id: challengeId }).whereNull("used_at").where("expires_at", ">", now);
  if (factor.kind === "passkey" || factor.kind === "totp") {
    await chosen.update({ factor_id: factor.id, code_digest: null });
    return;
  }
  const code = randomInt(1_000_000).toString().padStart(6, "0");
  const [waiting] = await chosen
    .update({
      factor_id: factor.id,
      code_digest: codeDigest(parts.vault, challengeId, code),
      tries: 0,
      sent_at: now,
      expires_at: trx.raw("least(opened_at + interval '30 minutes', ?)", [
        new Date(now.getTime() + minutesToAnswer * 60_000),
      ]),
    })
    .returning("user_id");
  if (!waiting) throw new Declined({ form: "That took too long. Log in again." });
  const userId = waiting.user_id;
  const person = await trx("users").where({ id: userId }).forUpdate().first("email", "phone");
  await countSending(trx, { userId, kind: factor.kind, now, onRequest });
  const to = factor.kind === "email" ? person.email : person.phone;
  const usefulUntil = new Date(now.getTime() + minutesToAnswer * 60_000);
  await sendMessage(trx, now, { ...codeMessage(parts.program.name, factor.kind, to, code), usefulUntil });
}

/**
 * The person's row is held, so two requests at once are counted one after the other. The code that a right password
 * sends keeps nobody waiting for a first new one: the half minute lies between two that were asked for.
 * @throws TooOften with the seconds to wait
 */
export async function countSending(
  trx: Trx,
  given: { userId: string; kind: FactorKind; now: Date; onRequest: boolean },
): Promise<void> {
  const { userId, kind, now, onRequest } = given;
  const sent: { at: Date; kind: FactorKind; on_request: boolean }[] = await trx("code_sendings")
    .where({ user_id: userId })
    .where("at", ">", new Date(now.getTime() - 3600_000))
    .orderBy("at")
    .select("at", "kind", "on_request");
  const asked = sent.filter((one) => one.on_request);
  const askedAlike = asked.filter((one) => one.kind === kind);
  const refuse = (them: { at: Date }[], rule: { most: number; seconds: number; sentence: string }) => {
    const first = them.at(-rule.most); // of the most that there may be; undefined while there are fewer
    const left = first ? first.at.getTime() + rule.seconds * 1000 - now.getTime() : 0;
    if (left > 0) throw new TooOften(rule.sentence, Math.ceil(left / 1000));
  };
  if (onRequest) {
    const moment = "A code was sent a moment ago. Wait half a minute before you ask for a new one.";
    refuse(askedAlike, { most: 1, seconds: 30, sentence: moment });
    const several = "Several codes were sent already. Use the latest one, or wait half an hour.";
    refuse(asked, { most: 5, seconds: 1800, sentence: several });
  }
  const tooMany = "Too many codes were sent within the hour. Wait a while, or call support.";
  refuse(sent, { most: 20, seconds: 3600, sentence: tooMany });
  await trx("code_sendings").insert({ user_id: userId, kind, at: now, on_request: onRequest });
}

/** A code that was answered was no flood: it leaves the count, so that the limits are of codes that nobody answers. */
export async function forgetSending(trx: Trx, userId: string, kind: FactorKind): Promise<void> {
  const theirs = () => trx("code_sendings").where({ user_id: userId, kind });
  await theirs().where("at", theirs().max("at")).delete();
}

/** Codes are kept as digests bound to their challenge: a copy of the table opens nothing. */
export const codeDigest = (vault: Vault, challengeId: string, code: string) =>
  vault.digest("log-in code", `${challengeId} ${code}`);

/** A message with a code: six digits together, the only such number in it. */
export function codeMessage(programName: string, kind: FactorKind, to: string, code: string) {
  const text = `${code} is your ${programName} verification code. It works once, for ten minutes. Nobody from ${programName} will ever ask you for it.`;
  const channel = kind === "sms" ? ("sms" as const) : ("email" as const);
  return { channel, to, subject: `Your ${programName} verification code`, text };
}
