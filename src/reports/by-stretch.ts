import type { IsoDate } from "../lib/dates.ts";
import { type Stretch, stretchAt } from "./period.ts";

/** What each stretch of a period came to, those without a day included. */
export function groupByStretch<Day extends { on: IsoDate }, Sum>(
  stretches: Stretch[],
  days: Day[],
  sumOf: (days: Day[]) => Sum,
): (Stretch & { sum: Sum })[] {
  const groups: Day[][] = stretches.map(() => []);
  for (const day of days) groups[stretchAt(stretches, day.on)]?.push(day);
  return stretches.map((stretch, index) => ({ ...stretch, sum: sumOf(groups[index] ?? []) }));
}
