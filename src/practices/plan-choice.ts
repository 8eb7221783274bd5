import { defaultPlans, type PlanId, planTerms } from "../credit/plans.ts";
import type { IsoDate } from "../lib/dates.ts";

/**
 * Plans that may not be arranged by a practice in a state, with the law and since when. Dated data, as long as there
 * are no rules of greater detail: California lets no licensee's staff arrange credit with deferred interest.
 */
const barred: readonly { state: string; kind: string; since: IsoDate; law: string }[] = [
  { state: "CA", kind: "deferred", since: "2020-07-01", law: "Cal. Bus. & Prof. Code § 654.3" },
];

/** The law that keeps a practice of a state from a plan on a day; null when none does. */
export function lawAgainst(planId: PlanId, practice: { state: string; today: IsoDate }): string | null {
  const { kind } = planTerms(planId);
  const rule = barred.find((one) => one.state === practice.state && one.kind === kind && one.since <= practice.today);
  return rule?.law ?? null;
}

/** What a new practice offers until its owner chooses: every plan that cannot charge interest backwards. */
export const plansToBeginWith: readonly PlanId[] = defaultPlans
  .filter(({ kind }) => kind !== "deferred")
  .map(({ id }) => id);
