import type { Viewer } from "../identity/viewer.ts";
import { audit, portalItself } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import { type Maintenance, maintenanceLockSql, type Plan, savePlan } from "../platform/maintenance.ts";

export type WantedPlan = Pick<Plan, "mode" | "message" | "startsAt" | "endsAt">;

/** A start as typed has no seconds: the minute that is running is no past. */
const toleranceMs = 60_000;

/**
 * Saves what administrators want of maintenance, in force or to come; it replaces what was saved before. Once this
 * returns no node posts money any more that it refuses, and within two seconds every node answers by it.
 *
 * @param viewer null: whoever runs the portal, by a command
 * @param given.seen the number of the plan that the form showed, so that two administrators do not undo each other
 * @throws Declined when its times are past or the wrong way round, or when another plan was saved meanwhile
 */
export async function setMaintenance(
  { db, clock, maintenance }: { db: Db; clock: Clock; maintenance: Maintenance },
  viewer: Viewer | null,
  given: { wanted: WantedPlan; seen: number },
): Promise<void> {
  const wanted: WantedPlan =
    given.wanted.mode === "off" ? { mode: "off", message: "", startsAt: null, endsAt: null } : given.wanted;
  await db.transaction(async (trx) => {
    await trx.raw(maintenanceLockSql);
    const now = clock.now();
    const last = await trx("maintenance_plans").orderBy("number", "desc").first("number", "saved_by", "mode");
    if (last && last.number !== given.seen) {
      if (last.saved_by === (viewer?.id ?? null) && last.mode === wanted.mode) return; // the same button, pressed again
      throw new Declined({ form: "Another administrator changed this meanwhile. Look at it again, then save." });
    }
    refuseTimes(wanted, now);

    // After this line it must succeed.
    const startsAt = wanted.startsAt && wanted.startsAt > now ? wanted.startsAt : null;
    await savePlan(trx, { ...wanted, startsAt, savedAt: now }, viewer?.id ?? null);
    await audit(trx, viewer?.actor ?? portalItself, {
      at: now,
      action: "maintenance set",
      details: {
        mode: wanted.mode,
        starts: startsAt?.toISOString() ?? "now",
        ends: wanted.endsAt?.toISOString() ?? "when switched off",
      },
    });
  });
  await maintenance.refresh();
}

function refuseTimes({ startsAt, endsAt }: WantedPlan, now: Date): void {
  const errors: Record<string, string> = {};
  if (startsAt && startsAt.getTime() < now.getTime() - toleranceMs)
    errors.starts = "That time is over. Enter a later one, or leave it empty to start now.";
  if (endsAt && endsAt <= now) errors.ends = "That time is over. Enter a later one, or leave it empty.";
  else if (endsAt && startsAt && endsAt <= startsAt) errors.ends = "Enter an end that comes after the start.";
  if (Object.keys(errors).length) throw new Declined(errors);
}
