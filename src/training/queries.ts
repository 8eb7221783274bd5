import type { PracticeViewer } from "../identity/viewer.ts";
import { addDays, type IsoDate } from "../lib/calendar.ts";
import type { Db } from "../platform/db.ts";
import { type Course, courses, findCourse, neededToCharge } from "./courses.ts";

export type Certificate = { id: string; course: Course; rightAnswers: number; earnedOn: IsoDate; validUntil: IsoDate };

/** How a certificate stands on a day: it is good on its last day too. */
export type Standing = "none" | "good" | "lapsing" | "lapsed";

/** "Soon" is within 60 days. */
const daysWarned = 60;

export function standingOf(validUntil: IsoDate | undefined, today: IsoDate): Standing {
  if (!validUntil) return "none";
  if (validUntil < today) return "lapsed";
  return validUntil <= addDays(today, daysWarned) ? "lapsing" : "good";
}

/** The viewer's own certificates, for each course the one that is good for longest. */
export async function ownCertificates(db: Db, viewer: PracticeViewer): Promise<Certificate[]> {
  const rows: (Omit<Certificate, "course"> & { slug: string })[] = await db("certificates")
    .distinctOn("course")
    .where({ user_id: viewer.id })
    .orderBy([{ column: "course" }, { column: "valid_until", order: "desc" }, { column: "id", order: "desc" }])
    .select(
      "id",
      "course as slug",
      "right_answers as rightAnswers",
      "earned_on as earnedOn",
      "valid_until as validUntil",
    );
  return rows.flatMap(({ slug, ...row }) => {
    const course = findCourse(slug);
    return course ? [{ ...row, course }] : [];
  });
}

/** Everybody of the viewer's practice, with the last day of their certificate of each course, in the order of courses. */
export type Trained = { id: string; name: string; role: string; validUntil: (IsoDate | undefined)[] };

export async function trainingOf(db: Db, viewer: PracticeViewer): Promise<Trained[]> {
  const rows: { id: string; name: string; role: string; course: string | null; until: IsoDate | null }[] = await db(
    "users as u",
  )
    .leftJoin("certificates as c", "c.user_id", "u.id")
    .where("u.practice_id", viewer.practice.id)
    .groupBy("u.id", "c.course")
    .orderBy(["u.name", "u.id"])
    .select("u.id", "u.name", "u.role", "c.course", db.raw("max(c.valid_until) as until"));
  const people = new Map<string, Trained>();
  for (const { id, name, role, course, until } of rows) {
    const one = people.get(id) ?? { id, name, role, validUntil: courses.map(() => undefined) };
    const at = courses.findIndex(({ slug }) => slug === course);
    if (at >= 0 && until) one.validUntil[at] = until;
    people.set(id, one);
  }
  return [...people.values()];
}

/** Whether nobody charges without training at the viewer's practice. */
export async function chargingNeedsTraining(db: Db, practiceId: string): Promise<boolean> {
  const rule = await db("training_rules").where({ practice_id: practiceId }).first("charging_needs_training as needs");
  return rule?.needs ?? false;
}

/** The courses that the viewer still needs before charging; none where the practice asks for none. */
export async function missingToCharge(db: Db, viewer: PracticeViewer, today: IsoDate): Promise<Course[]> {
  if (!(await chargingNeedsTraining(db, viewer.practice.id))) return [];
  const own = await ownCertificates(db, viewer);
  return neededToCharge.filter(({ slug }) => !own.some((one) => one.course.slug === slug && one.validUntil >= today));
}

/**
 * For the dashboard: the viewer's own certificates that lapse within 60 days or have lapsed, soonest first.
 */
export async function trainingLapsing(
  db: Db,
  viewer: PracticeViewer,
  today: IsoDate,
): Promise<{ course: Course; validUntil: IsoDate; lapsed: boolean }[]> {
  const own = await ownCertificates(db, viewer);
  return own
    .filter(({ validUntil }) => standingOf(validUntil, today) !== "good")
    .map(({ course, validUntil }) => ({ course, validUntil, lapsed: validUntil < today }))
    .sort((a, b) => a.validUntil.localeCompare(b.validUntil));
}
