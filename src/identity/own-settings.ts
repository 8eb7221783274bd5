import { randomBytes, randomInt, randomUUIDv7 } from "node:crypto";
import { generateSecret } from "otplib";
import { audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import { codeDigest, codeMessage, countSending, voidPending } from "./challenges.ts";
import { type FactorPolicy, mustAddFactor } from "./factor-policy.ts";
import { addFactor, factorNames, factorsOf } from "./factors.ts";
import { countTry, forgetFailures } from "./failures.ts";
import type { LogInParts } from "./log-in.ts";
import { logOutEverywhere } from "./logins.ts";
import { checkPassword } from "./password-rules.ts";
import { recoveryDigest, totpStep } from "./prove.ts";
import type { Viewer } from "./viewer.ts";

/** Everything here is asked for only after a fresh proof, is told to the person's address, and is in the audit log. */
async function tellChange(
  trx: Trx,
  parts: LogInParts,
  viewer: Viewer,
  given: { what: string; to?: string },
): Promise<void> {
  const { clock, program } = parts;
  const { email, user_id } = await trx("users").where({ id: viewer.id }).first("email", "user_id");
  const text = `${given.what} for the ${program.name} User ID ${user_id}. If that was not you, call us at once: ${program.phone}.`;
  const subject = `A change to your ${program.name} log-in`;
  await sendMessage(trx, clock.now(), { channel: "email", to: given.to ?? email, subject, text });
  await audit(trx, viewer.actor, {
    at: clock.now(),
    action: "log-in changed",
    subjectId: viewer.id,
    details: { what: given.what },
  });
}

/**
 * Changes the password; every other log-in of the person ends.
 * @throws Declined when the present one is not right or the new one may not be
 */
export async function changePassword(
  parts: LogInParts,
  viewer: Viewer,
  given: { password: string; newPassword: string },
): Promise<void> {
  const { db, clock, passwords } = parts;
  const tried = { userId: viewer.userId, device: viewer.loginId };
  await countTry(db, parts.vault, tried);
  const user = await db("users").where({ id: viewer.id }).first("password_hash");
  if (!(await passwords.matches(given.password, user.password_hash))) {
    await audit(db, viewer.actor, { at: clock.now(), action: "password not confirmed", subjectId: viewer.id });
    throw new Declined({ password: "That is not your password now." });
  }
  checkPassword(given.newPassword, { userId: viewer.userId, practiceName: viewer.practice?.name ?? null });
  const hash = await passwords.hash(given.newPassword);
  await db.transaction(async (trx) => {
    await forgetFailures(trx, parts.vault, tried);
    await voidPending(trx, viewer.id, clock.now());
    await trx("users").where({ id: viewer.id }).update({ password_hash: hash });
    await trx("logins")
      .where({ user_id: viewer.id })
      .whereNot({ id: viewer.loginId })
      .whereNull("ended_at")
      .update({ ended_at: clock.now(), ended_because: "password changed" });
    await tellChange(trx, parts, viewer, { what: "The password was changed" });
  });
}

/** A fresh secret for an authenticator app: 160 bits in Base32. */
export const newTotpSecret = () => generateSecret({ length: 20 });

/**
 * Adds an authenticator app that has shown its code.
 * @throws Declined when the code does not belong to the secret
 */
export async function addTotp(
  parts: LogInParts,
  viewer: Viewer,
  given: { secret: string; code: string },
): Promise<void> {
  const code = given.code.replace(/\s/g, "");
  const step = /^\d{6}$/.test(code) ? await totpStep(given.secret, code) : null;
  if (step === null)
    throw new Declined({ code: "That code is not right. Check the clock of your phone and type the newest code." });
  const id = randomUUIDv7();
  await parts.db.transaction(async (trx) => {
    const secretSealed = parts.vault.seal(given.secret, id);
    await addFactor(trx, {
      id,
      userId: viewer.id,
      kind: "totp",
      label: "Authenticator app",
      at: parts.clock.now(),
      secretSealed,
      lastStep: step,
    });
    await tellChange(trx, parts, viewer, { what: "An authenticator app was added" });
  });
}

/** Adds a passkey that a browser has made and the portal has checked. */
export async function addPasskey(
  parts: LogInParts,
  viewer: Viewer,
  given: { label: string; passkey: { credentialId: string; publicKey: Buffer; uses: number } },
): Promise<void> {
  await parts.db.transaction(async (trx) => {
    await addFactor(trx, { userId: viewer.id, kind: "passkey", at: parts.clock.now(), ...given });
    await tellChange(trx, parts, viewer, { what: `A passkey was added (${given.label})` });
  });
}

/** Sends a code to an address or number that is to be used from now on; it proves that the person has it. Returns its id. */
export async function sendAddressCode(
  parts: LogInParts,
  viewer: Viewer,
  given: { kind: "email" | "sms"; to: string },
): Promise<string> {
  const { db, clock, vault, program } = parts;
  const code = randomInt(1_000_000).toString().padStart(6, "0");
  const id = randomUUIDv7();
  const now = clock.now();
  const expires = new Date(now.getTime() + 10 * 60_000);
  await db.transaction(async (trx) => {
    await trx("users").where({ id: viewer.id }).forUpdate().first("id");
    await countSending(trx, { userId: viewer.id, kind: given.kind, now, onRequest: false });
    const digest = codeDigest(vault, `${id} ${given.to}`, code);
    await trx("address_codes").insert({ id, user_id: viewer.id, code_digest: digest, expires_at: expires });
    await sendMessage(trx, now, { ...codeMessage(program.name, given.kind, given.to, code), usefulUntil: expires });
  });
  return id;
}

/**
 * Takes the code that was sent to a new address. The row is used up before the code is looked at, so each sending
 * allows one try, however many come at once.
 * @throws Declined when it is wrong, too old, or was tried before
 */
export async function takeAddressCode(
  { db, clock, vault }: LogInParts,
  viewer: Viewer,
  given: { id: string; to: string; code: string },
): Promise<void> {
  const [taken] = await db("address_codes")
    .where({ id: given.id, user_id: viewer.id })
    .whereNull("used_at")
    .where("expires_at", ">", clock.now())
    .update({ used_at: clock.now() })
    .returning("code_digest");
  const right = taken && codeDigest(vault, `${given.id} ${given.to}`, given.code).equals(taken.code_digest);
  if (!right) throw new Declined({ form: "That code was not right. Have a new one sent." });
}

/** Adds codes by e-mail or text message as a factor, once a code sent there came back. */
export async function addCodeFactor(parts: LogInParts, viewer: Viewer, kind: "email" | "sms"): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const had = (await factorsOf(trx, viewer.id)).some((factor) => factor.kind === kind);
    if (had) return;
    await addFactor(trx, { userId: viewer.id, kind, label: factorNames[kind], at: parts.clock.now() });
    await tellChange(trx, parts, viewer, { what: `"${factorNames[kind]}" was added` });
  });
}

