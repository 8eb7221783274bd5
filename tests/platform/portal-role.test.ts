import { randomUUIDv7 } from "node:crypto";
import pg from "pg";
import { expect, inject, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../../src/platform/config.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { addressToWorkAt, asRole, databaseUrls } from "../../src/platform/portal-role.ts";
import { addressOf, asAdministrator } from "../support/database.ts";

vi.setConfig({ testTimeout: 30_000 }); // each test migrates an empty database

test("one address is enough: its role makes the portal's, which reads and writes, owns nothing, and is made once", async () => {
  const { url, role } = await emptyDatabase("createrole");
  const urls = databaseUrls(configOf({ DATABASE_URL: url }), url);
  await migrate(urls);
  await migrate(urls);
  expect(await addressToWorkAt(urls)).toBe(urls.portal);
  const own = await connect(urls.portal);
  expect((await own.query("select current_user as role")).rows).toEqual([{ role: `${role}_app` }]);
  await own.query("insert into nights values ('2026-01-01', now())");
  await own.query("select graphile_worker.add_job('nothing')");
  expect((await own.query("select from graphile_worker._private_jobs")).rowCount).toBe(1);
  await expect(own.query("create table mine ()")).rejects.toMatchObject({ code: "42501" });
  await expect(own.query(`set role "${role}"`)).rejects.toMatchObject({ code: "42501" });
});

test("the password of the portal's role follows from DATA_KEY, and from nothing that others know", () => {
  const portal = (key: string, host = "db") =>
    databaseUrls(configOf({ DATA_KEY: key }), `postgres://caraway:secret@${host}/books`).portal;
  const [one, other] = ["a", "b"].map((letter) => Buffer.alloc(32, letter).toString("base64"));
  expect(portal(one ?? "")).toBe(portal(one ?? ""));
  expect(new URL(portal(one ?? "")).searchParams.get("user")).toBe("books_app");
  expect(portal(one ?? "")).not.toBe(portal(other ?? ""));
});

test("to try the portal out, an address that may not make roles will do: then the portal works as the owner", async () => {
  const { url } = await emptyDatabase("nocreaterole");
  const urls = databaseUrls(configOf({ DATABASE_URL: url }), url);
  await migrate(urls);
  expect(await addressToWorkAt(urls)).toBe(url);
});

test("in production an address without the right to make roles says what to do", async () => {
  const { url, role } = await emptyDatabase("nocreaterole");
  const migrating = migrate({ ...databaseUrls(configOf({ DATABASE_URL: url }), url), needed: true });
  await expect(migrating).rejects.toThrow(
    `The role of DATABASE_URL may not make the portal's role ${role}_app. The portal needs a role of its own that owns ` +
      "nothing: let the role of DATABASE_URL make it (alter role … createrole), or make one " +
      "(create role … login password …) and give its address as DATABASE_APP_URL.",
  );
});

test("a role that the operator made is taken as it is", async () => {
  const { url, role } = await emptyDatabase("nocreaterole");
  await asAdministrator(inject("postgresUrl"), (sql) => sql(`create role ${role}_clerk login`));
  const given = asRole(url, `${role}_clerk`, "");
  await migrate(databaseUrls(configOf({ DATABASE_URL: url, DATABASE_APP_URL: given }), url));
  const own = await connect(given);
  await own.query("insert into nights values ('2026-01-01', now())");
});

test("a role that could change history is refused, however it was given", async () => {
  const { url, role } = await emptyDatabase("nocreaterole");
  await asAdministrator(inject("postgresUrl"), (sql) =>
    sql(`create role ${role}_clerk login; grant ${role} to ${role}_clerk`),
  );
  for (const given of [url, asRole(url, `${role}_clerk`, "")]) {
    const urls = databaseUrls(configOf({ DATABASE_URL: url, DATABASE_APP_URL: given }), url);
    await expect(migrate(urls)).rejects.toThrow(/^DATABASE_APP_URL logs in as .*, who could change what is written\. /);
  }
});

function configOf(env: NodeJS.ProcessEnv) {
  const secrets = { SESSION_SECRET: "s".repeat(32), DATA_KEY: Buffer.alloc(32, "test").toString("base64") };
  return readConfig({ NODE_ENV: "test", ...secrets, ...env });
}

/** An empty database whose owner is an ordinary role of the same name. */
async function emptyDatabase(right: "createrole" | "nocreaterole"): Promise<{ url: string; role: string }> {
  const server = inject("postgresUrl");
  const role = `caraway_test_${randomUUIDv7().replaceAll("-", "").slice(-12)}`;
  await asAdministrator(server, async (sql) => {
    await sql(`create role ${role} login ${right}`);
    await sql(`create database ${role} owner ${role}`);
  });
  onTestFinished(() =>
    asAdministrator(server, async (sql) => {
      await sql(`drop database ${role} with (force)`);
      await sql(`drop role if exists ${role}_app, ${role}_clerk`);
      await sql(`drop role ${role}`);
    }),
  );
  return { url: asRole(addressOf(server, role), role, ""), role };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  client.on("error", () => {}); // its database is dropped
  onTestFinished(() => client.end());
  return client;
}
