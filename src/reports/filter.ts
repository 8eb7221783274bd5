import { z } from "zod";
import { isPlanId, planLabel, planTerms } from "../credit/plans.ts";
import { formatTypedDate } from "../lib/dates.ts";
import { formatMoney } from "../lib/money.ts";
import { Declined } from "../platform/errors.ts";
import { amount, date, readForm, type Typed } from "../platform/forms.ts";
import type { Period } from "./period.ts";
import type { Filter } from "./report.ts";

type Named = { id: string; name: string };

const form = z.object({
  from: date("Enter the first day", "Enter the first day as month, day and four-digit year, like 03/12/2026"),
  to: date("Enter the last day", "Enter the last day as month, day and four-digit year, like 03/31/2026"),
  location: z.string().default(""),
  plan: z.string().default(""),
  amount: amount("Enter the amount as your bank shows it, like 1,234.56").optional(),
});

/** What the address says, completed by what the report begins with; as it is typed into the fields. */
export function typedFilter(query: Typed, begins: Period): Typed {
  const { from, to, location, plan, amount } = query;
  return {
    from: from ?? formatTypedDate(begins.from),
    to: to ?? formatTypedDate(begins.to),
    ...(location && { location }),
    ...(plan && { plan }),
    ...(amount && { amount }),
  };
}

/**
 * The filter, checked: a period, and a location of the practice, a plan or the amount of a deposit if one is chosen.
 * @throws Declined with a sentence for each field that is wrong
 */
export function readFilter(typed: Typed, locations: Named[]): Filter {
  const { from, to, location, plan, amount } = readForm(form, typed);
  const errors: Record<string, string> = {};
  if (from > to) errors.to = "The last day lies before the first. Enter the earlier day under From.";
  else if (Number(to.slice(0, 4)) - Number(from.slice(0, 4)) > 20) errors.to = "Choose twenty years at most.";
  if (location && !locations.some(({ id }) => id === location)) errors.location = "Choose one of your locations.";
  if (plan && !isPlanId(plan)) errors.plan = "Choose a plan from the list.";
  if (amount === 0) errors.amount = "Enter an amount of at least $0.01";
  if (Object.keys(errors).length) throw new Declined(errors);
  const planId = plan && isPlanId(plan) ? plan : undefined;
  return { from, to, locationId: location || undefined, planId, depositCents: amount || undefined };
}

/** What a filter keeps to besides its days, in words: `Uptown`, `Standard account`, `deposits of $98.10`. */
export function narrowedTo({ locationId, planId, depositCents }: Filter, locations: Named[]): string[] {
  return [
    ...locations.filter(({ id }) => id === locationId).map(({ name }) => name),
    ...(planId ? [planLabel(planTerms(planId))] : []),
    ...(depositCents ? [`deposits of ${formatMoney(depositCents)}`] : []),
  ];
}

/** The filter as the query of an address. */
export function queryOf(typed: Typed, more: Record<string, string> = {}): string {
  return new URLSearchParams({ ...typed, ...more }).toString();
}
