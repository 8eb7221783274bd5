import { describe, expect, test } from "vitest";
import { openAccount } from "../../src/credit/account.ts";
import { runThrough } from "../../src/credit/engine.ts";
import { startRun } from "../../src/credit/run.ts";
import { charges, closed, line, owed, play, usual } from "./support.ts";

/** Interest on `standard` in the cycle that closes on a day, without the charge that fills it up to $2.00. */
const standardInterest = (outcome: ReturnType<typeof play>, on: string) =>
  charges(outcome, "interest")
    .filter((each) => each.startsWith(on))
    .map((each) => each.slice(11))
    .join() || "0.00";

describe("grace on standard purchases", () => {
  const sale = "2026-01-10 sale s1 standard 1,000.00"; // shown on the statement of 15 January, due on 12 February

  test("the first cycle bears no interest", () => {
    expect(closed(play(sale, "2026-01-15"), "2026-01-15")).toMatchObject({
      interestCents: 0,
      newBalanceCents: 100_000,
    });
  });

  test("paid in full by the due date, no interest ever", () => {
    const outcome = play(`${sale}\n2026-02-12 payment p1 1,000.00`, "2026-06-15");
    expect(owed(outcome.account)).toEqual({ standard: "0.00" });
    expect(charges(outcome, "interest")).toEqual([]);
  });

  test("paid in full a day late, interest runs from the first day of the current cycle, never before", () => {
    const outcome = play(`${sale}\n2026-02-11 payment p1 30.00\n2026-02-13 payment p2 970.00`, "2026-03-15");
    // 16 January to 12 February, 28 days, of 970.00 (the 30.00 was repaid in time): 970 × ((1 + 0.3299/365)^28 − 1)
    expect(standardInterest(outcome, "2026-02-15")).toBe("24.85");
    // The 24.85 itself, not paid on 12 March, costs the least charge in the next cycle.
    expect(outcome.statements.map((each) => each.interestCents)).toEqual([0, 2485, 200]);
  });

  test("what was repaid by the due date bears none, as if it had come on the first day", () => {
    const outcome = play(`${sale}\n2026-02-10 payment p1 999.00`, "2026-02-15");
    expect(standardInterest(outcome, "2026-02-15")).toBe("0.03"); // one dollar for 31 days
    expect(closed(outcome, "2026-02-15").interestCents).toBe(200);
  });

  test("a refund by the due date counts as a payment does", () => {
    const outcome = play(`${sale}\n2026-02-01 refund r1 s1 600.00\n2026-02-12 payment p1 400.00`, "2026-02-15");
    expect(charges(outcome, "interest")).toEqual([]);
  });

  test("a purchase of the cycle in which grace is lost bears interest from its own date", () => {
    const outcome = play(`${sale}\n2026-02-01 payment p1 500.00\n2026-02-14 sale s2 standard 300.00`, "2026-02-15");
    // 500.00 for 31 days, the other half having been repaid in time, and 300.00 for two: 14.20 + 0.54
    expect(standardInterest(outcome, "2026-02-15")).toBe("14.74");
  });

  test("a purchase of a cycle with grace bears none in it, though nothing of it is paid", () => {
    const outcome = play(`${sale}\n2026-02-01 sale s2 standard 300.00\n2026-02-12 payment p1 1,000.00`, "2026-02-15");
    expect(charges(outcome, "interest")).toEqual([]);
    expect(closed(outcome, "2026-02-15").newBalanceCents).toBe(30_000);
  });

  test("once lost, what is paid by the next due date still bears interest until its own day", () => {
    const outcome = play(`${sale}\n2026-02-12 payment p1 500.00\n2026-03-02 payment p2 100.00`, "2026-03-15");
    // The cycle before was not free: 514.20 for 14 days, 414.19 for 14 more (compounded)
    expect(line(closed(outcome, "2026-02-15"), "standard").balance).toBe("514.20");
    expect(standardInterest(outcome, "2026-03-15")).toBe("11.90");
  });

  test("and comes back when a statement is paid in full", () => {
    const story = `${sale}\n2026-02-12 payment p1 500.00\n2026-03-12 payment p2 514.20\n2026-03-13 sale s2 standard 200.00`;
    const outcome = play(story, "2026-03-15");
    expect(charges(outcome, "interest")).toEqual(["2026-02-15 14.20"]);
  });
});

