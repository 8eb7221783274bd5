import { parseCsvLine } from "../lib/csv.ts";
import { type IsoDate, parseDate } from "../lib/dates.ts";
import { type Cents, parseCents } from "../lib/money.ts";
import type { Actor } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { idOf } from "./postings.ts";
import { recordPayment } from "./record-payment.ts";
import { returnPayment } from "./return-payment.ts";

/** The first line of a payment file. The last column is the reference of a payment that the bank sent back. */
export const paymentColumns = ["reference", "account", "amount", "received on", "returns"] as const;

/** What a file came to. A line number is what an editor shows: the headings are line 1. */
export type ImportReport = { posted: number; postedBefore: number; problems: { line: number; reason: string }[] };

type Line = { reference: string; account: string; amountCents: Cents; receivedOn: IsoDate; returns: string };

/**
 * Posts the payments of a bank's file, each line in a transaction of its own: good lines post whatever the others are,
 * and a bad one is reported by number and reason. A payment is known by the bank's reference, so a file that is read
 * twice, or again after it was cut off, posts once.
 *
 * @param lines read one by one, so that a file of any length takes no more memory than its longest line
 */
export async function importPayments(
  parts: { db: Db; clock: Clock },
  actor: Actor,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<ImportReport> {
  const report: ImportReport = { posted: 0, postedBefore: 0, problems: [] };
  let number = 0;
  for await (const text of lines) {
    number += 1;
    if (!text.trim()) continue;
    try {
      const cells = parseCsvLine(number === 1 ? text.replace(/^\ufeff/, "") : text);
      if (!cells) throw new Declined({ line: "A quotation mark is missing" });
      if (number === 1) {
        mustBeHeadings(cells);
        continue;
      }
      const isNew = await postLine(parts, actor, readLine(cells));
      if (isNew) report.posted += 1;
      else report.postedBefore += 1;
    } catch (error) {
      if (!(error instanceof Declined)) throw error;
      report.problems.push({ line: number, reason: error.message });
      if (number === 1) return report; // of an unknown file nothing is posted
    }
  }
  return report;
}

function mustBeHeadings(cells: string[]): void {
  const found = cells.map((cell) => cell.toLowerCase()).join();
  if (found !== paymentColumns.join()) {
    throw new Declined({ line: `The first line has to be: ${paymentColumns.join(",")}` });
  }
}

/** @throws Declined with every reason against the line */
function readLine(cells: string[]): Line {
  if (cells.length !== paymentColumns.length) {
    throw new Declined({ line: `${paymentColumns.length} values are expected, and ${cells.length} are there` });
  }
  const [reference = "", account = "", amount = "", received = "", returns = ""] = cells;
  const amountCents = parseCents(amount);
  const receivedOn = parseDate(received);
  const errors: Record<string, string> = {};
  if (!reference) errors.reference = "The reference is missing.";
  if (!/^\d{16}$/.test(account)) errors.account = "An account has 16 digits.";
  if (!amountCents) errors.amount = "The amount is none, or not above zero.";
  if (!receivedOn) errors.receivedOn = "The day of receipt is no date.";
  if (!amountCents || !receivedOn || Object.keys(errors).length) throw new Declined(errors);
  return { reference, account, amountCents, receivedOn, returns };
}

/** True when it was posted now, false when it had been before. @throws Declined */
async function postLine(parts: { db: Db; clock: Clock }, actor: Actor, line: Line): Promise<boolean> {
  const { db } = parts;
  const { amountCents, receivedOn, returns } = line;
  const account = await db("accounts").where({ number: line.account }).first("id");
  if (!account) throw new Declined({ account: "No account has this number." });
  const id = paymentIdOf(line.reference);
  if (!returns) return recordPayment(parts, actor, { id, accountId: account.id, amountCents, receivedOn });

  const paymentId = paymentIdOf(returns);
  const payment = await db("payments").where({ id: paymentId, account_id: account.id }).first("amount_cents");
  if (!payment) throw new Declined({ returns: "The account has no payment with the reference that is returned." });
  if (payment.amount_cents !== amountCents) throw new Declined({ amount: "A payment is returned whole." });
  return returnPayment(parts, actor, { id, paymentId, reason: "Returned by the bank" });
}

/** The id of the payment that a bank knows by a reference. */
export const paymentIdOf = (reference: string) => idOf(`payment file ${reference}`);
