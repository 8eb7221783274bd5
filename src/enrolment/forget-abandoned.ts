import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";

const daysKept = 60;

/** Forgets registrations that nobody went on with and nobody ever sent, tax ID and account number with them. */
export async function forgetAbandoned({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  const before = new Date(clock.now().getTime() - daysKept * 86_400_000);
  await db("enrollments").where({ state: "filling" }).where("changed_at", "<", before).delete();
}
