import { describe, expect, test } from "vitest";
import { findBalance, openAccount } from "../../src/credit/account.ts";
import { paymentToClear } from "../../src/credit/clearing.ts";
import { deferredInterest } from "../../src/credit/deferred.ts";
import { applyAll } from "../../src/credit/engine.ts";
import type { AccountEvent } from "../../src/credit/events.ts";
import { clearingSteps, deferredSteps } from "../../src/credit/explain.ts";
import { addDays } from "../../src/lib/calendar.ts";

const opening = { openedOn: "2026-01-05", cycleDay: 15, standardApr: "32.99", limitCents: 800_000 };
const sale = { type: "sale", id: "s1", date: "2026-01-10", plan: "deferred-12", amountCents: 120_000 } as const;
const paid = { type: "payment", id: "p0", date: "2026-02-10", amountCents: 15_000 } as const;
const accountAfter = (events: AccountEvent[], through: string) =>
  applyAll(openAccount(opening), { events, through }).account;

describe("the payment that clears a deferred balance", () => {
  test("is the balance over the due dates that are left, and one cent less bills the interest", () => {
    const account = accountAfter([sale, paid], "2026-03-01");
    const clearing = paymentToClear(account, findBalance(account, "s1"), { from: "2026-03-02" });
    expect(clearing?.dates.at(0)).toBe("2026-03-12");
    expect(clearing?.dates.at(-1)).toBe("2026-12-12");
    expect(clearing?.paymentCents).toBe(10_500);
    const billed = (cents: number) =>
      applyAll(account, {
        events: (clearing?.dates ?? []).map((date) => ({ type: "payment", id: date, date, amountCents: cents })),
        through: "2027-02-15",
      }).postings.filter(({ kind }) => kind === "deferred-interest").length;
    expect([billed(10_500), billed(10_499)]).toEqual([0, 1]);
  });

  test("is more where a fixed payment takes its part first", () => {
    const fixed = { type: "sale", id: "s2", date: "2026-01-11", plan: "fixed-24", amountCents: 240_000 } as const;
    const account = accountAfter([sale, fixed, paid], "2026-03-01");
    const clearing = paymentToClear(account, findBalance(account, "s1"), { from: "2026-03-02" });
    expect(clearing?.paymentCents).toBeGreaterThan(10_500 + 11_970);
  });

  test("is the whole on the last day when no due date is left, and nothing once the promotion has ended", () => {
    const account = accountAfter([sale], "2026-12-20");
    const balance = findBalance(account, "s1");
    expect(paymentToClear(account, balance, { from: "2026-12-21" })?.dates).toEqual(["2027-01-10"]);
    const later = accountAfter([sale], "2027-01-11");
    expect(paymentToClear(later, findBalance(later, "s1"), { from: "2027-01-12" })).toBeNull();
  });

  test("is the least that will do where other balances take a part, to the cent", () => {
    const fixed = { type: "sale", id: "s2", date: "2026-01-11", plan: "fixed-24", amountCents: 240_000 } as const;
    const other = { type: "sale", id: "s3", date: "2026-01-12", plan: "deferred-6", amountCents: 30_000 } as const;
    const account = accountAfter([sale, fixed, other, paid], "2026-03-01");
    const clearing = paymentToClear(account, findBalance(account, "s1"), { from: "2026-03-02" });
    const billed = (cents: number) =>
      applyAll(account, {
        events: (clearing?.dates ?? []).map((date) => ({ type: "payment", id: date, date, amountCents: cents })),
        through: "2027-02-15",
      }).postings.filter(({ kind, balance }) => kind === "deferred-interest" && balance === "s1").length;
    const least = clearing?.paymentCents ?? 0;
    expect([billed(least), billed(least - 1)]).toEqual([0, 1]);
  });

  test("counts the due dates from the first day on which a payment can come through the last of the promotion", () => {
    const account = accountAfter([{ ...sale, date: "2026-01-12" }], "2026-03-01");
    const datesFrom = (from: string) => paymentToClear(account, findBalance(account, "s1"), { from })?.dates ?? [];
    expect(datesFrom("2026-03-02").length).toBe(11);
    expect(datesFrom("2026-03-12").at(0)).toBe("2026-03-12");
    expect(datesFrom("2026-03-13").at(0)).toBe("2026-04-12");
    expect(datesFrom("2026-04-12").at(0)).toBe("2026-04-12");
    expect(datesFrom("2026-03-12").at(-1)).toBe("2027-01-12"); // due on the very last day
    expect(datesFrom("2027-01-12")).toEqual(["2027-01-12"]);
    expect(datesFrom("2027-01-13")).toEqual([]);
  });

  test("is never less than the minimum payment: whoever follows it is charged no fee, and stops when it is clear", () => {
    const account = accountAfter(
      [
        { ...sale, amountCents: 20_000 },
        { ...paid, amountCents: 3_000 },
      ],
      "2026-03-01",
    );
    const clearing = paymentToClear(account, findBalance(account, "s1"), { from: "2026-03-02" });
    expect(clearing).toEqual({
      paymentCents: 3_000,
      dates: ["2026-03-12", "2026-04-12", "2026-05-12", "2026-06-12", "2026-07-12", "2026-08-12"],
    });
    const events = (clearing?.dates ?? []).map(
      (date) => ({ type: "payment", id: date, date, amountCents: 3_000 }) as const,
    );
    const { postings } = applyAll(account, { events, through: "2027-02-15" });
    expect(postings.filter(({ kind }) => kind !== "payment")).toEqual([]);
  });

  test("nor than what other balances make of the minimum; a fee for one that is missed already stands", () => {
    const fixed = { type: "sale", id: "s2", date: "2026-01-11", plan: "fixed-24", amountCents: 240_000 } as const;
    const account = accountAfter([{ ...sale, amountCents: 20_000 }, fixed], "2026-03-12"); // the due date is over
    const clearing = paymentToClear(account, findBalance(account, "s1"), { from: "2026-03-13" });
    const events = (clearing?.dates ?? []).map(
      (date) => ({ type: "payment", id: date, date, amountCents: clearing?.paymentCents ?? 0 }) as const,
    );
    const { postings } = applyAll(account, { events, through: clearing?.dates.at(-1) ?? "" });
    expect(postings.filter(({ kind }) => kind === "late-fee").map(({ on }) => on)).toEqual(["2026-03-13"]);
  });

  test("leaves out the due date of a statement that asks for nothing more, and with no other is due on the last day", () => {
    const minimum = { type: "payment", id: "p1", date: "2026-12-20", amountCents: 200_000 } as const;
    const opened = { ...opening, limitCents: 900_000 };
    const other = { ...sale, id: "s0", date: "2026-01-06", plan: "standard", amountCents: 100_000 } as const;
    const { account } = applyAll(openAccount(opened), {
      events: [other, { ...sale, amountCents: 400_000 }, minimum],
      through: "2026-12-20",
    });
    expect(paymentToClear(account, findBalance(account, "s1"), { from: "2026-12-21" })?.dates).toEqual(["2027-01-10"]);
  });

  test("of an account without a statement begins with the first one's due date", () => {
    const account = accountAfter([sale], "2026-01-11");
    const clearing = paymentToClear(account, findBalance(account, "s1"), { from: "2026-01-12" });
    expect(clearing?.dates.at(0)).toBe("2026-02-12");
    expect(clearing?.paymentCents).toBe(Math.ceil(120_000 / 11));
  });

  test("is none where nothing is left to pay, or nothing ends", () => {
    const whole = { type: "payment", id: "p1", date: "2026-02-10", amountCents: 120_000 } as const;
    const clear = accountAfter([sale, whole], "2026-02-11");
    expect(paymentToClear(clear, findBalance(clear, "s1"), { from: "2026-02-12" })).toBeNull();
    const level = accountAfter([{ ...sale, plan: "fixed-24" }], "2026-02-11");
    expect(paymentToClear(level, findBalance(level, "s1"), { from: "2026-02-12" })).toBeNull();
  });
});

