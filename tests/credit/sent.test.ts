import { expect, test } from "vitest";
import { openAccount } from "../../src/credit/account.ts";
import { happen, runThrough } from "../../src/credit/engine.ts";
import { startRun } from "../../src/credit/run.ts";
import type { Statement } from "../../src/credit/statement.ts";
import { cents, charges, closed, events, line, play, usual } from "./support.ts";

// A sale told of on 20 January; the statement of 15 February had shown 400.00 and asked for 20.00.
const story = "2026-01-20 sale s standard 500.00\n2026-01-21 sale d deferred-12 300.00";
const told = closed(play(story, "2026-02-15"), "2026-02-15");
const shown = (balances: Statement["balances"]): Statement => ({
  ...told,
  minimumPaymentCents: cents("20.00"),
  balances,
});
const less = told.balances.map((each) => ({ ...each, balanceCents: each.balanceCents - cents("100.00") }));

/** The account run again to its second close, with what was sent. */
function again(payment: string, sent: Statement | null) {
  const run = { ...startRun(openAccount(usual)), again: { sent: new Map(sent ? [[sent.closedOn, sent]] : []) } };
  for (const event of events(`${story}\n${payment}`)) happen(run, event);
  runThrough(run, "2026-03-15");
  return run;
}

test("of an account run again, whoever paid the minimum that was sent missed none", () => {
  const paid = "2026-03-01 payment p 20.00";
  expect(charges(again(paid, null), "late-fee")).toEqual(["2026-03-13 30.00"]);
  expect(charges(again(paid, shown(less)), "late-fee")).toEqual([]);
  expect(charges(again("2026-03-01 payment p 19.99", shown(less)), "late-fee")).toEqual(["2026-03-13 20.00"]);
});

test("and whoever paid what was shown on the balances of grace keeps it", () => {
  // 20.00 of it are the minimum, and go to the deferred balance first.
  const interest = (payment: string, sent: Statement | null) =>
    line(closed(again(payment, sent), "2026-03-15"), "standard").interest;
  expect(interest("2026-03-01 payment p 420.00", null)).not.toBe("0.00");
  expect(interest("2026-03-01 payment p 420.00", shown(less))).toBe("0.00");
  expect(interest("2026-03-01 payment p 419.99", shown(less))).not.toBe("0.00");
  expect(interest("2026-03-01 payment p 20.00", shown([]))).toBe("0.00");
});

test("what was sent never asks for more than the account comes to now", () => {
  const more = { ...told, minimumPaymentCents: cents("900.00") };
  expect(again("2026-03-01 payment p 30.00", more).postings.filter(({ kind }) => kind === "late-fee")).toEqual([]);
});
