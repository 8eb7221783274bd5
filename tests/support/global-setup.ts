import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { openDb } from "../../src/platform/db.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import { openLog } from "../../src/platform/log.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { indexArticles } from "../../src/resources/search-articles.ts";
import { addressOf, asAdministrator, asPortal } from "./database.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The server of this run, and the migrated database in it that the tests copy. */
    postgresUrl: string;
    templateName: string;
  }
}

/**
 * Starts the one database server of the run, unless TEST_DATABASE_URL names one, and migrates the template. The browsers
 * meet the bundle that `npm start` runs, so it is made where it is older than the code.
 */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  execFileSync("npm", ["run", "--silent", "prestart"], { stdio: "inherit" });
  const given = process.env.TEST_DATABASE_URL;
  const dataDir = given ? undefined : mkdtempSync(join(roomyFolder(), "caraway-tests-"));
  let postgres: EmbeddedPostgres | undefined;
  if (dataDir) postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
  const url = given ?? postgres?.url ?? "";
  const templateName = `caraway_template_${process.pid}`;

  await asAdministrator(url, (sql) => sql(`create database ${templateName}`));
  const owner = addressOf(url, templateName);
  await migrate({ owner, portal: asPortal(owner), ours: true, needed: true });
  const db = openDb(async () => owner, openLog("silent"));
  await indexArticles(db);
  await db.destroy();
  project.provide("postgresUrl", url);
  project.provide("templateName", templateName);

  const tearDown = async () => {
    if (!postgres) await asAdministrator(url, (sql) => sql(`drop database ${templateName} with (force)`));
    await postgres?.stop();
    if (dataDir) rmSync(dataDir, { recursive: true, force: true });
  };
  // A run that is interrupted leaves no server behind, and no folder in memory.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void tearDown().finally(() => process.kill(process.pid, signal)));
  }
  return tearDown;
}

/** Memory, where there is enough of it: every commit waits for the disk, and some disks take their time. */
function roomyFolder(): string {
  if (!existsSync("/dev/shm")) return tmpdir();
  const { bavail, bsize } = statfsSync("/dev/shm");
  return bavail * bsize > 1_000_000_000 ? "/dev/shm" : tmpdir();
}
