import { describe, expect, test } from "vitest";
import { addBankingDays, isBankingDay } from "../../src/lib/banking-days.ts";
import { addDays } from "../../src/lib/calendar.ts";

/** The days from Monday to Friday of a year on which the banks are closed. */
function closed(year: number): string[] {
  const days = Array.from({ length: 366 }, (_, index) => addDays(`${year}-01-01`, index));
  return days.filter((day) => day.startsWith(`${year}`) && !isBankingDay(day) && !isWeekend(day));
}
const isWeekend = (day: string) => [0, 6].includes(new Date(`${day}T12:00:00Z`).getUTCDay());

// frbservices.org/about/holiday-schedules, as published.
describe("the holidays of the Federal Reserve Banks", () => {
  test.each([
    [2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25"], // Veterans Day on a Saturday is not made up for
    [2024, "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25"],
    [2025, "01-01 01-20 02-17 05-26 06-19 07-04 09-01 10-13 11-11 11-27 12-25"],
    [2026, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25"], // the 4th of July is a Saturday
    [2027, "01-01 01-18 02-15 05-31 07-05 09-06 10-11 11-11 11-25"], // Juneteenth and Christmas are, the 4th a Sunday
  ])("of %i", (year, days) => {
    expect(closed(year)).toEqual(days.split(" ").map((day) => `${year}-${day}`));
  });
});

test.each([
  ["2026-11-23", "2026-11-25", "a Monday arrives on Wednesday"],
  ["2026-11-24", "2026-11-27", "over Thanksgiving a day later"],
  ["2026-11-25", "2026-11-30", "over Thanksgiving and the weekend"],
  ["2026-11-20", "2026-11-24", "a Friday arrives on Tuesday"],
  ["2026-11-21", "2026-11-24", "and so does a Saturday"],
  ["2026-11-22", "2026-11-24", "and a Sunday"],
  ["2026-12-23", "2026-12-28", "over Christmas"],
  ["2026-07-02", "2026-07-06", "Friday the 3rd of July 2026 is open"],
])("what is sold on %s arrives on %s: %s", (sold, arrives) => {
  expect(addBankingDays(sold, 2)).toBe(arrives);
});
