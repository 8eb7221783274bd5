import { expect, test } from "vitest";
import { type Account, openAccount } from "../../src/credit/account.ts";
import { averageDailyBalance, cycleAccrual } from "../../src/credit/accrual.ts";
import { happen, runThrough } from "../../src/credit/engine.ts";
import { goOn, type Run } from "../../src/credit/run.ts";
import { formatDecimal } from "../../src/lib/money.ts";
import { cents, closed, events, line, usual } from "./support.ts";

/** Plays a story through a close. Returns the account on the evening of it, before its interest, and the statement. */
function eveningOf(close: string, story: string, opening = usual) {
  const run: Run = { ...goOn(openAccount(opening)), closings: [] };
  for (const event of events(story)) happen(run, event);
  runThrough(run, close);
  const at = run.statements.findIndex(({ closedOn }) => closedOn === close);
  const evening = run.closings?.[at];
  if (!evening) throw new Error(`no close on ${close}`);
  return { evening, statement: closed(run, close) };
}

function balanceOf(account: Account, id: string) {
  const found = account.balances.find((each) => each.id === id);
  if (!found) throw new Error(`no balance ${id}`);
  return found;
}

const average = (account: Account, id: string) => formatDecimal(averageDailyBalance(account, balanceOf(account, id)));

test("of a promotion that runs: what was owed at the end of each day, added up, by the days of the cycle", () => {
  const story = `
    2026-01-20 sale s1 deferred-12 1,200.00
    2026-02-05 payment p1 100.00 toward s1`;
  // 16 January to 15 February: 4 days of nothing, 16 of 1,200.00, 11 of 1,100.00; 31,300.00 by 31 days.
  const { evening } = eveningOf("2026-02-15", story);
  expect(average(evening, "s1")).toBe("1009.68");
  expect(cycleAccrual(evening, balanceOf(evening, "s1"))).toBeNull();
  // The cycle after it begins with what was left, and nothing happens in it.
  expect(average(eveningOf("2026-03-15", story).evening, "s1")).toBe("1100.00");
});

test("what happened before the cycle counts from its first day", () => {
  const { evening } = eveningOf("2026-02-15", "2026-01-20 sale s1 deferred-12 1,200.00");
  const sale = balanceOf(evening, "s1");
  const moved = { ...sale, movements: sale.movements.map((each) => ({ ...each, on: "2026-01-02" })) };
  expect(averageDailyBalance(evening, moved)).toBe(cents("1,200.00"));
});

test.each([
  // Nothing was paid: a late fee of 30.00 on 13 March, the day after the due date.
  { close: "2026-03-15", days: 28, standing: (day: number) => (day < 25 ? 1_000 : 1_030), interest: "25.70" },
  // The statement before showed 1,055.70; 400.00 came on 20 March.
  { close: "2026-04-15", days: 31, standing: (day: number) => (day < 4 ? 1_055.7 : 655.7), interest: "20.11" },
])("of a balance that bears interest: so much as brings the interest to $close, which compounds", (given) => {
  const { close, days, standing, interest } = given;
  const { evening, statement } = eveningOf(
    close,
    `
      2026-01-20 sale s1 standard 1,000.00
      2026-03-20 payment p1 400.00`,
  );
  // Day by day, in dollars: a day's interest bears interest from the next day.
  let grown = 0;
  for (let day = 0; day < days; day += 1) grown += ((standing(day) + grown) * 0.3299) / 365;
  expect(line(statement, "standard").interest).toBe(interest);
  expect(grown.toFixed(2)).toBe(interest);
  expect(average(evening, "standard")).toBe(((grown * 365) / (0.3299 * days)).toFixed(2));
});

test("nothing where nothing is borne: within grace, and at a rate of nothing", () => {
  const story = "2026-01-20 sale s1 standard 1,000.00";
  expect(average(eveningOf("2026-02-15", story).evening, "standard")).toBe("0.00");
  const { evening } = eveningOf("2026-03-15", story, { ...usual, standardApr: "0" });
  expect(average(evening, "standard")).toBe("0.00");
});
