import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Parts } from "../parts.ts";
import { openParts } from "../parts.ts";
import { readConfig } from "../platform/config.ts";
import { startEmbeddedPostgres } from "../platform/embedded-postgres.ts";
import { addressToWorkAt, type DatabaseUrls, databaseUrls } from "../platform/portal-role.ts";

/**
 * Runs a command with the portal's parts: on the database that `DATABASE_URL` names; else on the embedded one, that of
 * the running portal if there is one, started for the command alone if not. Ends the process with the exit code.
 */
export async function withParts(command: (parts: Parts, urls: DatabaseUrls) => Promise<number>): Promise<never> {
  try {
    const config = readConfig(process.env);
    const running = config.databaseUrl ?? runningPostgres(config.dataDir);
    const started = running ? undefined : await startEmbeddedPostgres({ dataDir: config.dataDir, log: console.error });
    const urls = databaseUrls(config, running ?? started?.url ?? "");
    const parts = await openParts(config, () => addressToWorkAt(urls));
    const exitCode = await command(parts, urls).finally(async () => {
      await parts.listener.close();
      await parts.sessions.close();
      await parts.db.destroy();
      await started?.stop();
    });
    process.exit(exitCode);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

/** The address of the server that a running portal started; line 5 of its pid file names the socket's folder. */
function runningPostgres(dataDir: string): string | undefined {
  const file = join(dataDir, "postgres", "postmaster.pid");
  const folder = existsSync(file) ? readFileSync(file, "utf8").split("\n")[4] : undefined;
  return folder && existsSync(folder) ? `postgresql://caraway@localhost/postgres?host=${folder}` : undefined;
}
