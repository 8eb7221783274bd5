import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { closeOnOrAfter, deferredFirstFrom, dueDateOf } from "../../src/credit/cycle.ts";
import { merchantFee, merchantFeeGivenBack } from "../../src/credit/fees.ts";
import { accruedInterest } from "../../src/credit/interest.ts";
import { clearingPayment, fixedPayment } from "../../src/credit/payment.ts";
import { defaultPlans, isPlanId, planLabel, planTerms, promotionEnd, rateLabel } from "../../src/credit/plans.ts";
import { compareRates, percentFraction, percentOf, roundHalfUp } from "../../src/credit/rates.ts";
import { defaultTerms, planOn, termsOn } from "../../src/credit/terms.ts";
import { addMonths, daysBetween } from "../../src/lib/calendar.ts";
import { formatMoney } from "../../src/lib/money.ts";
import { cents, play } from "./support.ts";

describe("the level payment of a fixed plan", () => {
  const published = readFileSync(new URL("payment-examples.csv", import.meta.url), "utf8")
    .trim()
    .split("\n");
  test.each(published.slice(1).map((row) => row.split(",")))(
    "%s %% over %s months on $%s is $%s a month (%s)",
    (apr = "", months, amount, payment) => {
      expect(fixedPayment(cents(String(amount)), apr, Number(months))).toBe(cents(String(payment)));
    },
  );

  test.each([
    ["5,000.00", "16.90", 48, "144.02"], // two public calculators say 143.95 and 143.96
    ["10,000.00", "13.94", 36, "341.48"],
    ["1,200.00", "8.9", 12, "104.89"],
    ["100,000.00", "17.90", 24, "4,987.58"], // 4.9876 % of the sale
    ["0.01", "17.90", 24, "0.00"],
  ])("$%s at %s %% over %i months is $%s", (amount, apr, months, payment) => {
    expect(fixedPayment(cents(amount), apr, months)).toBe(cents(payment));
  });
});

describe("the payment that clears a promotion", () => {
  test.each([
    ["1,200.00", 12, "109.10"], // 109.0909…, up: a cent short would bill all of the deferred interest
    ["300.00", 12, "30.00"],
    ["330.00", 12, "30.00"],
    ["330.01", 12, "30.01"],
    ["200.00", 6, "40.00"],
  ])("$%s over %i months needs $%s", (amount, months, payment) => {
    expect(clearingPayment(cents(amount), months, cents("30.00"))).toBe(cents(payment));
  });
});

describe("daily interest", () => {
  const oneDay = { apr: "32.99", from: "2026-01-10", through: "2026-01-10" };
  const sale = (dollars: string, on = "2026-01-10") => ({ on, cents: cents(dollars) });

  test("a sale bears interest from its own date, half a cent rounding up", () => {
    // 18,250.00 × 0.3299 / 365 = 16.495 exactly
    expect(roundHalfUp(accruedInterest(0, [sale("18,250.00")], oneDay))).toBe(cents("16.50"));
    expect(roundHalfUp(accruedInterest(0, [sale("18,249.99")], oneDay))).toBe(cents("16.49"));
  });

  test("it compounds: two days bear interest on the first day's interest", () => {
    const { num, den } = accruedInterest(100, [], {
      apr: "36.50",
      from: "2026-01-01",
      through: "2026-01-02",
    });
    expect((num * 10_000n) / den).toBe(2001n); // 0.1 % twice is 0.2001 % of 100 cents
  });

  test("a day of a leap year is a 365th too, and 29 February is a day", () => {
    const { num, den } = accruedInterest(1, [], {
      apr: "3650.00",
      from: "2028-02-28",
      through: "2028-03-01",
    });
    expect((num * 1000n) / den).toBe(331n); // 10 % three times: 1.1³ − 1
  });

  test("a payment counts from the day it is received", () => {
    const paid = [sale("1,000.00"), { on: "2026-01-10", cents: -cents("1,000.00") }];
    expect(accruedInterest(0, paid, oneDay).num).toBe(0n);
  });

  test("a day that ends at zero or below bears nothing and loses nothing", () => {
    const span = { apr: "36.50", from: "2026-01-01", through: "2026-01-31" };
    const changes = [{ on: "2026-01-02", cents: -cents("1,500.00") }];
    expect(roundHalfUp(accruedInterest(cents("1,000.00"), changes, span))).toBe(cents("1.00"));
    expect(accruedInterest(-100, [], span).num).toBe(0n);
    expect(accruedInterest(0, [], span).num).toBe(0n);
  });

  test("a change before the first day counts from the first day", () => {
    const span = { apr: "3650.00", from: "2026-01-10", through: "2026-01-10" };
    const { num, den } = accruedInterest(100, [{ on: "2026-01-01", cents: 100 }], span);
    expect(num / den).toBe(20n);
  });

  test("interest of earlier days is carried over days without a balance and compounds again after them", () => {
    const span = { apr: "3650.00", from: "2026-01-01", through: "2026-01-03" }; // 10 % a day
    const changes = [
      { on: "2026-01-02", cents: -100 },
      { on: "2026-01-03", cents: 100 },
    ];
    const { num, den } = accruedInterest(100, changes, span);
    expect((num * 100n) / den).toBe(2100n); // 10, then nothing, then 10 % of 110
  });
});

