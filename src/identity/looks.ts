import { randomUUIDv7 } from "node:crypto";
import { maskNumbers } from "../lib/mask-numbers.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { boundLooks, type LookBounds } from "./many-looks.ts";
import type { Viewer } from "./viewer.ts";

export const occasions = [
  "They called or wrote",
  "A practice asks for a patient",
  "A complaint or dispute",
  "A sign of fraud",
  "A check of our own work",
] as const;

const actions = {
  person: "user looked up",
  practice: "practice looked up",
  account: "account looked up",
  application: "application looked up",
  case: "case looked at",
  chat: "chat looked at",
} as const;

export type LookSubject = { kind: keyof typeof actions; id: string };

/** Why somebody of the program looks, as they said it. */
export type Why = { occasion: string; reason: string; caseNumber: string };

/** A reason holds for one subject and one log-in, until it ends. */
export type Look = Why & { endsAt: Date };

export const minutesOfLook = 15;

type Parts = { db: Db; clock: Clock };
export type LookParts = Parts & LookBounds;

/** The reason that the viewer gave for looking at this subject, if it still holds. */
export async function currentLook(db: Db, viewer: Viewer, subjectId: string, now: Date): Promise<Look | null> {
  const look = await db("looks")
    .where({ login_id: viewer.loginId, subject_id: subjectId })
    .where("ends_at", ">", now)
    .orderBy("ends_at", "desc")
    .first("occasion", "reason", "case_number as caseNumber", "ends_at as endsAt");
  return look ?? null;
}

/**
 * Takes the viewer's reason to look; the looks that follow stand in the audit log with it.
 * @throws Refused 429 when the viewer has looked at more than anybody's work needs
 */
export async function giveReason(
  parts: LookParts,
  viewer: Viewer,
  given: Why & { subject: LookSubject; neverRefused?: boolean },
): Promise<Look> {
  const { subject, occasion } = given;
  const now = parts.clock.now();
  const endsAt = new Date(now.getTime() + minutesOfLook * 60_000);
  const [reason, caseNumber] = [maskNumbers(given.reason).text, maskNumbers(given.caseNumber).text];
  await boundLooks(parts, viewer, { what: "looks", neverRefused: given.neverRefused ?? false }, (trx) =>
    trx("looks").insert({
      id: randomUUIDv7(),
      login_id: viewer.loginId,
      user_id: viewer.id,
      subject_kind: subject.kind,
      subject_id: subject.id,
      occasion,
      reason,
      case_number: caseNumber,
      began_at: now,
      ends_at: endsAt,
    }),
  );
  return { occasion, reason, caseNumber, endsAt };
}

/** Writes a page that was shown into the audit log, with why. */
export async function tellLook({ db, clock }: Parts, actor: Actor, { kind, id }: LookSubject, why: Why): Promise<void> {
  await audit(db, actor, { at: clock.now(), action: actions[kind], subjectId: id, details: wordsOf(why) });
}

/**
 * A case or a chat that an agent opens is the reason itself. A chat is never refused: somebody waits in it. What shows
 * more of a page that is open already (`goesOn`) is a look of its own only where none holds.
 */
export async function lookAtOwn(
  parts: LookParts,
  viewer: Viewer,
  subject: LookSubject & { kind: "case" | "chat" },
  { goesOn = false, ...why }: Why & { goesOn?: boolean },
): Promise<void> {
  const current = await currentLook(parts.db, viewer, subject.id, parts.clock.now());
  if (current && goesOn) return;
  const look = current ?? (await giveReason(parts, viewer, { ...why, subject, neverRefused: subject.kind === "chat" }));
  await tellLook(parts, viewer.actor, subject, look);
}

/**
 * Writes a search into the audit log, with why and what it found, though never what was typed.
 * @throws Refused 429 when the viewer has searched more than anybody's work needs
 */
export async function tellSearch(parts: LookParts, viewer: Viewer, given: Why & { hits: number }): Promise<void> {
  const { hits, ...why } = given;
  const event = { at: parts.clock.now(), action: "console searched", details: { hits, ...wordsOf(why) } };
  await boundLooks(parts, viewer, { what: "searches", neverRefused: false }, (trx) => audit(trx, viewer.actor, event));
}

/** As it stands in the audit log: what was left empty is left out. */
const wordsOf = ({ occasion, reason, caseNumber }: Why) => ({
  occasion,
  ...(reason && { reason: maskNumbers(reason).text }),
  ...(caseNumber && { case: caseNumber }),
});

export type SupportTrace = { at: Date; action: string; about: string; by: string };

/**
 * What people of the program did that touches the viewer, the newest first: looks at them, at their cases and chats, and
 * acts on them; for an owner also those at the practice, its patients' accounts and applications. The reasons are the
 * program's own.
 */
export async function supportTraces(db: Db, viewer: Viewer, most = 50): Promise<SupportTrace[]> {
  const ownedBy = viewer.role === "owner" ? (viewer.practice?.id ?? null) : null;
  const looksAt = (subject: string, action: string, about: string, where: string) =>
    `(select l.began_at, '${action}', ${about}, u.name from ${subject} join looks l on l.subject_id = s.id
        join users u on u.id = l.user_id where ${where} and u.id <> :viewer order by l.began_at desc limit :most)`;
  const theirs = "(s.person_id = :viewer or s.practice_id = :practice)";
  const { rows } = await db.raw(
    `select * from (
       (select e.at, e.action, case when e.subject_id = :practice then 'Your practice' else 'You' end as about, u.name as by
          from audit_events e join users u on u.id = e.user_id and u.practice_id is null
         where e.subject_id in (:viewer, :practice) and e.user_id <> :viewer order by e.at desc limit :most)
       union all ${looksAt(
         "practice_accounts pa join accounts s on s.id = pa.account_id",
         "account looked at",
         "'Account ending ' || right(s.number, 4)",
         "pa.practice_id = :practice",
       )}
       union all ${looksAt("applications s", "application looked at", "'An application'", "s.practice_id = :practice")}
       union all ${looksAt("support_cases s", "case looked at", "'Case ' || s.number", theirs)}
       union all ${looksAt("chats s", "chat looked at", "'A chat'", theirs)}
     ) traces order by at desc limit :most`,
    { viewer: viewer.id, practice: ownedBy, most },
  );
  return rows;
}
