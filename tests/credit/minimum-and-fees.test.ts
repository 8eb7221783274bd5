import { describe, expect, test } from "vitest";
import { defaultTerms } from "../../src/credit/terms.ts";
import { formatDecimal } from "../../src/lib/money.ts";
import { cents, charges, closed, line, play } from "./support.ts";

const minimum = (outcome: ReturnType<typeof play>, on: string) =>
  formatDecimal(closed(outcome, on).minimumPaymentCents);

describe("the minimum payment", () => {
  test.each([
    ["is $30 on small balances", "2026-01-10 sale s standard 1,000.00", "30.00"],
    ["is 1 % on large ones, half-up", "2026-01-10 sale s standard 4,567.50", "45.68"],
    ["is all that is owed where that is less", "2026-01-10 sale s standard 12.34", "12.34"],
    [
      "counts deferred and converting balances with `standard`",
      "2026-01-10 sale d deferred-12 2,000.00\n2026-01-10 sale c convert-12 2,000.00\n2026-01-10 sale s standard 500.00",
      "45.00",
    ],
    ["adds fixed payments to it", "2026-01-10 sale f fixed-24 1,000.00\n2026-01-10 sale s standard 500.00", "79.88"],
    [
      "has nothing else where there is a fixed plan only, but for the least charge",
      "2026-01-14 sale f fixed-24 1,000.00",
      "50.90",
    ],
    [
      "takes at most what is left of a fixed balance",
      "2026-01-15 sale f fixed-24 1,000.00\n2026-01-15 refund r f 960.00",
      "42.00",
    ],
    ["is nothing when nothing is owed", "2026-01-10 sale s standard 500.00\n2026-01-11 payment p 500.00", "0.00"],
    ["is nothing when a credit stands", "2026-01-10 sale s standard 500.00\n2026-01-11 payment p 600.00", "0.00"],
  ])("%s", (_, story, expected) => {
    expect(minimum(play(story, "2026-01-15"), "2026-01-15")).toBe(expected);
  });

  test("adds the interest and the fees billed, and what of the last one is still unpaid", () => {
    const outcome = play("2026-01-10 sale s standard 5,000.00\n2026-02-10 payment p 20.00", "2026-02-15");
    const statement = closed(outcome, "2026-02-15");
    // Owed 4,980.00 + fee 30.00 + interest; 30.00 of the first minimum (50.00) is unpaid.
    expect(statement.interestCents).toBe(cents("141.52"));
    expect(statement.pastDueCents).toBe(cents("30.00"));
    expect(statement.minimumPaymentCents).toBe(cents("51.52") + cents("141.52") + cents("30.00") + cents("30.00"));
  });

  test("leaves deferred interest apart", () => {
    const outcome = play("2026-01-14 sale d deferred-6 3,000.00\n2026-07-12 payment p 100.00", "2026-07-15");
    const statement = closed(outcome, "2026-07-15");
    const [, deferred] = statement.balances;
    expect(deferred?.interestCents).toBeGreaterThan(cents("500.00"));
    expect(statement.minimumPaymentCents).toBeLessThan(cents("400.00"));
  });

  test("what was paid after the due date is not past due at the close", () => {
    const outcome = play("2026-01-10 sale s standard 1,000.00\n2026-02-14 payment p 30.00", "2026-02-15");
    expect(closed(outcome, "2026-02-15").pastDueCents).toBe(0);
  });

  test("is never more than the new balance, past due or not", () => {
    const outcome = play("2026-01-10 sale s standard 20.00", "2026-02-15");
    const { minimumPaymentCents, newBalanceCents, pastDueCents } = closed(outcome, "2026-02-15");
    // 20.00, the fee of 20.00 and the least charge of 2.00; uncapped it would be 20.00 + 30.00.
    expect([pastDueCents, minimumPaymentCents, newBalanceCents]).toEqual([2_000, 4_200, 4_200]);
  });
});

