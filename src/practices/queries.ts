import { type PlanId, planIds } from "../credit/plans.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

export type Practice = {
  id: string;
  name: string;
  specialty: string;
  state: string;
  timeZone: string;
  phone: string;
  needsFactor: boolean;
  joinedAt: Date;
};

/** A practice; 404 when there is none. */
export async function findPractice(db: Db, id: string): Promise<Practice> {
  const practice = await db("practices")
    .where({ id })
    .first(
      "id",
      "name",
      "specialty",
      "state",
      "time_zone as timeZone",
      "phone",
      "needs_factor as needsFactor",
      "joined_at as joinedAt",
    );
  if (!practice) throw notFound();
  return practice;
}

export type Location = {
  id: string;
  name: string;
  street: string;
  city: string;
  state: string;
  zip: string;
  phone: string;
};

/** The open locations of a practice, in the order of their names: where something can be done today. */
export async function locationsOf(db: Db, practiceId: string): Promise<Location[]> {
  return everyLocationOf(db, practiceId).whereNull("closed_at");
}

/** All that a practice ever had, closed ones too: what the past is told by. */
export function everyLocationOf(db: Db, practiceId: string) {
  return db("locations")
    .where({ practice_id: practiceId })
    .orderBy("name")
    .select<Location[]>("id", "name", "street", "city", "state", "zip", "phone");
}

/** A plan as a practice offers it, with the range of amounts it narrowed it to. */
export type OfferedPlan = { planId: PlanId; leastCents: Cents | null; mostCents: Cents | null };

/** The plans a practice offers, in the order of the table of plans. */
export async function offeredPlans(db: Db, practiceId: string): Promise<OfferedPlan[]> {
  const offered: OfferedPlan[] = await db("practice_plans")
    .where({ practice_id: practiceId })
    .select("plan_id as planId", "least_cents as leastCents", "most_cents as mostCents");
  return offered.sort((a, b) => planIds.indexOf(a.planId) - planIds.indexOf(b.planId));
}
