import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { readBooks } from "./books.ts";
import { correctBooks } from "./correct-books.ts";

/**
 * Takes back a payment that the bank returned: the account stands as if it had never come, a late fee that it had
 * averted included (comment 52(b)(2)(ii)-1). The same return again changes nothing.
 * @returns whether it was taken back now; false when it had been before
 * @throws Declined when there is no such payment, or another return took it back already
 */
export async function returnPayment(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  given: { id: string; paymentId: string; reason: string },
): Promise<boolean> {
  const { id, paymentId, reason } = given;
  return db.transaction(async (trx) => {
    const payment = await trx("payments").where({ id: paymentId }).first();
    if (!payment) throw new Declined({ payment: "There is no such payment" });
    const accountId = payment.account_id;
    await trx("accounts").where({ id: accountId }).forNoKeyUpdate().first("id");
    const standing = await readBooks(trx, accountId, { lock: true });
    const told = await trx("account_events").where({ account_id: accountId, event_id: paymentId }).first();
    if (told.taken_back_by === id) return false;
    if (told.taken_back_by) throw new Declined({ payment: "This payment was returned already" });

    // After this line it must succeed.
    const postedAt = clock.now();
    await correctBooks(trx, {
      accountId,
      standing,
      today: clock.today(),
      postedAt,
      takeBack: told.event,
      returnId: id,
    });
    const details = { amountCents: payment.amount_cents, paymentId, reason };
    await audit(trx, actor, { at: postedAt, action: "payment returned", subjectId: accountId, details });
    return true;
  });
}
