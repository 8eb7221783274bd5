import { describe, expect, test } from "vitest";
import { type Account, findBalance, openAccount } from "../../src/credit/account.ts";
import { happen, runThrough } from "../../src/credit/engine.ts";
import { billsOf, deferredSteps, interestSteps, minimumParts, unbilledSteps } from "../../src/credit/explain.ts";
import { startRun } from "../../src/credit/run.ts";
import { defaultTerms, termsOn } from "../../src/credit/terms.ts";
import { events, usual } from "./support.ts";

/** Plays a story with the account of each close kept. */
function closings(story: string, through: string) {
  const run = { ...startRun(openAccount(usual)), closings: [] as Account[] };
  for (const event of events(story)) happen(run, event);
  runThrough(run, through);
  return { ...run, closes: run.statements.map((statement, at) => ({ before: must(run.closings[at]), statement })) };
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}

const everything = `2026-01-10 sale f fixed-24 1,000.00
  2026-01-10 sale s standard 500.00
  2026-01-20 sale d deferred-6 400.00
  2026-01-25 payment p 20.00
  2026-02-20 payment q 90.00
  2026-03-03 refund r f 100.00
  2026-04-11 payment t 70.00`;

describe("what each close billed on a balance", () => {
  const run = closings(everything, "2026-09-15");

  test.each(["standard", "f", "d"])("adds up to what was posted on %s, each close once", (id) => {
    const posted = run.postings.filter(({ balance, kind }) => balance === id && kind === "interest");
    const bills = billsOf(run.closes, id);
    expect(
      bills.filter(({ accruedCents }) => accruedCents > 0).map((each) => [each.closedOn, each.accruedCents]),
    ).toEqual(posted.map(({ on, cents }) => [on, cents]));
    expect(bills.length).toBeGreaterThan(1);
    for (const { firstDay, closedOn, days, steps, accruedCents, averageDailyCents } of bills) {
      if (accruedCents === 0) continue;
      expect(steps.at(-1)).toMatchObject({ through: closedOn, accruedCents });
      expect([firstDay < closedOn, steps.reduce((sum, each) => sum + each.days, 0) <= days]).toEqual([true, true]);
      const { apr } = findBalance(run.account, id);
      expect(Math.abs((averageDailyCents * days * Number(apr)) / 36_500 - accruedCents)).toBeLessThan(1);
    }
  });

  test("the first one says its days and its steps", () => {
    expect(billsOf(run.closes, "f")[0]).toEqual({
      firstDay: "2026-01-05",
      closedOn: "2026-01-15",
      days: 11,
      steps: [{ from: "2026-01-10", through: "2026-01-15", days: 6, balanceCents: 100_000, accruedCents: 295 }],
      accruedCents: 295,
      averageDailyCents: 54_612,
      leastCents: 0,
    });
  });

  test("the least charge stands on `standard`, apart from what accrued", () => {
    const few = closings("2026-01-15 sale f fixed-24 1,000.00", "2026-01-15");
    expect(billsOf(few.closes, "standard")).toMatchObject([
      { accruedCents: 0, leastCents: 151, steps: [], averageDailyCents: 0 },
    ]);
    expect(billsOf(few.closes, "f")).toMatchObject([{ accruedCents: 49, leastCents: 0 }]);
  });
});

describe("what has accrued and is not billed yet", () => {
  const { account } = closings(everything.split("\n").slice(0, 6).join("\n"), "2026-03-04");
  const fixed = findBalance(account, "f");

  test("goes from the first day of the cycle to the day that is asked for, what comes later apart", () => {
    const asked = unbilledSteps(account, fixed, "2026-02-25");
    expect(asked.map(({ from, through, days }) => [from, through, days])).toEqual([
      ["2026-02-16", "2026-02-19", 4],
      ["2026-02-20", "2026-02-25", 6],
    ]);
    expect(asked[0]?.balanceCents).toBe((asked[1]?.balanceCents ?? 0) + 4_988);
    const later = unbilledSteps(account, fixed, "2026-03-04");
    expect(later.slice(0, 1)).toEqual(asked.slice(0, 1));
    expect(later.at(-1)?.balanceCents).toBe(fixed.balanceCents);
  });

  test("ends with the close, and before its first day there is nothing", () => {
    expect(unbilledSteps(account, fixed, "2026-04-30").at(-1)?.through).toBe("2026-03-15");
    expect(unbilledSteps(account, fixed, "2026-02-16")).toHaveLength(1);
    expect(unbilledSteps(account, fixed, "2026-02-15")).toEqual([]);
  });

  test("is nothing on a promotion that runs", () => {
    expect(unbilledSteps(account, findBalance(account, "d"), "2026-03-01")).toEqual([]);
    expect(interestSteps(account, findBalance(account, "d"))).toEqual([]);
  });
});

test("deferred interest, step by step: each change begins one, a refunded part counts as never bought", () => {
  const { account } = closings(
    "2026-01-10 sale d deferred-6 400.00\n2026-02-01 payment p 100.00 toward d\n2026-03-01 refund r d 60.00",
    "2026-04-01",
  );
  expect(deferredSteps(findBalance(account, "d"), "2026-03-31")).toMatchObject([
    { from: "2026-01-10", through: "2026-01-31", days: 22, balanceCents: 34_000 },
    { from: "2026-02-01", through: "2026-03-31", days: 59, balanceCents: 24_000 },
  ]);
  expect(deferredSteps(findBalance(account, "d"), "2026-12-31").at(-1)?.through).toBe("2026-07-10");
});

describe("what a minimum payment is made of", () => {
  const partsAt = (story: string, close: string) => {
    const run = closings(story, close);
    const statement = run.statements.at(-1);
    if (!statement) throw new Error("no statement");
    return { statement, parts: minimumParts(run.account, statement, termsOn(defaultTerms, close)) };
  };

  test("fixed payments, what is past due, and a share of the others", () => {
    const { statement, parts } = partsAt(everything.split("\n").slice(0, 4).join("\n"), "2026-02-15");
    expect(parts.fixed).toEqual([{ balance: "f", cents: 4_988 }]);
    expect(parts.pastDueCents).toBe(statement.pastDueCents);
    expect(parts.others).toMatchObject({ percentCents: 944, feesCents: 3_000 });
    const { askedCents = 0, interestCents = 0 } = parts.others ?? {};
    expect(askedCents).toBe(944 + interestCents + 3_000);
    expect(parts.sumCents).toBe(4_988 + statement.pastDueCents + askedCents);
    expect(statement.minimumPaymentCents).toBe(parts.sumCents);
  });

  test("others that owe nothing have no part, and never more than the new balance is asked", () => {
    expect(
      partsAt("2026-01-15 sale f fixed-24 1,000.00\n2026-01-15 payment p 1.51", "2026-01-15").parts.others,
    ).toMatchObject({ balanceCents: 151 });
    const little = partsAt("2026-01-10 sale s standard 20.00", "2026-02-15");
    expect(little.parts.sumCents).toBeGreaterThan(little.statement.minimumPaymentCents);
    expect(partsAt("2026-01-10 sale s standard 20.00\n2026-01-11 payment p 20.00", "2026-01-15").parts).toMatchObject({
      others: null,
      sumCents: 0,
    });
  });
});