describe("rates", () => {
  test.each(["", "-1.00", "1.", ".5", "1,5", "1e3", "12345.00", "1.00000"])("%j is no rate", (text) => {
    expect(() => percentFraction(text)).toThrow("not a rate");
  });

  test("are compared as numbers, not as text", () => {
    expect(compareRates("9.90", "17.90")).toBe(-1);
    expect(compareRates("17.9", "17.90")).toBe(0);
    expect(compareRates("18", "17.9999")).toBe(1);
  });

  test("a share of an amount is rounded half-up", () => {
    expect(percentOf(cents("0.50"), "1.00")).toBe(1);
    expect(percentOf(cents("0.49"), "1.00")).toBe(0);
  });
});

describe("what the practice pays", () => {
  test.each([
    ["standard", "1,000.00", "19.00"],
    ["deferred-6", "1,000.00", "50.00"],
    ["deferred-12", "1,234.56", "122.22"], // 122.22144
    ["deferred-18", "1,000.00", "135.00"],
    ["deferred-24", "1,000.00", "150.00"],
    ["fixed-24", "1,000.00", "50.00"],
    ["fixed-60", "2,500.10", "125.01"], // 125.005, half-up
    ["convert-12", "1,000.00", "109.00"],
  ] as const)("on %s, for $%s: $%s", (plan, amount, fee) => {
    expect(merchantFee(planTerms(plan), cents(amount))).toBe(cents(fee));
  });

  test("a sale refunded in full costs nothing, in however many parts", () => {
    const amountCents = cents("1.00"); // fee 0.02: thirds of it round to nothing
    const parts = [33, 33, 34];
    let refundedBeforeCents = 0;
    let back = 0;
    for (const refundCents of parts) {
      back += merchantFeeGivenBack(planTerms("standard"), { amountCents, refundedBeforeCents, refundCents });
      refundedBeforeCents += refundCents;
    }
    expect(back).toBe(merchantFee(planTerms("standard"), amountCents));
  });
});

describe("plans", () => {
  test.each([
    // plan, kind, months, rate in words to an account at 32.99 %, sale from, practice pays
    ["standard", "revolving", null, "32.99%", "0.01", "1.90"],
    ["deferred-6", "deferred", 6, "32.99%, deferred", "200.00", "5.00"],
    ["deferred-12", "deferred", 12, "32.99%, deferred", "200.00", "9.90"],
    ["deferred-18", "deferred", 18, "32.99%, deferred", "200.00", "13.50"],
    ["deferred-24", "deferred", 24, "32.99%, deferred", "200.00", "15.00"],
    ["fixed-24", "fixed", 24, "17.90%", "1,000.00", "5.00"],
    ["fixed-36", "fixed", 36, "18.90%", "1,000.00", "5.00"],
    ["fixed-48", "fixed", 48, "19.90%", "1,000.00", "5.00"],
    ["fixed-60", "fixed", 60, "20.90%", "2,500.00", "5.00"],
    ["convert-12", "convert", 12, "0%, then 17.90%", "200.00", "10.90"],
  ] as const)("%s is %s over %s months at %s, from $%s; the practice pays %s %%", (id, ...row) => {
    const plan = planTerms(id);
    const { kind, months, minimumSaleCents, merchantRate } = plan;
    expect([kind, months, rateLabel(plan, "32.99"), formatMoney(minimumSaleCents).slice(1), merchantRate]).toEqual(row);
    expect(isPlanId(id)).toBe(true);
  });

  test.each([
    ["standard", "Standard account", null],
    ["deferred-18", "No interest if paid in full within 18 months", "2027-07-31"],
    ["fixed-36", "Reduced APR, 36 months", null],
    ["convert-12", "0% for 12 months, then reduced APR", "2027-01-31"],
  ] as const)("%s reads “%s”; a promotion sold on 2026-01-31 ends on %s", (id, label, endsOn) => {
    const plan = planTerms(id);
    expect([planLabel(plan), promotionEnd(plan, "2026-01-31")]).toEqual([label, endsOn]);
  });

  test("there are no others", () => {
    expect(defaultPlans).toHaveLength(10);
    expect(isPlanId("deferred-9")).toBe(false);
    expect(() => planTerms("convert-12", [])).toThrow("no plan");
  });
});

