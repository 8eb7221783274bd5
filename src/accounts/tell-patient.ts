import type { Language } from "../lib/language.ts";
import type { Db } from "../platform/db.ts";
import { sendMessage } from "../platform/messages.ts";

/** A patient as one who is written to. */
export type Recipient = {
  accountId: string;
  name: string;
  email: string;
  phone: string;
  language: Language;
  reachedBy: "email" | "sms";
  last4: string;
};

/** The same news at two lengths. Neither names a balance's purpose: a letter may be read by another. */
export type Letter = { subject: string; text: string; short: string };

/** Who is written to about each of these accounts. */
export async function recipientsOf(db: Db, accountIds: string[]): Promise<Map<string, Recipient>> {
  const rows: Recipient[] = await db("accounts as a")
    .join("patients as p", "p.id", "a.patient_id")
    .whereIn("a.id", accountIds)
    .select(
      ...["a.id as accountId", "p.email", "p.phone", "p.language", "p.reached_by as reachedBy"],
      db.raw("p.first_name || ' ' || p.last_name as name"),
      db.raw("right(a.number, 4) as last4"),
    );
  return new Map(rows.map((row) => [row.accountId, row]));
}

/** Writes to a patient in the way that they chose, in the transaction of what it tells. */
export function tellPatient(db: Db, at: Date, recipient: Recipient, { subject, text, short }: Letter): Promise<void> {
  const bySms = recipient.reachedBy === "sms";
  return sendMessage(db, at, {
    ...(bySms ? { channel: "sms", to: recipient.phone, text: short } : { channel: "email", to: recipient.email, text }),
    subject,
  });
}
