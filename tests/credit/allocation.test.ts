import { describe, expect, test } from "vitest";
import { type Account, newBalance, openAccount } from "../../src/credit/account.ts";
import { allocateCredit, allocatePayment } from "../../src/credit/allocation.ts";
import { applyEvent } from "../../src/credit/engine.ts";
import { cents, owed, play, usual, whereItWent } from "./support.ts";

/** An account with balances at given rates and nothing due: every payment is above the minimum. */
function withBalances(...balances: [apr: string, dollars: string][]): Account {
  const account = openAccount(usual);
  for (const [index, [apr, dollars]] of balances.entries()) {
    const own = {
      id: `b${index + 1}`,
      plan: "fixed-24",
      kind: "fixed",
      apr,
      openedOn: "2026-01-05",
    } as const;
    account.balances.push(newBalance({ ...own, fixedPaymentCents: 0, balanceCents: cents(dollars) }));
  }
  return account;
}

const dollars = (shares: { cents: number }[]) => shares.map((each) => each.cents / 100);

describe("above the minimum, the highest APR first (1026.53(a))", () => {
  test("excess $500 on $100 at 20 %, $300 at 18 %, $600 at 12 % goes 100 / 300 / 100", () => {
    const account = withBalances(["20.00", "100.00"], ["18.00", "300.00"], ["12.00", "600.00"]);
    expect(dollars(allocatePayment(account, cents("500.00"), { on: "2026-01-05" }))).toEqual([100, 300, 100]);
  });

  test("excess $800 on $500 at 20 % and $1,500 at 15 % goes 500 / 300", () => {
    const account = withBalances(["15.00", "1,500.00"], ["20.00", "500.00"]);
    const shares = allocatePayment(account, cents("800.00"), { on: "2026-01-05" });
    expect(shares).toEqual([
      { balance: "b2", cents: 50_000 },
      { balance: "b1", cents: 30_000 },
    ]);
  });

  test("9.90 % comes after 17.90 %: rates are numbers", () => {
    const account = withBalances(["9.90", "100.00"], ["17.90", "100.00"]);
    expect(allocatePayment(account, 100, { on: "2026-01-05" })).toEqual([{ balance: "b2", cents: 100 }]);
  });

  test("within a rate `standard` comes first, then the oldest", () => {
    const outcome = play(
      `2026-01-06 sale a fixed-24 1,000.00
       2026-01-07 sale b fixed-24 1,000.00
       2026-01-08 sale s standard 300.00
       2026-01-09 payment p 1,500.00`,
      "2026-01-09",
      { standardApr: "17.90" },
    );
    expect(whereItWent(outcome, "p")).toBe("standard 300.00, a 1000.00, b 200.00");
  });

  test("a running deferred or converting balance counts as 0 %, the oldest first; an ended one at its rate", () => {
    const story = `2026-01-06 sale c convert-12 300.00
       2026-01-07 sale d deferred-24 300.00
       2026-01-08 sale f fixed-24 1,000.00
       2026-01-09 payment p 1,550.00`;
    expect(whereItWent(play(story, "2026-01-09"), "p")).toBe("f 1000.00, c 300.00, d 250.00");
    const ended = play(
      "2026-01-06 sale d deferred-6 300.00\n2026-01-07 sale f fixed-24 1,000.00",
      "2026-08-01",
    ).account;
    expect(allocateCredit(ended, 1, "2026-08-01")).toEqual([{ balance: "standard", cents: 1 }]); // late fees
    ended.balances[0].balanceCents = 0;
    expect(allocateCredit(ended, 1, "2026-08-01")).toEqual([{ balance: "d", cents: 1 }]);
  });

  test("what exceeds all that is owed is a credit on `standard`", () => {
    const outcome = play("2026-01-06 sale d deferred-12 300.00\n2026-01-09 payment p 350.00", "2026-01-09");
    expect(whereItWent(outcome, "p")).toBe("d 300.00, standard 50.00");
    expect(owed(outcome.account)).toEqual({ standard: "-50.00", d: "0.00" });
  });
});

