import { describe, expect, test } from "vitest";
import { availableCents, findBalance, openAccount, owedCents } from "../../src/credit/account.ts";
import { applyAll, applyEvent, endDay, nextWorkingDay } from "../../src/credit/engine.ts";
import { Refused } from "../../src/credit/events.ts";
import { cents, charges, closed, events, line, owed, play, usual } from "./support.ts";

describe("a sale is refused", () => {
  const refusal = (story: string, opening = {}) => {
    try {
      play(story, "2026-12-31", opening);
    } catch (error) {
      if (error instanceof Refused) return `${error.field}: ${error.message}`;
      throw error;
    }
    return "taken";
  };

  test.each([
    ["before the opening", "2026-01-04 sale s standard 10.00", "date: before the opening"],
    ["on an unknown plan", "2026-01-06 sale s deferred-9 500.00", "plan: no such plan"],
    [
      "under its plan's least amount",
      "2026-01-06 sale s deferred-12 199.99",
      "amount: under the least amount of the plan",
    ],
    ["at the least amount, it is taken", "2026-01-06 sale s deferred-12 200.00", "taken"],
    ["of nothing", "2026-01-06 sale s standard 0.00", "amount: must be above zero"],
    ["above the limit", "2026-01-06 sale s standard 20,000.01", "amount: above the available credit"],
    ["at the limit, it is taken", "2026-01-06 sale s standard 20,000.00", "taken"],
    [
      "with an id in use",
      "2026-01-06 sale s standard 10.00\n2026-01-07 sale s standard 10.00",
      "id: another sale has this id",
    ],
    [
      "with the name of the standard balance",
      "2026-01-06 sale standard standard 10.00",
      'id: "standard" names the standard balance',
    ],
  ])("%s", (_, story, expected) => {
    expect(refusal(story)).toBe(expected);
  });

  test("a payment frees credit, and a credit is credit", () => {
    const story = "2026-01-06 sale a standard 20,000.00\n2026-01-07 payment p 20,100.00";
    expect(availableCents(play(story, "2026-01-07").account)).toBe(cents("20,100.00"));
    expect(refusal(`${story}\n2026-01-08 sale b standard 20,100.00`)).toBe("taken");
    expect(refusal(`${story}\n2026-01-08 sale b standard 20,100.01`)).toBe("amount: above the available credit");
  });

  test("interest billed takes credit away, deferred interest not billed does not", () => {
    const { account } = play("2026-01-14 sale f fixed-24 1,000.00\n2026-01-14 sale d deferred-12 500.00", "2026-01-15");
    expect(availableCents(account)).toBe(cents("20,000.00") - cents("1,502.00"));
  });

  test.each([
    ["a payment of nothing", "2026-01-06 payment p 0.00", "amount: must be above zero"],
    ["a refund of an unknown sale", "2026-01-06 refund r s 1.00", "sale: no such sale"],
    [
      "a refund of nothing",
      "2026-01-06 sale s standard 10.00\n2026-01-06 refund r s 0.00",
      "amount: must be above zero",
    ],
    [
      "a refund above its sale",
      "2026-01-06 sale s standard 10.00\n2026-01-06 refund r s 10.01",
      "amount: above what is left of the sale",
    ],
    [
      "refunds that together exceed their sale",
      "2026-01-06 sale s standard 10.00\n2026-01-06 refund r s 5.00\n2026-01-06 refund q s 5.01",
      "amount: above what is left of the sale",
    ],
    [
      "paying out more than the credit",
      "2026-01-06 payment p 5.00\n2026-01-06 credit-refund c 5.01",
      "amount: above the credit",
    ],
    [
      "paying out a credit of nothing",
      "2026-01-06 payment p 5.00\n2026-01-06 credit-refund c 0.00",
      "amount: must be above zero",
    ],
    ["an event of a day gone by", "2026-01-08 payment p 5.00\n2026-01-07 payment q 5.00", "date: that day has ended"],
  ])("so is %s", (_, story, expected) => {
    expect(refusal(story)).toBe(expected);
  });
});

