import { applyEvent } from "../accounts/apply-event.ts";
import { businessDay, onMorningOf } from "../accounts/books.ts";
import { findAccount } from "../accounts/queries.ts";
import { type Account, availableCents } from "../credit/account.ts";
import { merchantFee } from "../credit/fees.ts";
import { type PlanId, planLabel } from "../credit/plans.ts";
import type { Run } from "../credit/run.ts";
import { planOn } from "../credit/terms.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { addDays } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import { type Db, prepared, type Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
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
  const found = await whatDecides(parts.db, viewer, given);
  if (isRecorded(found, given)) return;
  refuseSale(found, { sale, today: parts.clock.today() });
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
    const sale = await holdSale(trx, viewer, given);
    if (sale.amountCents !== shown.amountCents || sale.planId !== shown.planId) {
      throw new Declined({ form: changedSince });
    }
    const found = await whatDecides(trx, viewer, { id, accountId, sale }, { lock: true });
    if (isRecorded(found, { accountId, sale })) return;
    const today = clock.today();
    const run = refuseSale(found, { sale, today });

    // After this line it must succeed.
    const { amountCents, planId, serviceOn, reference, locationId } = sale;
    const now = clock.now();
    const businessOn = run.account.day;
    const feeCents = merchantFee(planOn(businessOn, planId), amountCents);
    await prepared(trx, writeSale, [
      id,
      viewer.practice.id,
      locationId,
      accountId,
      planId,
      amountCents,
      feeCents,
      serviceOn,
      businessOn,
      reference,
      viewer.id,
      now,
    ]);
    await audit(trx, viewer.actor, {
      at: now,
      action: "sale recorded",
      subjectId: id,
      details: { amountCents, planId },
    });
    await applyEvent(trx, accountId, {
      run,
      event: { type: "sale", id, date: businessOn, plan: planId, amountCents },
      kind: "sale",
      postedAt: now,
      entries: [
        { account: { kind: "payable", ownerId: viewer.practice.id }, amountCents: feeCents - amountCents },
        { account: { kind: "merchant_fee_income" }, amountCents: -feeCents },
      ],
    });
  });
}

const changedSince = "This sale was changed in another window. Look at it again before you charge it.";

const writeSale = {
  name: "write sale",
  text: `insert into transactions (id, kind, practice_id, location_id, account_id, plan_id, amount_cents, fee_cents,
      service_on, business_on, reference, reason, recorded_by, recorded_at)
    values ($1, 'sale', $2, $3, $4, $5, $6, $7, $8, $9, $10, '', $11, $12)`,
};

/** The account's row and the draft's, held: two presses take turns, and no other window changes the draft meanwhile. */
async function holdSale(
  trx: Trx,
  viewer: PracticeViewer,
  { id, accountId }: { id: string; accountId: string },
): Promise<Sale> {
  const [held] = await prepared<{ typed: Sale }>(trx, holdDraft, [id, viewer.practice.id, accountId]);
  if (held) return held.typed;
  await findAccount(trx, viewer, accountId); // 404 where the account is not theirs, as everywhere
  return (await takeDraft<Sale>(trx, viewer, { id, kind: "sale", subjectId: accountId })).typed;
}

const holdDraft = {
  name: "hold sale",
  text: `select d.typed from drafts d join accounts a on a.id = d.subject_id
    where d.id = $1 and d.practice_id = $2 and d.kind = 'sale' and a.id = $3
    for no key update of a for update of d`,
};

/** All that decides about a sale, in one question. */
type Found = {
  closedOn: IsoDate | null;
  books: Account;
  /** The plan as the practice offers it, if it does. */
  offer: { leastCents: Cents | null; mostCents: Cents | null } | null;
  locationIsOpen: boolean;
  /** What was recorded under this form's key before. */
  recorded: { accountId: string; amountCents: Cents; planId: PlanId } | null;
};

async function whatDecides(
  db: Db,
  viewer: PracticeViewer,
  { id, accountId, sale }: { id: string; accountId: string; sale: Sale },
  { lock = false } = {},
): Promise<Found> {
  const { planId, locationId } = sale;
  const question = lock ? decidesHeld : decides;
  const [found] = await prepared<Found>(db, question, [id, planId, locationId, accountId, viewer.practice.id]);
  if (!found) throw notFound();
  return found;
}

const decides = {
  name: "sale",
  text: `select a.closed_on as "closedOn", s.state as books, l.id is not null as "locationIsOpen",
      case when o.plan_id is not null then
        json_build_object('leastCents', o.least_cents, 'mostCents', o.most_cents) end as offer,
      case when t.id is not null then
        json_build_object('accountId', t.account_id, 'amountCents', t.amount_cents, 'planId', t.plan_id) end as recorded
    from practice_accounts pa
      join accounts a on a.id = pa.account_id
      join account_states s on s.account_id = a.id
      left join transactions t on t.id = $1 and t.practice_id = pa.practice_id
      left join practice_plans o on o.practice_id = pa.practice_id and o.plan_id = $2
      left join locations l on l.practice_id = pa.practice_id and l.id = $3 and l.closed_at is null
    where pa.account_id = $4 and pa.practice_id = $5`,
};
const decidesHeld = { name: "sale, held", text: `${decides.text} for update of s` };

/** Whether this form was already charged; with another amount or plan in it, it is declined. */
function isRecorded({ recorded }: Found, { accountId, sale }: { accountId: string; sale: Sale }): boolean {
  if (!recorded) return false;
  const same =
    recorded.accountId === accountId && recorded.amountCents === sale.amountCents && recorded.planId === sale.planId;
  if (same) return true;
  const was = `a sale of ${formatMoney(recorded.amountCents)}`;
  throw new Declined({
    form: `This form has already recorded ${was}. To charge something else, begin a new sale from the account.`,
  });
}

/** Every reason against a sale, the whole list at once. Returns the account on the morning of the day it will be of. */
function refuseSale(
  { closedOn, books, offer, locationIsOpen }: Found,
  { sale, today }: { sale: Sale; today: IsoDate },
): Run {
  // As the engine will see it: a late fee of this morning is already in it.
  const run = onMorningOf(books, { day: businessDay(books, today), today });
  const leftCents = availableCents(run.account);
  const errors: Record<string, string> = {};

  if (closedOn) errors.form = "This account is closed. It takes no new sales.";
  if (sale.amountCents <= 0) errors.amount = "Enter an amount of at least $0.01";
  else if (sale.amountCents > leftCents) {
    errors.amount = `The available credit is ${formatMoney(Math.max(leftCents, 0))}. Enter an amount up to that.`;
  }
  const plan = planOn(run.account.day, sale.planId);
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
  if (!locationIsOpen) errors.location = "Choose one of your locations.";

  if (Object.keys(errors).length) throw new Declined(errors);
  return run;
}