describe("in the two cycles before its end a deferred balance comes first (1026.53(b)(1)(i))", () => {
  // deferred-6 sold 10 January ends 10 July: before the due date (12th) of its last cycle, so from 16 April.
  const story = "2026-01-10 sale d deferred-6 1,000.00\n2026-01-11 sale s standard 1,000.00";
  const excess = (story: string, on: string) => whereItWent(play(`${story}\n${on} payment p 1,000.00`, on), "p");
  // So that nothing of the payment belongs to the minimum, which has an order of its own.
  const minimumPaid = (date: string) => `\n${date} payment m 300.00`;

  test("not yet on the last day of the cycle before the window", () => {
    const first = excess(story + minimumPaid("2026-03-20"), "2026-04-15");
    expect(first).toMatch(/^standard/);
  });

  test.each(["2026-04-16", "2026-06-30", "2026-07-10"])("on %s", (on) => {
    const first = excess(story + minimumPaid(on), on);
    expect(first).toMatch(/^d /);
  });

  test("the day after its end it is a balance like others, `standard` before it", () => {
    const first = excess(story + minimumPaid("2026-06-20"), "2026-07-11");
    expect(first).toMatch(/^standard/);
  });

  test("two at once: the soonest end first", () => {
    const both = "2026-01-09 sale later deferred-12 300.00\n2026-07-02 sale sooner deferred-6 300.00";
    const { account } = play(both, "2026-12-01");
    account.lastStatement = null;
    expect(allocatePayment(account, 40_000, { on: "2026-12-02" })).toEqual([
      { balance: "sooner", cents: 30_000 },
      { balance: "later", cents: 10_000 },
    ]);
  });

  test("two that end on one day: the oldest first", () => {
    const both = "2026-07-02 sale old deferred-6 300.00\n2026-07-02 sale young deferred-6 300.00";
    const { account } = play(both, "2026-12-01");
    for (const lastStatement of [account.lastStatement, null]) {
      const shares = allocatePayment({ ...account, lastStatement }, 40_000, { on: "2026-12-02" });
      expect(shares.slice(0, 2).map((each) => each.balance)).toEqual(["old", "young"]);
    }
  });
});

describe("up to what is still due of the minimum", () => {
  // On 15 February: fixed 49.88 + the larger of 30.00 and 1 % of the others.
  const story = `2026-01-20 sale s standard 500.00
    2026-01-21 sale f fixed-24 1,000.00
    2026-01-22 sale late deferred-18 400.00
    2026-01-23 sale soon deferred-12 400.00
    2026-01-24 sale c convert-12 400.00`;

  test("the fixed payment, then the deferred balance that ends soonest; above it the highest APR", () => {
    const outcome = play(`${story}\n2026-02-20 payment p 179.88`, "2026-02-20");
    expect(outcome.statements.at(-1)?.minimumPaymentCents).toBe(cents("79.88"));
    expect(whereItWent(outcome, "p")).toBe("f 49.88, soon 30.00, standard 100.00");
  });

  test("a second payment goes on where the first left off", () => {
    const outcome = play(`${story}\n2026-02-20 payment p 20.00\n2026-02-21 payment q 100.00`, "2026-02-21");
    expect(whereItWent(outcome, "p")).toBe("f 20.00");
    expect(whereItWent(outcome, "q")).toBe("f 29.88, soon 30.00, standard 40.12");
  });

  test("a refund counts toward the minimum but does not pay the fixed payment", () => {
    const outcome = play(`${story}\n2026-02-20 refund r late 50.00\n2026-02-21 payment p 40.00`, "2026-02-21");
    expect(whereItWent(outcome, "p")).toBe("f 29.88, standard 10.12");
  });

  test("nor does a credit that another sale's refund put to it", () => {
    const outcome = play(
      `2026-01-06 sale d0 deferred-12 500.00
      2026-01-06 payment p0 500.00
      2026-01-20 sale f fixed-24 10,000.00
      2026-01-21 sale d deferred-18 400.00
      2026-02-20 refund r d0 100.00
      2026-02-21 payment p 450.00`,
      "2026-02-21",
    );
    expect(whereItWent(outcome, "p")).toBe("f 450.00");
  });

  test("a fixed sale after the last statement is not in its minimum", () => {
    const outcome = play(`${story}\n2026-02-19 sale g fixed-24 1,000.00\n2026-02-20 payment p 100.00`, "2026-02-20");
    expect(whereItWent(outcome, "p")).toBe("f 49.88, soon 30.00, standard 20.12");
  });

  test("fixed payments: the oldest first", () => {
    const two = "2026-01-20 sale f fixed-24 1,000.00\n2026-01-21 sale g fixed-36 1,000.00\n2026-02-20 payment p 60.00";
    expect(whereItWent(play(two, "2026-02-20"), "p")).toBe("f 49.88, g 10.12");
  });

  test("deferred, then converting, then `standard`, then ended ones", () => {
    const small = `2026-01-20 sale e deferred-6 200.00
      2026-08-01 sale s standard 5.00
      2026-08-02 sale c convert-12 200.00
      2026-08-02 sale d deferred-12 200.00`;
    const { account } = play(small, "2026-08-15");
    const order = () => allocatePayment(account, 10_000_000, { on: "2026-08-16" }).map((each) => each.balance);
    account.lastStatement = {
      ...must(account.lastStatement),
      minimumPaymentCents: 10_000_000,
      fixedPayments: [],
    };
    expect(order()).toEqual(["d", "c", "standard", "e"]);
  });

  test("what is left of this part goes on as the part above", () => {
    const fixedOnly = "2026-01-20 sale f fixed-24 1,000.00\n2026-02-20 payment p 200.00";
    expect(whereItWent(play(fixedOnly, "2026-02-20"), "p")).toBe("f 200.00");
    const { account } = play("2026-01-20 sale f fixed-24 1,000.00", "2026-02-15");
    account.lastStatement = { ...must(account.lastStatement), minimumPaymentCents: 10_000 };
    expect(allocatePayment(account, 10_000, { on: "2026-02-20" })).toEqual([{ balance: "f", cents: 10_000 }]);
  });
});

