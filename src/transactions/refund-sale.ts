import { applyEvent } from "../accounts/apply-event.ts";
import { businessDay, onMorningOf, readBooks } from "../accounts/books.ts";
import { merchantFeeGivenBack } from "../credit/fees.ts";
import { planOn } from "../credit/terms.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { saveDraft, takeDraft } from "./drafts.ts";
import { findTransaction, type Transaction } from "./queries.ts";

export const refundReasons = [
  "Service not given",
  "Patient changed their mind",
  "Charged twice",
  "Charged too much",
  "Wrong patient",
  "Other",
] as const;

export type Refund = { amountCents: Cents; reason: (typeof refundReasons)[number] };

type Parts = { db: Db; clock: Clock };

/**
 * Keeps a refund for review, under the form's key. Refuses whatever `refundSale` would refuse.
 * @throws Declined with a sentence beside the field that is wrong
 */
export async function reviewRefund(
  parts: Parts,
  viewer: PracticeViewer,
  given: { id: string; saleId: string; refund: Refund },
): Promise<void> {
  const { id, saleId, refund } = given;
  const sale = await findSale(parts.db, viewer, saleId);
  if (await alreadyRefunded(parts.db, viewer, { id, sale, refund })) return;
  refuseRefund(sale, refund);
  await saveDraft(parts, viewer, { id, kind: "refund", subjectId: saleId, typed: refund });
}

/**
 * Gives back a reviewed refund of a sale, in part or whole, and the practice's fee on it. Pressing the button again
 * refunds once; refunds at once never exceed the sale.
 * @param given.shownCents the amount that the pressed button showed
 * @throws Declined when less than that is left to refund, or the draft says another amount
 */
export async function refundSale(
  { db, clock }: Parts,
  viewer: PracticeViewer,
  given: { id: string; saleId: string; shownCents: Cents },
): Promise<void> {
  const { id, saleId, shownCents } = given;
  await db.transaction(async (trx) => {
    // The account first, then the sale: the same order as a new sale takes them.
    const { accountId } = await findSale(trx, viewer, saleId);
    await trx("accounts").where({ id: accountId }).forNoKeyUpdate().first("id");
    const sale = await findSale(trx, viewer, saleId);
    const { typed: refund } = await takeDraft<Refund>(trx, viewer, { id, kind: "refund", subjectId: saleId });
    if (refund.amountCents !== shownCents) throw new Declined({ form: changedSince });
    if (await alreadyRefunded(trx, viewer, { id, sale, refund })) return;
    refuseRefund(sale, refund);

    // After this line it must succeed.
    const { amountCents, reason } = refund;
    const feeCents = merchantFeeGivenBack(planOn(sale.businessOn, sale.planId), {
      amountCents: sale.amountCents,
      refundedBeforeCents: sale.refundedCents,
      refundCents: amountCents,
    });
    const now = clock.now();
    const books = await readBooks(trx, accountId, { lock: true });
    const businessOn = businessDay(books, clock.today());
    await trx("transactions")
      .where({ id: saleId })
      .increment({ refunded_cents: amountCents, refunded_fee_cents: feeCents });
    await trx("transactions").insert({
      id,
      kind: "refund",
      sale_id: saleId,
      practice_id: viewer.practice.id,
      location_id: sale.locationId,
      account_id: accountId,
      plan_id: sale.planId,
      amount_cents: amountCents,
      fee_cents: feeCents,
      service_on: null,
      business_on: businessOn,
      reference: sale.reference,
      reason,
      recorded_by: viewer.id,
      recorded_at: now,
    });
    await audit(trx, viewer.actor, {
      at: now,
      action: "sale refunded",
      subjectId: saleId,
      details: { amountCents, reason },
    });
    await applyEvent(trx, accountId, {
      run: onMorningOf(books, { day: businessOn, today: clock.today() }),
      event: { type: "refund", id, date: businessOn, sale: saleId, amountCents },
      kind: "refund",
      postedAt: now,
      entries: [
        { account: { kind: "payable", ownerId: viewer.practice.id }, amountCents: amountCents - feeCents },
        { account: { kind: "merchant_fee_income" }, amountCents: feeCents },
      ],
    });
  });
}

const changedSince = "The amount of this refund was changed in another window. Review it again.";

/** What of a sale was not refunded yet. */
export const refundableCents = (sale: Transaction): Cents => sale.amountCents - sale.refundedCents;

/** A sale of the viewer's practice; 404 when it is not there, or is itself a refund. */
export async function findSale(db: Db, viewer: PracticeViewer, id: string): Promise<Transaction> {
  const sale = await findTransaction(db, viewer, id);
  if (sale?.kind !== "sale") throw notFound();
  return sale;
}

async function alreadyRefunded(
  db: Db,
  viewer: PracticeViewer,
  { id, sale, refund }: { id: string; sale: Transaction; refund: Refund },
): Promise<boolean> {
  const made = await db("transactions").where({ id, practice_id: viewer.practice.id }).first();
  if (!made) return false;
  if (made.sale_id === sale.id && made.amount_cents === refund.amountCents) return true;
  const was = `a refund of ${formatMoney(made.amount_cents)}`;
  throw new Declined({ form: `This form has already made ${was}. To refund more, begin again from the receipt.` });
}

function refuseRefund(sale: Transaction, { amountCents }: Refund): void {
  const left = refundableCents(sale);
  if (left === 0) throw new Declined({ form: "This sale has been refunded in full. Nothing is left to refund." });
  if (amountCents <= 0) throw new Declined({ amount: "Enter an amount of at least $0.01" });
  if (amountCents > left) {
    throw new Declined({ amount: `${formatMoney(left)} of this sale is left to refund. Enter an amount up to that.` });
  }
}
