import { describe, expect, test } from "vitest";
import type { AccountEvent } from "../../src/credit/events.ts";
import { ScenarioRefused, simulate } from "../../src/credit/simulation.ts";
import { cents, usual } from "./support.ts";

const sale = (
  id: string,
  date: string,
  plan: "standard" | "fixed-24" | "deferred-6",
  dollars: string,
): AccountEvent => ({
  type: "sale",
  id,
  date,
  plan,
  amountCents: cents(dollars),
});
const payment = (id: string, date: string, dollars: string): AccountEvent => ({
  type: "payment",
  id,
  date,
  amountCents: cents(dollars),
});

describe("a scenario", () => {
  test("tells the level payment of each fixed sale, and of no other balance", () => {
    const events = [sale("s1", "2026-01-10", "fixed-24", "2,400.00"), sale("s2", "2026-01-11", "deferred-6", "300.00")];
    expect(simulate({ ...usual, events, until: "2026-01-12" }).fixedPayments).toEqual([
      { sale: "s1", payment: "119.70" },
    ]);
  });

  test("runs in the order of time, whatever the order of the list, and a day in the order given", () => {
    const events = [
      payment("p3", "2026-03-01", "3.00"),
      sale("s1", "2026-01-10", "standard", "100.00"),
      payment("p1", "2026-02-01", "1.00"),
      payment("p2", "2026-02-01", "2.00"),
      payment("p0", "2026-01-20", "0.50"),
    ];
    const { payments } = simulate({ ...usual, events, until: "2026-03-02" });
    expect(payments.map(({ id }) => id)).toEqual(["p0", "p1", "p2", "p3"]);
  });

  test("leaves out what comes after its last day, and takes what comes on it", () => {
    const events = [sale("s1", "2026-01-10", "standard", "100.00"), payment("p1", "2026-01-12", "1.00")];
    const until = (day: string) => simulate({ ...usual, events, until: day }).payments.length;
    expect([until("2026-01-11"), until("2026-01-12")]).toEqual([0, 1]);
  });

  test("that the account does not take names the place of the event as it was given", () => {
    const events = [payment("p1", "2026-02-01", "1.00"), sale("s1", "2026-01-10", "fixed-24", "999.99")];
    const running = () => simulate({ ...usual, events, until: "2026-03-01" });
    expect(running).toThrow(ScenarioRefused);
    expect(running).toThrow(expect.objectContaining({ name: "ScenarioRefused", path: "events[1].amount" }));
  });

  test("shows every balance of a statement, the rate that each bears and the interest that waits", () => {
    const events = [sale("s1", "2026-01-10", "deferred-6", "300.00")];
    const [first] = simulate({ ...usual, events, until: "2026-01-15" }).statements;
    expect(first).toMatchObject({
      closed: "2026-01-15",
      due: "2026-02-12",
      openingBalance: "0.00",
      newBalance: "300.00",
      minimumPayment: "30.00",
      interest: "0.00",
      fees: "0.00",
      balances: [
        {
          sale: "standard",
          plan: "standard",
          apr: "32.99",
          balance: "0.00",
          deferredInterest: "0.00",
          promotionEnds: null,
        },
        {
          sale: "s1",
          plan: "deferred-6",
          apr: "32.99",
          balance: "300.00",
          deferredInterest: "1.63",
          promotionEnds: "2026-07-10",
        },
      ],
    });
  });
});
