import { type Actor, audit } from "../platform/audit.ts";
import { Declined } from "../platform/errors.ts";
import type { Typed } from "../platform/forms.ts";
import { sendMessage } from "../platform/messages.ts";
import { lockOpen } from "./fill-in.ts";
import type { EnrolParts } from "./links.ts";
import { type Enrollment, filledIn, findEnrollment, missingSteps } from "./queries.ts";
import { agreement, checkSignature, steps } from "./steps.ts";

/**
 * Sends a filled-in registration to the program, signed; or again, with an answer to what was asked. What was sent
 * before is answered as then.
 * @throws Declined when something is missing, not agreed to, or not answered
 */
export async function sendEnrollment(parts: EnrolParts, actor: Actor, id: string, typed: Typed): Promise<void> {
  const { db, clock, program } = parts;
  await db.transaction(async (trx) => {
    const held = await trx("enrollments").where({ id }).forUpdate().first("state");
    if (held?.state === "waiting") return;
    await lockOpen(trx, id);
    const enrollment = (await findEnrollment(trx, id)) as Enrollment;
    refuseIncomplete(enrollment);
    const answer = checkAnswer(enrollment, typed);
    const { owner } = filledIn(enrollment.answers);
    const signature = checkSignature(typed, owner.name);

    const now = clock.now();
    await trx("enrollment_questions")
      .where({ enrollment_id: id })
      .whereNull("answered_at")
      .update({ answer, answered_at: now });
    await trx("enrollments").where({ id }).update({
      state: "waiting",
      email: owner.email,
      sent_at: now,
      changed_at: now,
      signature,
      signed_from: actor.address,
      agreement: agreement.version,
    });
    await audit(trx, actor, {
      at: now,
      action: "enrollment sent",
      subjectId: id,
      details: { agreement: agreement.version },
    });
    const text = `We received the registration of your practice. The reference is ${enrollment.reference}. We look at it within two business days and write to this address. Questions? Call ${program.phone}.`;
    const subject = `Your registration ${enrollment.reference} with ${program.name}`;
    await sendMessage(trx, now, { channel: "email", to: owner.email, subject, text });
  });
}

function refuseIncomplete(enrollment: Enrollment): void {
  const missing = missingSteps(enrollment);
  if (!missing.length) return;
  const titles = steps.filter(({ path }) => missing.includes(path)).map(({ title }) => title);
  throw new Declined({ form: `Something is missing still: ${titles.join(", ")}. Fill it in, then send.` });
}

function checkAnswer({ state }: Enrollment, typed: Typed): string {
  const answer = (typed.answer ?? "").trim();
  if (state === "asked" && !answer) throw new Declined({ answer: "Answer what we asked" });
  if (answer.length > 2000) throw new Declined({ answer: "Use 2,000 characters or fewer" });
  return answer;
}
