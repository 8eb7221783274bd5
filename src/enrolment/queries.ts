import { usualTimeZone } from "../lib/time-zones.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import type { Typed } from "../platform/forms.ts";
import { locationForm, type StepPath, type TypedStep, typedSteps } from "./steps.ts";

export const enrollmentStates = ["waiting", "asked", "filling", "approved", "declined"] as const;
export type EnrollmentState = (typeof enrollmentStates)[number];

export type TypedLocation = Typed & { id: string };

/** What was typed so far, step by step; of numbers and locations also what is not whole yet. */
export type Answers = Partial<Record<TypedStep, Typed>> & {
  locations?: TypedLocation[];
  /** Each goes on under the id of its location, whether that one is kept already or new. */
  halfLocations?: TypedLocation[];
  halfAccount?: Typed;
  /** Half a tax ID was typed. It is not kept itself, for it may be most of an SSN. */
  halfTaxId?: boolean;
};

export type Question = {
  question: string;
  askedBy: string;
  askedAt: Date;
  answer: string | null;
  answeredAt: Date | null;
};

/** A registration as its applicant and its reviewers see it: of the tax ID and the account only the last four. */
export type Enrollment = {
  id: string;
  reference: string;
  state: EnrollmentState;
  email: string;
  answers: Answers;
  taxIdLast4: string | null;
  account: { holder: string; kind: "checking" | "savings"; routingNumber: string; last4: string } | null;
  beganAt: Date;
  sentAt: Date | null;
  signature: string | null;
  decidedAt: Date | null;
  decidedBy: string | null;
  reason: string | null;
  practiceId: string | null;
  questions: Question[];
};

/** One registration; null when there is none. */
export async function findEnrollment(db: Db, id: string): Promise<Enrollment | null> {
  const row = await db("enrollments as e")
    .leftJoin("users as u", "u.id", "e.decided_by")
    .where("e.id", id)
    .first("e.*", "u.name");
  if (!row) return null;
  const questions = await db("enrollment_questions as q")
    .join("users as u", "u.id", "q.asked_by")
    .where("q.enrollment_id", id)
    .orderBy("q.asked_at")
    .select("q.question", "u.name as askedBy", "q.asked_at as askedAt", "q.answer", "q.answered_at as answeredAt");
  return {
    id: row.id,
    reference: row.reference,
    state: row.state,
    email: row.email,
    answers: row.answers,
    taxIdLast4: row.tax_id_last4,
    beganAt: row.began_at,
    sentAt: row.sent_at,
    signature: row.signature,
    account: row.account_last4 && {
      holder: row.account_holder,
      kind: row.account_kind,
      routingNumber: row.routing_number,
      last4: row.account_last4,
    },
    decidedAt: row.decided_at,
    decidedBy: row.name,
    reason: row.reason,
    practiceId: row.practice_id,
    questions,
  };
}

/** The owner's link to a first password: whose practice, when it was sent; null once the password is set. */
export async function ownersLink(db: Db, enrollmentId: string) {
  const row = await db("enrollments as e")
    .join("practices as p", "p.id", "e.practice_id")
    .join("invitations as i", "i.practice_id", "p.id")
    .where("e.id", enrollmentId)
    .whereNotNull("i.person_id")
    .whereNull("i.accepted_at")
    .whereNull("i.withdrawn_at")
    .first("p.id", "p.name", "i.id as invitationId", "i.sent_at as sentAt", "i.expires_at as expiresAt");
  if (!row) return null;
  const { id, name, invitationId, sentAt, expiresAt } = row;
  return { practice: { id, name }, invitationId, sentAt, expiresAt };
}

/** What still has to be filled in, in the order of the form. */
export function missingSteps({ answers, taxIdLast4, account }: Enrollment): StepPath[] {
  const isRight = (step: TypedStep) => typedSteps[step].safeParse(answers[step] ?? {}).success;
  const done: Partial<Record<StepPath, boolean>> = {
    practice: isRight("practice"),
    care: isRight("care"),
    "tax-id": taxIdLast4 !== null,
    "deposit-account": account !== null,
    locations: Boolean(answers.locations?.length),
    owner: isRight("owner"),
  };
  return (Object.keys(done) as StepPath[]).filter((path) => !done[path]);
}

