import type { Language } from "../lib/language.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import type { Recipient } from "./tell-patient.ts";

/** Changes the language in which an account's patient is written to, and the way: what is sent from now on. */
export async function changeContact(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  given: { accountId: string; language: Language; reachedBy: Recipient["reachedBy"]; reason: string },
): Promise<void> {
  const { accountId, language, reachedBy, reason } = given;
  await db.transaction(async (trx) => {
    const changed = await trx("patients")
      .whereIn("id", trx("accounts").where({ id: accountId }).select("patient_id"))
      .update({ language, reached_by: reachedBy });
    if (!changed) throw notFound();
    const details = { language, reachedBy, reason };
    await audit(trx, actor, { at: clock.now(), action: "contact changed", subjectId: accountId, details });
  });
}
