import { describe, expect, test } from "vitest";
import { addDays, addMonths, dayNumber, daysBetween, isIsoDate, isoFromDayNumber } from "../../src/lib/calendar.ts";

describe("calendar dates", () => {
  test("agree with the runtime's own calendar on every day of five centuries", () => {
    const wrong: string[] = [];
    for (let day = dayNumber("1890-01-01"); day < dayNumber("2410-01-01"); day += 1) {
      const own = new Date(day * 86_400_000).toISOString().slice(0, 10);
      if (isoFromDayNumber(day) !== own || dayNumber(own) !== day) wrong.push(own);
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    ["2026-01-31", 1, "2026-02-28"],
    ["2027-01-31", 13, "2028-02-29"],
    ["1999-08-31", 6, "2000-02-29"],
    ["2099-08-31", 6, "2100-02-28"],
    ["2026-12-31", 2, "2027-02-28"],
    ["2026-03-31", 1, "2026-04-30"],
    ["2026-05-31", 1, "2026-06-30"],
    ["2026-08-31", 1, "2026-09-30"],
    ["2026-10-31", 1, "2026-11-30"],
    ["2026-07-31", 1, "2026-08-31"],
    ["2026-11-15", 1, "2026-12-15"],
    ["2026-03-31", -1, "2026-02-28"],
    ["2026-01-15", -1, "2025-12-15"],
  ])("%s and %i months: %s", (date, months, expected) => {
    expect(addMonths(date, months)).toBe(expected);
  });

  test("days are counted over months and years", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
    expect(daysBetween("2026-01-15", "2026-02-12")).toBe(28);
    expect(daysBetween("2026-02-12", "2026-01-15")).toBe(-28);
  });

  test.each([
    ["2026-02-28", true],
    ["2028-02-29", true],
    ["2026-02-29", false],
    ["2100-02-29", false],
    ["2026-04-31", false],
    ["2026-13-01", false],
    ["2026-00-10", false],
    ["2026-01-00", false],
    ["0000-01-01", false],
    ["0001-01-01", true],
    ["2026-1-1", false],
    ["02/28/2026", false],
    ["2026-02-28T00:00", false],
    ["", false],
  ])("%j is a date: %j", (text, expected) => {
    expect(isIsoDate(text)).toBe(expected);
  });
});
