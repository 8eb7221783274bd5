import { type PlanId, planTerms } from "../credit/plans.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { lawAgainst } from "./plan-choice.ts";
import type { Location } from "./queries.ts";

/** Holds a practice, so that what its owners change at once is one after the other. */
export async function lockPractice(trx: Trx, practiceId: string): Promise<{ name: string; state: string }> {
  const practice = await trx("practices").where({ id: practiceId }).forUpdate().first("name", "state");
  if (!practice) throw notFound();
  return practice;
}

/** The name that patients know, and the phone number. */
export async function changeDetails(
  trx: Trx,
  practiceId: string,
  details: { name: string; phone: string },
): Promise<void> {
  await trx("practices").where({ id: practiceId }).update(details);
}

/** An open location of a practice; 404 for anybody else's. */
export async function findLocation(db: Db, practiceId: string, id: string): Promise<Location> {
  const location = await db("locations")
    .where({ id, practice_id: practiceId })
    .whereNull("closed_at")
    .first("id", "name", "street", "city", "state", "zip", "phone");
  if (!location) throw notFound();
  return location;
}

/** Adds a location under the id that its form came with: pressing the button again adds one. */
export async function addLocation(trx: Trx, practiceId: string, location: Location): Promise<void> {
  await trx("locations")
    .insert({ ...location, practice_id: practiceId })
    .onConflict("id")
    .ignore();
}

/** Changes the name, address or phone of an open location; the past is told by the new name. */
export async function changeLocation(trx: Trx, practiceId: string, { id, ...location }: Location): Promise<void> {
  await findLocation(trx, practiceId, id);
  await trx("locations").where({ id, practice_id: practiceId }).update(location);
}

/**
 * Closes a location: nothing new is keyed there, and its past stays. The practice is held by the caller.
 * @throws Declined when it is the last one, or money of it is still on its way
 */
export async function closeLocation(trx: Trx, practiceId: string, { id, at }: { id: string; at: Date }): Promise<void> {
  await findLocation(trx, practiceId, id);
  const open = await trx("locations").where({ practice_id: practiceId }).whereNull("closed_at").count().first();
  if (Number(open?.count) < 2)
    throw new Declined({ form: "A practice has at least one location. Add another one first." });
  await trx("locations").where({ id }).forUpdate().first("id");
  const { rows } = await trx.raw(
    `select exists (select from deposit_lines where location_id = :id and deposit_id is null)
       or exists (select from deposits where location_id = :id and posted_at is null and paid_cents > 0)
       or coalesce((select carried_out_cents < 0 from deposits where location_id = :id order by covers_on desc limit 1), false)
       as waits`,
    { id },
  );
  if (rows[0].waits) {
    throw new Declined({ form: "A deposit of this location is still on its way. Close it when that has arrived." });
  }
  await trx("locations").where({ id }).update({ closed_at: at });
}

/** The range of amounts to which a practice keeps a plan; null where the plan's own limit holds. */
export type PlanRange = { planId: PlanId; leastCents: Cents | null; mostCents: Cents | null };

/**
 * Keeps plans that a practice offers to ranges of amounts. The practice is held by the caller.
 * @throws Declined beside the field: a range may narrow a plan, and not widen it, and has something in it
 */
export async function narrowPlans(trx: Trx, practiceId: string, ranges: readonly PlanRange[]): Promise<void> {
  const errors: Record<string, string> = {};
  for (const { planId, leastCents, mostCents } of ranges) {
    const { minimumSaleCents } = planTerms(planId);
    if (leastCents !== null && leastCents < minimumSaleCents)
      errors[`${planId}-least`] =
        `The plan takes sales of ${formatMoney(minimumSaleCents)} or more. Enter that or a larger amount.`;
    if (mostCents !== null && mostCents < Math.max(leastCents ?? 0, minimumSaleCents))
      errors[`${planId}-most`] = "The largest sale has to be as large as the smallest one.";
  }
  if (Object.keys(errors).length) throw new Declined(errors);
  for (const { planId, leastCents, mostCents } of ranges)
    await trx("practice_plans")
      .where({ practice_id: practiceId, plan_id: planId })
      .update({ least_cents: leastCents, most_cents: mostCents });
}

/**
 * Offers these plans and no others; the amounts to which a plan was narrowed stay. The practice is held by the caller.
 * @throws Declined when none is chosen, or a law is against one that was not offered before
 */
export async function offerPlans(
  trx: Trx,
  practice: { id: string; state: string },
  chosen: { planIds: readonly PlanId[]; today: IsoDate },
): Promise<void> {
  const { planIds, today } = chosen;
  if (!planIds.length) throw new Declined({ form: "Offer at least one plan." });
  const had = (await trx("practice_plans").where({ practice_id: practice.id })).map(({ plan_id }) => plan_id);
  for (const planId of planIds) {
    const law = lawAgainst(planId, { state: practice.state, today });
    if (law && !had.includes(planId))
      throw new Declined({ [planId]: `The law of your state is against this plan: ${law}.` });
  }
  await trx("practice_plans").where({ practice_id: practice.id }).whereNotIn("plan_id", planIds).delete();
  const rows = planIds.map((planId) => ({ practice_id: practice.id, plan_id: planId }));
  await trx("practice_plans").insert(rows).onConflict(["practice_id", "plan_id"]).ignore();
}
