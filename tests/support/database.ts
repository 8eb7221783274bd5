import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { asRole } from "../../src/platform/portal-role.ts";

/** A copy of the migrated, empty database, and how to be rid of it. */
export type Copy = { url: string; drop(): Promise<void> };

/** What fills a database that more than one file of tests begins with; all its connections are closed when it is done. */
export type Filling = { name: string; fill(ownerUrl: string): Promise<void> };

/**
 * Copies the template: some 30 ms, where migrating takes ten times as long.
 * @param filling what to begin with: made once a run, by who needs it first, and copied from then on
 */
export async function copyTemplate(filling?: Filling): Promise<Copy> {
  const server = inject("postgresUrl");
  const name = `caraway_test_${randomUUID().replaceAll("-", "")}`;
  await asAdministrator(server, async (sql) => {
    const template = filling ? await filledTemplate(server, sql, filling) : inject("templateName");
    await sql(`create database ${name} template ${template}`);
    await sql(`revoke temporary on database ${name} from public`); // the one right that is not copied
  });
  return {
    url: addressOf(server, name),
    drop: () => asAdministrator(server, (sql) => sql(`drop database ${name} with (force)`)),
  };
}

async function filledTemplate(server: string, sql: Sql, { name, fill }: Filling): Promise<string> {
  const whole = `${inject("templateName")}_${name}`;
  await sql("select pg_advisory_lock(hashtext('caraway filled template'))"); // until this connection ends
  const { rowCount } = await sql(`select from pg_database where datname = '${whole}'`);
  if (rowCount) return whole;
  const unfinished = `${whole}_unfinished`;
  await sql(`drop database if exists ${unfinished} with (force)`);
  await sql(`create database ${unfinished} template ${inject("templateName")}`);
  await sql(`revoke temporary on database ${unfinished} from public`);
  await fill(addressOf(server, unfinished));
  await sql(`alter database ${unfinished} rename to ${whole}`);
  return whole;
}

/** The address of another database on the same server. */
export function addressOf(serverUrl: string, databaseName: string): string {
  const url = new URL(serverUrl);
  url.pathname = `/${databaseName}`;
  return url.href;
}

/** The way in of the portal's own role, which is the same in every copy: the template's rights are for it. */
export const asPortal = (ownerUrl: string) => asRole(ownerUrl, "caraway_test_app", "the portal of the tests");

/** The environment of a program of its own that works on a copy. */
export const databaseOf = (ownerUrl: string) => ({ DATABASE_URL: ownerUrl, DATABASE_APP_URL: asPortal(ownerUrl) });

type Sql = (text: string) => Promise<pg.QueryResult>;

/** Runs statements in the server's own database. */
export async function asAdministrator(serverUrl: string, work: (sql: Sql) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: addressOf(serverUrl, "postgres") });
  await client.connect();
  try {
    await work((text) => client.query(text));
  } finally {
    await client.end();
  }
}
