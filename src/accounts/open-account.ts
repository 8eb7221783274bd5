import { randomInt, randomUUIDv7 } from "node:crypto";
import { dayOfMonth } from "../lib/calendar.ts";
import type { Language } from "../lib/language.ts";
import type { Cents } from "../lib/money.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Trx } from "../platform/db.ts";
import type { Vault } from "../platform/secrets.ts";
import { beginBooks } from "./books.ts";

/** A person as an application describes them. */
export type Person = {
  firstName: string;
  lastName: string;
  bornOn: string;
  ssn: string;
  phone: string;
  email: string;
  street: string;
  city: string;
  state: string;
  zip: string;
  /** In which the patient is written to. */
  language?: Language;
};

export type OpenedAccount = { accountId: string; alreadyOpen: boolean };

/**
 * Opens the account of an approved applicant and makes it known to the practice. One person (SSN, date of birth and
 * last name) has one open account: a second approval finds the first account and leaves its limit and rate alone.
 * @param parts.drawNumber 16 digits for a new account; random unless the demo history hands in its own
 */
export async function openAccount(
  trx: Trx,
  { clock, vault, drawNumber = randomNumber }: { clock: Clock; vault: Vault; drawNumber?: (() => string) | undefined },
  actor: Actor,
  given: { person: Person; practiceId: string; limitCents: Cents; standardApr: string },
): Promise<OpenedAccount> {
  const patientId = await findOrAddPatient(trx, clock, vault, given.person);
  const open = await trx("accounts").where({ patient_id: patientId }).whereNull("closed_on").first("id");
  const accountId = open?.id ?? randomUUIDv7();
  if (!open) {
    const { limitCents, standardApr } = given;
    const openedOn = clock.today();
    // The day of opening, so that cycles spread over the month; 29 to 31 do not exist in every month.
    const cycleDay = Math.min(dayOfMonth(openedOn), 28);
    await trx("accounts").insert({
      id: accountId,
      patient_id: patientId,
      number: drawNumber(),
      limit_cents: limitCents,
      standard_apr: standardApr,
      cycle_day: cycleDay,
      opened_on: openedOn,
    });
    await beginBooks(trx, accountId, { openedOn, cycleDay, standardApr, limitCents });
    await audit(trx, actor, { at: clock.now(), action: "account opened", subjectId: accountId });
  }
  await trx("practice_accounts")
    .insert({ practice_id: given.practiceId, account_id: accountId, since: clock.now() })
    .onConflict()
    .ignore();
  return { accountId, alreadyOpen: Boolean(open) };
}

/** Whether a person has an open account already. */
export async function hasOpenAccount(trx: Trx, vault: Vault, person: Person): Promise<boolean> {
  const open = await trx("patients as p")
    .join("accounts as a", "a.patient_id", "p.id")
    .where(keyOf(vault, person))
    .whereNull("a.closed_on")
    .first("a.id");
  return Boolean(open);
}

/** By what a person is found again. */
const keyOf = (vault: Vault, { ssn, bornOn, lastName }: Person) => ({
  ssn_digest: ssnDigest(vault, ssn),
  born_on: bornOn,
  last_name_key: nameKey(lastName),
});

/** A last name without what two people at two desks would type differently: case, accents, points, "Jr". */
function nameKey(lastName: string): string {
  const letters = lastName
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\b(jr|sr|ii|iii|iv)\b\.?/g, "");
  return letters.replace(/[^\p{L}\p{N}]/gu, "") || lastName.toLowerCase();
}

/** The digest that finds a person again by SSN without the SSN being readable. */
export const ssnDigest = (vault: Vault, ssn: string) => vault.digest("ssn", ssn);

async function findOrAddPatient(trx: Trx, clock: Clock, vault: Vault, person: Person): Promise<string> {
  const id = randomUUIDv7();
  const added = await trx("patients")
    .insert({
      id,
      first_name: person.firstName,
      last_name: person.lastName,
      ...keyOf(vault, person),
      ssn_last4: person.ssn.slice(-4),
      ssn_sealed: vault.seal(person.ssn, id),
      phone: person.phone,
      email: person.email,
      street: person.street,
      city: person.city,
      state: person.state,
      zip: person.zip,
      language: person.language ?? "en",
      created_at: clock.now(),
    })
    .onConflict(["ssn_digest", "born_on", "last_name_key"])
    .ignore()
    .returning("id");
  if (added[0]) return added[0].id;

  // Locked, so that two approvals of one person at once find one another's account.
  const [patient] = await trx("patients").where(keyOf(vault, person)).forUpdate().select("id");
  return patient.id;
}

const randomNumber = () => Array.from({ length: 16 }, (_, place) => (place === 0 ? 6 : randomInt(10))).join("");