describe("terms", () => {
  test("by default: 32.99 %, a minimum of $30 or 1 %, interest of $2.00 at least, late fees of $30 and $41 within six cycles", () => {
    const { effectiveFrom, plans, ...terms } = termsOn(defaultTerms, "2026-01-05");
    expect(terms).toEqual({
      standardApr: "32.99",
      minimumFloorCents: 3_000,
      minimumPercent: "1.00",
      minimumInterestCents: 200,
      lateFeeCents: 3_000,
      repeatLateFeeCents: 4_100,
      repeatLateFeeCycles: 6,
    });
    expect([plans, effectiveFrom <= "2026-01-05"]).toEqual([defaultPlans, true]);
  });

  test("are those in force on the day, and the first before any", () => {
    const [first] = defaultTerms;
    if (!first) throw new Error();
    const later = { ...first, effectiveFrom: "2027-01-01", lateFeeCents: 100 };
    expect(termsOn([first, later], "2026-12-31")).toBe(first);
    expect(termsOn([first, later], "2027-01-01")).toBe(later);
    expect(termsOn([later], "2026-12-31")).toBe(later);
    expect(() => termsOn([], "2026-12-31")).toThrow("at least one row");
  });
});

describe("terms that change", () => {
  const [first] = defaultTerms;
  if (!first) throw new Error();
  const dearer = first.plans.map((plan) =>
    plan.kind === "fixed" ? { ...plan, apr: "24.00", merchantRate: "6.00" } : plan,
  );
  const later = {
    ...first,
    effectiveFrom: "2026-03-01",
    minimumFloorCents: 5_000,
    minimumInterestCents: 700,
    plans: dearer,
  };
  const table = [first, later];

  test("reach sales from their day on; one from before keeps the rate, the payment and the fee it was made at", () => {
    const story = "2026-02-28 sale old fixed-24 1,000.00\n2026-03-01 sale new fixed-24 1,000.00";
    const { balances } = play(story, "2026-03-01", {}, table).account;
    expect(balances.slice(1).map(({ apr, fixedPaymentCents }) => [apr, fixedPaymentCents])).toEqual([
      ["17.90", cents("49.88")],
      ["24.00", cents("52.87")],
    ]);
    const fees = ["2026-02-28", "2026-03-01"].map((day) =>
      merchantFee(planOn(day, "fixed-24", table), cents("1,000.00")),
    );
    expect(fees).toEqual([cents("50.00"), cents("60.00")]);
  });

  test("reach the minimum payment and the least interest from the first close on", () => {
    const paid = (amount: string) => `2026-01-20 sale s standard ${amount}\n2026-02-20 payment p 30.00`;
    const { statements } = play(paid("200.00"), "2026-03-15", {}, table);
    expect(statements.map(({ minimumPaymentCents }) => minimumPaymentCents)).toEqual([
      0,
      cents("30.00"),
      cents("50.00"),
    ]);
    const small = play(paid("60.00"), "2026-03-15", {}, table).statements;
    expect(small.map(({ interestCents }) => interestCents)).toEqual([0, 0, cents("7.00")]);
  });
});

describe("the cycle", () => {
  test.each([
    ["2026-01-05", 15, "2026-01-15"],
    ["2026-01-15", 15, "2026-01-15"],
    ["2026-01-16", 15, "2026-02-15"],
    ["2026-12-29", 28, "2027-01-28"],
    ["2026-01-31", 1, "2026-02-01"],
  ])("%s with cycle day %i lies in the cycle that closes on %s", (date, cycleDay, close) => {
    expect(closeOnOrAfter(date, cycleDay)).toBe(close);
  });

  test.each([
    ["2026-02-01", "2026-02-26"],
    ["2026-02-03", "2026-02-28"],
    ["2026-02-04", "2026-03-01"],
    ["2028-02-04", "2028-03-01"],
    ["2026-01-15", "2026-02-12"],
    ["2026-12-28", "2027-01-25"],
  ])("what closes on %s is due on %s", (close, due) => {
    expect(dueDateOf(close)).toBe(due);
  });

  test("every due date leaves 25 to 28 days and falls on the same day of every month", () => {
    for (let cycleDay = 1; cycleDay <= 28; cycleDay += 1) {
      const days = new Set<string>();
      for (let month = 0; month < 24; month += 1) {
        const close = addMonths(closeOnOrAfter("2027-01-01", cycleDay), month);
        const due = dueDateOf(close);
        expect(daysBetween(close, due)).toBeGreaterThanOrEqual(25);
        expect(daysBetween(close, due)).toBeLessThanOrEqual(28);
        days.add(due.slice(8));
      }
      expect(days.size).toBe(1);
    }
  });

  test.each([
    // Cycle day 15: the cycle of 10 January closes on the 15th, and its due date is the 12th.
    ["2027-01-10", "2026-10-16"], // before the due date: the second cycle before
    ["2027-01-11", "2026-10-16"],
    ["2027-01-12", "2026-11-16"], // on it: the cycle before
    ["2027-01-15", "2026-11-16"],
    ["2027-01-16", "2026-11-16"], // the next cycle, whose due date is 12 February
  ])("a promotion that ends on %s comes first from %s", (endsOn, from) => {
    expect(deferredFirstFrom(endsOn, 15)).toBe(from);
  });
});
