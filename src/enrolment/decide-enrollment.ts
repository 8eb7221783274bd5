import { randomBytes, randomUUIDv7 } from "node:crypto";
import { addOwner } from "../identity/invite.ts";
import type { Passwords } from "../identity/passwords.ts";
import type { Viewer } from "../identity/viewer.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { sendMessage } from "../platform/messages.ts";
import { foundPractice } from "../practices/found-practice.ts";
import { plansToBeginWith } from "../practices/plan-choice.ts";
import { type EnrolParts, mailLink } from "./links.ts";
import { type EnrollmentState, filledIn } from "./queries.ts";

/**
 * Asks the applicant a question, by mail, with a link that opens the form again.
 * @param asked.key the form's own: pressing the button again asks once
 * @throws Declined when the registration does not wait for us
 */
export async function askApplicant(
  parts: EnrolParts,
  actor: Actor,
  asked: { key: string; id: string; question: string; by: Viewer },
): Promise<void> {
  const { db, clock, program } = parts;
  await db.transaction(async (trx) => {
    const row = await lock(trx, asked.id);
    if (await trx("enrollment_questions").where({ id: asked.key, enrollment_id: asked.id }).first("id")) return;
    refuseUnlessWaiting(row.state);
    const now = clock.now();
    await trx("enrollment_questions").insert({
      id: asked.key,
      enrollment_id: asked.id,
      question: asked.question,
      asked_by: asked.by.id,
      asked_at: now,
    });
    await trx("enrollments").where({ id: asked.id }).update({ state: "asked", changed_at: now });
    await audit(trx, actor, { at: now, action: "enrollment asked about", subjectId: asked.id });
    await mailLink(trx, parts, row, {
      subject: `A question about your registration ${row.reference}`,
      before: `We looked at the registration of your practice with ${program.name} and have a question:\n\n${asked.question}\n\nOpen this link to answer, to change what has to be changed, and to send it again:`,
    });
  });
}

/**
 * Approves a registration: founds the practice with its locations, deposit account and the plans that nobody's law is
 * against, adds its owner with a User ID, and mails the owner a link to set the password. Two at once approve once.
 * @throws Declined when it does not wait for us
 */
export async function approveEnrollment(
  parts: EnrolParts & { passwords: Passwords },
  actor: Actor,
  approved: { id: string; by: Viewer },
): Promise<void> {
  const { db, clock, vault } = parts;
  const passwordHash = await parts.passwords.hash(randomBytes(32).toString("base64url"));
  await db.transaction(async (trx) => {
    const row = await lock(trx, approved.id);
    if (row.state === "approved") return;
    refuseUnlessWaiting(row.state);

    const now = clock.now();
    const practiceId = randomUUIDv7();
    const { practice, locations, owner } = filledIn(row.answers);
    const { homeLocationId } = await foundPractice(
      trx,
      { vault, at: now },
      {
        id: practiceId,
        ...practice,
        locations,
        plans: plansToBeginWith,
        taxId: vault.open(row.tax_id_sealed, `enrollment tax id ${row.id}`),
        depositAccount: {
          holder: row.account_holder,
          kind: row.account_kind,
          routingNumber: row.routing_number,
          accountNumber: vault.open(row.account_sealed, `enrollment account ${row.id}`),
        },
      },
    );
    const added = await addOwner(trx, parts, {
      practice: { id: practiceId, name: practice.name, homeLocationId },
      passwordHash,
      person: { name: owner.name, email: row.email, phone: owner.mobile },
    });
    await trx("enrollments")
      .where({ id: row.id })
      .update({ state: "approved", practice_id: practiceId, ...decided(now, approved.by), ...forgotten });
    await trx("enrollment_links").where({ enrollment_id: row.id }).delete();
    const details = { practiceId, ownerId: added.id };
    await audit(trx, actor, { at: now, action: "enrollment approved", subjectId: row.id, details });
  });
}

/**
 * Declines a registration, with a reason that the applicant reads.
 * @throws Declined when it does not wait for us
 */
export async function declineEnrollment(
  { db, clock, program }: EnrolParts,
  actor: Actor,
  declined: { id: string; reason: string; by: Viewer },
): Promise<void> {
  await db.transaction(async (trx) => {
    const row = await lock(trx, declined.id);
    if (row.state === "declined") return;
    refuseUnlessWaiting(row.state);
    const now = clock.now();
    await trx("enrollments")
      .where({ id: row.id })
      .update({ state: "declined", reason: declined.reason, ...decided(now, declined.by), ...forgotten });
    await audit(trx, actor, { at: now, action: "enrollment declined", subjectId: row.id });
    const text = `We cannot take your practice into ${program.name} now.\n\n${declined.reason}\n\nIf something has changed, you can register again. Questions? Call ${program.phone} and name the reference ${row.reference}.`;
    const subject = `Your registration ${row.reference} with ${program.name}`;
    await sendMessage(trx, now, { channel: "email", to: row.email, subject, text });
  });
}

const decided = (at: Date, by: Viewer) => ({ decided_at: at, decided_by: by.id, changed_at: at });

/** What is not needed once it is decided: the practice keeps its own. */
const forgotten = { account_sealed: null, tax_id_sealed: null };

async function lock(trx: Trx, id: string) {
  const row = await trx("enrollments").where({ id }).forUpdate().first();
  // Nobody reviews what its applicant has not sent.
  if (!row || row.state === "filling") throw notFound();
  return row;
}

function refuseUnlessWaiting(state: EnrollmentState): void {
  if (state === "waiting") return;
  const why = {
    asked: "We asked the applicant something, and wait for the answer.",
    approved: "Another administrator has approved it in the meantime.",
    declined: "Another administrator has declined it in the meantime.",
    filling: "The applicant has not sent it.",
  };
  throw new Declined({ form: why[state] });
}
