import { setTimeout } from "node:timers/promises";
import type { Db } from "../../src/platform/db.ts";

/**
 * Begins several things while a statement holds what they all need, and lets go when they stand in line behind it: as
 * much at once as a database can be asked anything, and not only when the machine is in the mood.
 */
export async function atOnce<Item, Answer>(
  db: Db,
  lock: string,
  items: readonly Item[],
  begin: (item: Item, index: number) => Promise<Answer>,
): Promise<Answer[]> {
  const holder = await db.transaction();
  let answers: Promise<Answer[]>;
  try {
    await holder.raw(lock);
    answers = Promise.all(items.map(begin));
    answers.catch(() => {}); // it is awaited below, after the lock is gone
    await untilWaiting(db, Math.min(items.length, 8)); // the pool holds ten
  } finally {
    await holder.commit();
  }
  return answers;
}

/** Waits until so many statements stand in line behind a lock, at most two seconds. */
export async function untilWaiting(db: Db, count: number): Promise<void> {
  const asked = performance.now();
  while (performance.now() - asked < 2_000) {
    const { rows } = await db.raw(
      "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
    );
    if (rows[0].waiting >= count) return;
    await setTimeout(5);
  }
}
