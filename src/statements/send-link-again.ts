import type { Program } from "../accounts/letters.ts";
import { recipientsOf, tellPatient } from "../accounts/tell-patient.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { linkTokenHash, newLinkToken } from "../platform/link-tokens.ts";
import { statementLetter } from "./letters.ts";

/**
 * Sends the patient a new link to their last statement; the one before opens nothing any more. Pressed again within a
 * minute, it sends nothing more.
 * @throws Declined while there is no statement
 */
export async function sendLinkAgain(
  { db, clock, program, publicUrl }: { db: Db; clock: Clock; program: Program; publicUrl: string },
  actor: Actor,
  { accountId, reason }: { accountId: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const last = await trx("statements").where({ account_id: accountId }).orderBy("number", "desc").first();
    const recipient = (await recipientsOf(trx, [accountId])).get(accountId);
    if (!last || !recipient) throw new Declined({ form: "There is no statement yet, so there is nothing to send." });
    const [now, token] = [clock.now(), newLinkToken()];
    const sent = await trx("statement_letters")
      .insert({
        account_id: accountId,
        number: last.number,
        token_hash: linkTokenHash(token),
        sent_at: now,
        tries_left: 5,
        opened_at: null,
      })
      .onConflict(["account_id", "number"])
      .merge()
      .where("statement_letters.sent_at", "<", new Date(now.getTime() - 60_000))
      .returning("number");
    if (!sent.length) return;
    const letter = statementLetter(program, recipient, {
      newBalanceCents: last.new_balance_cents,
      minimumCents: last.minimum_payment_cents,
      dueOn: last.due_on,
      link: `${publicUrl}/my-statement/${token}`,
    });
    await tellPatient(trx, now, recipient, letter);
    const details = { number: last.number, reason };
    await audit(trx, actor, { at: now, action: "statement link sent again", subjectId: accountId, details });
  });
}