/** What was begun and is not in the registration as it would be sent, each with the page to go on with it. */
export function unfinished({ answers, taxIdLast4, account }: Enrollment): { href: string; text: string }[] {
  const { locations = [], halfLocations = [], halfAccount, halfTaxId } = answers;
  const changes = [
    halfTaxId && taxIdLast4 && { path: "tax-id", what: "tax ID", last4: taxIdLast4 },
    halfAccount && account && { path: "deposit-account", what: "deposit account", last4: account.last4 },
  ];
  return [
    ...changes.flatMap((change) => {
      if (!change) return [];
      const { path, what, last4 } = change;
      return { href: `/enroll/${path}?review`, text: `The change of the ${what}: the one ending in ${last4} is sent` };
    }),
    ...halfLocations.map(({ id, name }) => {
      const kept = locations.find((one) => one.id === id);
      const text = kept
        ? `The change of the location ${kept.name}`
        : `The location that you began${name && `: ${name}`}`;
      return { href: `/enroll/locations/${id}`, text };
    }),
  ];
}

/** The answers of a registration with nothing missing, as a practice is founded with. */
export function filledIn(answers: Answers) {
  const { legalName, knownAs, phone } = typedSteps.practice.parse(answers.practice);
  const { specialty, state, timeZone } = typedSteps.care.parse(answers.care);
  return {
    practice: {
      name: knownAs || legalName,
      legalName,
      phone,
      specialty,
      state,
      timeZone: timeZone || usualTimeZone(state),
    },
    locations: (answers.locations ?? []).map((location) => locationForm.parse(location)),
    owner: typedSteps.owner.parse(answers.owner),
  };
}

export type ListedEnrollment = {
  id: string;
  reference: string;
  state: EnrollmentState;
  name: string;
  specialty: string;
  practiceState: string;
  changedAt: Date;
};

/** Registrations in a state, the longest waiting first; what nobody has sent yet only when asked for. */
export async function listEnrollments(db: Db, state: EnrollmentState): Promise<ListedEnrollment[]> {
  return db("enrollments")
    .where({ state })
    .orderBy(state === "waiting" ? "sent_at" : "changed_at", state === "waiting" ? "asc" : "desc")
    .limit(200)
    .select(
      "id",
      "reference",
      "state",
      "changed_at as changedAt",
      db.raw(`coalesce(nullif(answers #>> '{practice,knownAs}', ''), answers #>> '{practice,legalName}', '') as name`),
      db.raw(`coalesce(answers #>> '{care,specialty}', '') as specialty`),
      db.raw(`coalesce(answers #>> '{care,state}', '') as "practiceState"`),
    );
}

/** How many stand in each state. */
export async function countEnrollments(db: Db): Promise<Partial<Record<EnrollmentState, number>>> {
  const rows: { state: EnrollmentState; count: number }[] = await db("enrollments")
    .groupBy("state")
    .select("state", db.raw("count(*)::int as count"));
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

/** Others with the same tax ID: practices that are here, and registrations that are not decided or were declined. */
export async function sameTaxId(
  db: Db,
  id: string,
): Promise<{ practices: string[]; enrollments: { id: string; reference: string }[] }> {
  const own = await db("enrollments").where({ id }).first("tax_id_digest as digest", "practice_id");
  if (!own) throw notFound();
  if (!own.digest) return { practices: [], enrollments: [] };
  const [practices, enrollments] = await Promise.all([
    db("practices")
      .where({ tax_id_digest: own.digest })
      .whereRaw("id is distinct from ?", [own.practice_id])
      .orderBy("name")
      .select("name"),
    db("enrollments")
      .where({ tax_id_digest: own.digest })
      .whereNot({ id })
      .whereNot({ state: "approved" })
      .orderBy("began_at")
      .select("id", "reference"),
  ]);
  return { practices: practices.map(({ name }: { name: string }) => name), enrollments };
}