describe("the late fee", () => {
  const sale = "2026-01-10 sale s standard 1,000.00"; // minimum 30.00, due 12 February

  test.each([
    ["nothing", "", ["2026-02-13 30.00"]],
    ["a cent too little", "2026-02-12 payment p 29.99", ["2026-02-13 30.00"]],
    ["the minimum on the due date", "2026-02-12 payment p 30.00", []],
    ["the minimum in two parts", "2026-01-20 payment p 10.00\n2026-02-12 payment q 20.00", []],
    ["the minimum by a refund", "2026-02-12 refund r s 30.00", []],
    ["the minimum a day late", "2026-02-13 payment p 30.00", ["2026-02-13 30.00"]],
    ["before the close", "2026-01-15 payment p 30.00", ["2026-02-13 30.00"]],
  ])("paid %s", (_, paid, fees) => {
    expect(charges(play(`${sale}\n${paid}`, "2026-02-28"), "late-fee")).toEqual(fees);
  });

  test("is $41 if there was one in the six cycles before, and $30 again after six without", () => {
    const minimumEachMonth = (from: number, to: number) =>
      Array.from(
        { length: to - from + 1 },
        (_, i) => `2026-${String(from + i).padStart(2, "0")}-12 payment p${from + i} 400.00`,
      ).join("\n");
    const large = "2026-01-10 sale s standard 4,000.00";
    const twice = play(large, "2026-03-13");
    expect(charges(twice, "late-fee")).toEqual(["2026-02-13 30.00", "2026-03-13 41.00"]);
    const sixth = play(`${large}\n${minimumEachMonth(3, 7)}`, "2026-08-13");
    expect(charges(sixth, "late-fee")).toEqual(["2026-02-13 30.00", "2026-08-13 41.00"]);
    const seventh = play(`${large}\n${minimumEachMonth(3, 8)}`, "2026-09-13");
    expect(charges(seventh, "late-fee")).toEqual(["2026-02-13 30.00", "2026-09-13 30.00"]);
  });

  test("is never more than the minimum that was missed", () => {
    expect(charges(play("2026-01-10 sale s standard 12.34", "2026-02-13"), "late-fee")).toEqual(["2026-02-13 12.34"]);
  });

  test("comes once for one due date", () => {
    expect(charges(play(sale, "2026-03-12"), "late-fee")).toHaveLength(1);
  });

  test("is owed on `standard`, shown as a fee, and bears no interest in a cycle with grace", () => {
    const outcome = play("2026-01-10 sale d deferred-12 1,000.00", "2026-02-15");
    const statement = closed(outcome, "2026-02-15");
    expect(line(statement, "standard")).toMatchObject({ balance: "30.00", interest: "0.00" });
    expect(statement.feesCents).toBe(3_000);
  });

  test("comes before a payment of the same morning, so that the payment finds it", () => {
    const outcome = play("2026-01-10 sale d deferred-12 1,000.00\n2026-02-13 payment p 60.00", "2026-02-13");
    expect(outcome.payments[0]?.allocated).toEqual([
      { balance: "d", cents: 3_000 },
      { balance: "standard", cents: 3_000 },
    ]);
  });

  test("follows the terms in force on its day", () => {
    const [first] = defaultTerms;
    if (!first) throw new Error();
    const table = [first, { ...first, effectiveFrom: "2026-03-01", repeatLateFeeCents: 1_000 }];
    expect(charges(play("2026-01-10 sale s standard 4,000.00", "2026-03-13", {}, table), "late-fee")).toEqual([
      "2026-02-13 30.00",
      "2026-03-13 10.00",
    ]);
  });
});

describe("the minimum interest charge", () => {
  test("a cycle that bills any interest bills at least $2.00, the difference on `standard`", () => {
    const outcome = play("2026-01-14 sale f fixed-24 1,000.00", "2026-01-15");
    const statement = closed(outcome, "2026-01-15");
    // Two days of 1,000 at 17.90 %: 0.98
    expect(line(statement, "f")).toMatchObject({ balance: "1000.98", interest: "0.98" });
    expect(line(statement, "standard")).toMatchObject({ balance: "1.02", interest: "1.02" });
    expect(statement.interestCents).toBe(200);
  });

  test("a cycle that bills none bills none, and what is under half a cent is none", () => {
    expect(closed(play("2026-01-10 sale d deferred-12 300.00", "2026-01-15"), "2026-01-15").interestCents).toBe(0);
    const story = "2026-01-15 sale f fixed-24 1,000.00\n2026-01-15 refund r f 990.00";
    expect(closed(play(story, "2026-01-15"), "2026-01-15").interestCents).toBe(0);
  });

  test("at $2.00 and above nothing is added", () => {
    const statement = closed(play("2026-01-12 sale f fixed-24 1,020.00", "2026-01-15"), "2026-01-15");
    expect([statement.interestCents, line(statement, "standard").interest]).toEqual([200, "0.00"]);
  });

  test("deferred interest billed is interest billed", () => {
    // Statements sent late, so that neither fee nor lost grace disturbs the 9.00 left to the end.
    const sent = [2, 3, 4, 5, 6, 7].map((month) => `2026-0${month}-01 statement-sent`).join("\n");
    const story = `2026-01-10 sale d deferred-6 200.00\n2026-01-11 payment p 191.00\n${sent}`;
    const statement = closed(play(story, "2026-07-15"), "2026-07-15");
    // 1.81 deferred, 0.05 for five days after it, and 0.14 to make 2.00
    expect([line(statement, "d").interest, line(statement, "standard").interest]).toEqual(["1.86", "0.14"]);
    expect(statement.interestCents).toBe(200);
  });

  test("a credit on `standard` pays it", () => {
    const story = "2026-01-14 sale f fixed-24 1,000.00\n2026-01-15 payment p 1,010.00";
    const statement = closed(play(story, "2026-01-15"), "2026-01-15");
    // 0.49 of one day on the fixed balance and 1.51 more; of the credit of 10.00 there stay 8.00.
    expect([line(statement, "f").balance, line(statement, "standard").balance]).toEqual(["0.00", "-8.00"]);
  });
});
