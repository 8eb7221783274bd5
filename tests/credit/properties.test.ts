import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Account, openAccount, owedCents } from "../../src/credit/account.ts";
import { allocatePayment } from "../../src/credit/allocation.ts";
import { closeOnOrAfter } from "../../src/credit/cycle.ts";
import { applyAll, happen, runThrough } from "../../src/credit/engine.ts";
import { type AccountEvent, Refused } from "../../src/credit/events.ts";
import { merchantFee, merchantFeeGivenBack } from "../../src/credit/fees.ts";
import { payoffOn } from "../../src/credit/forecast.ts";
import { accruedInterest } from "../../src/credit/interest.ts";
import { fixedPayment } from "../../src/credit/payment.ts";
import { planIds, planTerms } from "../../src/credit/plans.ts";
import { type Run, startRun } from "../../src/credit/run.ts";
import { addDays, addMonths, type IsoDate } from "../../src/lib/calendar.ts";

const amounts = fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 400_000 }));
const openings = fc.record({
  openedOn: fc.integer({ min: 0, max: 800 }).map((days) => addDays("2026-01-01", days)),
  cycleDay: fc.integer({ min: 1, max: 28 }),
  standardApr: fc.constantFrom("32.99", "24.00", "15.00", "0.00"),
  limitCents: fc.constant(1_000_000),
});
const deeds = fc.array(
  fc.record({
    gap: fc.integer({ min: 0, max: 45 }),
    kind: fc.constantFrom("sale", "payment", "payment", "payment", "refund", "dispute"),
    plan: fc.constantFrom(...planIds),
    which: fc.nat(20),
    amountCents: amounts,
  }),
  { minLength: 1, maxLength: 25 },
);
type Deed = typeof deeds extends fc.Arbitrary<(infer D)[]> ? D : never;

