import { ssnDigest } from "../accounts/open-account.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import type { Vault } from "../platform/secrets.ts";
import { locationsOf } from "../practices/queries.ts";
import type { Bureau } from "./bureau.ts";
import { consentProof } from "./consents.ts";
import { askLater } from "./decide-application.ts";
import type { ApplicationForm } from "./form.ts";

/**
 * Takes a patient's application, keyed by the practice. The form's key is its id: sent twice, it is taken once.
 * SSN, income and housing cost are encrypted on the way in and shown to nobody in full again. Whoever submits it decides
 * it at once; the job that is left behind does so should this process end before the bureau has answered.
 * @throws Declined when the SSN cannot be asked about, the location is not the practice's, or the key is another form's
 */
export async function submitApplication(
  { db, clock, vault, bureau }: { db: Db; clock: Clock; vault: Vault; bureau: Bureau },
  viewer: PracticeViewer,
  form: ApplicationForm,
): Promise<void> {
  const refusal = bureau.refusesSsn(form.ssn);
  if (refusal) throw new Declined({ ssn: refusal });
  const locations = await locationsOf(db, viewer.practice.id);
  if (!locations.some(({ id }) => id === form.location))
    throw new Declined({ location: "Choose one of your locations" });

  await db.transaction(async (trx) => {
    const id = form.key;
    const now = clock.now();
    const added = await trx("applications")
      .insert({
        id,
        practice_id: viewer.practice.id,
        location_id: form.location,
        submitted_by: viewer.id,
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
        consents: JSON.stringify(consentProof(now)),
      })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (added.length) {
      await askLater(trx, id, 20);
      return audit(trx, viewer.actor, { at: now, action: "application submitted", subjectId: id });
    }

    const earlier = await trx("applications")
      .where({ id, practice_id: viewer.practice.id })
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