/** Changes the e-mail address or mobile number, once a code sent to the new one came back; the old address is told. */
export async function changeContact(
  parts: LogInParts,
  viewer: Viewer,
  given: { kind: "email" | "sms"; to: string },
): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const old = await trx("users").where({ id: viewer.id }).forUpdate().first("email");
    await trx("users")
      .where({ id: viewer.id })
      .update(given.kind === "email" ? { email: given.to } : { phone: given.to });
    await voidPending(trx, viewer.id, parts.clock.now());
    // The factor that codes go to is as old as its address, for whatever asks how long the person has had it.
    await trx("second_factors").where({ user_id: viewer.id, kind: given.kind }).update({ added_at: parts.clock.now() });
    const what = given.kind === "email" ? "The e-mail address was changed" : "The mobile number was changed";
    await tellChange(trx, parts, viewer, { what, to: old.email });
  });
}

/**
 * Removes one of the person's factors.
 * @throws Declined when it is the last one and a second factor is asked of them
 */
export async function removeFactor(
  parts: LogInParts & { policy: FactorPolicy },
  viewer: Viewer,
  factorId: string,
): Promise<void> {
  await parts.db.transaction(async (trx) => {
    await trx("users").where({ id: viewer.id }).forUpdate().first("id");
    const factors = await factorsOf(trx, viewer.id);
    const factor = factors.find(({ id }) => id === factorId);
    if (!factor) return;
    await trx("second_factors").where({ id: factorId, user_id: viewer.id }).delete();
    if (await mustAddFactor(trx, parts.policy, viewer.id)) {
      throw new Declined({ form: "This is your only second factor, and one is asked of you. Add another one first." });
    }
    if (factors.length === 1) await trx("recovery_codes").where({ user_id: viewer.id }).delete();
    await tellChange(trx, parts, viewer, { what: `"${factorNames[factor.kind]}" was removed` });
  });
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Ten new recovery codes of 80 bits, in groups of four, shown this once; the ones before are void. */
export async function newRecoveryCodes(parts: LogInParts, viewer: Viewer): Promise<string[]> {
  const codes = Array.from({ length: 10 }, () => Array.from(randomBytes(16), (byte) => base32[byte % 32]).join(""));
  await parts.db.transaction(async (trx) => {
    await trx("recovery_codes").where({ user_id: viewer.id }).delete();
    await trx("recovery_codes").insert(
      codes.map((code) => ({
        id: randomUUIDv7(),
        user_id: viewer.id,
        made_at: parts.clock.now(),
        code_digest: recoveryDigest(parts.vault, viewer.id, code),
      })),
    );
    await tellChange(trx, parts, viewer, { what: "New recovery codes were made" });
  });
  return codes.map((code) => code.replace(/(.{4})(?=.)/g, "$1-"));
}

/** Ends every log-in of the person, this one too. */
export async function logOutOfAll(parts: LogInParts, viewer: Viewer): Promise<void> {
  await logOutEverywhere(parts.db, parts.clock, viewer.actor, { id: viewer.id, because: "logged out everywhere" });
}
