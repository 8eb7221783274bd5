import { actorAt, audit, type Where } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { sendMessage } from "../platform/messages.ts";

type Parts = { db: Db; clock: Clock; program: { name: string; phone: string } };

/** Writes a failed password or code into the audit log; the fifth in a row locks, which the person is told of by e-mail. */
export async function tellFailure(
  { db, clock, program }: Parts,
  person: { id: string; userId: string; email: string; practiceId: string | null } | undefined,
  failed: Where & { failures: number; action: "log-in failed" | "second factor failed" },
): Promise<void> {
  const at = clock.now();
  const actor = actorAt(failed, person);
  await db.transaction(async (trx) => {
    await audit(trx, actor, { at, action: failed.action, subjectId: person?.id });
    if (failed.failures !== 5) return;
    await audit(trx, actor, { at, action: "User ID locked", subjectId: person?.id });
    if (!person) return;
    const known = failed.action === "second factor failed" ? " Whoever tried knows your password: change it." : "";
    const text = `There were five wrong tries to log in to ${program.name} as ${person.userId}, so the User ID is locked for five minutes. If that was you, wait and try again. If it was not, tell us: ${program.phone}.${known}`;
    const subject = `Your ${program.name} User ID is locked`;
    await sendMessage(trx, at, { channel: "email", to: person.email, subject, text });
  });
}
