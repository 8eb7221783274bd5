import { timingSafeEqual } from "node:crypto";
import { verify } from "otplib";
import { audit } from "../platform/audit.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";
import { countTry, forgetFailures } from "./failures.ts";
import { beginLogin, codeDigest, type LogInParts, type Where, waitingChallenge } from "./log-in.ts";

const wrongCode = "That code is not right. Check the latest one, or send a new code.";
const deadCode = "That code can no longer be used. Send a new code, or log in again.";

/**
 * Finishes a log-in with the code of its second factor. Every try is counted before it is looked at; a code is taken
 * once, at most ten minutes old, at most five tries (ASVS 6.5.1, 6.6.3; NIST SP 800-63B-4 3.1.3.2).
 * @throws Declined when the code is wrong or spent, or the User ID is locked
 */
export async function verifyCode(
  parts: LogInParts,
  given: { challengeId: string; code: string } & Where,
): Promise<{ loginId: string }> {
  const { db, clock, vault } = parts;
  const challenge = await waitingChallenge(db, given.challengeId);
  if (!challenge) throw new Declined({ code: deadCode });
  const code = given.code.replace(/[\s-]/g, "");
  if (!/^\d{6}$/.test(code)) throw new Declined({ code: "Enter the six digits of the code." });

  await countTry(db, vault, challenge.user_id);
  const counted = await db("challenges")
    .where({ id: challenge.id })
    .whereNull("used_at")
    .where("tries", "<", 5)
    .where("expires_at", ">", clock.now())
    .increment("tries", 1)
    .returning("code_digest");
  if (!counted.length) throw new Declined({ code: deadCode });

  const right =
    challenge.kind === "totp"
      ? await takeTotp(db, vault, challenge, code)
      : timingSafeEqual(counted[0].code_digest, codeDigest(vault, challenge.id, code));
  if (!right) {
    const actor = {
      userId: challenge.person,
      practiceId: challenge.practice_id,
      address: given.address,
      requestId: null,
    };
    await audit(db, actor, { at: clock.now(), action: "second factor failed", subjectId: challenge.person });
    throw new Declined({ code: wrongCode });
  }

  return db.transaction(async (trx) => {
    const used = await trx("challenges")
      .where({ id: challenge.id })
      .whereNull("used_at")
      .update({ used_at: clock.now() });
    if (!used) throw new Declined({ code: deadCode });
    await forgetFailures(trx, vault, challenge.user_id);
    const user = { id: challenge.person, practice_id: challenge.practice_id };
    return { loginId: await beginLogin(trx, clock, { user, provedBy: challenge.kind, ...given }) };
  });
}

/** One step of drift either way, and no step twice: the row count of the update decides between two at once. */
async function takeTotp(
  db: Db,
  vault: Vault,
  factor: { factor_id: string; secret_sealed: Buffer },
  code: string,
): Promise<boolean> {
  const secret = vault.open(factor.secret_sealed, factor.factor_id);
  const result = await verify({ secret, token: code, epochTolerance: 30 });
  if (!result.valid || !("timeStep" in result)) return false;
  const taken = await db("second_factors")
    .where({ id: factor.factor_id })
    .where("last_step", "<", result.timeStep)
    .update({ last_step: result.timeStep });
  return taken === 1;
}
