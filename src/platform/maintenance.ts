import { type Db, only } from "./db.ts";
import { Refused } from "./errors.ts";
import type { Listener } from "./listen.ts";

export const modes = ["off", "read-only", "full"] as const;
export type Mode = (typeof modes)[number];

/** What an administrator saved last. Without a start it holds from then on, without an end until the next one is saved. */
export type Plan = {
  number: number;
  mode: Mode;
  message: string;
  startsAt: Date | null;
  endsAt: Date | null;
  savedAt: Date;
};

/** What this process knows of maintenance, in memory: asking costs nothing and needs no database. */
export type Maintenance = {
  /** The plan that was saved last, over or not. */
  plan(): Plan;
  /** The plan that is in force at an instant. */
  inForce(at: Date): Plan | null;
  /** A plan that is not in force yet. */
  toCome(at: Date): Plan | null;
  /** Reads the plan from the database. */
  refresh(): Promise<void>;
  /** Keeps up with what other processes save, until the returned function is called. */
  watch(listener: Listener): () => void;
};

const maintenanceChannel = "maintenance";
/** The lock that every posting shares, and that a plan is saved under. */
export const maintenanceLockSql = "select pg_advisory_xact_lock(hashtext('caraway maintenance'))";

/** A change that was refused because of maintenance; the page says until when, and keeps what was typed. */
export class UnderMaintenance extends Refused {
  constructor() {
    super(503, "The portal is under maintenance. Nothing was changed: send it again when the maintenance is over.", 60);
  }
}

const nothing: Plan = { number: 0, mode: "off", message: "", startsAt: null, endsAt: null, savedAt: new Date(0) };

/** Off, until the first look at the database. */
export function openMaintenance(db: Db): Maintenance {
  let plan = nothing;
  const learn = (next: Plan) => {
    if (next.number >= plan.number) plan = next; // what is told may be overtaken by what was looked up
  };
  const refresh = async () => {
    const row = await db("maintenance_plans").orderBy("number", "desc").first();
    if (row) learn(planIn(row));
  };
  const isOver = (at: Date) => plan.mode === "off" || (plan.endsAt !== null && plan.endsAt <= at);
  const hasBegun = (at: Date) => plan.startsAt === null || plan.startsAt <= at;

  return {
    plan: () => plan,
    inForce: (at) => (!isOver(at) && hasBegun(at) ? plan : null),
    toCome: (at) => (!isOver(at) && !hasBegun(at) ? plan : null),
    refresh,
    watch(listener) {
      let isLooking = false;
      // By the second as well: two seconds are promised, and what is told can be lost with its connection.
      const look = () => {
        if (isLooking) return;
        isLooking = true;
        const done = () => {
          isLooking = false;
        };
        refresh().then(done, done);
      };
      const timer = setInterval(look, 1_000).unref();
      const stop = listener.subscribe(maintenanceChannel, (told) => (told ? learn(planIn(JSON.parse(told))) : look()));
      return () => {
        clearInterval(timer);
        stop();
      };
    },
  };
}

/** Saves a plan, and tells every process; in the caller's transaction, which holds the lock. */
export async function savePlan(trx: Db, plan: Omit<Plan, "number">, savedBy: string | null): Promise<void> {
  const row = only(
    await trx("maintenance_plans")
      .insert({
        mode: plan.mode,
        message: plan.message,
        starts_at: plan.startsAt,
        ends_at: plan.endsAt,
        saved_at: plan.savedAt,
        saved_by: savedBy,
      })
      .returning("*"),
  );
  await trx.raw("select pg_notify(?, ?)", [maintenanceChannel, JSON.stringify(row)]);
}

type Instant = string | Date;
type Row = {
  number: number;
  mode: Mode;
  message: string;
  starts_at: Instant | null;
  ends_at: Instant | null;
  saved_at: Instant;
};

/** A row as the database answers it, or as it was told in JSON. */
const planIn = (row: Row): Plan => ({
  number: row.number,
  mode: row.mode,
  message: row.message,
  startsAt: row.starts_at === null ? null : new Date(row.starts_at),
  endsAt: row.ends_at === null ? null : new Date(row.ends_at),
  savedAt: new Date(row.saved_at),
});
