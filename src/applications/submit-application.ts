import { ssnDigest } from "../accounts/open-account.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";
import { locationsOf } from "../practices/queries.ts";
import type { Bureau } from "./bureau.ts";
import { type ConsentWords, consentProof } from "./consents.ts";
import { askLater } from "./decide-application.ts";
import type { ApplicationForm } from "./form.ts";

type Parts = { db: Db; clock: Clock; vault: Vault; bureau: Bureau };

/** From whom an application comes: a practice that keys it, or the patient who was sent a link by one. */
type Taker = {
  practiceId: string;
  /** Who keyed it, or sent the link. */
  userId: string;
  actor: Actor;
  words: ConsentWords;
  linkId?: string;
};

/**
 * Takes a patient's application, keyed by the practice. The form's key is its id: sent twice, it is taken once.
 * @throws Declined when the SSN cannot be asked about, the location is not the practice's, or the key is another form's
 */
export async function submitApplication(parts: Parts, viewer: PracticeViewer, form: ApplicationForm): Promise<void> {
  const locations = await locationsOf(parts.db, viewer.practice.id);
  if (!locations.some(({ id }) => id === form.location))
    throw new Declined({ location: "Choose one of your locations" });
  const { id: userId, practice, actor } = viewer;
  await takeApplication(parts, { practiceId: practice.id, userId, actor, words: "practice" }, form);
}

/**
 * Takes an application, once. SSN, income and housing cost are encrypted on the way in and shown to nobody in full again.
 * Whoever submits it decides it at once; the job that is left behind does so should this process end before the bureau
 * has answered.
 * @throws Declined when the SSN cannot be asked about, or the key is another form's
 */
export async function takeApplication(
  { db, clock, vault, bureau }: Parts,
  taker: Taker,
  form: ApplicationForm,
): Promise<void> {
  const refusal = bureau.refusesSsn(form.ssn);
  if (refusal) throw new Declined({ ssn: refusal });

  await db.transaction(async (trx) => {
    const id = form.key;
    const now = clock.now();
    const added = await trx("applications")
      .insert({
        id,
        practice_id: taker.practiceId,
        location_id: form.location,
        submitted_by: taker.userId,
        submitted_at: now,
        first_name: form.firstName,
        last_name: form.lastName,
        born_on: form.dateOfBirth,
        ssn_last4: form.ssn.slice(-4),
        ssn_sealed: vault.seal(form.ssn, id),
        ssn_digest: ssnDigest(vault, form.ssn),
        street: form.street,
        city: form.city,
        state: form.state,
        zip: form.zip,
        phone: form.mobile,
        email: form.email,
        housing: form.housing,
        housing_cost_sealed: vault.seal(String(form.housingCost), id),
        income_sealed: vault.seal(String(form.income), id),
        income_source: form.incomeSource,
        consents: JSON.stringify(consentProof(now, taker.words)),
        language: taker.words === "practice" ? "en" : taker.words,
        link_id: taker.linkId ?? null,
      })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (added.length) {
      await askLater(trx, id, 20);
      return audit(trx, taker.actor, { at: now, action: "application submitted", subjectId: id });
    }

    const earlier = await trx("applications")
      .where({ id, practice_id: taker.practiceId })
      .first("ssn_digest", "born_on", "first_name", "last_name", "location_id", "phone", "email");
    const same =
      earlier?.born_on === form.dateOfBirth &&
      earlier.first_name === form.firstName &&
      earlier.last_name === form.lastName &&
      earlier.location_id === form.location &&
      earlier.phone === form.mobile &&
      earlier.email === form.email &&
      ssnDigest(vault, form.ssn).equals(earlier.ssn_digest);
    if (!same)
      throw new Declined({
        form: "This form has already sent another application. Begin a new one from Applications.",
      });
  });
}
