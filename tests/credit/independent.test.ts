import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openAccount } from "../../src/credit/account.ts";
import { applyAll, type Outcome } from "../../src/credit/engine.ts";
import { formatDecimal } from "../../src/lib/money.ts";
import { cents, events } from "./support.ts";

/*
 * Scenarios drawn at random and worked by a second program, written from the rules alone: in another language, day by
 * day, in exact fractions, with none of this code. The last ten were worked by a third, and chosen from a few hundred so
 * that each of its rules, changed a little, changes a figure here: the window of a deferred balance about its due date,
 * the sixth cycle after a late fee, grace kept and lost to the day and the cent. Each statement line reads: close, new
 * balance, minimum, interest, fees | balance : owed / interest / deferred interest.
 */
type Worked = {
  opened: string;
  cycleDay: number;
  standardApr: string;
  limit: string;
  until: string;
  events: string[];
  statements: string[];
  payments: string[];
};
const scenarios: Worked[] = JSON.parse(readFileSync(new URL("independent.json", import.meta.url), "utf8"));

test.each(scenarios.map((each, index) => [index + 1, each] as const))(
  "scenario %i comes to the same, to the cent, as the independent program's",
  (_, { opened, cycleDay, standardApr, limit, until, ...worked }) => {
    const account = openAccount({ openedOn: opened, cycleDay, standardApr, limitCents: cents(limit) });
    const outcome = applyAll(account, { events: events(worked.events.join("\n")), through: until });
    expect(statementLines(outcome)).toEqual(worked.statements);
    expect(paymentLines(outcome)).toEqual(worked.payments);
  },
);

function statementLines({ statements }: Outcome): string[] {
  return statements.map((each) => {
    const { newBalanceCents, minimumPaymentCents, interestCents, feesCents } = each;
    const figures = [newBalanceCents, minimumPaymentCents, interestCents, feesCents].map(formatDecimal);
    const balances = each.balances.map((line) => {
      const parts = [line.balanceCents, line.interestCents, line.deferredInterestCents].map(formatDecimal);
      return `${line.balance}:${parts.join("/")}`;
    });
    return [each.closedOn, ...figures, "|", ...balances].join(" ");
  });
}

function paymentLines({ payments }: Outcome): string[] {
  return payments.map(({ id, allocated }) =>
    [id, ...allocated.map((share) => `${share.balance}:${formatDecimal(share.cents)}`)].join(" "),
  );
}
