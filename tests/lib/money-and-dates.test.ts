import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dateIn, formatDate, formatDateTime, formatTypedDate, parseDate, yearsBetween } from "../../src/lib/dates.ts";
import { formatDecimal, formatMoney, parseCents } from "../../src/lib/money.ts";
import { formatPhone } from "../../src/lib/phone.ts";
import { counted } from "../../src/lib/wording.ts";

describe("an amount is read as a person types it:", () => {
  test.each([
    ["1200", 120_000],
    ["1,200", 120_000],
    ["1,200.00", 120_000],
    ["$1,200", 120_000],
    ["$ 1200", 120_000],
    ["  12.5  ", 1_250],
    ["12.50", 1_250],
    ["0", 0],
    ["0.01", 1],
    ["007", 700],
    ["1,234,567.89", 123_456_789],
    ["9,999,999.99", 999_999_999],
    ["9999999.99", 999_999_999],
  ])("“%s” is %i cents", (text, cents) => {
    expect(parseCents(text)).toBe(cents);
  });

  test.each([
    "",
    " ",
    "$",
    ".",
    ".5",
    "5.",
    "-1",
    "+1",
    "−1",
    "1.234",
    "1,20",
    "12,00.00",
    "1,2000",
    "1 200",
    "1'200",
    "1.200,00",
    "10000000",
    "10,000,000",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "1200 USD",
    "$$1",
    "١٢",
    "1\n2",
  ])("“%s” is none", (text) => {
    expect(parseCents(text)).toBeNull();
  });

  test("whatever is shown can be typed again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (cents) => {
        expect(parseCents(formatMoney(cents))).toBe(cents);
        expect(parseCents(formatDecimal(cents))).toBe(cents);
      }),
    );
  });
});

test.each([
  [0, "$0.00", "0.00"],
  [1, "$0.01", "0.01"],
  [-5, "−$0.05", "-0.05"],
  [99, "$0.99", "0.99"],
  [100, "$1.00", "1.00"],
  [99_999, "$999.99", "999.99"],
  [100_000, "$1,000.00", "1000.00"],
  [123_456_789, "$1,234,567.89", "1234567.89"],
  [-123_456, "−$1,234.56", "-1234.56"],
])("%i cents are written %s, and %s in a field or a file", (cents, money, decimal) => {
  expect([formatMoney(cents), formatDecimal(cents)]).toEqual([money, decimal]);
});

describe("a date is read as a person types it:", () => {
  test.each([
    ["11/23/2026", "2026-11-23"],
    ["1/5/2026", "2026-01-05"],
    ["01/05/2026", "2026-01-05"],
    [" 2026-11-23 ", "2026-11-23"],
    ["02/29/2028", "2028-02-29"],
    ["2/29/2000", "2000-02-29"],
    ["12/31/1999", "1999-12-31"],
  ])("“%s” is %s", (text, iso) => {
    expect(parseDate(text)).toBe(iso);
  });

  test.each([
    "",
    "02/29/2026",
    "02/29/1900",
    "2026-02-30",
    "13/01/2026",
    "00/10/2026",
    "11/00/2026",
    "11/31/2026",
    "23/11/2026",
    "11-23-2026",
    "11/23/26",
    "2026/11/23",
    "2026-1-5",
    "20261123",
    "11/23/20266",
    "tomorrow",
    "0000-01-01",
    "11/23/2026x",
    "2026-11-23T00:00:00Z",
  ])("“%s” is none", (text) => {
    expect(parseDate(text)).toBeNull();
  });

  test("whatever a field shows can be sent again", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("1900-01-01"), max: new Date("2199-12-31"), noInvalidDate: true }),
        (date) => {
          const iso = date.toISOString().slice(0, 10);
          expect(parseDate(formatTypedDate(iso))).toBe(iso);
          expect(parseDate(iso)).toBe(iso);
        },
      ),
    );
  });
});

test("a date is written as a person writes it", () => {
  expect(formatDate("2026-11-03")).toBe("Nov 3, 2026");
  expect(formatTypedDate("2026-01-05")).toBe("01/05/2026");
});

test.each([
  ["America/New_York", "2026-11-23T21:04:00Z", "Nov 23, 2026, 4:04 PM EST", "2026-11-23"],
  ["America/Chicago", "2026-07-01T04:30:00Z", "Jun 30, 2026, 11:30 PM CDT", "2026-06-30"],
  ["America/Los_Angeles", "2026-11-01T08:30:00Z", "Nov 1, 2026, 1:30 AM PDT", "2026-11-01"],
  ["Pacific/Honolulu", "2026-01-01T09:59:00Z", "Dec 31, 2025, 11:59 PM HST", "2025-12-31"],
])("in %s the instant %s is %s", (zone, instant, written, day) => {
  expect(formatDateTime(new Date(instant), zone)).toBe(written);
  expect(dateIn(zone, new Date(instant))).toBe(day);
});

test.each([
  ["2008-11-23", "2026-11-22", 17],
  ["2008-11-23", "2026-11-23", 18],
  ["2008-11-23", "2026-12-01", 18],
  ["2008-02-29", "2026-02-28", 17],
  ["2008-02-29", "2026-03-01", 18],
  ["2000-01-01", "2000-01-01", 0],
])("someone born on %s is on %s %i years old", (born, day, years) => {
  expect(yearsBetween(born, day)).toBe(years);
});

test("a phone number is written as Americans write it, anything else as it is", () => {
  for (const typed of ["5125550130", "512-555-0130", "1-512-555-0130", "+1 512 555 0130", "(512)  555.0130"])
    expect([typed, formatPhone(typed)]).toEqual([typed, "(512) 555-0130"]);
  expect(["125550130", "call me", ""].map(formatPhone)).toEqual(["125550130", "call me", ""]);
});

test("how many there are is said with its thousands apart", () => {
  expect([counted(1, "line"), counted(20_000, "line"), counted(1_234_567, "line")]).toEqual([
    "1 line",
    "20,000 lines",
    "1,234,567 lines",
  ]);
});
