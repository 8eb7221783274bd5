import { receivableBySale } from "../ledger/balances.ts";
import { type Entry, post } from "../ledger/post.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";

/**
 * Records a patient's payment, on the day it was received. It goes to the standard balance first and then to the sales
 * in the order of their making; what exceeds everything owed is a credit on the standard balance.
 * The same id again changes nothing.
 */
export async function recordPayment(
  { db, clock }: { db: Db; clock: Clock },
  actor: Actor,
  payment: { id: string; accountId: string; amountCents: Cents; receivedOn: IsoDate },
): Promise<void> {
  const { id, accountId, amountCents, receivedOn } = payment;
  await db.transaction(async (trx) => {
    await trx("accounts").where({ id: accountId }).forUpdate().first("id");
    if (await trx("payments").where({ id }).first("id")) return;

    const balances = await receivableBySale(trx, accountId);
    const saleIds = await trx("transactions")
      .where({ account_id: accountId, kind: "sale" })
      .orderBy(["recorded_at", "id"])
      .pluck("id");
    const entries: Entry[] = allocate(amountCents, balances, saleIds).map(({ saleId, cents }) => ({
      account: { kind: "receivable", ownerId: accountId, saleId: saleId ?? undefined },
      amountCents: -cents,
    }));
    entries.push({ account: { kind: "cash_in" }, amountCents });

    const now = clock.now();
    await trx("payments").insert({
      id,
      account_id: accountId,
      amount_cents: amountCents,
      received_on: receivedOn,
      recorded_at: now,
    });
    await post(trx, { id, kind: "payment", effectiveOn: receivedOn, postedAt: now, entries });
    await audit(trx, actor, { at: now, action: "payment recorded", subjectId: accountId, details: { amountCents } });
  });
}

/** Splits a payment over what is owed: the standard balance, then the sales in the order given. */
export function allocate(
  amountCents: Cents,
  balances: Map<string | null, Cents>,
  saleIds: string[],
): { saleId: string | null; cents: Cents }[] {
  const owed = [null, ...saleIds].map((saleId) => [saleId, balances.get(saleId) ?? 0] as const);
  let left = amountCents;
  const shares: { saleId: string | null; cents: Cents }[] = [];
  for (const [saleId, balance] of owed) {
    const cents = Math.min(left, Math.max(balance, 0));
    if (cents > 0) shares.push({ saleId, cents });
    left -= cents;
  }
  if (left > 0) shares.push({ saleId: null, cents: left });
  return shares;
}
