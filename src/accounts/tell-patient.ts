import type { Language } from "../lib/language.ts";
import type { Db } from "../platform/db.ts";
import { type Message, sendMessage, sendMessages } from "../platform/messages.ts";

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
      "a.id as accountId",
      "p.email",
      "p.phone",
      "p.language",
      "p.reached_by as reachedBy",
      db.raw("p.first_name || ' ' || p.last_name as name"),
      db.raw("right(a.number, 4) as last4"),
    );
  return new Map(rows.map((row) => [row.accountId, row]));
}

/** Writes to a patient in the way that they chose, in the transaction of what it tells. */
export const tellPatient = (db: Db, at: Date, recipient: Recipient, letter: Letter): Promise<void> =>
  sendMessage(db, at, addressed(recipient, letter));

/** As `tellPatient`, many patients at once. */
export const tellPatients = (db: Db, at: Date, letters: { recipient: Recipient; letter: Letter }[]): Promise<void> =>
  sendMessages(
    db,
    at,
    letters.map(({ recipient, letter }) => addressed(recipient, letter)),
  );

function addressed({ reachedBy, email, phone }: Recipient, { subject, text, short }: Letter): Message {
  return reachedBy === "sms"
    ? { channel: "sms", to: phone, subject, text: short }
    : { channel: "email", to: email, subject, text };
}
