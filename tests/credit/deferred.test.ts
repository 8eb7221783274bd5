import { describe, expect, test } from "vitest";
import { deferredInterest } from "../../src/credit/deferred.ts";
import { addMonths } from "../../src/lib/calendar.ts";
import { charges, closed, line, owed, play } from "./support.ts";

/** So much on the 16th of each month from February 2026 to January 2027. */
const onThe16th = (dollars: string) =>
  Array.from({ length: 12 }, (_, i) => {
    const month = ((i + 1) % 12) + 1;
    return `${month === 1 ? 2027 : 2026}-${String(month).padStart(2, "0")}-16 payment p${i} ${dollars}`;
  }).join("\n");

describe("the worked check: $2,500 on deferred-12 at 24 %, sold 2026-01-16, $200 on the 16th of each month", () => {
  const story = `2026-01-16 sale s1 deferred-12 2,500.00\n${onThe16th("200.00")}`;
  const opening = { openedOn: "2026-01-16", standardApr: "24.00" };

  test("leaves $100 on the last day", () => {
    expect(owed(play(story, "2027-01-16", opening).account)).toEqual({ standard: "0.00", s1: "100.00" });
  });

  test("and bills about $391 the day after; simple interest, about $335, would be wrong", () => {
    expect(charges(play(story, "2027-01-17", opening), "deferred-interest")).toEqual(["2027-01-17 391.41"]);
  });

  test("the interest is part of the balance from then on, at the standard APR", () => {
    const statement = closed(play(story, "2027-02-15", opening), "2027-02-15");
    // 491.41 × ((1 + 0.24 / 365)^30 − 1) = 9.79
    expect(line(statement, "s1")).toMatchObject({
      apr: "24.00",
      balance: "501.20",
      interest: "401.20",
      deferred: "0.00",
    });
  });

  test("with the last $100 paid on the last day, it is gone", () => {
    const paid = play(`${story}\n2027-01-16 payment last 100.00`, "2027-03-15", opening);
    expect(charges(paid, "deferred-interest")).toEqual([]);
    expect(owed(paid.account)).toEqual({ standard: "0.00", s1: "0.00" });
  });

  test("a day later it is too late", () => {
    const late = play(`${story}\n2027-01-17 payment last 100.00`, "2027-01-17", opening);
    expect(charges(late, "deferred-interest")).toEqual(["2027-01-17 391.41"]);
  });

  test("one cent left is enough to be billed it", () => {
    const cent = play(`${story}\n2027-01-16 payment last 99.99`, "2027-01-17", opening);
    expect(charges(cent, "deferred-interest")).toHaveLength(1);
  });
});

describe("$100 a month on $1,200 over 12 months: amount / months clears nothing", () => {
  const elevenTimes = (firstMonth: number) =>
    Array.from({ length: 11 }, (_, i) => `${addMonths(`2026-0${firstMonth}-12`, i)} payment p${i} 100.00`).join("\n");

  test.each([
    // Sold just before a close, the first due date is 33 days on; just after it, 55 days on, and the bill is dearer.
    ["2026-01-10", 2, "2027-01-11 268.33"],
    ["2026-01-16", 3, "2027-01-17 296.63"],
  ])(
    "sold %s, eleven due dates (from month %i) fall inside, 100.00 is left and all interest is billed",
    (date, firstMonth, bill) => {
      const outcome = play(`${date} sale s1 deferred-12 1,200.00\n${elevenTimes(firstMonth)}`, bill.slice(0, 10));
      expect(charges(outcome, "sale")).toEqual([`${date} 1200.00`]);
      expect(charges(outcome, "deferred-interest")).toEqual([bill]);
      expect(owed(outcome.account).s1).toBe((100 + Number(bill.slice(11))).toFixed(2));
    },
  );

  // The deferred interest alone comes to 266.36 to 299.45, whatever the date of the sale and the cycle day. "About $308" is
  // the interest that the next statement shows on the sale: this, and the standard rate on it for the cycle after.
  test.each([
    ["2026-01-16", "2027-02-15", "307.16"],
    ["2026-02-16", "2027-03-15", "305.63"],
    ["2026-03-16", "2027-04-15", "309.55"],
    ["2026-04-16", "2027-05-15", "308.56"],
    ["2026-06-16", "2027-07-15", "308.38"],
    ["2026-08-16", "2027-09-15", "308.44"],
    ["2026-10-16", "2027-11-15", "308.20"],
    ["2026-12-16", "2028-01-15", "307.96"],
  ])("sold on a cycle's first day, %s, the statement of %s bills about $308: %s", (date, closesOn, interest) => {
    const firstDue = addMonths(`${date.slice(0, 8)}12`, 2);
    const payments = Array.from({ length: 12 }, (_, i) => `${addMonths(firstDue, i)} payment p${i} 100.00`);
    const outcome = play(`${date} sale s1 deferred-12 1,200.00\n${payments.join("\n")}`, closesOn);
    expect(line(closed(outcome, closesOn), "s1").interest).toBe(interest);
    const lastDay = play(
      `${date} sale s1 deferred-12 1,200.00\n${payments.slice(0, 11).join("\n")}`,
      addMonths(date, 12),
    );
    expect(owed(lastDay.account).s1).toBe("100.00");
  });

  test.each([
    ["2026-01-10", 2],
    ["2026-01-16", 3],
  ])("sold %s, first due in month %i, 109.10 clears it", (date, firstMonth) => {
    const payments = elevenTimes(firstMonth).replaceAll("100.00", "109.10");
    const outcome = play(`${date} sale s1 deferred-12 1,200.00\n${payments}`, "2027-03-15");
    expect(charges(outcome, "deferred-interest")).toEqual([]);
    expect(owed(outcome.account)).toEqual({ standard: "-0.10", s1: "0.00" });
  });
});