describe("refunds and credits", () => {
  test("a refund lowers its own sale's balance, on its date", () => {
    const story =
      "2026-01-06 sale d deferred-12 500.00\n2026-01-07 sale f fixed-24 1,000.00\n2026-01-08 refund r d 200.00";
    expect(owed(play(story, "2026-01-08").account)).toEqual({ standard: "0.00", d: "300.00", f: "1000.00" });
  });

  test("what exceeds the balance is a credit, put to other debts the same moment", () => {
    const story = `2026-01-06 sale d deferred-12 500.00
      2026-01-06 payment p 400.00
      2026-01-07 sale f fixed-24 1,000.00
      2026-01-08 refund r d 500.00`;
    const outcome = play(story, "2026-01-08");
    expect(owed(outcome.account)).toEqual({ standard: "0.00", d: "0.00", f: "600.00" });
    expect(charges(outcome, "credit")).toEqual(["2026-01-08 400.00", "2026-01-08 -400.00"]);
    expect(outcome.payments.map((each) => each.allocated.length)).toEqual([1]);
  });

  test("a credit stands on `standard`: it lowers what is owed there first, though another balance bears more", () => {
    const story = `2026-01-06 sale d deferred-6 500.00
      2026-01-06 payment p 500.00
      2026-01-07 sale f fixed-24 1,000.00
      2026-01-07 sale s standard 100.00
      2026-01-08 refund r d 150.00`;
    const { account } = play(story, "2026-01-08", { standardApr: "15.00" });
    expect(owed(account)).toEqual({ standard: "0.00", d: "0.00", f: "950.00" });
  });

  test("with no debt it stands on `standard` until a sale comes", () => {
    const story = "2026-01-06 sale s standard 500.00\n2026-01-07 payment p 500.00\n2026-01-08 refund r s 500.00";
    expect(owed(play(story, "2026-01-08").account)).toEqual({ standard: "-500.00" });
    const later = play(`${story}\n2026-02-01 sale d deferred-12 600.00`, "2026-02-01");
    expect(owed(later.account)).toEqual({ standard: "0.00", d: "100.00" });
  });

  test("interest billed at the close is paid from a credit at once, and the day's interest is not undone", () => {
    const story = "2026-01-10 sale f fixed-24 1,000.00\n2026-01-15 payment p 1,100.00";
    const outcome = play(story, "2026-02-15");
    // Five days of 1,000 at 17.90 %
    expect(line(closed(outcome, "2026-01-15"), "f")).toMatchObject({ balance: "0.00", interest: "2.45" });
    expect(owed(outcome.account)).toEqual({ standard: "-97.55", f: "0.00" });
  });

  test("no refund changes a fixed payment", () => {
    const { account } = play("2026-01-10 sale f fixed-24 2,000.00\n2026-01-11 refund r f 1,000.00", "2026-01-11");
    expect(account.balances[1]?.fixedPaymentCents).toBe(9_975);
  });

  test("since when a credit stands is known, for it must be refunded within six months (1026.11)", () => {
    const story = "2026-01-06 payment p 50.00\n2026-02-20 payment q 10.00";
    const { account } = play(story, "2026-03-01");
    expect(account.creditSince).toBe("2026-01-06");
    const paidOut = play(`${story}\n2026-03-02 credit-refund c 60.00`, "2026-03-02");
    expect([paidOut.account.creditSince, owedCents(paidOut.account)]).toEqual([null, 0]);
  });
});

describe("statements", () => {
  const story = `2026-01-10 sale b deferred-12 500.00
    2026-01-10 sale a fixed-24 1,000.00
    2026-01-12 payment p 1,500.00`;

  test("list `standard` first, then each promotional sale in the order of sale, paid ones too", () => {
    expect(closed(play(story, "2026-01-15"), "2026-01-15").balances.map((each) => each.balance)).toEqual([
      "standard",
      "b",
      "a",
    ]);
  });

  test("open with what the one before closed with", () => {
    const { statements } = play("2026-01-10 sale s standard 500.00", "2026-04-15");
    expect(statements.map((each) => each.number)).toEqual([1, 2, 3, 4]);
    expect(statements[0]?.openingBalanceCents).toBe(0);
    for (const [index, each] of statements.entries()) {
      if (index > 0) expect(each.openingBalanceCents).toBe(statements[index - 1]?.newBalanceCents);
    }
  });

  test("count interest and fees of the calendar year, from nothing in January", () => {
    const { statements } = play("2026-01-10 sale s standard 5,000.00", "2027-02-15");
    const year = (from: number, to: number, of: "interestCents" | "feesCents") =>
      statements.slice(from, to).reduce((sum, each) => sum + each[of], 0);
    expect(statements[11]?.yearToDate).toEqual({
      interestCents: year(0, 12, "interestCents"),
      feesCents: year(0, 12, "feesCents"),
    });
    expect(statements[12]?.yearToDate.interestCents).toBe(statements[12]?.interestCents);
    expect(statements[13]?.yearToDate).toEqual({
      interestCents: year(12, 14, "interestCents"),
      feesCents: year(12, 14, "feesCents"),
    });
  });

  test("keep the last day of a promotion after it, and none where nothing ends", () => {
    const outcome = play("2026-01-10 sale d deferred-6 500.00\n2026-01-10 sale f fixed-24 1,000.00", "2026-08-15");
    expect(closed(outcome, "2026-08-15").balances.map((each) => each.promotionEndsOn)).toEqual([
      null,
      "2026-07-10",
      null,
    ]);
  });
});

