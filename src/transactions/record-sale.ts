import { applyEvent } from "../accounts/apply-event.ts";
import { businessDay, onMorningOf, readBooks } from "../accounts/books.ts";
import { findAccount } from "../accounts/queries.ts";
import { availableCents } from "../credit/account.ts";
import { merchantFee } from "../credit/fees.ts";
import { type PlanId, planLabel, planTerms } from "../credit/plans.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { locationsOf, offeredPlans } from "../practices/queries.ts";
import { saveDraft, takeDraft } from "./drafts.ts";

export type Sale = {
  amountCents: Cents;
  planId: PlanId;
  serviceOn: IsoDate;
  reference: string;
  locationId: string;
};

type Parts = { db: Db; clock: Clock };

/**
 * Keeps a sale for review, under the form's key. Refuses whatever `recordSale` would refuse.
 * @throws Declined with a sentence beside each field that is wrong
 */
export async function reviewSale(
  parts: Parts,
  viewer: PracticeViewer,
  given: { id: string; accountId: string; sale: Sale },
): Promise<void> {
  const { id, accountId, sale } = given;
  if (await alreadyRecorded(parts.db, viewer, { id, accountId, sale })) return;
  await refuseSale(parts, viewer, { accountId, sale });
  await saveDraft(parts, viewer, { id, kind: "sale", subjectId: accountId, typed: sale });
}

/**
 * Charges a reviewed sale to the patient's account. Pressing the button again, or at once in five windows, records one.
 * @param given.shown what the pressed button showed
 * @throws Declined when the account, the plan or the amount no longer allows it, or the draft says another amount
 */
export async function recordSale(
  { db, clock }: Parts,
  viewer: PracticeViewer,
  given: { id: string; accountId: string; shown: Pick<Sale, "amountCents" | "planId"> },
): Promise<void> {
  const { id, accountId, shown } = given;
  await db.transaction(async (trx) => {
    const account = await findAccount(trx, viewer, accountId, { lock: true });
    const { typed: sale } = await takeDraft<Sale>(trx, viewer, { id, kind: "sale", subjectId: accountId });
    if (sale.amountCents !== shown.amountCents || sale.planId !== shown.planId) {
      throw new Declined({ form: changedSince });
    }
    if (await alreadyRecorded(trx, viewer, { id, accountId, sale })) return;
    const books = await readBooks(trx, accountId, { lock: true });
    await refuseSale({ db: trx, clock }, viewer, { accountId, sale });

    // After this line it must succeed.
    const { amountCents, planId, serviceOn, reference, locationId } = sale;
    const feeCents = merchantFee(planId, amountCents);
    const now = clock.now();
    const businessOn = businessDay(books, clock.today());
    await trx("transactions").insert({
      ...{ id, kind: "sale", practice_id: viewer.practice.id, location_id: locationId, account_id: account.id },
      ...{
        plan_id: planId,
        amount_cents: amountCents,
        fee_cents: feeCents,
        service_on: serviceOn,
        business_on: businessOn,
      },
      ...{ reference, reason: "", recorded_by: viewer.id, recorded_at: now },
    });
    await applyEvent(trx, accountId, {
      run: onMorningOf(books, businessOn),
      event: { type: "sale", id, date: businessOn, plan: planId, amountCents },
      ...{ kind: "sale", postedAt: now },
      entries: [
        { account: { kind: "payable", ownerId: viewer.practice.id }, amountCents: feeCents - amountCents },
        { account: { kind: "merchant_fee_income" }, amountCents: -feeCents },
      ],
    });
    await audit(trx, viewer.actor, {
      at: now,
      action: "sale recorded",
      subjectId: id,
      details: { amountCents, planId },
    });
  });
}

const changedSince = "This sale was changed in another window. Look at it again before you charge it.";

/** Whether this form was already charged; with another amount or plan in it, it is declined. */
async function alreadyRecorded(
  db: Db,
  viewer: PracticeViewer,
  { id, accountId, sale }: { id: string; accountId: string; sale: Sale },
): Promise<boolean> {
  const recorded = await db("transactions").where({ id, practice_id: viewer.practice.id }).first();
  if (!recorded) return false;
  const same =
    recorded.account_id === accountId && recorded.amount_cents === sale.amountCents && recorded.plan_id === sale.planId;
  if (same) return true;
  const was = `a sale of ${formatMoney(recorded.amount_cents)}`;
  throw new Declined({
    form: `This form has already recorded ${was}. To charge something else, begin a new sale from the account.`,
  });
}

/** Every reason against a sale, the whole list at once. */
async function refuseSale(
  { db, clock }: Parts,
  viewer: PracticeViewer,
  { accountId, sale }: { accountId: string; sale: Sale },
): Promise<void> {
  const account = await findAccount(db, viewer, accountId);
  const offered = await offeredPlans(db, viewer.practice.id);
  const locations = await locationsOf(db, viewer.practice.id);
  const books = await readBooks(db, accountId);
  const today = clock.today();
  // As the engine will see it: a late fee of this morning is already in it.
  const leftCents = availableCents(onMorningOf(books, businessDay(books, today)).account);
  const errors: Record<string, string> = {};

  if (account.closedOn) errors.form = "This account is closed. It takes no new sales.";
  if (sale.amountCents <= 0) errors.amount = "Enter an amount of at least $0.01";
  else if (sale.amountCents > leftCents) {
    errors.amount = `The available credit is ${formatMoney(Math.max(leftCents, 0))}. Enter an amount up to that.`;
  }
  const plan = planTerms(sale.planId);
  const offer = offered.find((one) => one.planId === sale.planId);
  const leastCents = Math.max(plan.minimumSaleCents, offer?.leastCents ?? 0);
  if (!offer) errors.plan = "Your practice does not offer this plan. Choose another one.";
  else if (sale.amountCents < leastCents && !errors.amount) {
    errors.plan = `“${planLabel(plan)}” takes sales of ${formatMoney(leastCents)} or more. Choose another plan.`;
  } else if (offer.mostCents && sale.amountCents > offer.mostCents) {
    errors.plan = `“${planLabel(plan)}” takes sales up to ${formatMoney(offer.mostCents)}. Choose another plan.`;
  }
  if (sale.serviceOn > today)
    errors.serviceDate = "Charge care on the day it is given: enter today’s date or an earlier one.";
  else if (sale.serviceOn < addDays(today, -180)) errors.serviceDate = "Enter a date within the last 180 days.";
  if (!locations.some((location) => location.id === sale.locationId)) errors.location = "Choose one of your locations.";

  if (Object.keys(errors).length) throw new Declined(errors);
}
