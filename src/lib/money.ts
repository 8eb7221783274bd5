import { grouped } from "./wording.ts";

/** Whole cents. A JavaScript number counts them exactly up to 90 trillion dollars; PostgreSQL keeps them as bigint. */
export type Cents = number;

/**
 * Reads an amount as a person types it: `1200`, `1,200.00`, `$1,200`.
 * Returns null for anything else (a sign, a third decimal, misplaced commas, more than 9,999,999.99).
 */
export function parseCents(text: string): Cents | null {
  const match = /^\$?\s*(\d{1,7}|\d{1,3}(?:,\d{3}){1,2})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match?.[1]) return null;
  const dollars = Number(match[1].replaceAll(",", ""));
  const cents = Number((match[2] ?? "").padEnd(2, "0"));
  return dollars > 9_999_999 ? null : dollars * 100 + cents;
}

/** `$1,234.56`; below zero with a true minus sign: `−$1,234.56`. By hand: `toLocaleString` costs 60 times a whole page. */
export function formatMoney(cents: Cents): string {
  const plain = grouped(formatDecimal(Math.abs(cents)));
  return cents < 0 ? `−$${plain}` : `$${plain}`;
}

/** `1234.56`, `-0.05`: for CSV, form fields and the simulator. */
export function formatDecimal(cents: Cents): string {
  const magnitude = Math.abs(cents).toString().padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${magnitude.slice(0, -2)}.${magnitude.slice(-2)}`;
}
