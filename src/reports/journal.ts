import { csvLine } from "../lib/csv.ts";
import { formatDate, formatTypedDate, type IsoDate } from "../lib/dates.ts";
import { type Cents, formatDecimal } from "../lib/money.ts";
import type { Deposit } from "./funding.ts";

/** The accounts of a practice's own books that a deposit touches; a book-keeper renames them once, on import. */
const accounts = {
  bank: { name: "Bank", code: "1000" },
  /** Xero takes no bank account in a journal: there the bank's own line is matched with this one. */
  arriving: { name: "Patient financing deposits", code: "1190" },
  receivable: { name: "Patient financing receivable", code: "1200" },
  carried: { name: "Patient financing carried over", code: "1210" },
  fees: { name: "Patient financing fees", code: "6000" },
};

type Line = { account: { name: string; code: string }; cents: Cents; text: string };

/** A deposit as a journal entry: debits above zero, credits below, together nothing. */
function journalLines(deposit: Deposit, arrivesOn: Line["account"]): Line[] {
  const { grossCents, feeCents, paidCents, carriedInCents, carriedOutCents, covers, location } = deposit;
  const text = `${location}, business day ${covers}`;
  return [
    { account: arrivesOn, cents: paidCents, text },
    { account: accounts.fees, cents: feeCents, text },
    { account: accounts.carried, cents: carriedOutCents - carriedInCents, text },
    { account: accounts.receivable, cents: -grossCents, text },
  ].filter(({ cents }) => cents !== 0);
}

/** `23 Nov 2026`: of the forms that Xero takes, the one that nobody misreads. */
function dayMonthYear(date: IsoDate): string {
  const [month, day, year] = formatDate(date).replace(",", "").split(" ");
  return `${day} ${month} ${year}`;
}

/**
 * The columns of the two programs' own templates: QuickBooks Online, "Import data", "Journal entries", with dates as
 * MM/DD/YYYY; Xero, "Manual journals", "Import", with debits above zero and credits below. The article "Import deposits
 * into QuickBooks or Xero" tells how. Without the mark of UTF-8 in front: it would be part of the first heading's name.
 */
export const journalFormats = {
  quickbooks: {
    name: "QuickBooks journal",
    headings: ["Journal No", "Journal Date", "Account Name", "Debits", "Credits", "Description", "Location"],
    lines: (deposit: Deposit) =>
      journalLines(deposit, accounts.bank).map(({ account, cents, text }) => [
        deposit.number,
        formatTypedDate(deposit.on),
        account.name,
        cents > 0 ? formatDecimal(cents) : "",
        cents < 0 ? formatDecimal(-cents) : "",
        text,
        deposit.location,
      ]),
  },
  xero: {
    name: "Xero journal",
    headings: ["*Narration", "*Date", "Description", "*AccountCode", "*TaxRate", "*Amount"],
    lines: (deposit: Deposit) =>
      journalLines(deposit, accounts.arriving).map(({ account, cents, text }) => [
        `Deposit ${deposit.number}`,
        dayMonthYear(deposit.on),
        text,
        account.code,
        "Tax Exempt",
        formatDecimal(cents),
      ]),
  },
};

export type JournalFormat = keyof typeof journalFormats;

/** The journal of the deposits that have arrived, as a CSV file. Each is an entry of its own, under its number. */
export function journalCsv(format: JournalFormat, deposits: Deposit[]): string {
  const { headings, lines } = journalFormats[format];
  const arrived = deposits.filter(({ state }) => state !== "Due");
  return `${csvLine(headings)}${arrived.flatMap(lines).map(csvLine).join("")}`;
}
