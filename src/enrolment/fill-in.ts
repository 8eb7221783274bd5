import { randomInt } from "node:crypto";
import { countStranger } from "../identity/failures.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, Refused } from "../platform/errors.ts";
import type { Typed } from "../platform/forms.ts";
import { type EnrolParts, mailLink, mayBeMailed } from "./links.ts";
import type { Answers, TypedLocation } from "./queries.ts";
import {
  type DepositForm,
  depositForm,
  locationForm,
  mostLocations,
  type TypedStep,
  taxIdForm,
  typedSteps,
} from "./steps.ts";

const alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const newReference = () =>
  `EN-${Array.from({ length: 8 }, (_, place) => (place === 4 ? "-" : "") + alphabet.charAt(randomInt(32))).join("")}`;

/**
 * Begins a registration and mails its owner a link to come back by. Pressing the button again finds the one just begun.
 * @param begun.id the form's own key
 * @throws Refused 429 after ten from one address in an hour
 */
export async function beginEnrollment(
  parts: EnrolParts,
  begun: { id: string; email: string; address: string },
): Promise<void> {
  const { db, clock, vault, program } = parts;
  const { id, email } = begun;
  await countStranger(db, vault, { use: "enrollment begun", address: begun.address, most: 10, minutes: 60 });
  const mayMail = await mayBeMailed(parts, email);
  const now = clock.now();
  await db.transaction(async (trx) => {
    const reference = newReference();
    const row = { id, reference, state: "filling", email, began_at: now, changed_at: now };
    const answers: Answers = { owner: { email } };
    const [made] = await trx("enrollments")
      .insert({ ...row, answers: JSON.stringify(answers) })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (!made) return refuseOldKey(trx, { id, email, since: new Date(now.getTime() - 60_000) });
    if (!mayMail) return;
    await mailLink(
      trx,
      parts,
      { id, reference, email },
      {
        subject: `Go on with your registration with ${program.name}`,
        before: `You began to register a practice with ${program.name}. What you fill in is kept. Open this link to go on at any time:`,
      },
    );
  });
}

/** The key of a form is no key to what was begun with it, save for the press that came twice. */
async function refuseOldKey(trx: Trx, begun: { id: string; email: string; since: Date }): Promise<void> {
  const same = await trx("enrollments")
    .where({ id: begun.id, email: begun.email, state: "filling" })
    .where("began_at", ">=", begun.since)
    .first("id");
  if (!same) throw new Refused(409, "This form was used before. Begin again, or ask for a link to what you filled in.");
}

/** Keeps what was typed on a page, right or not yet, so that nothing is lost on the way back and forth. */
export async function keepTyped(parts: EnrolParts, id: string, step: TypedStep, typed: Typed): Promise<void> {
  const kept = knownOf(typedSteps[step].shape, typed);
  await change(parts, id, (answers) => ({ answers: { ...answers, [step]: kept } }));
}

const knownOf = (shape: object, typed: Typed): Typed =>
  Object.fromEntries(Object.keys(shape).map((name) => [name, (typed[name] ?? "").slice(0, 254)]));

/** Takes the owner's checked e-mail address: a new one gets a link of its own, and the links before it are dead. */
export async function keepOwnerEmail(parts: EnrolParts, id: string, email: string): Promise<void> {
  const { db, program } = parts;
  const mayMail = await mayBeMailed(parts, email);
  await db.transaction(async (trx) => {
    const row = await lockOpen(trx, id);
    if (row.email.toLowerCase() === email.toLowerCase()) return;
    await trx("enrollments").where({ id }).update({ email });
    await trx("enrollment_links").where({ enrollment_id: id }).delete();
    if (!mayMail) return;
    await mailLink(
      trx,
      parts,
      { id, reference: row.reference, email },
      {
        subject: `Go on with your registration with ${program.name}`,
        before: `This address was given for the registration of a practice with ${program.name}. Open this link to go on with it:`,
      },
    );
  });
}

/** Keeps the tax ID, sealed; from now on only its last four digits are shown. */
export async function keepTaxId(parts: EnrolParts, id: string, taxId: string): Promise<void> {
  const { vault } = parts;
  await change(parts, id, ({ halfTaxId, ...answers }) => ({
    answers,
    tax_id_sealed: vault.seal(taxId, `enrollment tax id ${id}`),
    tax_id_last4: taxId.slice(-4),
    tax_id_digest: vault.digest("tax id", taxId),
  }));
}

/**
 * Remembers that a tax ID was typed and is not kept, so that nobody takes the one before for the new one. The kept one
 * typed again does not count, for a page may tell of a field left after its button was pressed. It is known by its last
 * four digits: a comparison of all nine would let them be guessed.
 */
export async function keepHalfTaxId(parts: EnrolParts, id: string, typed: Typed): Promise<void> {
  const { data } = taxIdForm.safeParse(typed);
  await change(parts, id, ({ halfTaxId, ...answers }, row) => {
    const isKept = data && data.taxId.slice(-4) === row.tax_id_last4;
    return { answers: isKept ? answers : { ...answers, halfTaxId: true } };
  });
}

