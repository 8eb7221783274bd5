import type { Parts } from "./app.ts";
import { httpBureau } from "./applications/http-bureau.ts";
import { sandboxBureau } from "./applications/sandbox-bureau.ts";
import { openPasswords, standardCost } from "./identity/passwords.ts";
import { systemClock } from "./platform/clock.ts";
import type { Config } from "./platform/config.ts";
import { openDb } from "./platform/db.ts";
import { openListener } from "./platform/listen.ts";
import { openLog } from "./platform/log.ts";
import { openMaintenance } from "./platform/maintenance.ts";
import { openVault } from "./platform/secrets.ts";
import { openSessions } from "./platform/sessions.ts";

/** Puts the portal's parts together from its configuration. The database may still be starting. */
export async function openParts(config: Config, databaseUrl: () => Promise<string>): Promise<Parts> {
  const log = openLog(config.logLevel);
  const vault = openVault(config.dataKey);
  const db = openDb(databaseUrl, log);
  return {
    ...{ config, db, log },
    maintenance: openMaintenance(db),
    clock: systemClock(config.program.timeZone),
    vault,
    passwords: openPasswords(standardCost, vault.digest("password pepper", "")),
    sessions: await openSessions(config, db, log),
    listener: openListener(databaseUrl, log),
    bureau: config.bureauUrl ? httpBureau(config.bureauUrl) : sandboxBureau,
    readiness: { state: "starting" },
  };
}