/** Plays deeds on an account, leaves out what it refuses, and lets `check` look after each. */
function live(opening: Parameters<typeof openAccount>[0], all: readonly Deed[], check: (run: Run) => void = () => {}) {
  const run = startRun(openAccount(opening));
  const taken: AccountEvent[] = [];
  let date = opening.openedOn;
  for (const [index, deed] of all.entries()) {
    date = addDays(date, deed.gap);
    const event = eventOf(deed, { id: `e${index}`, date, account: run.account });
    try {
      happen(run, event);
      taken.push(event);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
    check(run);
  }
  runThrough(run, addDays(date, 100));
  check(run);
  return { run, taken, through: addDays(date, 100) };
}

function eventOf(deed: Deed, { id, date, account }: { id: string; date: string; account: Account }): AccountEvent {
  const { kind, plan, which, amountCents } = deed;
  const sale = account.sales[which % Math.max(1, account.sales.length)]?.id ?? "none";
  if (kind === "sale") return { type: "sale", id, date, plan, amountCents };
  if (kind === "payment") return { type: "payment", id, date, amountCents };
  return { type: kind === "refund" ? "refund" : "dispute", id, date, sale, amountCents };
}

const lives = (check: (lived: ReturnType<typeof live>) => void, runs = 150) =>
  fc.assert(
    fc.property(openings, deeds, (opening, all) => check(live(opening, all))),
    { numRuns: runs },
  );

describe("whatever people do", () => {
  test("no cent is made or lost: each balance is the sum of its postings, and a statement of the one before it", () => {
    lives(({ run }) => {
      for (const balance of run.account.balances) {
        const own = run.postings.filter((each) => each.balance === balance.id);
        expect(own.reduce((sum, each) => sum + each.cents, 0)).toBe(balance.balanceCents);
      }
      for (const each of run.statements) {
        const within = run.postings.filter(({ on }) => each.firstDay <= on && on <= each.closedOn);
        const change = within.reduce((sum, { cents }) => sum + cents, 0);
        expect(each.newBalanceCents).toBe(each.openingBalanceCents + change);
        expect(each.newBalanceCents).toBe(each.balances.reduce((sum, { balanceCents }) => sum + balanceCents, 0));
      }
    });
  });

  test("credits moved between balances sum to nothing, payments and refunds to what came in", () => {
    lives(({ run, taken }) => {
      const sumOf = (kind: string) =>
        run.postings.reduce((sum, each) => (each.kind === kind ? sum + each.cents : sum), 0);
      const came = (type: string) =>
        taken.reduce((sum, each) => (each.type === type && "amountCents" in each ? sum + each.amountCents : sum), 0);
      expect(sumOf("credit")).toBe(0);
      expect([0 - sumOf("payment"), 0 - sumOf("refund"), sumOf("sale")]).toEqual([
        came("payment"),
        came("refund"),
        came("sale"),
      ]);
    });
  });

  test("interest and fees are never negative, and a cycle with interest bills $2.00 at least", () => {
    lives(({ run }) => {
      for (const each of run.statements) {
        expect(each.feesCents).toBeGreaterThanOrEqual(0);
        expect(each.interestCents === 0 || each.interestCents >= 200).toBe(true);
        for (const line of each.balances) {
          expect(line.interestCents).toBeGreaterThanOrEqual(0);
          expect(line.deferredInterestCents).toBeGreaterThanOrEqual(0);
        }
      }
    });
  });

  test("a credit never stands beside a debt, and stands on `standard` only", () => {
    const check = ({ account }: Run) => {
      const [standard, ...others] = account.balances;
      for (const each of others) expect(each.balanceCents).toBeGreaterThanOrEqual(0);
      if (standard.balanceCents < 0) expect(others.every((each) => each.balanceCents === 0)).toBe(true);
      expect(account.creditSince !== null).toBe(standard.balanceCents < 0);
    };
    fc.assert(
      fc.property(openings, deeds, (opening, all) => void live(opening, all, check)),
      { numRuns: 150 },
    );
  });

  test("the minimum is never over what is owed, and nothing exactly when nothing is", () => {
    lives(({ run }) => {
      for (const each of run.statements) {
        expect(each.minimumPaymentCents).toBeLessThanOrEqual(Math.max(0, each.newBalanceCents));
        expect(each.minimumPaymentCents > 0).toBe(each.newBalanceCents > 0);
      }
    });
  });

  test("a payment's shares add up to it, each above zero, no balance twice, none below zero but `standard`", () => {
    fc.assert(
      fc.property(openings, deeds, amounts, (opening, all, amountCents) => {
        const { run, taken } = live(opening, all);
        for (const { id, allocated } of run.payments) {
          const event = taken.find((each) => each.id === id);
          expect(allocated.reduce((sum, each) => sum + each.cents, 0)).toBe(
            event && "amountCents" in event && event.amountCents,
          );
        }
        const shares = allocatePayment(run.account, amountCents, { on: run.account.day });
        expect(new Set(shares.map((each) => each.balance)).size).toBe(shares.length);
        for (const { balance, cents } of shares) {
          expect(cents).toBeGreaterThan(0);
          const owed = run.account.balances.find((each) => each.id === balance)?.balanceCents ?? 0;
          if (balance !== "standard") expect(cents).toBeLessThanOrEqual(owed);
        }
      }),
      { numRuns: 150 },
    );
  });

  test("the state can be stored anywhere on the way: in two goes it comes to the same as in one", () => {
    fc.assert(
      fc.property(openings, deeds, fc.nat(30), (opening, all, cut) => {
        const { run, taken, through } = live(opening, all);
        const first = applyAll(openAccount(opening), { events: taken.slice(0, cut) });
        const stored: Account = JSON.parse(JSON.stringify(first.account));
        const second = applyAll(stored, { events: taken.slice(cut), through });
        expect(second.account).toEqual(run.account);
        expect([...first.postings, ...second.postings]).toEqual(run.postings);
      }),
      { numRuns: 100 },
    );
  });

  test("paying the payoff leaves nothing owed at the next close", () => {
    fc.assert(
      fc.property(openings, deeds, fc.integer({ min: 1, max: 60 }), (opening, all, later) => {
        const { account } = live(opening, all).run;
        const date = addDays(account.day, later);
        const amountCents = payoffOn(account, date);
        const events: AccountEvent[] = amountCents > 0 ? [{ type: "payment", id: "off", date, amountCents }] : [];
        const after = applyAll(account, { events, through: addDays(date, 62) }).account;
        expect(Math.max(0, owedCents(after))).toBe(0);
        if (amountCents > 0) expect(owedCents(after)).toBe(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe("deferred interest", () => {
  test("is waived exactly when the sale is paid in full by its last day", () => {
    const sale = fc.record({
      cycleDay: fc.integer({ min: 1, max: 28 }),
      amountCents: fc.integer({ min: 20_000, max: 400_000 }),
    });
    fc.assert(
      fc.property(
        sale,
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -3, max: 3 }),
        ({ cycleDay, amountCents }, days, short) => {
          const openedOn = "2026-03-05";
          const opening = { openedOn, cycleDay, standardApr: "32.99", limitCents: 500_000 };
          const date = addDays(addMonths(openedOn, 6), days);
          const outcome = applyAll(openAccount(opening), {
            events: [
              { type: "sale", id: "d", date: openedOn, plan: "deferred-6", amountCents },
              { type: "payment", id: "p", date, amountCents: amountCents - short, toward: "d" },
            ],
            through: addDays(date, 20),
          });
          const billed = outcome.postings.some((each) => each.kind === "deferred-interest");
          expect(billed).toBe(days > 0 || short > 0);
        },
      ),
    );
  });

  test("whatever else people do, is billed exactly where something is owed at the end of the last day", () => {
    const sale = fc.record({
      gap: fc.constant(0),
      kind: fc.constant("sale" as const),
      plan: fc.constant("deferred-6" as const),
      which: fc.constant(0),
      amountCents: fc.integer({ min: 20_000, max: 100_000 }),
    });
    fc.assert(
      fc.property(openings, sale, deeds, (opening, first, all) => {
        const { run } = live({ ...opening, standardApr: "32.99" }, [first, ...all]);
        for (const { id, kind, ended, promotionEndsOn } of run.account.balances) {
          if (kind !== "deferred" || !ended) continue;
          const own = run.postings.filter((each) => each.balance === id);
          const inTime = own.filter(({ on }) => on <= String(promotionEndsOn));
          const owedAtTheEnd = inTime.reduce((sum, { cents }) => sum + cents, 0);
          const billed = own.some((each) => each.kind === "deferred-interest");
          // Of a sale refunded but for a few cents the interest may round to nothing.
          const roundsAway = owedAtTheEnd > 0 && inTime.some((each) => each.kind === "refund");
          if (!roundsAway) expect(billed).toBe(owedAtTheEnd > 0);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe("on a single balance", () => {
  test("a payment a day earlier never costs more interest", () => {
    const history = fc.array(
      fc.record({ day: fc.integer({ min: 1, max: 60 }), cents: fc.integer({ min: 1, max: 50_000 }) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(history, fc.integer({ min: 1, max: 60 }), amounts, (payments, day, cents) => {
        const interest = (on: number) => {
          const changes = [...payments, { day: on, cents }]
            .map((each) => ({ on: addDays("2026-01-01", each.day), cents: -each.cents }))
            .sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
          return accruedInterest(100_000, changes, {
            apr: "32.99",
            from: "2026-01-01",
            through: "2026-03-05",
          });
        };
        const late = interest(day);
        const early = interest(day - 1);
        expect(early.num * late.den <= late.num * early.den).toBe(true);
        expect(early.num >= 0n).toBe(true);
      }),
    );
  });

  test("nor does it through the engine, within one cycle", () => {
    const plans = fc.constantFrom("standard", "fixed-24", "deferred-6", "convert-12");
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 17, max: 44 }),
        fc.integer({ min: 100, max: 120_000 }),
        (plan, day, amountCents) => {
          const cost = (on: number) => {
            const opening = {
              openedOn: "2026-01-10",
              cycleDay: 15,
              standardApr: "32.99",
              limitCents: 500_000,
            };
            const { account } = applyAll(openAccount(opening), {
              events: [
                { type: "sale", id: "s", date: "2026-01-10", plan: plan as "standard", amountCents: 100_000 },
                { type: "payment", id: "p", date: addDays("2026-01-01", on), amountCents },
              ],
              // A fixed sale is alone to the first close only: the minimum interest charge lands on `standard`.
              through: plan === "fixed-24" ? "2026-02-15" : "2027-03-15",
            });
            return owedCents(account);
          };
          expect(cost(day - 1)).toBeLessThanOrEqual(cost(day));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("nor does it over any number of closes, while the minimums are paid and nothing else comes to be owed", () => {
    const openedOn = "2026-01-10";
    const cycles = fc.array(
      fc.record({ after: fc.integer({ min: 1, max: 25 }), cents: fc.integer({ min: 20_000, max: 60_000 }) }),
      { minLength: 3, maxLength: 16 },
    );
    const amount = fc.integer({ min: 250_000, max: 400_000 });
    const extra = fc.record({ day: fc.integer({ min: 1, max: 400 }), cents: fc.integer({ min: 1, max: 450_000 }) });
    const plans = fc.constantFrom("standard", "fixed-24", "fixed-48", "deferred-6", "deferred-12", "convert-12");
    fc.assert(
      fc.property(
        plans,
        fc.integer({ min: 1, max: 28 }),
        amount,
        cycles,
        extra,
        (plan, cycleDay, amountCents, all, { day, cents }) => {
          const lastDay = addMonths(openedOn, all.length + 2);
          const live = (extraOn: IsoDate) => {
            const opening = { openedOn, cycleDay, standardApr: "32.99", limitCents: 900_000 };
            const regular = all.map((each, at) => ({
              on: addDays(closeOnOrAfter(addMonths(openedOn, at), cycleDay), each.after),
              cents: each.cents,
            }));
            const payments = [...regular, { on: extraOn, cents }]
              .filter(({ on }) => on <= lastDay)
              .sort((one, other) => one.on.localeCompare(other.on));
            return applyAll(openAccount(opening), {
              events: [
                { type: "sale", id: "s", date: openedOn, plan: plan as "standard", amountCents },
                ...payments.map((each, at) => ({
                  type: "payment" as const,
                  id: `p${at}`,
                  date: each.on,
                  amountCents: each.cents,
                })),
              ],
              through: lastDay,
            });
          };
          const late = live(addDays(openedOn, day));
          const early = live(addDays(openedOn, day - 1));
          const alone = ({ postings }: typeof late) =>
            !postings.some((each) =>
              plan === "standard" ? each.kind === "late-fee" : each.balance === "standard" && each.cents > 0,
            );
          fc.pre(alone(late) && alone(early));
          expect(owedCents(early.account)).toBeLessThanOrEqual(owedCents(late.account));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("but a payment before the close counts for the statement before: the fee for a minimum left unpaid is no interest", () => {
    const feeFor = (paidOn: IsoDate) => {
      const opening = { openedOn: "2026-01-10", cycleDay: 15, standardApr: "32.99", limitCents: 500_000 };
      const { postings } = applyAll(openAccount(opening), {
        events: [
          { type: "sale", id: "s", date: "2026-01-10", plan: "standard", amountCents: 100_000 },
          { type: "payment", id: "p", date: paidOn, amountCents: 5_000 },
        ],
        through: "2026-02-14",
      });
      return postings.filter(({ kind }) => kind === "late-fee").reduce((sum, each) => sum + each.cents, 0);
    };
    expect(feeFor("2026-01-16")).toBe(0);
    expect(feeFor("2026-01-15")).toBe(3_000);
  });
});

describe("sums", () => {
  test("a level payment pays the amount off: n payments reach it, n − 1 do not", () => {
    const rates = fc.integer({ min: 1, max: 4_000 }).map((hundredths) => (hundredths / 100).toFixed(2));
    fc.assert(
      fc.property(
        fc.integer({ min: 100_000, max: 5_000_000 }),
        rates,
        fc.integer({ min: 3, max: 60 }),
        (amount, apr, months) => {
          const payment = fixedPayment(amount, apr, months);
          const left = (n: number) => {
            let owed = amount;
            for (let i = 0; i < n; i += 1) owed = owed * (1 + Number(apr) / 1200) - payment;
            return owed;
          };
          expect(Math.abs(left(months))).toBeLessThan(months * 2);
          expect(left(months - 1)).toBeGreaterThan(0);
        },
      ),
    );
  });

  test("the fee given back for a sale refunded in parts is the fee taken", () => {
    fc.assert(
      fc.property(fc.constantFrom(...planIds), fc.array(amounts, { minLength: 1, maxLength: 8 }), (plan, parts) => {
        const amountCents = parts.reduce((sum, each) => sum + each, 0);
        let refundedBeforeCents = 0;
        let back = 0;
        for (const refundCents of parts) {
          back += merchantFeeGivenBack(planTerms(plan), { amountCents, refundedBeforeCents, refundCents });
          refundedBeforeCents += refundCents;
        }
        expect(back).toBe(merchantFee(planTerms(plan), amountCents));
      }),
    );
  });
});
