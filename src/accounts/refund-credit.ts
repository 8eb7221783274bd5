import { owedCents } from "../credit/account.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { type Actor, audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { applyEvent } from "./apply-event.ts";
import { businessDay, onMorningOf, readBooks } from "./books.ts";
import { creditLetter, type Program } from "./letters.ts";
import { idOf } from "./postings.ts";
import { recipientsOf, tellPatient } from "./tell-patient.ts";

type Parts = { db: Db; clock: Clock; program: Program };
type CreditRefund = { id: string; accountId: string; amountCents: Cents; reason?: string };

/**
 * Pays a credit, or a part of it, out to the patient who asked for it (1026.11(a)(2)), and tells them. The same id again
 * changes nothing.
 * @throws Declined when the credit is less than that
 */
export async function refundCredit(parts: Parts, actor: Actor, refund: CreditRefund): Promise<void> {
  await parts.db.transaction(async (trx) => {
    await holdAccount(trx, refund.accountId);
    const told = await trx("account_events").where({ event_id: refund.id }).first("event");
    if (told?.event.amountCents === refund.amountCents) return;
    if (told) throw new Declined({ form: "Another amount was refunded under this reference" });
    await payOut(trx, parts, actor, { ...refund, on: parts.clock.today() });
  });
}

/**
 * Refunds every credit that by the end of a night will have stood for six months (1026.11(a)(3)), once: what was
 * refunded stands no longer. To be run before the night's days end.
 * @returns how many were refunded
 */
export async function refundOldCredits(
  parts: Parts,
  night: IsoDate,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const old = (db: Db) => db("account_states").whereRaw("credit_since::date + interval '6 months' <= ?::date", [night]);
  const due: string[] = await old(parts.db).orderBy("account_id").pluck("account_id");
  let done = 0;
  for (const accountId of due) {
    signal?.throwIfAborted();
    await parts.db.transaction(async (trx) => {
      await holdAccount(trx, accountId);
      const row = await old(trx).where({ account_id: accountId }).first("state", "credit_since");
      if (!row) return; // another node was quicker
      const id = idOf(`${accountId} credit since ${row.credit_since}`);
      await payOut(trx, parts, portalItself, { id, accountId, amountCents: -owedCents(row.state), on: night });
      done += 1;
    });
  }
  return done;
}

/** A person's verbs and the nights' all hold the account first, so that they take turns. */
const holdAccount = (trx: Trx, id: string) => trx("accounts").where({ id }).forNoKeyUpdate().first("id");

async function payOut(
  trx: Trx,
  { clock, program }: Omit<Parts, "db">,
  actor: Actor,
  { id, accountId, amountCents, reason, on }: CreditRefund & { on: IsoDate },
): Promise<void> {
  const account = await readBooks(trx, accountId, { lock: true });
  const date = businessDay(account, on);
  const run = onMorningOf(account, { day: date, today: clock.today() });
  const creditCents = Math.max(0, -owedCents(run.account));
  if (amountCents > creditCents) {
    const stands = creditCents ? `The credit is ${formatMoney(creditCents)}` : "No credit stands on this account";
    throw new Declined({ amount: `${stands}. Enter an amount up to that.` });
  }

  // After this line it must succeed.
  const postedAt = clock.now();
  await applyEvent(trx, accountId, {
    run,
    event: { type: "credit-refund", id, date, amountCents },
    kind: "credit refund",
    postedAt,
    entries: [{ account: { kind: "cash_out" }, amountCents: -amountCents }],
  });
  const recipient = (await recipientsOf(trx, [accountId])).get(accountId);
  if (recipient) await tellPatient(trx, postedAt, recipient, creditLetter(program, recipient, amountCents));
  const details = { amountCents, ...(reason && { reason }) };
  await audit(trx, actor, { at: postedAt, action: "credit refunded", subjectId: accountId, details });
}
