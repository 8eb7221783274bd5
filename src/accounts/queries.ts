import type { Knex } from "knex";
import type { PracticeViewer } from "../identity/viewer.ts";
import { type IsoDate, parseDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { hasPart, partOf } from "../platform/find-text.ts";

/** An account as a practice may see it: totals and available credit, whoever caused them. */
export type Account = {
  id: string;
  patientId: string;
  patientName: string;
  bornOn: IsoDate;
  phone: string;
  last4: string;
  limitCents: Cents;
  balanceCents: Cents;
  /** Never below zero; zero once the account is closed. */
  availableCents: Cents;
  standardApr: string;
  cycleDay: number;
  openedOn: IsoDate;
  closedOn: IsoDate | null;
};

/** The account, if this practice has dealt with it; 404 otherwise. Inside a transaction `lock` holds its row. */
export async function findAccount(
  db: Db,
  viewer: PracticeViewer,
  id: string,
  options: { lock?: boolean } = {},
): Promise<Account> {
  if (options.lock) await db("accounts").where({ id }).forNoKeyUpdate().first("id");
  const [account] = await accountsOf(db, viewer.practice.id).where("a.id", id);
  if (!account) throw notFound();
  return account;
}

/** At most this many hits: more are a reason to type more, not to page. */
export const mostHits = 25;

/**
 * Accounts by name, phone, number or last four of the account, last four of the SSN, date of birth, and by several of
 * them together, in any order: all that is typed has to fit. The newest first when nothing is typed.
 */
export async function searchAccounts(db: Db, viewer: PracticeViewer, typed: string): Promise<Account[]> {
  const accounts = accountsOf(db, viewer.practice.id).limit(mostHits + 1);
  if (!typed.trim()) return accounts.orderBy("pa.since", "desc").orderBy("a.id");

  const { words, numbers, dates } = soughtIn(typed);
  for (const digits of numbers) {
    if (digits.length === 4)
      accounts.where((or) => or.whereRaw("right(a.number, 4) = ?", [digits]).orWhere("p.ssn_last4", digits));
    else if (digits.length === 16) accounts.where("a.number", digits);
    else accounts.whereRaw("right(regexp_replace(p.phone, '\\D', '', 'g'), 10) = ?", [digits.slice(-10)]);
  }
  for (const date of dates) accounts.where("p.born_on", date);
  for (const word of words) accounts.whereRaw(hasPart("p.first_name || ' ' || p.last_name"), [partOf(word)]);
  return accounts.orderBy("p.last_name").orderBy("p.first_name").orderBy("a.id");
}

const typedDate = /(?<![\d/-])(?:\d{1,2}\/\d{1,2}\/\d{4}|\d{4}-\d{2}-\d{2})(?![\d/-])/g;
const typedNumber = /(?<=^|[\s,])[\d().+-]+(?:\s+[\d().+-]+)*(?=$|[\s,])/g;

/** A text taken apart: dates, numbers (a phone may have spaces in it, and four digits stand beside it), and words. */
function soughtIn(text: string): { words: string[]; numbers: string[]; dates: (IsoDate | null)[] } {
  const dates: (IsoDate | null)[] = [];
  const numbers: string[] = [];
  const rest = text.replace(typedDate, (date) => {
    dates.push(parseDate(date));
    return " ";
  });
  const words = rest.replace(typedNumber, (run) => {
    const digits = run.replace(/\D/g, "");
    const four = /^\d{4}\s|\s\d{4}$/.exec(run.trim())?.[0] ?? "";
    const isApart = digits.length - 4 === 10 && four;
    numbers.push(...(isApart ? [four.trim(), run.replace(four, "").replace(/\D/g, "")] : [digits]));
    return " ";
  });
  return { words: words.split(/[\s,]+/).filter(Boolean), numbers, dates };
}

/** The accounts that a practice has dealt with, each an `Account`. */
export function accountsOf(db: Db, practiceId: string | Knex.Raw): Knex.QueryBuilder {
  return db("accounts as a")
    .join("practice_accounts as pa", "pa.account_id", "a.id")
    .join("patients as p", "p.id", "a.patient_id")
    .leftJoin("ledger_accounts as l", (on) => on.on("l.owner_id", "a.id").andOnVal("l.kind", "receivable"))
    .where("pa.practice_id", practiceId)
    .select(
      "a.id",
      "p.id as patientId",
      db.raw(`p.first_name || ' ' || p.last_name as "patientName"`),
      "p.born_on as bornOn",
      "p.phone",
      db.raw("right(a.number, 4) as last4"),
      "a.limit_cents as limitCents",
      db.raw(`coalesce(l.balance_cents, 0) as "balanceCents"`),
      db.raw(
        `case when a.closed_on is null then greatest(a.limit_cents - coalesce(l.balance_cents, 0), 0) else 0 end as "availableCents"`,
      ),
      db.raw(`a.standard_apr::text as "standardApr"`),
      "a.cycle_day as cycleDay",
      "a.opened_on as openedOn",
      "a.closed_on as closedOn",
    );
}

export type Payment = { id: string; receivedOn: IsoDate; amountCents: Cents; isReturned: boolean };

/** The patient's payments, newest first; to a practice they say that and when, not to which practice's sale. */
export function paymentsOf(
  db: Db,
  account: { id: string | Knex.Raw },
  most = 50,
): Knex.QueryBuilder<object, Payment[]> {
  return db("payments as p")
    .leftJoin("account_events as e", (on) => on.on("e.account_id", "p.account_id").andOn("e.event_id", "p.id"))
    .where({ "p.account_id": account.id })
    .orderBy("p.received_on", "desc")
    .orderBy("p.id", "desc")
    .limit(most)
    .select(
      "p.id",
      "p.received_on as receivedOn",
      "p.amount_cents as amountCents",
      db.raw(`e.taken_back_by is not null as "isReturned"`),
    );
}
