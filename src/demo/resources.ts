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
      id: randomUUIDv7(),
      user_id: id,
      course,
      right_answers: 9,
      earned_on: earnedOn,
      valid_until: addMonths(earnedOn, 24),
    };
  });
  await db("certificates").insert(rows);
}

/** Two orders of Riverside's: one waits to be printed, one was sent weeks ago. */
export async function addOrders(db: Db, now: Date): Promise<void> {
  const find = (userId: string) => db("users").where({ user_id: userId }).first("id", "practice_id", "name");
  const [desk, ada] = [await find("riverside.desk"), await find("admin.ada")];
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
  const order = {
    practice_id: desk.practice_id,
    language: "en",
    line: "",
    recipient: desk.name,
    street: "410 Congress Ave",
    city: "Austin",
    state: "TX",
    zip: "78701",
  };
  const [waiting, sent] = [randomUUIDv7(), randomUUIDv7()];
  await db("material_orders").insert([
    { ...order, id: waiting, material: "poster-care-now", copies: 25, status: "ordered", ordered_at: daysAgo(1) },
    { ...order, id: sent, material: "counter-card", copies: 50, status: "sent", ordered_at: daysAgo(24) },
  ]);
  await db("material_order_steps").insert([
    { order_id: waiting, status: "ordered", moved_by: desk.id, moved_at: daysAgo(1) },
    { order_id: sent, status: "ordered", moved_by: desk.id, moved_at: daysAgo(24) },
    { order_id: sent, status: "printed", moved_by: ada.id, moved_at: daysAgo(22) },
    { order_id: sent, status: "sent", moved_by: ada.id, moved_at: daysAgo(21) },
  ]);
}
