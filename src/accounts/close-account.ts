import { receivableCents } from "../ledger/balances.ts";
import { formatMoney } from "../lib/money.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";

/**
 * Closes an account: from today it takes no sale. Closing it again changes nothing.
 * @throws Declined while something is owed
 */
export async function closeAccount(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  accountId: string,
): Promise<void> {
  await db.transaction(async (trx) => {
    const account = await trx("accounts").where({ id: accountId }).forNoKeyUpdate().first("closed_on");
    if (account.closed_on) return;
    const owed = await receivableCents(trx, accountId);
    if (owed !== 0)
      throw new Declined({ form: `${formatMoney(owed)} is still open on this account. It can be closed at zero.` });
    await trx("accounts").where({ id: accountId }).update({ closed_on: clock.today() });
    // Nothing is left for the nights to do; a refund to come wakes its books again.
    await trx("account_states").where({ account_id: accountId }).update({ next_work_on: "infinity" });
    await audit(trx, actor, { at: clock.now(), action: "account closed", subjectId: accountId });
  });
}