test("the payments that clear a balance are shown one by one: what goes to it adds up to it, and nothing is left", () => {
  const level: AccountEvent = { ...sale, id: "s2", plan: "fixed-24", amountCents: 240_000 };
  const account = accountAfter([sale, level], "2026-03-20");
  const balance = findBalance(account, "s1");
  const clearing = paymentToClear(account, balance, { from: "2026-03-21" });
  if (!clearing) throw new Error("there is something to clear");
  const steps = clearingSteps(account, balance, clearing);
  expect(steps.map(({ on }) => on)).toEqual(clearing.dates);
  expect(new Set(steps.map(({ paidCents }) => paidCents))).toEqual(new Set([clearing.paymentCents]));
  expect(steps.reduce((sum, { hereCents }) => sum + hereCents, 0)).toBe(balance.balanceCents);
  expect(steps[0]?.leftCents).toBe(balance.balanceCents - (steps[0]?.hereCents ?? 0));
  expect(steps.at(-1)?.leftCents).toBe(0);
  expect(steps[0]?.hereCents, "the fixed payment of the other sale comes first").toBeLessThan(clearing.paymentCents);
});

test("the steps of deferred interest add up to it, payments and refunds included", () => {
  const events: AccountEvent[] = [
    sale,
    { type: "payment", id: "p1", date: "2026-02-12", amountCents: 20_000 },
    { type: "refund", id: "r1", date: "2026-04-01", sale: "s1", amountCents: 15_000 },
    { type: "payment", id: "p2", date: "2026-05-10", amountCents: 10_000 },
  ];
  const account = accountAfter(events, "2026-06-30");
  const balance = findBalance(account, "s1");
  const steps = deferredSteps(balance, "2026-06-30");
  expect(steps.at(-1)?.accruedCents).toBe(deferredInterest(balance, "2026-06-30"));
  expect(steps.at(-1)?.balanceCents).toBe(balance.balanceCents);
  expect(steps.at(0)?.from).toBe("2026-01-10");
  for (const [index, step] of steps.slice(1).entries()) expect(step.from).toBe(addDays(steps[index]?.through ?? "", 1));
});

test("the steps stop at the day asked for, and at the end of the promotion", () => {
  const later: AccountEvent = { type: "payment", id: "p1", date: "2026-02-12", amountCents: 20_000 };
  const account = accountAfter([sale, later], "2026-06-30");
  const balance = findBalance(account, "s1");
  const on = (day: string) => deferredSteps(balance, day);
  expect(on("2026-02-11").map(({ from, through, days, balanceCents }) => [from, through, days, balanceCents])).toEqual([
    ["2026-01-10", "2026-02-11", 33, 120_000],
  ]);
  expect(on("2026-02-12").at(-1)).toMatchObject({ from: "2026-02-12", days: 1, balanceCents: 100_000 });
  expect(on("2027-03-01")).toEqual(on("2027-01-10"));
  expect(on("2027-01-10").at(-1)?.through).toBe("2027-01-10");
});
