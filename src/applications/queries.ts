import type { Knex } from "knex";
import type { PracticeViewer } from "../identity/viewer.ts";
import { daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Language } from "../lib/language.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { newestFirst } from "../platform/pages.ts";
import type { Acceptance } from "./agreement.ts";
import type { ApplicationState } from "./states.ts";

/** What a practice may know of an application: never the whole SSN, the income or the reasons of a decline. */
export type Application = {
  id: string;
  patientName: string;
  bornOn: IsoDate;
  ssnLast4: string;
  email: string;
  phone: string;
  address: string;
  language: Language;
  submittedAt: Date;
  submittedBy: string;
  locationName: string;
  state: ApplicationState;
  decidedAt: Date | null;
  limitCents: Cents | null;
  standardApr: string | null;
  missing: string | null;
  /** The last day on which a pending one, or an approval that is not accepted, waits for its patient. */
  lapsesOn: IsoDate | null;
  /** The proof that a patient who applied by link accepted the agreement, with its words. */
  acceptance: Acceptance | null;
  noticeSentAt: Date | null;
  /** Sent by the patient, by a link that `submittedBy` had sent. */
  byLink: boolean;
  account: { id: string; last4: string; alreadyOpen: boolean; limitCents: Cents } | null;
};

/** One application of the viewer's practice; 404 otherwise. */
export async function findApplication(db: Db, viewer: PracticeViewer, id: string): Promise<Application> {
  const [row] = await applications(db).where({ "ap.id": id, "ap.practice_id": viewer.practice.id });
  if (!row) throw notFound();
  return asApplication(row);
}

/** An application, for the program's staff and for the patient whose it is; 404 when there is none. */
export async function readApplication(db: Db, id: string): Promise<Application> {
  const [row] = await applications(db).where("ap.id", id);
  if (!row) throw notFound();
  return asApplication(row);
}

/** An application of some practice whose patient is waited for, with the days that are left. */
export type WaitingApplication = Application & { practiceName: string; daysLeft: number };

/** The applications whose patients are waited for, the ones that lapse soonest first; a hundred at most. */
export async function applicationsWaiting(db: Db, today: IsoDate): Promise<WaitingApplication[]> {
  const rows = await applications(db)
    .join("practices as p", "p.id", "ap.practice_id")
    .select("p.name as practiceName")
    .whereIn("ap.outcome", ["pending", "approved"])
    .whereNotNull("ap.lapses_on")
    .orderBy(["ap.lapses_on", "ap.id"])
    .limit(100);
  return rows.map((row: { practiceName: string; lapsesOn: IsoDate }) => ({
    ...asApplication(row),
    practiceName: row.practiceName,
    daysLeft: daysBetween(today, row.lapsesOn),
  }));
}

/** A page of the practice's applications, newest first; `before` is the last id of the page before it. */
export async function listApplications(
  db: Db,
  viewer: PracticeViewer,
  filter: { state?: Application["state"] | undefined; before?: string | undefined },
): Promise<{ applications: Application[]; older: string | undefined }> {
  const list = applications(db).where("ap.practice_id", viewer.practice.id);
  // In the words of the indices, and not of `stateSql`.
  const { state } = filter;
  if (state === "deciding") list.whereNull("ap.outcome");
  else if (state === "offered") list.where("ap.outcome", "approved").whereNull("ap.account_id");
  else if (state === "approved") list.where("ap.outcome", "approved").whereNotNull("ap.account_id");
  else if (state) list.where("ap.outcome", state);
  const of = { id: filter.before, practice_id: viewer.practice.id };
  const after = filter.before ? db("applications").where(of).select("submitted_at", "id") : undefined;
  const { rows, older } = await newestFirst(list, { time: "ap.submitted_at", id: "ap.id", after });
  return { applications: rows.map(asApplication), older };
}

/** An approval that waits for its patient to accept the agreement is none yet. */
export const stateSql =
  "case when ap.outcome = 'approved' and ap.account_id is null then 'offered' else coalesce(ap.outcome, 'deciding') end";

function applications(db: Db): Knex.QueryBuilder {
  return db("applications as ap")
    .join("users as u", "u.id", "ap.submitted_by")
    .join("locations as l", "l.id", "ap.location_id")
    .leftJoin("accounts as a", "a.id", "ap.account_id")
    .select(
      "ap.id",
      db.raw(`ap.first_name || ' ' || ap.last_name as "patientName"`),
      "ap.born_on as bornOn",
      "ap.ssn_last4 as ssnLast4",
      "ap.email",
      "ap.phone",
      db.raw(`ap.street || ', ' || ap.city || ', ' || ap.state || ' ' || ap.zip as address`),
      "ap.language",
      "ap.submitted_at as submittedAt",
      "u.name as submittedBy",
      "l.name as locationName",
      db.raw(`${stateSql} as state`),
      "ap.decided_at as decidedAt",
      db.raw(`case when ap.outcome = 'approved' then ap.limit_cents end as "limitCents"`),
      "ap.standard_apr as standardApr",
      "ap.missing",
      "ap.lapses_on as lapsesOn",
      "ap.acceptance",
      "ap.notice_sent_at as noticeSentAt",
      db.raw(`ap.link_id is not null as "byLink"`),
      "ap.account_id",
      db.raw("right(a.number, 4) as account_last4"),
      "a.limit_cents as account_limit_cents",
      "ap.account_was_open as already_open",
    );
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of a row is the select above
function asApplication({ account_id, account_last4, account_limit_cents, already_open, ...row }: any): Application {
  const account = account_id && {
    id: account_id,
    last4: account_last4,
    alreadyOpen: already_open,
    limitCents: account_limit_cents,
  };
  return { ...row, account: account || null };
}
