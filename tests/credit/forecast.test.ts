import { describe, expect, test } from "vitest";
import { openAccount, owedCents } from "../../src/credit/account.ts";
import { minimumWarning, paymentToKeepGrace } from "../../src/credit/disclosures.ts";
import { applyAll, applyEvent } from "../../src/credit/engine.ts";
import { payMinimumOnly, payMonthly, paymentToClearIn, payoffOn } from "../../src/credit/forecast.ts";
import { planTerms } from "../../src/credit/plans.ts";
import { type QuoteRequest, quotePlan } from "../../src/credit/quote.ts";
import { defaultTerms } from "../../src/credit/terms.ts";
import { cents, charges, events, owed, play, usual } from "./support.ts";

const ask = (plan: QuoteRequest["plan"], dollars: string) =>
  quotePlan({
    plan,
    amountCents: cents(dollars),
    standardApr: "32.99",
    cycleDay: 15,
    saleDate: "2026-01-10",
  });

describe("a quote before the sale", () => {
  test.each([
    // plan, amount, payment, payments, total
    ["deferred-12", "1,200.00", "109.10", 11, "1,200.00"],
    ["deferred-12", "300.00", "30.00", 10, "300.00"],
    ["deferred-6", "200.00", "40.00", 5, "200.00"],
    ["deferred-24", "2,300.00", "100.00", 23, "2,300.00"],
    ["convert-12", "1,200.00", "109.10", 11, "1,200.00"],
    ["fixed-24", "1,000.00", "49.88", 25, "1,203.56"],
    ["fixed-36", "1,000.00", "36.61", 37, "1,327.16"],
    ["fixed-48", "1,000.00", "30.38", 49, "1,471.01"],
    ["fixed-60", "2,500.00", "67.49", 61, "4,084.98"],
    ["standard", "300.00", "30.00", 12, "353.84"],
    ["standard", "3,000.00", "132.32", 36, "4,763.09"],
  ] as const)("%s of $%s: $%s a month, %i payments, $%s in all", (plan, amount, payment, payments, total) => {
    const quote = ask(plan, amount);
    expect(quote).toMatchObject({ monthlyPaymentCents: cents(payment), payments, totalCents: cents(total) });
    expect(quote.financeCostCents).toBe(quote.totalCents - quote.amountCents);
  });

  test("of a deferred plan says what is charged if one cent is still owed the day after", () => {
    const { promotionEndsOn, deferredInterestIfMissedCents } = ask("deferred-12", "1,200.00");
    expect([promotionEndsOn, deferredInterestIfMissedCents]).toEqual(["2027-01-10", cents("249.95")]);
    const dues = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(
      (month) => `2026-${String(month).padStart(2, "0")}-12 payment p${month} 109.10`,
    );
    const story = ["2026-01-10 sale s deferred-12 1,200.00", ...dues, "2026-12-12 payment last 108.99"].join("\n");
    const missed = play(story, "2027-01-11", { openedOn: "2026-01-10" });
    expect(charges(missed, "deferred-interest")).toEqual(["2027-01-11 249.95"]);
  });

  test("of other plans says nothing of the kind", () => {
    expect(ask("convert-12", "1,200.00")).toMatchObject({
      promotionEndsOn: "2027-01-10",
      deferredInterestIfMissedCents: null,
    });
    expect(ask("fixed-24", "1,200.00")).toMatchObject({
      promotionEndsOn: null,
      deferredInterestIfMissedCents: null,
    });
  });

  test("states what the practice pays", () => {
    expect(ask("deferred-12", "1,200.00").merchantFeeCents).toBe(cents("118.80"));
  });

  test("takes the terms of a plan too, and an amount under its least", () => {
    const plan = { ...planTerms("fixed-24"), apr: "0.00", merchantRate: "2.00" };
    expect(ask(plan, "240.00")).toMatchObject({
      monthlyPaymentCents: 1_000,
      payments: 24,
      totalCents: 24_000,
      merchantFeeCents: 480,
    });
  });

  test("is the same on the sale's last possible day of a cycle and the first of the next, but for interest", () => {
    const quote = (saleDate: string) =>
      quotePlan({ plan: "deferred-6", amountCents: 100_000, standardApr: "32.99", cycleDay: 15, saleDate });
    expect(quote("2026-01-15").payments).toBe(quote("2026-01-16").payments);
    expect(quote("2026-01-16").deferredInterestIfMissedCents).toBeGreaterThan(
      Number(quote("2026-01-15").deferredInterestIfMissedCents),
    );
  });
});

