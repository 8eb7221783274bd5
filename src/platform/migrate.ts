import { readdir } from "node:fs/promises";
import { join } from "node:path";
import knex from "knex";
import { migrations } from "./db.ts";
import { migrateJobs } from "./jobs.ts";
import { type DatabaseUrls, preparePortalRole } from "./portal-role.ts";

/** Reads the files of all migrations, as Knex will. */
export async function loadMigrations(): Promise<void> {
  const files = await readdir(migrations.directory);
  await Promise.all(files.map((file) => import(join(migrations.directory, file))));
}

/**
 * Brings the schema up to date, on a connection of its own that may take its time. Nodes that start together take turns,
 * for the one lock is held while the schema changes. Jobs come first: what follows may leave some. Last, the portal's own
 * role gets what it needs.
 */
export async function migrate(urls: DatabaseUrls): Promise<void> {
  const patient = knex({ client: "pg", connection: urls.owner, pool: { min: 0, max: 3 }, migrations });
  const turn = await patient.client.acquireConnection();
  try {
    await turn.query("select pg_advisory_lock(hashtext('caraway migrations'))");
    await migrateJobs(urls.owner);
    await patient.migrate.latest();
    await preparePortalRole(turn, urls);
  } finally {
    await turn.query("select pg_advisory_unlock_all()").catch(() => {}); // closing the connection unlocks too
    await patient.client.releaseConnection(turn);
    await patient.destroy();
  }
}
