import type { IsoDate } from "../lib/calendar.ts";
import type { Cents } from "../lib/money.ts";
import { type Account, type Balance, type MovementKind, standardId } from "./account.ts";
import { allocateCredit, type Share } from "./allocation.ts";
import type { Statement } from "./statement.ts";
import { defaultTerms, type Terms, type TermsTable, termsOn } from "./terms.ts";

/** One change of one balance, as the ledger records it. The postings of a balance add up to it. */
export type Posting = {
  on: IsoDate;
  balance: string;
  kind: MovementKind;
  /** Positive raises what is owed. */
  cents: Cents;
  /** The event that caused it; null for what the calendar caused. */
  event: string | null;
};

/** Where a payment went. */
export type PaymentAllocation = { id: string; on: IsoDate; allocated: Share[] };

/**
 * An account on its way from day to day, with what happened on it. The run owns its account and changes it in place;
 * what comes in from outside is copied first (`startRun`), so that no caller sees a state change under its hands.
 */
export type Run = {
  account: Account;
  table: TermsTable;
  postings: Posting[];
  payments: PaymentAllocation[];
  statements: Statement[];
  /** Where it is wanted: the account on the evening of each close, before interest is billed: all of a statement follows. */
  closings?: Account[];
  /** The day that it really is: the statement of a close that is only worked out now goes out no sooner. */
  today?: IsoDate;
  /**
   * What was allowed once happens again, and is not judged a second time. The statements that were sent, by the day of
   * their close: whoever paid what one showed missed nothing, whatever is found out later.
   */
  again?: { sent: ReadonlyMap<IsoDate, Statement> };
};

export function startRun(account: Account, table: TermsTable = defaultTerms): Run {
  return goOn(structuredClone(account), table);
}

/** As `startRun`, with an account that nobody else holds: one that was just read. */
export function goOn(account: Account, table: TermsTable = defaultTerms): Run {
  return { account, table, postings: [], payments: [], statements: [] };
}

/** The terms in force on the day the account stands in. */
export function termsToday(run: Run): Terms {
  return termsOn(run.table, run.account.day);
}

/** Changes a balance and notes it; nothing else changes a balance. */
export function move(
  run: Run,
  balance: Balance,
  change: { kind: MovementKind; cents: Cents; event?: string; effective?: IsoDate },
): void {
  if (change.cents === 0) return;
  const on = run.account.day;
  const { kind, cents, event = null, effective = on } = change;
  balance.balanceCents += cents;
  // Beyond 2^53 cents a number is no longer the sum it stands for: better no figure than a wrong one.
  if (!Number.isSafeInteger(balance.balanceCents)) throw new RangeError(`${balance.id}: more than can be counted`);
  balance.disputedCents = Math.min(balance.disputedCents, Math.max(0, balance.balanceCents));
  balance.movements.push({ on: effective, kind, cents });
  run.postings.push({ on, balance: balance.id, kind, cents, event });
}

/**
 * A credit never stands beside a debt: what `standard` is below zero is put to what else is owed.
 *
 * @param effective the first day that ends with the change: the day after, when the day's interest is already taken
 */
export function settleCredit(run: Run, { effective = run.account.day }: { effective?: IsoDate } = {}): void {
  const { account } = run;
  const standard = account.balances[0];
  if (standard.balanceCents < 0) {
    for (const { balance: id, cents } of allocateCredit(account, -standard.balanceCents, account.day)) {
      const debtor = account.balances.find((each) => each.id === id && id !== standardId);
      if (!debtor) continue;
      move(run, standard, { kind: "credit", cents, effective });
      move(run, debtor, { kind: "credit", cents: -cents, effective });
    }
  }
  account.creditSince = standard.balanceCents < 0 ? (account.creditSince ?? account.day) : null;
}