describe("the payoff on a date", () => {
  const story = `2026-01-10 sale f fixed-24 1,000.00
    2026-01-11 sale d deferred-12 500.00
    2026-02-01 sale s standard 300.00`;

  test.each(["2026-02-10", "2026-02-15", "2026-03-12", "2026-05-20", "2027-01-10", "2027-02-01"])(
    "on %s leaves nothing owed, and a cent less leaves a cent",
    (date) => {
      const { account } = play(story, "2026-02-01");
      const payoff = payoffOn(account, date);
      const paying = (amountCents: number) => {
        const event = { type: "payment", id: "p", date, amountCents } as const;
        return applyAll(account, { events: [event], through: "2027-04-15" });
      };
      expect(owedCents(paying(payoff).account)).toBe(0);
      expect(paying(payoff - 1).statements.some((each) => each.newBalanceCents === 1)).toBe(true);
    },
  );

  test("counts the interest since the close, which the next one bills", () => {
    const { account } = play("2026-01-10 sale f fixed-24 1,000.00", "2026-02-01");
    // 1,000 + 2.94 for six days to 15 January, and 17 days more
    expect(payoffOn(account, "2026-02-01".replace("01", "02"))).toBeGreaterThan(cents("1,010.00"));
  });

  test("of an account that owes nothing is nothing", () => {
    expect(payoffOn(openAccount(usual), "2026-03-01")).toBe(0);
    expect(payoffOn(play("2026-01-06 payment p 5.00", "2026-01-06").account, "2026-03-01")).toBe(0);
  });
});

describe("what if so much is paid a month", () => {
  const sale = "2026-01-10 sale s standard 1,000.00";

  test("all at once costs nothing in the grace period", () => {
    const forecast = payMonthly(play(sale, "2026-01-20").account, cents("1,000.00"));
    expect(forecast).toEqual({
      payments: 1,
      totalCents: 100_000,
      costCents: 0,
      deferredInterestCents: 0,
      clearedOn: "2026-02-12",
    });
  });

  test("total is what was owed and what it cost", () => {
    const { account } = play(`${sale}\n2026-01-11 sale f fixed-24 2,000.00`, "2026-04-20");
    const forecast = payMonthly(account, cents("400.00"));
    expect(forecast.totalCents).toBe(owedCents(account) + forecast.costCents);
  });

  test("where the minimum asks for more, the minimum is paid: no forecast has a late fee", () => {
    const { account } = play("2026-01-10 sale f fixed-36 1,000.00", "2026-01-15");
    expect(payMonthly(account, 0)).toEqual(payMinimumOnly(account));
    // The fixed payment alone would miss the minimum once the least charge of $2.00 is part of it.
    expect(payMonthly(account, cents("36.61"))).toMatchObject({ payments: 37, clearedOn: "2029-02-12" });
  });

  test("what is never cleared is called so after a hundred years", () => {
    const [terms] = defaultTerms;
    if (!terms) throw new Error();
    const noMinimum = [{ ...terms, minimumPercent: "0.00", minimumFloorCents: 0 }];
    const free = play("2026-01-10 sale c convert-12 1,000.00", "2026-01-15", {}, noMinimum).account;
    expect(payMonthly(free, 0, noMinimum)).toMatchObject({ clearedOn: null });
  });

  test("names the deferred interest that a missed date costs", () => {
    const { account } = play("2026-01-10 sale d deferred-12 1,200.00", "2026-01-20");
    expect(payMonthly(account, cents("109.10")).deferredInterestCents).toBe(0);
    expect(payMonthly(account, cents("100.00")).deferredInterestCents).toBe(cents("268.33"));
  });

  test("nothing owed is clear today", () => {
    expect(payMonthly(openAccount(usual), 100)).toMatchObject({ payments: 0, clearedOn: "2026-01-05" });
  });

  test("on the due date itself that day's payment can still be made, unless the day has ended", () => {
    const { account } = play(sale, "2026-02-11");
    const morning = applyEvent(account, {
      type: "payment",
      id: "p",
      date: "2026-02-12",
      amountCents: 1,
    }).account;
    expect(payMonthly(morning, cents("2,000.00")).clearedOn).toBe("2026-02-12");
    expect(payMonthly(play(sale, "2026-02-12").account, cents("2,000.00")).clearedOn).toBe("2026-03-12");
  });

  test("the last trailing interest is part of the last payment", () => {
    const { account } = play("2026-01-10 sale f fixed-24 1,000.00", "2026-01-20");
    const forecast = payMonthly(account, cents("5,000.00"));
    expect(forecast).toMatchObject({ payments: 1, totalCents: payoffOn(account, "2026-02-12") });
  });
});

describe("clearing it in 36 months", () => {
  test("is the least payment that does", () => {
    const { account } = play("2026-01-10 sale s standard 3,000.00", "2026-01-20");
    const payment = paymentToClearIn(account, 36);
    expect(payMonthly(account, payment).payments).toBe(36);
    expect(payMonthly(account, payment - 1).payments).toBe(37);
  });

  test("of an account whose promotions end dear asks for more than what is owed", () => {
    const { account } = play("2026-01-10 sale d deferred-6 1,000.00", "2026-08-20");
    expect(paymentToClearIn(account, 1)).toBe(payoffOn(account, "2026-09-12"));
  });
});