describe("a patient's own request (1026.53(b)(1)(ii))", () => {
  const story =
    "2026-01-20 sale s standard 500.00\n2026-01-21 sale d deferred-18 400.00\n2026-01-21 sale f fixed-24 1,000.00";

  test("is honoured before all else; what exceeds the balance goes as usual", () => {
    const outcome = play(`${story}\n2026-02-20 payment p 450.00 toward d`, "2026-02-20");
    expect(whereItWent(outcome, "p")).toBe("d 400.00, standard 50.00");
  });

  test("a disputed part is not paid by request either; what was put to a fixed payment is not due again", () => {
    const outcome = play(`${story}\n2026-02-20 payment p 30.00 toward f\n2026-02-21 payment q 49.88`, "2026-02-21");
    expect(whereItWent(outcome, "q")).toBe("f 19.88, d 30.00");
    const { account } = play(`${story}`, "2026-02-20");
    account.balances[2] = { ...must(account.balances[2]), disputedCents: 97_000 };
    const shares = allocatePayment(account, 7_988, { on: "2026-02-21", toward: "f" });
    expect(shares.map((each) => each.balance)).toEqual(["f", "d"]);
  });

  test("`standard` and a sale on it name the same balance; an unknown sale is refused", () => {
    const toStandard = play(`${story}\n2026-02-20 payment p 20.00 toward standard`, "2026-02-20");
    expect(whereItWent(toStandard, "p")).toBe("standard 20.00");
    expect(whereItWent(play(`${story}\n2026-02-20 payment p 20.00 toward s`, "2026-02-20"), "p")).toBe(
      "standard 20.00",
    );
    expect(() => play(`${story}\n2026-02-20 payment p 20.00 toward nobody`, "2026-02-20")).toThrow("no such sale");
  });
});

describe("a disputed amount comes last (1026.13)", () => {
  const story = "2026-01-06 sale s standard 500.00\n2026-01-07 sale f fixed-24 1,000.00\n2026-01-08 dispute x s 200.00";

  test("after everything undisputed, before a credit", () => {
    const outcome = play(`${story}\n2026-01-09 payment p 1,400.00`, "2026-01-09");
    expect(whereItWent(outcome, "p")).toBe("standard 400.00, f 1000.00");
    const more = play(`${story}\n2026-01-09 payment p 1,600.00`, "2026-01-09");
    expect(owed(more.account)).toEqual({ standard: "-100.00", f: "0.00" });
  });

  test("within the minimum too", () => {
    const outcome = play(
      `2026-01-06 sale s standard 500.00\n2026-01-07 sale d deferred-12 300.00
      2026-01-08 dispute x d 300.00\n2026-02-01 payment p 30.00`,
      "2026-02-01",
    );
    expect(whereItWent(outcome, "p")).toBe("standard 30.00");
  });

  test("a dispute that has ended changes nothing", () => {
    const outcome = play(`${story}\n2026-01-09 dispute y s 0.00\n2026-01-09 payment p 600.00`, "2026-01-09");
    expect(whereItWent(outcome, "p")).toBe("standard 500.00, f 100.00");
  });

  test.each([-1, 0.5, Number.NaN])("%d cents cannot be disputed", (amountCents) => {
    const { account } = play(story, "2026-01-08");
    const dispute = { type: "dispute", id: "y", date: "2026-01-09", sale: "s", amountCents } as const;
    expect(() => applyEvent(account, dispute)).toThrow("not an amount");
  });

  test("no more can be disputed than is owed", () => {
    expect(() => play("2026-01-06 sale s standard 5.00\n2026-01-08 dispute x s 5.01", "2026-01-09")).toThrow("owed");
  });

  test("a refund of what was disputed lowers the dispute with the balance", () => {
    const { account } = play(`${story}\n2026-01-09 refund r s 400.00`, "2026-01-09");
    expect(account.balances[0]).toMatchObject({ balanceCents: 10_000, disputedCents: 10_000 });
  });
});

function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("missing");
  return value;
}
