import pg from "pg";
import type { Db } from "./db.ts";

/**
 * Leaves work behind for the worker, in the caller's transaction: what is rolled back is never done, what is committed
 * always is. A job with the same key is replaced. The payload is an id and no more: it can be read in the database and
 * in logs.
 */
export async function addJob(
  db: Db,
  job: { task: string; id: string; inSeconds?: number; priority?: number },
): Promise<void> {
  const { task, id, inSeconds = 0, priority = 0 } = job;
  // By the database's own clock, which is the one that graphile-worker compares with.
  await db.raw(
    `select from graphile_worker.add_job(?, payload => ?::json, job_key => ?, priority => ?,
      run_at => now() + make_interval(secs => ?))`,
    [task, JSON.stringify({ id }), keyOf(job), priority, inSeconds],
  );
}

/** As `addJob`, one for each id, to be done as soon as it can be. */
export async function addJobs(db: Db, jobs: { task: string; ids: string[]; priority: number }): Promise<void> {
  const { task, ids, priority } = jobs;
  await db.raw(
    `select from graphile_worker.add_jobs(array(
       select row(?::text, json_build_object('id', id), null, now(), null, ?::text || ':' || id, ?::int, null)::graphile_worker.job_spec
         from unnest(?::text[]) with ordinality as t (id, place) order by place))`,
    [task, task, priority, ids],
  );
}

/** Takes a job back, because it was done otherwise. */
export async function removeJob(db: Db, job: { task: string; id: string }): Promise<void> {
  await db.raw("select from graphile_worker.remove_job(?)", [keyOf(job)]);
}

const keyOf = ({ task, id }: { task: string; id: string }) => `${task}:${id}`;

/**
 * Brings graphile-worker's own schema up to date, as the owner, who needs CREATE on the database; a question when it is.
 * It does so in transactions of its own. Two nodes that start together do not disturb each other.
 */
export async function migrateJobs(ownerUrl: string): Promise<void> {
  const pool = openWorkerPool(ownerUrl, () => {});
  try {
    const { runMigrations } = await import("graphile-worker");
    await runMigrations({ pgPool: pool });
  } finally {
    await pool.end();
  }
}

/** The worker's connections: one that listens, two for taking jobs and giving them back. */
export function openWorkerPool(connectionString: string, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    application_name: "caraway worker",
    max: 3,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
  });
  // Without listeners a lost connection would end the process.
  pool.on("error", onError);
  pool.on("connect", (client) => client.on("error", onError));
  return pool;
}