describe("the warning of a statement", () => {
  test("time and cost of the minimum only, and of 36 months", () => {
    const { account } = play("2026-01-10 sale s standard 1,000.00", "2026-01-15");
    const warning = minimumWarning(account);
    expect(warning?.minimumOnly).toMatchObject({ payments: 72, clearedOn: "2032-01-12" });
    expect(warning?.in36Months?.paymentCents).toBe(cents("44.11"));
    expect(warning?.in36Months?.forecast.payments).toBe(36);
    expect(warning?.in36Months?.savingsCents).toBe(
      Number(warning?.minimumOnly.totalCents) - Number(warning?.in36Months?.forecast.totalCents),
    );
  });

  test("has no 36 months where the minimum takes no longer", () => {
    const { account } = play("2026-01-10 sale s standard 300.00", "2026-01-15");
    expect(minimumWarning(account)).toMatchObject({ minimumOnly: { payments: 12 }, in36Months: null });
  });

  test("is not given where the minimum is all that is owed, nor before the first statement", () => {
    expect(minimumWarning(play("2026-01-10 sale s standard 30.00", "2026-01-15").account)).toBeNull();
    expect(minimumWarning(openAccount(usual))).toBeNull();
  });

  test("paying the minimum only never has a late fee", () => {
    const { account } = play("2026-01-10 sale s standard 1,000.00\n2026-01-10 sale f fixed-24 1,000.00", "2026-01-15");
    const { totalCents, costCents } = payMinimumOnly(account);
    expect(totalCents).toBe(owedCents(account) + costCents);
  });
});

describe("what to pay to keep grace", () => {
  test("is what the statement showed, on a standard account", () => {
    expect(paymentToKeepGrace(play("2026-01-10 sale s standard 1,000.00", "2026-01-20").account)).toBe(
      cents("1,000.00"),
    );
    const paid = play("2026-01-10 sale s standard 1,000.00\n2026-01-20 payment p 400.00", "2026-01-20");
    expect(paymentToKeepGrace(paid.account)).toBe(cents("600.00"));
    const over = play("2026-01-10 sale s standard 1,000.00", "2026-02-12").account; // the evening of the due date
    expect([over.dayOver, paymentToKeepGrace(over)]).toEqual([true, 0]);
  });

  test("counts what was paid since the close, and can still be paid on the due date", () => {
    const story =
      "2026-01-10 sale s standard 1,000.00\n2026-01-20 sale d deferred-12 900.00\n2026-01-20 payment p 400.00";
    expect(paymentToKeepGrace(play(story, "2026-01-20").account)).toBe(cents("630.00")); // 30.00 of the 400.00 went to d
    const { account } = applyAll(openAccount(usual), { events: events(`${story}\n2026-02-12 payment q 0.01`) });
    expect(account.dayOver).toBe(false);
    expect(paymentToKeepGrace(account)).toBe(cents("629.99"));
  });

  test("is more where the minimum goes to other balances first, and it is enough to the cent", () => {
    const story =
      "2026-01-10 sale s standard 1,000.00\n2026-01-10 sale f fixed-24 1,000.00\n2026-01-10 sale d deferred-12 500.00";
    const { account } = play(story, "2026-01-20");
    const payment = paymentToKeepGrace(account);
    expect(payment).toBe(cents("1,079.88"));
    const keepsGrace = (amountCents: number) => {
      const event = { type: "payment", id: "p", date: "2026-02-12", amountCents } as const;
      return applyAll(account, { events: [event], through: "2026-02-15" }).account.cycle.previousWasFree;
    };
    expect([keepsGrace(payment), keepsGrace(payment - 1)]).toEqual([true, false]);
  });

  test("is nothing where nothing is at stake, and after the due date", () => {
    expect(paymentToKeepGrace(openAccount(usual))).toBe(0);
    expect(paymentToKeepGrace(play("2026-01-10 sale d deferred-12 500.00", "2026-01-20").account)).toBe(0);
    expect(paymentToKeepGrace(play("2026-01-10 sale s standard 500.00", "2026-02-13").account)).toBe(0);
  });
});

test("forecasts leave the account as it was", () => {
  const { account } = play("2026-01-10 sale s standard 1,000.00", "2026-01-20");
  const before = structuredClone(account);
  payoffOn(account, "2026-03-01");
  payMonthly(account, 10_000);
  minimumWarning(account);
  paymentToKeepGrace(account);
  expect(account).toEqual(before);
  expect(owed(account)).toEqual({ standard: "1000.00" });
  expect(events("")).toEqual([]);
});
