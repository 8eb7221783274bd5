import { randomUUIDv7 } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import type { Viewer } from "./viewer.ts";

export const occasions = [
  "They called or wrote",
  "A practice asks for a patient",
  "A complaint or dispute",
  "A sign of fraud",
  "A check of our own work",
] as const;

export type LookSubject = { kind: "person" | "practice" | "account" | "application"; id: string };

/** Why somebody of the program looks, as they said it; it holds for one subject and one log-in, until it ends. */
export type Look = { occasion: string; reason: string; caseNumber: string; endsAt: Date };

export const minutesOfLook = 15;

/** The reason that the viewer gave for looking at this subject, if it still holds. */
export async function currentLook(db: Db, viewer: Viewer, subjectId: string, now: Date): Promise<Look | null> {
  const look = await db("looks")
    .where({ login_id: viewer.loginId, subject_id: subjectId })
    .where("ends_at", ">", now)
    .orderBy("ends_at", "desc")
    .first("occasion", "reason", "case_number as caseNumber", "ends_at as endsAt");
  return look ?? null;
}

/** Takes the viewer's reason to look; the looks that follow stand in the audit log with it. */
export async function giveReason(
  { db, clock }: { db: Db; clock: Clock },
  viewer: Viewer,
  given: { subject: LookSubject; occasion: string; reason: string; caseNumber: string },
): Promise<void> {
  const now = clock.now();
  await db("looks").insert({
    ...{ id: randomUUIDv7(), login_id: viewer.loginId, user_id: viewer.id },
    ...{ subject_kind: given.subject.kind, subject_id: given.subject.id, occasion: given.occasion },
    ...{ reason: given.reason, case_number: given.caseNumber, began_at: now },
    ends_at: new Date(now.getTime() + minutesOfLook * 60_000),
  });
}

export type SupportTrace = { at: Date; action: string; about: string; by: string };

/**
 * What people of the program did that touches the viewer, the newest first: looks at them and acts on them; for an owner
 * also those at the practice and at its patients' accounts. The reasons are the program's own.
 */
export async function supportTraces(db: Db, viewer: Viewer, most = 50): Promise<SupportTrace[]> {
  const ownedBy = viewer.role === "owner" ? (viewer.practice?.id ?? null) : null;
  const { rows } = await db.raw(
    `select * from (
       (select e.at, e.action, case when e.subject_id = :practice then 'Your practice' else 'You' end as about, u.name as by
          from audit_events e join users u on u.id = e.user_id and u.practice_id is null
         where e.subject_id in (:viewer, :practice) and e.user_id <> :viewer order by e.at desc limit :most)
       union all
       (select l.began_at, 'account looked at', 'Account ending ' || right(a.number, 4), u.name
          from practice_accounts pa join accounts a on a.id = pa.account_id
            join looks l on l.subject_id = a.id join users u on u.id = l.user_id
         where pa.practice_id = :practice order by l.began_at desc limit :most)
     ) traces order by at desc limit :most`,
    { viewer: viewer.id, practice: ownedBy, most },
  );
  return rows;
}
