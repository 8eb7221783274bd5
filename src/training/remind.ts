import { suspendedSql } from "../identity/suspensions.ts";
import { addDays, daysBetween, type IsoDate } from "../lib/calendar.ts";
import { formatDate } from "../lib/dates.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { sendMessage } from "../platform/messages.ts";
import { findCourse } from "./courses.ts";

/** So many days before a certificate lapses its owner is told. */
const steps = [7, 30, 60];

/**
 * Reminds of certificates that lapse soon: once 60, once 30 and once 7 days before, however often this runs. A night
 * that was missed is caught up with one mail, not three. Who renewed in time, or is suspended, is left alone.
 * @param night the day that ends
 * @returns how many were told
 */
export async function remindOfTraining(
  { db, clock, program, publicUrl }: { db: Db; clock: Clock; program: { name: string }; publicUrl: string },
  night: IsoDate,
): Promise<number> {
  const lapsing: { id: string; course: string; until: IsoDate; email: string; name: string }[] = await db(
    "certificates as c",
  )
    .join("users as u", "u.id", "c.user_id")
    .whereBetween("c.valid_until", [night, addDays(night, Math.max(...steps))])
    .whereNotExists(
      db("certificates as later")
        .whereRaw("later.user_id = c.user_id and later.course = c.course")
        .whereRaw("(later.valid_until, later.id) > (c.valid_until, c.id)"),
    )
    .whereRaw(`not ${suspendedSql}`)
    .select("c.id", "c.course", "c.valid_until as until", "u.email", "u.name");
  let told = 0;
  for (const { id, course: slug, until, email, name } of lapsing) {
    const course = findCourse(slug);
    const days = steps.find((step) => step >= daysBetween(night, until));
    if (!course || days === undefined) continue;
    const sent = await db.transaction(async (trx) => {
      const first = await trx("training_reminders")
        .insert({ certificate_id: id, days, sent_at: clock.now() })
        .onConflict()
        .ignore()
        .returning("days");
      if (first.length === 0) return 0;
      const text = `Dear ${name},

Your ${program.name} certificate “${course.title}” is good until ${formatDate(until)}. To renew it for two years, answer its ten questions again:

${publicUrl}/resources/training/${slug}

It takes about ${course.minutes} minutes.`;
      const subject = `Your certificate “${course.title}” ends ${formatDate(until)}`;
      await sendMessage(trx, clock.now(), { channel: "email", to: email, subject, text });
      return 1;
    });
    told += sent;
  }
  return told;
}
