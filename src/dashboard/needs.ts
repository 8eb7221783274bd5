import { type Application, listApplications } from "../applications/queries.ts";
import { roleMay } from "../identity/permissions.ts";
import type { PracticeViewer } from "../identity/viewer.ts";
import { addDays } from "../lib/calendar.ts";
import { formatDate, formatDateTime, type IsoDate } from "../lib/dates.ts";
import { formatMoney } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { standingOf, trainingLapsing, trainingOf } from "../training/queries.ts";
import { promotionsEnding } from "../transactions/promotions-ending.ts";

/** Something that waits for a person: what it is, where it is done, and until or since when. */
export type Need = { href: string; what: string; when: string };

/** Promotions that end within so many days are worth a call. */
export const soonDays = 45;
const mostOfAKind = 5;

/**
 * What waits for the people of a practice, kind by kind, the most pressing first. A new kind (a case that was
 * answered) is one more question here.
 */
export async function needsOf(db: Db, viewer: PracticeViewer, today: IsoDate) {
  const to = addDays(today, soonDays);
  const [pending, offered, promotions, training, people] = await Promise.all([
    listApplications(db, viewer, { state: "pending" }),
    listApplications(db, viewer, { state: "offered" }),
    promotionsEnding(db, viewer, { from: today, to, most: mostOfAKind }),
    trainingLapsing(db, viewer, today),
    roleMay(viewer.role, "see training") ? trainingOf(db, viewer) : [],
  ]);
  const needs: Need[] = [
    ...[pending, offered].flatMap(({ applications }) =>
      soonestFirst(applications)
        .slice(0, mostOfAKind)
        .map(({ id, state, patientName, submittedAt, lapsesOn }) => ({
          href: `/applications/${id}`,
          what: `Application of ${patientName}`,
          when: lapsesOn
            ? `The patient has until ${formatDate(lapsesOn)} to ${state === "offered" ? "accept the agreement" : "call us"}`
            : `Waiting since ${formatDateTime(submittedAt, viewer.practice.timeZone)}`,
        })),
    ),
    ...promotions.soonest.map(({ accountId, patientName, endsOn, leftCents }) => ({
      href: `/accounts/${accountId}`,
      what: `Remind ${patientName}`,
      when: `${formatMoney(leftCents)} is left on a promotional balance that ends on ${formatDate(endsOn)}`,
    })),
    ...training.map(({ course, validUntil, lapsed }) => ({
      href: `/resources/training/${course.slug}/questions`,
      what: `Renew your certificate “${course.title}”`,
      when: lapsed ? `It lapsed on ${formatDate(validUntil)}` : `It is good until ${formatDate(validUntil)}`,
    })),
  ];
  const others = people.filter(({ id }) => id !== viewer.id);
  const standings = others.flatMap(({ validUntil }) => validUntil.map((until) => standingOf(until, today)));
  const [lapsed, lapsing] = (["lapsed", "lapsing"] as const).map((of) => standings.filter((one) => one === of).length);
  const told = [lapsed && `${lapsed} lapsed`, lapsing && `${lapsing} ending soon`].filter(Boolean);
  if (told.length)
    needs.push({ href: "/resources/training/people", what: "Certificates of your people", when: told.join(", ") });
  return { needs, promotions: { ...promotions, to } };
}

/** Those that lapse soonest first, then those that only the bureau can answer. */
const soonestFirst = (applications: Application[]) =>
  applications.toSorted((a, b) => (a.lapsesOn ?? "9999").localeCompare(b.lapsesOn ?? "9999"));
