import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";

export const suspensionCauses = { policy: "Policy of the program", request: "The practice asked for it" } as const;
export type SuspensionCause = keyof typeof suspensionCauses | "inactivity";

/** Whoever was removed from their practice, or from the program's staff, is kept out as if suspended, until restored. */
type Why = SuspensionCause | "removed";

/** A suspension that is on: of one person, or of their whole practice. */
export type Suspension = {
  why: Why;
  reason: string;
  suspendedAt: Date;
  /** The User ID of whoever suspended; null: the portal, for inactivity. */
  suspendedBy: string | null;
  practiceName: string | null;
};

/** SQL on `u` (users): whether the person was removed or is suspended. */
export const keptOutSql = () => `(u.removed_at is not null or ${suspendedSql})`;

/** SQL on `u` (users): whether the person, or everybody at their practice, is suspended. */
export const suspendedSql = `(exists (select from suspensions s where s.user_id = u.id and s.lifted_at is null)
  or exists (select from suspensions s where s.practice_id = u.practice_id and s.lifted_at is null))`;

/** What keeps a person out, if anything does: the suspension of the whole practice, their own, or their removal. */
export async function suspensionOf(db: Db, userId: string): Promise<Suspension | null> {
  const practice = db("users").where({ id: userId }).select("practice_id");
  const row = await suspensions(db)
    .where((or) => or.where("s.user_id", userId).orWhereIn("s.practice_id", practice))
    .orderByRaw("s.practice_id nulls last")
    .first();
  return row ?? (await removalOf(db, userId));
}

async function removalOf(db: Db, userId: string): Promise<Suspension | null> {
  const removed = await db("users as u")
    .leftJoin("users as by", "by.id", "u.removed_by")
    .where("u.id", userId)
    .whereNotNull("u.removed_at")
    .first("u.removed_at as suspendedAt", "by.user_id as suspendedBy");
  return removed ? { why: "removed", reason: "", practiceName: null, ...removed } : null;
}

/** The suspension of a whole practice, if it is suspended. */
export async function suspensionOfPractice(db: Db, practiceId: string): Promise<Suspension | null> {
  return (await suspensions(db).where("s.practice_id", practiceId).first()) ?? null;
}

const suspensions = (db: Db) =>
  db("suspensions as s")
    .leftJoin("users as by", "by.id", "s.suspended_by")
    .leftJoin("practices as p", "p.id", "s.practice_id")
    .whereNull("s.lifted_at")
    .select(
      "s.why",
      "s.reason",
      "s.suspended_at as suspendedAt",
      "by.user_id as suspendedBy",
      "p.name as practiceName",
    );

/**
 * For whoever has shown the right password, and nobody else: that they are suspended must not be had by guessing.
 * @throws Declined with what is suspended and whom to call
 */
export async function refuseSuspended(db: Db, program: { phone: string }, userId: string): Promise<void> {
  const suspension = await suspensionOf(db, userId);
  if (suspension) throw new Declined({ form: suspendedSentence(suspension, program) });
}

/** What a suspended person is told: what is suspended, and what to do. */
export function suspendedSentence({ why, practiceName }: Suspension, { phone }: { phone: string }): string {
  if (practiceName)
    return `${practiceName} is suspended, and the User ID of everybody there with it. Call support at ${phone}: they say why, and reinstate it.`;
  if (why === "removed")
    return `Your User ID was removed by those you worked for. If that is wrong, ask them to restore it, or call support at ${phone}.`;
  if (why === "inactivity")
    return `Your User ID is suspended because nobody has logged in with it for a long time. Call support at ${phone}: they check who you are and reinstate it.`;
  return `Your User ID is suspended. Call support at ${phone}: they say why, and reinstate it when the cause is gone.`;
}
