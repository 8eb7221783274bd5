import { randomUUIDv7 } from "node:crypto";
import { maskNumbers } from "../lib/mask-numbers.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import { mailAbout, type SupportParts } from "./case-mail.ts";
import type { CaseMessage, Writer } from "./queries.ts";

/**
 * Opens a case with a number, and says so by e-mail. Sent twice, it is opened once. Numbers that look like SSNs or
 * cards are masked before anything is kept.
 * @param given.id the key of the form
 * @throws Declined when this form opened a case with other words before
 * @throws Refused 409 when somebody else's form has this key
 */
export async function openCase(
  parts: SupportParts,
  actor: Actor,
  given: { id: string; from: Writer; subject: string; message: string },
): Promise<{ id: string; number: number }> {
  const { id, from } = given;
  return parts.db.transaction(async (trx) => {
    const opened = await insertCase(trx, parts, actor, { id, from, subject: given.subject });
    if (!opened.isNew) {
      const first = await trx("case_messages").where({ case_id: id }).orderBy("written").first("body");
      const isSame =
        opened.subject === maskNumbers(given.subject).text && first?.body === maskNumbers(given.message).text;
      const sentence = `This form has opened case ${opened.number} already. Press Send message again to open another.`;
      if (!isSame) throw new Declined({ message: sentence });
    }
    if (opened.isNew) {
      await insertCaseMessage(trx, parts, {
        id: randomUUIDv7(),
        caseId: id,
        saidBy: "person",
        author: { id: from.personId, name: from.name },
        body: given.message,
      });
      // A stranger's address is not proved: what was typed is not sent on to it.
      const text = `We have your message. Its case number is ${opened.number}. We answer by e-mail${from.personId ? " and in the portal" : ""}.`;
      const subject = from.personId ? opened.subject : "your message";
      await mailAbout(trx, parts, { ...opened, subject, email: from.email, personId: from.personId }, text);
    }
    return { id, number: opened.number };
  });
}

/** A case without its messages yet; one that is there already is answered as it was. */
export async function insertCase(
  trx: Trx,
  { clock }: SupportParts,
  actor: Actor,
  given: { id: string; from: Writer; subject: string; chatId?: string },
): Promise<{ id: string; number: number; subject: string; isNew: boolean }> {
  const { id, from, chatId } = given;
  const now = clock.now();
  const subject = maskNumbers(given.subject).text;
  const [row] = await trx("support_cases")
    .insert({
      id,
      practice_id: from.practiceId,
      person_id: from.personId,
      chat_id: chatId ?? null,
      name: maskNumbers(from.name).text,
      email: from.email,
      subject,
      opened_at: now,
      touched_at: now,
      waits_for: "support",
    })
    .onConflict()
    .ignore()
    .returning("number");
  if (row) {
    await audit(trx, actor, { at: now, action: "case opened", subjectId: id, details: { case: row.number } });
    return { id, number: row.number, subject, isNew: true };
  }
  const before = await trx("support_cases").where({ id, person_id: from.personId, email: from.email }).first();
  if (!before) throw new Refused(409, "This form was sent already. Open the page again to write another message.");
  return { id, number: before.number, subject: before.subject, isNew: false };
}

/** Adds to what was said in a case; returns false when this very message was there already. Declines other words of a form that was sent. */
export async function insertCaseMessage(
  trx: Trx,
  { clock }: Pick<SupportParts, "clock">,
  given: {
    id: string;
    caseId: string;
    saidBy: CaseMessage["saidBy"];
    author: { id: string | null; name: string };
    body: string;
  },
): Promise<boolean> {
  const { text, wasMasked } = maskNumbers(given.body);
  const added = await trx("case_messages")
    .insert({
      id: given.id,
      case_id: given.caseId,
      said_by: given.saidBy,
      author_id: given.author.id,
      author_name: maskNumbers(given.author.name).text,
      body: text,
      was_masked: wasMasked,
      at: clock.now(),
    })
    .onConflict("id")
    .ignore()
    .returning("id");
  if (added.length) return true;
  const before = await trx("case_messages").where({ id: given.id }).first("body");
  if (before.body === text) return false;
  throw new Declined({ message: "What stood here before was sent. Press the button again to send this, too." });
}