describe("deferred interest", () => {
  test("is shown on each statement and is no part of what is owed", () => {
    const statement = closed(play("2026-01-10 sale s1 deferred-12 1,200.00", "2026-01-15"), "2026-01-15");
    // Six days, the 10th to the 15th: 1,200 × ((1 + 0.3299 / 365)^6 − 1) = 6.52
    expect(line(statement, "s1")).toEqual({
      apr: "32.99",
      balance: "1200.00",
      interest: "0.00",
      deferred: "6.52",
    });
    expect(statement).toMatchObject({ newBalanceCents: 120_000, interestCents: 0 });
  });

  test("after a refund is what it would have been had the refunded part never been bought", () => {
    const refunded = play(
      "2026-01-10 sale s1 deferred-12 1,200.00\n2026-03-01 payment p1 300.00\n2026-04-01 refund r1 s1 500.00",
      "2026-06-15",
    );
    const smaller = play("2026-01-10 sale s1 deferred-12 700.00\n2026-03-01 payment p1 300.00", "2026-06-15");
    const deferred = (outcome: typeof refunded) => line(closed(outcome, "2026-06-15"), "s1").deferred;
    expect(deferred(refunded)).toBe(deferred(smaller));
    expect(deferred(refunded)).toBe("79.27");
  });

  test("a refund after the end does not change what was billed", () => {
    const story = "2026-01-10 sale s1 deferred-6 1,000.00\n2026-07-20 refund r1 s1 900.00";
    const outcome = play(story, "2026-07-31", { cycleDay: 28 });
    expect(charges(outcome, "deferred-interest")).toEqual(["2026-07-11 178.71"]);
    expect(charges(outcome, "refund")).toEqual(["2026-07-20 -900.00"]);
  });

  test("is gone from the statement once the balance is paid", () => {
    const story = "2026-01-10 sale s1 deferred-12 1,200.00\n2026-02-12 payment p1 1,200.00";
    expect(line(closed(play(story, "2026-03-15"), "2026-03-15"), "s1")).toMatchObject({
      balance: "0.00",
      deferred: "0.00",
    });
  });

  test("a late payment does not bring it forward", () => {
    const outcome = play("2026-01-10 sale s1 deferred-12 1,200.00", "2026-06-30");
    expect(charges(outcome, "late-fee").length).toBeGreaterThan(1);
    expect(charges(outcome, "deferred-interest")).toEqual([]);
  });

  test("can be asked for on any day", () => {
    const [, s1] = play("2026-01-10 sale s1 deferred-12 1,200.00", "2026-01-10").account.balances;
    expect(s1 && deferredInterest(s1, "2026-01-10")).toBe(108); // 1,200 × 0.3299 / 365 = 1.0846
    const [standard] = play("2026-01-10 sale s1 standard 1,200.00", "2026-01-10").account.balances;
    expect(deferredInterest(standard, "2026-01-20")).toBe(0);
  });
});

describe("the last day is the sale's date some months on", () => {
  test.each([
    ["2026-08-31", "deferred-6", "2027-02-28"],
    ["2027-08-30", "deferred-6", "2028-02-29"],
    ["2026-01-31", "deferred-6", "2026-07-31"],
    ["2026-12-10", "deferred-18", "2028-06-10"],
    ["2026-03-31", "convert-12", "2027-03-31"],
  ])("sold %s on %s: %s", (date, plan, ends) => {
    const { account } = play(`${date} sale s1 ${plan} 500.00`, date);
    expect(account.balances[1]?.promotionEndsOn).toBe(ends);
  });

  test("short months count: unpaid on 28 February, billed on 1 March", () => {
    const outcome = play("2026-08-31 sale s1 deferred-6 500.00", "2027-03-02");
    expect(charges(outcome, "deferred-interest").map((each) => each.slice(0, 10))).toEqual(["2027-03-01"]);
  });
});

describe("convert-12", () => {
  const story = "2026-01-10 sale s1 convert-12 1,200.00";

  test("bears nothing to its last day and the reduced APR from the day after, never looking back", () => {
    const outcome = play(story, "2027-02-15");
    expect(line(closed(outcome, "2026-12-15"), "s1")).toMatchObject({ apr: "0.00", interest: "0.00" });
    // Five days, 11 to 15 January, of 1,200 at 17.90 %: 2.95
    expect(line(closed(outcome, "2027-01-15"), "s1")).toMatchObject({
      apr: "17.90",
      balance: "1202.95",
      interest: "2.95",
    });
    expect(charges(outcome, "deferred-interest")).toEqual([]);
  });

  test("its last day shows 0 %", () => {
    const outcome = play("2026-01-15 sale s1 convert-12 1,200.00", "2027-01-15");
    expect(line(closed(outcome, "2027-01-15"), "s1")).toMatchObject({ apr: "0.00", interest: "0.00" });
  });
});