describe("grace looks at ended promotions too, for they bear interest beside it", () => {
  const ended = "2026-01-10 sale d1 deferred-6 300.00\n2026-07-20 sale s1 standard 100.00";

  test("an ended promotion unpaid by the due date loses the grace of new purchases", () => {
    const outcome = play(`${ended}\n2026-08-12 payment p1 60.00`, "2026-08-15");
    expect(line(closed(outcome, "2026-08-15"), "standard").interest).not.toBe("0.00");
  });

  test("paid in full, new purchases keep it", () => {
    const outcome = play(`${ended}\n2026-08-12 payment p1 1,000.00`, "2026-08-15");
    expect(line(closed(outcome, "2026-08-15"), "standard").interest).toBe("0.00");
  });

  test("a credit that is put to it by the due date counts as a payment does", () => {
    const story = `2026-01-10 sale d1 deferred-6 300.00
      2026-07-12 sale x deferred-12 900.00
      2026-07-12 payment p1 900.00 toward x
      2026-08-12 refund r1 x 900.00`;
    const outcome = play(story, "2026-08-15");
    expect(charges(outcome, "credit").length).toBeGreaterThan(0);
    expect(outcome.account.cycle.previousWasFree).toBe(true);
    expect(play(story.replace("08-12", "08-13"), "2026-08-15").account.cycle.previousWasFree).toBe(false);
  });

  test("what was paid in an earlier cycle does not count again", () => {
    const paidThen = `2026-01-10 sale d1 deferred-6 300.00\n2026-08-12 payment p1 400.00`;
    const { account, statements } = play(paidThen, "2026-09-15");
    expect(line(closed({ statements }, "2026-08-15"), "d1").balance).not.toBe("0.00");
    expect(account.cycle.previousWasFree).toBe(false);
  });

  test("a promotion that still runs, or a fixed plan, does not matter", () => {
    const running = `2026-01-10 sale d1 deferred-12 300.00
      2026-01-11 sale f1 fixed-24 1,000.00
      2026-01-12 sale c1 convert-12 300.00
      2026-01-20 sale s1 standard 100.00`;
    expect(line(closed(play(running, "2026-02-15"), "2026-02-15"), "standard").interest).toBe("0.00");
  });
});

describe("a statement sent under 21 days before its due date (15 January, due 12 February)", () => {
  const sale = "2026-01-10 sale s1 standard 1,000.00";

  test("sent on 22 January, 21 days before: fee and interest follow", () => {
    const outcome = play(`${sale}\n2026-01-22 statement-sent`, "2026-02-15");
    expect(charges(outcome, "late-fee")).toEqual(["2026-02-13 30.00"]);
    expect(charges(outcome, "interest")).toHaveLength(1);
  });

  test("sent on 23 January: no late fee and no loss of grace", () => {
    const outcome = play(`${sale}\n2026-01-23 statement-sent`, "2026-02-15");
    expect(charges(outcome, "late-fee")).toEqual([]);
    expect(charges(outcome, "interest")).toEqual([]);
  });

  test("what it asked for is no past due at the next close, and nothing of it is lost", () => {
    const [inTime, late] = ["2026-01-22", "2026-01-23"].map((day) =>
      closed(play(`${sale}\n${day} statement-sent`, "2026-02-15"), "2026-02-15"),
    );
    expect([inTime?.pastDueCents, late?.pastDueCents]).toEqual([3_000, 0]);
    expect(late?.minimumPaymentCents).toBe(3_000);
    expect(late?.newBalanceCents).toBe(100_000);
  });

  test("a night that is ended ahead of its time sends its statement on the close", () => {
    const run = { ...startRun(openAccount(usual)), today: "2026-01-06" };
    runThrough(run, "2026-01-15");
    expect([run.statements[0]?.sentOn, run.account.lastStatement?.sentOn]).toEqual(["2026-01-15", "2026-01-15"]);
  });

  test("does not bring back a grace that was lost before", () => {
    const outcome = play(`${sale}\n2026-02-14 payment p 1.00\n2026-03-01 statement-sent`, "2026-03-15");
    expect(charges(outcome, "interest").map((each) => each.slice(0, 10))).toEqual(["2026-02-15", "2026-03-15"]);
  });
});
