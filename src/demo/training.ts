import { randomUUIDv7 } from "node:crypto";
import { addDays, addMonths, type IsoDate } from "../lib/calendar.ts";
import type { Db } from "../platform/db.ts";

/** Who passed which course so many days ago: one certificate ends soon, one has lapsed. */
const passed: [userId: string, course: string, daysAgo: number][] = [
  ["riverside.owner", "deferred-interest", 705],
  ["riverside.owner", "fair-credit", 200],
  ["riverside.owner", "safe-log-in", 120],
  ["riverside.desk", "deferred-interest", 90],
  ["riverside.desk", "safe-log-in", 88],
  ["riverside.billing", "deferred-interest", 760],
  ["lakeside.owner", "fair-credit", 30],
];

/** Gives the demo people their certificates. */
export async function addCertificates(db: Db, today: IsoDate): Promise<void> {
  const people: { id: string; user_id: string }[] = await db("users").select("id", "user_id");
  const rows = passed.map(([userId, course, daysAgo]) => {
    const earnedOn = addDays(today, -daysAgo);
    const id = people.find((person) => person.user_id === userId)?.id;
    return {
      ...{ id: randomUUIDv7(), user_id: id, course, right_answers: 9 },
      ...{ earned_on: earnedOn, valid_until: addMonths(earnedOn, 24) },
    };
  });
  await db("certificates").insert(rows);
}