/** Forgets that another tax ID was begun: the kept one stands. */
export async function forgetHalfTaxId(parts: EnrolParts, id: string): Promise<void> {
  await change(parts, id, ({ halfTaxId, ...answers }) => ({ answers }));
}

/** Keeps the deposit account, its number sealed. */
export async function keepDepositAccount(parts: EnrolParts, id: string, form: DepositForm): Promise<void> {
  await change(parts, id, ({ halfAccount, ...answers }) => ({
    answers,
    account_holder: form.holder,
    account_kind: form.kind,
    routing_number: form.routingNumber,
    account_sealed: parts.vault.seal(form.accountNumber, `enrollment account ${id}`),
    account_last4: form.accountNumber.slice(-4),
  }));
}

/**
 * Keeps what was typed of an account that is not whole yet: never a number that may be the account's own. The kept
 * account typed again does not count, as with the tax ID.
 */
export async function keepHalfAccount(parts: EnrolParts, id: string, typed: Typed): Promise<void> {
  const { holder = "", kind = "", routingNumber = "" } = knownOf(depositForm.shape, typed);
  const isRouting = depositForm.shape.routingNumber.safeParse(routingNumber).success;
  const half = { holder, kind, routingNumber: isRouting ? routingNumber : "" };
  const { data } = depositForm.safeParse(typed);
  await change(parts, id, ({ halfAccount, ...answers }, row) => {
    const isKept =
      data &&
      row.account_holder === data.holder &&
      row.account_kind === data.kind &&
      row.routing_number === data.routingNumber &&
      row.account_last4 === data.accountNumber.slice(-4);
    return { answers: isKept ? answers : { ...answers, halfAccount: half } };
  });
}

/** Forgets that another account was begun: the kept one stands. */
export async function forgetHalfAccount(parts: EnrolParts, id: string): Promise<void> {
  await change(parts, id, ({ halfAccount, ...answers }) => ({ answers }));
}

/** Keeps what was typed of a location that is not whole yet, to go on with. What is the same as kept is no half. */
export async function keepHalfLocation(parts: EnrolParts, id: string, typed: TypedLocation): Promise<void> {
  const half = { ...knownOf(locationForm.shape, typed), id: typed.id };
  await change(parts, id, (answers) => {
    const others = halvesBut(typed.id, answers);
    const isKept = answers.locations?.some((one) => one.id === typed.id && isSameLocation(one, half));
    // A form of ours begins one at a time; who makes up ids fills no table.
    return { answers: { ...answers, halfLocations: isKept ? others : [...others, half].slice(-mostLocations) } };
  });
}

/** Forgets what was typed of a location and not saved. */
export async function forgetHalfLocation(parts: EnrolParts, id: string, locationId: string): Promise<void> {
  await change(parts, id, (answers) => ({ answers: { ...answers, halfLocations: halvesBut(locationId, answers) } }));
}

const halvesBut = (locationId: string, { halfLocations = [] }: Answers) =>
  halfLocations.filter((one) => one.id !== locationId);

const isSameLocation = (kept: TypedLocation, typed: Typed) => {
  const { data } = locationForm.safeParse(typed);
  return data !== undefined && Object.entries(data).every(([name, value]) => kept[name] === value);
};

/** Adds a location, or changes the one that has this id. */
export async function keepLocation(parts: EnrolParts, id: string, location: TypedLocation): Promise<void> {
  await change(parts, id, (answers) => {
    const { locations = [] } = answers;
    const isNew = !locations.some((one) => one.id === location.id);
    if (isNew && locations.length >= mostLocations)
      throw new Declined({ form: `A registration takes ${mostLocations} locations. Add the others once you are in.` });
    const kept = isNew ? [...locations, location] : locations.map((one) => (one.id === location.id ? location : one));
    return { answers: { ...answers, locations: kept, halfLocations: halvesBut(location.id, answers) } };
  });
}

/** Takes a location off the list. */
export async function dropLocation(parts: EnrolParts, id: string, locationId: string): Promise<void> {
  await change(parts, id, (answers) => ({
    answers: {
      ...answers,
      locations: (answers.locations ?? []).filter((one) => one.id !== locationId),
      halfLocations: halvesBut(locationId, answers),
    },
  }));
}

async function change(
  { db, clock }: EnrolParts,
  id: string,
  to: (
    answers: Answers,
    row: Awaited<ReturnType<typeof lockOpen>>,
  ) => { answers?: Answers; [column: string]: Buffer | string | Answers | undefined },
): Promise<void> {
  await db.transaction(async (trx) => {
    const row = await lockOpen(trx, id);
    const { answers, ...columns } = to(row.answers, row);
    const changed = { ...columns, ...(answers && { answers: JSON.stringify(answers) }), changed_at: clock.now() };
    await trx("enrollments").where({ id }).update(changed);
  });
}

/** The row of a registration that may still be filled in, held. */
export async function lockOpen(trx: Db, id: string) {
  const row = await trx("enrollments").where({ id }).forUpdate().first();
  if (!row || !["filling", "asked"].includes(row.state)) {
    throw new Refused(
      409,
      "This registration was sent, and cannot be changed now. Call us if something in it is wrong.",
    );
  }
  return row;
}
