import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { answer } from "../../src/simulate.ts";

const program = new URL("../../src/simulate.ts", import.meta.url).pathname;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "caraway-simulate-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the command as `npm run simulate` does, with something on its standard input. */
function command(args: string[], input = ""): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args]);
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    child.on("close", (code) => resolve({ code, out, err }));
    child.stdin.on("error", () => {}); // it may have exited before it was read to
    child.stdin.end(input);
  });
}

const example = {
  opened: "2026-01-05",
  cycleDay: 15,
  standardApr: "32.99",
  limit: "8000.00",
  events: [
    { date: "2026-01-10", type: "sale", id: "s1", plan: "deferred-12", amount: "1200.00" },
    { date: "2026-02-05", type: "payment", id: "p1", amount: "100.00" },
    { date: "2026-03-01", type: "refund", id: "r1", sale: "s1", amount: "50.00" },
  ] as Record<string, unknown>[],
  until: "2027-02-15",
};
const withEvents = (...events: Record<string, unknown>[]) => ({ ...example, events });
const sale = (more = {}) => ({
  date: "2026-01-10",
  type: "sale",
  id: "s1",
  plan: "standard",
  amount: "100.00",
  ...more,
});

describe.concurrent("npm run simulate", () => {
  test("prints the statements, payments and fixed payments of the scenario in a file", async () => {
    const file = join(folder, "scenario.json");
    const fixed = { date: "2026-01-12", type: "sale", id: "f1", plan: "fixed-24", amount: "1000.00" };
    await writeFile(file, JSON.stringify(withEvents(example.events[0] ?? {}, fixed, ...example.events.slice(1))));
    const { code, out, err } = await command([file]);
    expect([code, err]).toEqual([0, ""]);
    const { statements, payments, fixedPayments } = JSON.parse(out);
    expect(statements).toHaveLength(14);
    expect(statements[0]).toEqual({
      closed: "2026-01-15",
      due: "2026-02-12",
      openingBalance: "0.00",
      newBalance: "2202.00",
      minimumPayment: "79.88",
      interest: "2.00",
      fees: "0.00",
      balances: [
        {
          sale: "standard",
          plan: "standard",
          apr: "32.99",
          balance: "0.04",
          interest: "0.04",
          deferredInterest: "0.00",
          promotionEnds: null,
        },
        {
          sale: "s1",
          plan: "deferred-12",
          apr: "32.99",
          balance: "1200.00",
          interest: "0.00",
          deferredInterest: "6.52",
          promotionEnds: "2027-01-10",
        },
        {
          sale: "f1",
          plan: "fixed-24",
          apr: "17.90",
          balance: "1001.96",
          interest: "1.96",
          deferredInterest: "0.00",
          promotionEnds: null,
        },
      ],
    });
    expect(payments).toEqual([
      {
        id: "p1",
        // The minimum 49.88 + 30.00; above it the highest rate, 0.04 and the rest.
        allocated: [
          { sale: "f1", amount: "69.96" },
          { sale: "s1", amount: "30.00" },
          { sale: "standard", amount: "0.04" },
        ],
      },
    ]);
    expect(fixedPayments).toEqual([{ sale: "f1", payment: "49.88" }]);
  });

  test("reads standard input for -", async () => {
    const { code, out } = await command(["-"], JSON.stringify(example));
    expect(code).toBe(0);
    const { statements, payments } = JSON.parse(out);
    expect(statements.at(-1).closed).toBe("2027-02-15");
    expect(payments).toEqual([{ id: "p1", allocated: [{ sale: "s1", amount: "100.00" }] }]);
  });

  test("events run in the order of time, those of a day as given, those after `until` not yet", () => {
    const scenario = withEvents(
      { date: "2026-03-01", type: "payment", id: "last", amount: "1.00" },
      { date: "2026-01-11", type: "payment", id: "second", amount: "1.00" },
      { date: "2026-01-11", type: "payment", id: "third", amount: "1.00" },
      sale(),
      { date: "2027-02-16", type: "refund", id: "never", sale: "nobody", amount: "1.00" },
    );
    expect(JSON.parse(answer(JSON.stringify(scenario))).payments.map((each: { id: string }) => each.id)).toEqual([
      "second",
      "third",
      "last",
    ]);
  });

  test("`until` is inclusive, and rates print with two decimals", () => {
    const scenario = withEvents(sale({ plan: "deferred-6", amount: "200" }), {
      date: "2026-01-15",
      type: "payment",
      id: "p",
      amount: "0.5",
    });
    const { statements, payments } = JSON.parse(
      answer(JSON.stringify({ ...scenario, standardApr: "24", until: "2026-01-15" })),
    );
    expect(payments).toEqual([{ id: "p", allocated: [{ sale: "s1", amount: "0.50" }] }]);
    expect(statements.map((each: { closed: string }) => each.closed)).toEqual(["2026-01-15"]);
    expect(statements[0].balances[1].apr).toBe("24.00");
  });

  test.each([
    ["a sale before the opening", withEvents(sale({ date: "2026-01-04" })), "events[0].date: before the opening"],
    [
      "a sale above the available credit",
      withEvents(sale({ amount: "8000.01" })),
      "events[0].amount: above the available credit",
    ],
    [
      "a sale under its plan's least amount",
      withEvents(sale({ plan: "fixed-24", amount: "999.99" })),
      "events[0].amount: under",
    ],
    [
      "a refund above its sale",
      withEvents(sale(), { date: "2026-01-11", type: "refund", id: "r1", sale: "s1", amount: "100.01" }),
      "events[1].amount: above what is left of the sale",
    ],
    ["an unknown plan", withEvents(sale({ plan: "deferred-9" })), "events[0].plan: no such plan"],
    [
      "an unknown sale",
      withEvents({ date: "2026-01-11", type: "refund", id: "r1", sale: "s9", amount: "1.00" }),
      "events[0].sale: no such sale",
    ],
    ["a field that is none", withEvents(sale({ colour: "red" })), "events[0].colour: no such field"],
    ["a field that is none at the top", { ...example, colour: "red" }, "colour: no such field"],
    ["two sales with one id", withEvents(sale(), sale()), "events[1].id: another sale has this id"],
    [
      "an event that is none",
      withEvents({ type: "gift" }),
      "events[0].type: an event is a sale, a payment or a refund",
    ],
    ["a date that is none", { ...example, opened: "2026-02-30" }, "opened: not a date"],
    ["a cycle day that is none", { ...example, cycleDay: 29 }, "cycleDay: 1 to 28"],
    ["an amount that is no text", { ...example, limit: 8000 }, "limit: an amount is text"],
    ["an amount with three decimals", withEvents(sale({ amount: "1.005" })), "events[0].amount: not an amount"],
    ["an amount of nothing", withEvents(sale({ amount: "0.00" })), "events[0].amount: must be above zero"],
    ["a rate that is none", { ...example, standardApr: "-1" }, 'standardApr: not a rate, like "32.99"'],
    ["a rate that is a number", { ...example, standardApr: 32.99 }, "standardApr: a rate is text"],
    [
      "a refund before its sale",
      withEvents({ date: "2026-01-09", type: "refund", id: "r1", sale: "s1", amount: "1.00" }, sale()),
      "events[0].sale: no such sale",
    ],
    [
      "refunds that together are above their sale",
      withEvents(
        sale(),
        { date: "2026-01-11", type: "refund", id: "r1", sale: "s1", amount: "60.00" },
        { date: "2026-01-12", type: "refund", id: "r2", sale: "s1", amount: "40.01" },
      ),
      "events[2].amount: above what is left of the sale",
    ],
    [
      "two sales together above the limit",
      withEvents(sale({ amount: "7999.99" }), sale({ id: "s2", amount: "0.02" })),
      "events[1].amount: above the available credit",
    ],
    ["a rate beyond reason", { ...example, standardApr: "1000.00" }, "standardApr: too high"],
    ["an end before the opening", { ...example, until: "2026-01-04" }, "until: before the opening"],
    ["an end beyond a lifetime", { ...example, until: "2126-01-06" }, "until: over a hundred years on"],
    ["no events", { ...example, events: undefined }, "events: "],
    ["a list", [], "scenario: "],
  ])("%s: says so with the path of the field", (_, scenario, message) => {
    expect(() => answer(JSON.stringify(scenario))).toThrow(message);
  });

  test("a scenario that is wrong, by its form or by its sense, prints nothing on standard output and exits 2", async () => {
    const wrong = [withEvents(sale({ colour: "red" })), withEvents(sale({ amount: "8000.01" }))];
    const answers = await Promise.all(wrong.map((each) => command(["-"], JSON.stringify(each))));
    expect(answers).toEqual([
      { code: 2, out: "", err: "events[0].colour: no such field\n" },
      { code: 2, out: "", err: "events[0].amount: above the available credit\n" },
    ]);
  });

  test("says all that is wrong with the form of a scenario at once", () => {
    const err = complaint(JSON.stringify({ ...example, opened: "?", cycleDay: "15", events: [sale({ id: "" })] }));
    expect(
      err
        .trimEnd()
        .split("\n")
        .map((line) => line.split(":")[0]),
    ).toEqual(["opened", "cycleDay", "events[0].id"]);
  });

  test.each([
    [["-"], "not json", "scenario: "],
    [["/nowhere/scenario.json"], "", "/nowhere/scenario.json: "],
    [[], "", "usage: "],
  ])("%j with %j exits 2 and says why", async (args, input, message) => {
    const { code, err } = await command(args, input);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
});

function complaint(json: string): string {
  try {
    return answer(json);
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
}
