import type { IsoDate } from "../lib/dates.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

export const stages = ["investigating", "identified", "monitoring", "resolved"] as const;
export type Stage = (typeof stages)[number];

export type Incident = {
  id: string;
  title: string;
  parts: string[];
  beganAt: Date;
  resolvedAt: Date | null;
  /** Newest first. */
  updates: { at: Date; stage: Stage; body: string }[];
};

/** The newest incidents: those that are not over, and what happened since a day. */
export async function incidentsSince(db: Db, since: Date, most = 50): Promise<Incident[]> {
  const rows = await incidentRows(db)
    .where((either) => either.where("i.began_at", ">", since).orWhereNull("i.resolved_at"))
    .orderBy("i.began_at", "desc")
    .limit(most);
  return rows.map(asIncident);
}

export async function findIncident(db: Db, id: string): Promise<Incident> {
  const row = await incidentRows(db).where("i.id", id).first();
  if (!row) throw notFound();
  return asIncident(row);
}

const incidentRows = (db: Db) =>
  db("incidents as i").select(
    "i.*",
    db.raw(`(select jsonb_agg(jsonb_build_object('at', u.at, 'stage', u.stage, 'body', u.body) order by u.at desc, u.id desc)
      from incident_updates u where u.incident_id = i.id) as updates`),
  );

type IncidentRow = {
  id: string;
  title: string;
  parts: string[];
  began_at: Date;
  resolved_at: Date | null;
  updates: { at: string; stage: Stage; body: string }[];
};

const asIncident = (row: IncidentRow): Incident => ({
  id: row.id,
  title: row.title,
  parts: row.parts,
  beganAt: row.began_at,
  resolvedAt: row.resolved_at,
  updates: row.updates.map(({ at, ...update }) => ({ ...update, at: new Date(at) })),
});

/** How one part was on one day. */
export type PartDay = { part: string; day: IsoDate; worksSeconds: number; slowSeconds: number; downSeconds: number };

export async function partDays(db: Db, since: IsoDate): Promise<PartDay[]> {
  const rows = await db("part_days").where("day", ">=", since).orderBy(["part", "day"]);
  return rows.map((row) => ({
    part: row.part,
    day: row.day,
    worksSeconds: row.works_seconds,
    slowSeconds: row.slow_seconds,
    downSeconds: row.down_seconds,
  }));
}

/** Since when each part is as it is. */
export async function partsSince(db: Db): Promise<Map<string, Date>> {
  const rows = await db("part_states").select("part", "since");
  return new Map(rows.map(({ part, since }) => [part, since]));
}

/** Maintenance that was: from when to when each plan really held, until its end or the next plan. Newest first. */
export type PastMaintenance = { mode: "read-only" | "full"; message: string; beganAt: Date; endedAt: Date };

export async function pastMaintenance(db: Db, { since, now }: { since: Date; now: Date }): Promise<PastMaintenance[]> {
  const { rows } = await db.raw(
    `select mode, message, began_at as "beganAt", ended_at as "endedAt" from (
       select mode, message, coalesce(starts_at, saved_at) as began_at,
         least(ends_at, lead(saved_at) over (order by number)) as ended_at from maintenance_plans
     ) as held
     where mode <> 'off' and began_at < ended_at and ended_at between ? and ? order by began_at desc limit 50`,
    [since, now],
  );
  return rows;
}
