import type { Bureau } from "./applications/bureau.ts";
import { httpBureau } from "./applications/http-bureau.ts";
import { sandboxBureau } from "./applications/sandbox-bureau.ts";
import { openPasswords, type Passwords, standardCost } from "./identity/passwords.ts";
import { type Clock, systemClock } from "./platform/clock.ts";
import type { Config } from "./platform/config.ts";
import { type Db, openDb } from "./platform/db.ts";
import type { Readiness } from "./platform/health.ts";
import { type Listener, openListener } from "./platform/listen.ts";
import { type Log, openLog } from "./platform/log.ts";
import { type Maintenance, openMaintenance } from "./platform/maintenance.ts";
import { openVault, type Vault } from "./platform/secrets.ts";
import { openSessions, type Sessions } from "./platform/sessions.ts";

/** What the portal is made of; the tests hand in the same parts with another clock and cheaper hashes. */
export type Parts = {
  config: Config;
  db: Db;
  clock: Clock;
  log: Log;
  vault: Vault;
  passwords: Passwords;
  sessions: Sessions;
  /** What other processes tell through the database. */
  listener: Listener;
  maintenance: Maintenance;
  bureau: Bureau;
  readiness: Readiness;
};

/** Puts the portal's parts together from its configuration. The database may still be starting. */
export async function openParts(config: Config, databaseUrl: () => Promise<string>): Promise<Parts> {
  const log = openLog(config.logLevel);
  const vault = openVault(config.dataKey);
  const db = openDb(databaseUrl, log);
  return {
    config,
    db,
    log,
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
