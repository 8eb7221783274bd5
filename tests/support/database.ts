import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { asRole } from "../../src/platform/portal-role.ts";

/** A copy of the migrated, empty database, and how to be rid of it. */
export type Copy = { url: string; drop(): Promise<void> };

/** Copies the template: some 30 ms, where migrating takes ten times as long. */
export async function copyTemplate(): Promise<Copy> {
  const server = inject("postgresUrl");
  const name = `caraway_test_${randomUUID().replaceAll("-", "")}`;
  await asAdministrator(server, async (sql) => {
    await sql(`create database ${name} template ${inject("templateName")}`);
    await sql(`revoke temporary on database ${name} from public`); // the one right that is not copied
  });
  return {
    url: addressOf(server, name),
    drop: () => asAdministrator(server, (sql) => sql(`drop database ${name} with (force)`)),
  };
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

/** Runs statements in the server's own database. */
export async function asAdministrator(
  serverUrl: string,
  work: (sql: (text: string) => Promise<unknown>) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: addressOf(serverUrl, "postgres") });
  await client.connect();
  try {
    await work((text) => client.query(text));
  } finally {
    await client.end();
  }
}
