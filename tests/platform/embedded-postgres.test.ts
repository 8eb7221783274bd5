import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";

vi.setConfig({ testTimeout: 20_000, hookTimeout: 20_000 });

const isRoot = process.getuid?.() === 0;
const MODULE = join(import.meta.dirname, "../../src/platform/embedded-postgres.ts");

let room: string;
let template: string;
let dataDir: string;
let running: EmbeddedPostgres[] = [];
let portals: ChildProcess[] = [];

beforeAll(async () => {
  room = fs.mkdtempSync(join(hasRoomInMemory() ? "/dev/shm" : tmpdir(), "caraway-test-"));
  template = join(room, "template");
  const first = await startEmbeddedPostgres({ dataDir: template, log: () => {} });
  await first.stop();
});

beforeEach(() => {
  dataDir = fs.mkdtempSync(join(room, "data-"));
});

afterEach(async () => {
  for (const portal of portals) {
    if (portal.kill("SIGTERM")) await once(portal, "exit");
  }
  for (const server of running) await server.stop();
  portals = [];
  running = [];
  for (const name of fs.readdirSync(room)) {
    if (name !== "template") fs.rmSync(join(room, name), { recursive: true });
  }
});

afterAll(() => fs.rmSync(room, { recursive: true, force: true }));

describe("starting and stopping", () => {
  test("the first start sets up a database, and the second, within a second, finds what was written", async () => {
    const first = await start();
    expect(await ask(first.url, "select 'déjà vu' as answer")).toBe("déjà vu");
    await ask(first.url, "create table note as select 'kept'::text as answer");
    await first.stop();

    const before = performance.now();
    const second = await start();
    expect(performance.now() - before).toBeLessThan(1000);
    expect(await ask(second.url, "select answer from note")).toBe("kept");
  });

  test("nothing listens on the network, nothing durable is switched off, all is closed to everyone else", async () => {
    const { url } = await start(copyOfTemplate());
    for (const [setting, value] of Object.entries({
      listen_addresses: "",
      fsync: "on",
      synchronous_commit: "on",
      full_page_writes: "on",
      data_checksums: "on",
      server_encoding: "UTF8",
      TimeZone: "UTC",
    })) {
      expect([setting, await ask(url, `show ${setting}`)]).toEqual([setting, value]);
    }
    expect(await ask(url, "select datlocale as answer from pg_database limit 1")).toBe("C.UTF-8");
    for (const folder of [dataDir, join(dataDir, "postgres"), socketDirOf(url)]) {
      expect([folder, fs.statSync(folder).mode & 0o777]).toEqual([folder, 0o700]);
    }
  });

  test("stopping rolls back what is open, leaves no process and no socket, and may be asked twice", async () => {
    const server = await start(copyOfTemplate());
    const client = await connect(server.url);
    await client.query("begin; create table half_done (id int)");
    const { rows } = await client.query("select pid from pg_stat_activity");
    const pids = [postmasterPid(), ...rows.map((row) => row.pid)];

    await Promise.all([server.stop(), server.stop()]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(fs.existsSync(socketDirOf(server.url))).toBe(false);
    const again = await start();
    expect(await ask(again.url, "select to_regclass('half_done') as answer")).toBeNull();
  });

  test("what goes wrong in a statement is told to the caller and not to the log", async () => {
    const { url } = await start(copyOfTemplate());
    await ask(url, "create table person (ssn text unique); insert into person values ('987-65-4320')");
    await expect(ask(url, "insert into person values ('987-65-4320')")).rejects.toThrow("duplicate key");
    expect(fs.readFileSync(join(dataDir, "postgres.log"), "utf8")).not.toContain("987-65");
  });

  test("a server that dies is reported, with the end of its log", async () => {
    const server = await start(copyOfTemplate());
    process.kill(postmasterPid(), "SIGQUIT");
    const error = await server.died;
    expect(error.message).toMatch(/^The database server ended by itself \(.*\)\.$/);
    expect(String(error.cause)).toContain("immediate shutdown request");
  });

  test("a log of more than ten megabytes begins anew, and the old one is kept once", async () => {
    copyOfTemplate();
    fs.writeFileSync(join(dataDir, "postgres.log"), "x".repeat(10_000_001));
    await start();
    expect(fs.statSync(join(dataDir, "postgres.log")).size).toBeLessThan(10_000);
    expect(fs.statSync(join(dataDir, "postgres.log.1")).size).toBe(10_000_001);
  });
});

describe("one portal for each data folder", () => {
  test("a second start in the same process is refused, and the first goes on", async () => {
    const first = await start(copyOfTemplate());
    await expect(start()).rejects.toThrow(
      `Caraway is already running from this data folder (process ${process.pid}); ` +
        "stop it first, or set DATA_DIR to another folder.",
    );
    expect(await ask(first.url, "select 1 as answer")).toBe(1);
  });

  test("a start beside another portal is refused, and its database goes on", async () => {
    const portal = await startPortal(copyOfTemplate());
    await expect(start()).rejects.toThrow(`already running from this data folder (process ${portal.pid})`);
    expect(await ask(portal.url, "select 1 as answer")).toBe(1);
  });

  test("a copy of a running portal's folder starts, and the original goes on", async () => {
    const original = await start(copyOfTemplate());
    const copy = join(room, "copied-while-running");
    execFileSync("cp", ["-a", dataDir, copy]);
    const second = await start(copy);
    expect(await ask(second.url, "select 1 as answer")).toBe(1);
    expect(await ask(original.url, "select 1 as answer")).toBe(1);
  });
});

describe("after a bad end", () => {
  test("a portal that was killed leaves a server, which the next start stops cleanly", async () => {
    const portal = await startPortal(copyOfTemplate());
    await ask(portal.url, "create table note as select 'kept'::text as answer");
    const orphan = postmasterPid();
    portal.process.kill("SIGKILL");
    await once(portal.process, "exit");
    expect(isAlive(orphan)).toBe(true);

    const lines: string[] = [];
    const next = await start(dataDir, (line) => lines.push(line));
    expect(lines).toEqual([`Stopping the database server that an earlier run left behind (process ${orphan})`]);
    expect(isAlive(orphan)).toBe(false);
    expect(await ask(next.url, "select answer from note")).toBe("kept");
    expect(fs.readFileSync(join(dataDir, "postgres.log"), "utf8")).not.toContain("not properly shut down");
  });

  test("a portal and a server that were both killed are followed by a recovery", async () => {
    const portal = await startPortal(copyOfTemplate());
    await ask(portal.url, "create table note as select 'kept'::text as answer");
    const orphan = postmasterPid();
    portal.process.kill("SIGKILL");
    await once(portal.process, "exit");
    process.kill(orphan, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(orphan)).toBe(false));
    fs.rmSync(socketDirOf(portal.url), { recursive: true });
    const next = await start();
    expect(await ask(next.url, "select answer from note")).toBe("kept");
  });

  test("a server that was killed, of which a part lives on for a moment, is waited out", async () => {
    const portal = await startPortal(copyOfTemplate());
    await ask(portal.url, "create table note as select 'kept'::text as answer");
    const orphan = postmasterPid();
    const parts = execFileSync("ps", ["-o", "pid=", "--ppid", String(orphan)], { encoding: "utf8" });
    const slow = Number(parts.trim().split("\n")[0]);
    process.kill(slow, "SIGSTOP");
    portal.process.kill("SIGKILL");
    await once(portal.process, "exit");
    process.kill(orphan, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(orphan)).toBe(false));
    const starting = start();
    await setTimeout(300);
    process.kill(slow, "SIGCONT");
    expect(await ask((await starting).url, "select answer from note")).toBe("kept");
  });

  test("the process id in a stale postmaster.pid now belongs to somebody else, who is left alone", async () => {
    const data = join(copyOfTemplate(), "postgres");
    const { uid, gid } = fs.statSync(data);
    const stranger = spawn("sleep", ["60"], { uid, gid });
    try {
      const lines = [stranger.pid, data, 1_700_000_000, 5432, "/tmp/caraway-aaaaaa", "", "5432001 999999", "ready"];
      fs.writeFileSync(join(data, "postmaster.pid"), `${lines.join("\n")}\n`);
      const { url } = await start();
      expect(await ask(url, "select 1 as answer")).toBe(1);
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  test("a portal killed in the middle of its first start is followed by a whole first start", async () => {
    const portal = spawnPortal(dataDir);
    const halfMade = () => fs.readdirSync(dataDir).find((name) => name.startsWith("postgres.new-")) ?? "none";
    while (!fs.existsSync(join(dataDir, halfMade(), "global"))) await setTimeout(5);
    portal.kill("SIGKILL");
    await once(portal, "exit");

    const { url } = await start();
    expect(await ask(url, "select 1 as answer")).toBe(1);
    expect(fs.readdirSync(dataDir).sort()).toEqual(["portal.lock", "postgres", "postgres.log"]);
  });

  test("data of another PostgreSQL version is refused in one sentence, and left as it is", async () => {
    const data = join(dataDir, "postgres");
    fs.mkdirSync(data);
    fs.writeFileSync(join(data, "PG_VERSION"), "17\n");
    await expect(start()).rejects.toThrow(
      `The database in ${data} is of PostgreSQL 17, and this is 18; ` +
        "bring it over with pg_dump, or move the folder away to begin anew.",
    );
    expect(fs.readdirSync(data)).toEqual(["PG_VERSION"]);
  });

  test("a server that does not come up is told in one sentence, with its own last words", async () => {
    fs.writeFileSync(join(copyOfTemplate(), "postgres", "postgresql.conf"), "no_such_setting = 1\n");
    const error = await start().catch((error) => error);
    expect(error.message).toBe("The database server did not start.");
    expect(String(error.cause)).toContain("no_such_setting");
  });

  test("a data folder that belongs to everyone is refused, not closed to them", async () => {
    fs.chmodSync(dataDir, 0o1777);
    await expect(start()).rejects.toThrow("DATA_DIR must be Caraway's own");
    expect(fs.statSync(dataDir).mode & 0o7777).toBe(0o1777);
  });
});

describe.skipIf(!isRoot)("as root (skipped when run as an ordinary user)", () => {
  test("it runs below a folder that only root can enter, and survives the crash of a backend", async () => {
    const secret = join(room, "secret");
    fs.mkdirSync(secret, { mode: 0o700 });
    dataDir = join(secret, "caraway", ".data");
    const { url } = await start();
    await ask(url, "create table note as select 'kept'::text as answer");
    const client = await connect(url);
    const backend = (await client.query("select pg_backend_pid() as pid")).rows[0].pid;
    process.kill(backend, "SIGKILL");

    await vi.waitFor(async () => expect(await ask(url, "select answer from note")).toBe("kept"), 5000);
    await ask(url, "checkpoint");
    expect(fs.statSync(`/proc/${postmasterPid()}`).uid).not.toBe(0);
    expect(fs.statSync(join(dataDir, "postgres")).uid).toBe(fs.statSync(`/proc/${postmasterPid()}`).uid);
    expect(fs.statSync(dataDir).uid).toBe(0);
  });

  test("a backup put back by root starts, whoever owns it and whatever its mode", async () => {
    const data = join(copyOfTemplate(), "postgres");
    execFileSync("chown", ["-R", "0:0", data]);
    fs.chmodSync(data, 0o755);
    const { url } = await start();
    expect(await ask(url, "select 1 as answer")).toBe(1);
  });
});

/** Each cluster is 40 MB, which some disks take a second to write; containers often have only 64 MB here. */
function hasRoomInMemory(): boolean {
  if (!fs.existsSync("/dev/shm")) return false;
  const { bavail, bsize } = fs.statfsSync("/dev/shm");
  return bavail * bsize > 500_000_000;
}

async function start(folder = dataDir, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: folder, log });
  running.push(server);
  return server;
}

