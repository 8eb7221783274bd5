import { type PlanId, planIds, planLabel, planTerms } from "../credit/plans.ts";

/** The plan's words as an expression of SQL, so that a file of a million lines is written by the database alone. */
export const planLabelSql = (column: string) =>
  `case ${column} ${planIds.map((id) => `when '${id}' then '${planLabel(planTerms(id))}'`).join(" ")} else ${column} end`;

/** The plans as the choices of a filter. */
export const planChoices = planIds.map((id) => ({ value: id, label: planLabel(planTerms(id)) }));

/** A plan in two words, where there is no room for its terms. */
export function planShort(id: PlanId): string {
  const { kind, months } = planTerms(id);
  const words = {
    revolving: "Standard",
    deferred: `Deferred ${months}`,
    fixed: `Fixed ${months}`,
    convert: `0% ${months}`,
  };
  return words[kind];
}