describe("from day to day", () => {
  const story = `2026-01-10 sale d deferred-6 1,000.00
    2026-01-20 sale f fixed-24 1,500.00
    2026-02-03 sale s standard 250.00
    2026-02-13 payment p 80.00
    2026-03-10 refund r d 300.00
    2026-06-01 payment q 250.00`;

  test("a night at a time, through stored text, comes to the same as all at once", () => {
    const whole = play(story, "2026-09-30");
    const waiting = events(story);
    let account = openAccount(usual);
    const postings = [];
    const statements = [];
    for (let day = "2026-01-05"; day <= "2026-09-30"; day = nextDay(day)) {
      while (waiting[0]?.date === day) {
        const outcome = applyEvent(account, must(waiting.shift()));
        postings.push(...outcome.postings);
        account = JSON.parse(JSON.stringify(outcome.account));
      }
      const outcome = endDay(account, day);
      postings.push(...outcome.postings);
      statements.push(...outcome.statements);
      account = JSON.parse(JSON.stringify(outcome.account));
    }
    expect({ account, postings, statements }).toEqual({
      account: whole.account,
      postings: whole.postings,
      statements: whole.statements,
    });
  });

  test("ending a day twice, or one before it, changes nothing", () => {
    const { account } = play(story, "2026-03-15");
    for (const day of ["2026-03-15", "2026-02-01"]) {
      const again = endDay(account, day);
      expect(again).toEqual({ account, postings: [], payments: [], statements: [] });
    }
  });

  test("a day that has ended takes no more events", () => {
    const { account } = play(story, "2026-07-01");
    expect(() => applyEvent(account, must(events("2026-07-01 payment z 1.00")[0]))).toThrow("that day has ended");
  });

  test("the account handed in is left as it was", () => {
    const { account } = play(story, "2026-07-01");
    const before = structuredClone(account);
    applyAll(account, { events: events("2026-07-05 payment z 100.00"), through: "2026-10-01" });
    expect(account).toEqual(before);
  });

  test("nothing happens before the next working day: due date + 1, end of a promotion + 1, or the close", () => {
    const { account } = play(story, "2026-06-16");
    expect(nextWorkingDay(account)).toBe("2026-07-11");
    expect(endDay(account, "2026-07-10").postings).toEqual([]);
    const { account: ended } = play(story, "2026-07-11");
    expect(nextWorkingDay(ended)).toBe("2026-07-13");
    const { account: after } = play(story, "2026-07-13");
    expect(nextWorkingDay(after)).toBe("2026-07-15");
    const { account: open } = applyEvent(openAccount(usual), must(events("2026-01-15 payment p 1.00")[0]));
    expect(nextWorkingDay(open)).toBe("2026-01-15");
  });

  test("an account opened on its cycle day closes that night", () => {
    const { statements } = play("", "2026-01-15", { openedOn: "2026-01-15" });
    expect(statements.map((each) => each.closedOn)).toEqual(["2026-01-15"]);
  });

  test.each([0, 29, 1.5])("%d is no cycle day", (cycleDay) => {
    expect(() => openAccount({ ...usual, cycleDay })).toThrow("no cycle day");
  });

  test("more than can be counted to the cent is no figure at all", () => {
    const { account } = play("2026-01-06 sale s standard 1.00", "2026-01-06");
    const huge = { type: "payment", id: "p", date: "2026-01-07", amountCents: Number.MAX_SAFE_INTEGER } as const;
    const { account: counted } = applyEvent(account, huge);
    expect(() => applyEvent(counted, { ...huge, id: "q" })).toThrow(RangeError);
  });

  test("a balance that is not there is a mistake", () => {
    expect(() => findBalance(openAccount(usual), "nobody")).toThrow("no balance nobody");
  });
});

function nextDay(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("missing");
  return value;
}