/** Setting up a cluster takes a second of processor time; copying one that was set up, next to none. */
function copyOfTemplate(): string {
  execFileSync("cp", ["-a", join(template, "postgres"), dataDir]);
  return dataDir;
}

/** A node process that starts the database, says where it is, and waits. */
function spawnPortal(folder: string): ChildProcess {
  const program = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(MODULE)});
    const { url, stop } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(folder)}, log: () => {} });
    process.once("SIGTERM", stop);
    console.log(url);`;
  const portal = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  portals.push(portal);
  return portal;
}

async function startPortal(folder: string) {
  const portal = spawnPortal(folder);
  const [line] = portal.stdout ? await once(portal.stdout, "data") : [];
  return { process: portal, pid: portal.pid, url: String(line).trim() };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {}); // these tests end servers under their clients
  await client.connect();
  return client;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = await connect(url);
  try {
    const { rows } = await client.query(sql);
    return rows?.[0]?.answer ?? Object.values(rows?.[0] ?? {})[0] ?? null;
  } finally {
    await client.end();
  }
}

function socketDirOf(url: string): string {
  return url.slice(url.indexOf("=") + 1);
}

function postmasterPid(): number {
  return Number(fs.readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
}

/** A process that has ended stays listed until its parent has taken notice, which in a container may be never. */
function isAlive(pid: number): boolean {
  try {
    const state = execFileSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
    return !state.trim().startsWith("Z");
  } catch {
    return false;
  }
}
