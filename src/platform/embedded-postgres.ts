import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";
import { findPostgresPrograms } from "./postgres-programs.ts";

export type EmbeddedPostgres = {
  /** For `pg`, Knex and `psql` alike. Its user is the superuser: the cluster serves nobody but this program. */
  url: string;
  /** Where its socket lies; given to a start after it died, the address stays the same. */
  socketDir: string;
  /** Resolves, with what the server's log said last, if the server ends without having been asked to. */
  died: Promise<Error>;
  /** Rolls back what is open and closes cleanly; may be called again. */
  stop(): Promise<void>;
};

/** What all steps share: DATA_DIR, the cluster's folder in it, and, as root, the account that owns the cluster. */
type Site = { dataDir: string; data: string; account: { uid: number; gid: number } | undefined };

/** `/tmp`, not TMPDIR: socket paths end at 107 characters, and root's own TMPDIR may be closed to the account. */
const SOCKET_PREFIX = "/tmp/caraway-";
const LOG_LIMIT_BYTES = 10_000_000;
const SETTINGS = {
  listen_addresses: "",
  max_connections: "100",
  shared_buffers: "128MB",
  fsync: "on",
  synchronous_commit: "on",
  jit: "off",
  timezone: "UTC",
  log_timezone: "UTC",
  log_checkpoints: "off",
  // The statement and the detail of an error hold people's names and numbers, which must not reach a log.
  log_error_verbosity: "terse",
  log_min_error_statement: "panic",
};

/**
 * Starts the PostgreSQL kept below `dataDir`, creating it the first time; resolves when it accepts connections.
 * A server that a killed portal left running is stopped first. Refuses, with a sentence: a folder that a living portal
 * uses, data of another PostgreSQL version, a server that does not come up.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  log: (line: string) => void;
  socketDir?: string;
}): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  const data = join(dataDir, "postgres");
  let lock: DatabaseSync | undefined;
  try {
    makeDataDir(dataDir);
    lock = lockDataDir(dataDir);
    await stopLeftover(data, options.log);
    const site: Site = { dataDir, data, account: serverAccount(data) };
    const programs = findPostgresPrograms({ copyForOtherAccount: site.account !== undefined });
    if (!fs.existsSync(join(data, "PG_VERSION"))) {
      options.log("Setting up the database for the first time");
      await initialise(site, programs.initdb);
    }
    refuseOtherVersion(data, programs.major);
    return await launch(site, programs.postgres, { lock, socketDir: options.socketDir });
  } catch (error) {
    if (lock?.isOpen) lock.close();
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new Error(`The database in ${data} cannot be started: ${error.message}.`, { cause: error });
  }
}

/** A folder such as /tmp is refused rather than closed to the rest of the machine. */
function makeDataDir(dataDir: string): void {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const isShared = (fs.statSync(dataDir).mode & 0o1000) !== 0;
  if (isShared) throw new Error(`DATA_DIR must be Caraway's own, and ${dataDir} belongs to everyone.`);
  fs.chmodSync(dataDir, 0o700);
}

/**
 * SQLite for its lock alone: the kernel frees it however this process ends, so there is no stale lock to judge, no
 * reused process id to be fooled by, and no race between two who both take over. BEGIN IMMEDIATE lets others read,
 * which tells the one refused who holds it.
 */
function lockDataDir(dataDir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDir, "portal.lock"), { timeout: 200 });
  try {
    lock.exec(`PRAGMA user_version = ${process.pid}`);
    lock.exec("BEGIN IMMEDIATE");
    return lock;
  } catch (cause) {
    const isBusy = (cause as { errcode?: number }).errcode === 5;
    const holder = isBusy && lock.prepare("PRAGMA user_version").get()?.user_version;
    lock.close();
    if (!isBusy) throw cause;
    const advice = "stop it first, or set DATA_DIR to another folder";
    throw new Error(`Caraway is already running from this data folder (process ${holder}); ${advice}.`);
  }
}

/** Called with the lock held, so whatever server still runs here has lost its portal. */
async function stopLeftover(data: string, log: (line: string) => void): Promise<void> {
  const pid = postmasterOf(data);
  if (pid) {
    const socketDir = readPidFile(data)[4] ?? "";
    log(`Stopping the database server that an earlier run left behind (process ${pid})`);
    const isGone = () => postmasterOf(data) !== pid;
    await shutDown((signal) => process.kill(pid, signal), isGone);
    if (/^\/tmp\/caraway-\w{6}$/.test(socketDir)) fs.rmSync(socketDir, { recursive: true, force: true });
  }
  await backendsEnded(data);
  // PostgreSQL would take a reused process id for its own. It still refuses if its shared memory is in use.
  fs.rmSync(join(data, "postmaster.pid"), { force: true });
}

/** Those of a server that was killed notice it a moment later: until then they hold its memory, and keep a new one out. */
async function backendsEnded(data: string): Promise<void> {
  const [key, id] = readPidFile(data)[6]?.trim().split(/\s+/) ?? [];
  const isHeld = () => {
    const segments = fs.readFileSync("/proc/sysvipc/shm", "utf8").split("\n");
    const ours = segments.map((line) => line.trim().split(/\s+/)).find((one) => one[0] === key && one[1] === id);
    return Number(ours?.[6]) > 0; // processes attached to it
  };
  if (!id || !fs.existsSync("/proc/sysvipc/shm")) return;
  for (const deadline = Date.now() + 10_000; isHeld() && Date.now() < deadline; ) await setTimeout(10);
}

/** The process in postmaster.pid, if it really is this folder's server: ids get reused, and folders get copied. */
function postmasterOf(data: string): number | undefined {
  const pid = readPidFile(data)[0];
  const isServer = pid && commandOf(pid).split(/[\0 ]/).includes(clusterName(data));
  return isServer ? Number(pid) : undefined;
}

/** On the server's command line, to know it by: the path there may be /proc/self/cwd. */
function clusterName(data: string): string {
  return `--cluster-name=caraway-${fs.statSync(data).ino}`;
}

function commandOf(pid: string): string {
  try {
    if (process.platform === "linux") return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return execFileSync("ps", ["-ww", "-o", "command=", "-p", pid], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** Lines: process id, data, start, port, socket folder, address, shared memory, status. */
function readPidFile(data: string): string[] {
  try {
    return fs.readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
  } catch {
    return [];
  }
}

/** Root may not run PostgreSQL: it runs as whoever owns the data already, else as an account with few rights. */
function serverAccount(data: string): Site["account"] {
  if (process.getuid?.() !== 0) return undefined;
  const owner = fs.statSync(data, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = fs.readFileSync("/etc/passwd", "utf8");
  const [postgres, nobody] = ["postgres", "nobody"].map((name) =>
    new RegExp(`^${name}:[^:]*:(\\d+):(\\d+):`, "m").exec(accounts),
  );
  const found = postgres ?? nobody;
  if (!found) throw new Error("PostgreSQL cannot run as root, and no account postgres or nobody exists.");
  return { uid: Number(found[1]), gid: Number(found[2]) };
}

/** A backup that root put back belongs to root, with any mode; PostgreSQL refuses both. */
function handOver(folder: string, account: Site["account"]): void {
  if (account && fs.statSync(folder).uid !== account.uid) {
    execFileSync("chown", ["-Rh", `${account.uid}:${account.gid}`, folder]);
  }
  fs.chmodSync(folder, 0o700);
}

/** Made beside its place and renamed when whole: if this is killed in the middle, the next start begins anew. */
async function initialise(site: Site, program: string): Promise<void> {
  const fresh = fs.mkdtempSync(join(site.dataDir, "postgres.new-"));
  handOver(fresh, site.account);
  // Sorting is PostgreSQL's own, the same on every machine; of the C library only what is a letter.
  const letters = `--lc-ctype=${process.platform === "darwin" ? "en_US.UTF-8" : "C.UTF-8"}`;
  const locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", letters];
  const args = ["--username=caraway", "--auth=trust", "--encoding=UTF8", ...locale];
  const [code] = await once(run(program, args, { ...site, data: fresh }), "exit");
  if (code !== 0) throw failure(site.dataDir, "The database could not be set up.");
  for (const name of fs.readdirSync(site.dataDir)) {
    const half = join(site.dataDir, name);
    if (!name.startsWith("postgres.new-") || half === fresh) continue;
    // The initdb of a killed portal lives on; by now it has ended. If not: retries, which rmSync only claims to make.
    await fs.promises.rm(half, { recursive: true, force: true, maxRetries: 5 });
  }
  fs.renameSync(fresh, site.data);
  const folder = fs.openSync(site.dataDir, "r");
  fs.fsyncSync(folder);
  fs.closeSync(folder);
}

function refuseOtherVersion(data: string, major: string): void {
  const version = fs.readFileSync(join(data, "PG_VERSION"), "utf8").trim();
  if (version === major) return;
  const advice = "bring it over with pg_dump, or move the folder away to begin anew";
  throw new Error(`The database in ${data} is of PostgreSQL ${version}, and this is ${major}; ${advice}.`);
}

async function launch(
  site: Site,
  program: string,
  { lock, socketDir: before }: { lock: DatabaseSync; socketDir: string | undefined },
): Promise<EmbeddedPostgres> {
  keepLogSmall(site.dataDir);
  const hourly = setInterval(() => keepLogSmall(site.dataDir), 3_600_000).unref();
  const socketDir = before ?? fs.mkdtempSync(SOCKET_PREFIX);
  if (before) fs.mkdirSync(before, { mode: 0o700 }); // refused if somebody made it meanwhile
  for (const folder of [socketDir, site.data]) handOver(folder, site.account);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = run(program, ["-k", socketDir, clusterName(site.data), ...settings], site);
  const hasEnded = () => server.exitCode !== null || server.signalCode !== null;
  let isWanted = true;
  const died = new Promise<Error>((resolve) => {
    server.once("exit", (code, signal) => {
      clearInterval(hourly);
      fs.rmSync(socketDir, { recursive: true, force: true });
      lock.close();
      const how = signal ?? `code ${code}`;
      if (isWanted) resolve(failure(site.dataDir, `The database server ended by itself (${how}).`));
    });
  });
  await once(server, "spawn");
  while (!isReady(site.data, server.pid)) {
    if (hasEnded()) throw failure(site.dataDir, "The database server did not start.");
    await setTimeout(10);
  }
  return {
    url: `postgresql://caraway@localhost/postgres?host=${socketDir}`,
    socketDir,
    died,
    stop() {
      isWanted = false;
      return shutDown((signal) => server.kill(signal), hasEnded);
    },
  };
}

/** As pg_ctl does it. No time limit while the server lives: after a crash it may have long logs to replay. */
function isReady(data: string, pid: number | undefined): boolean {
  const lines = readPidFile(data);
  return lines[0] === String(pid) && lines[7]?.trim() === "ready";
}

/**
 * The account may be unable to walk to the data (a checkout below /root), but may use it: the folder is entered while
 * still root, and /proc/self/cwd leads there without a walk, in the server and in all its children. Detached, because
 * Ctrl-C goes to the terminal's whole process group and the portal has to drain first.
 */
function run(program: string, args: string[], site: Site): ChildProcess {
  const log = fs.openSync(logFile(site.dataDir), "a", 0o600);
  try {
    return spawn(program, ["-D", site.account ? "/proc/self/cwd" : site.data, ...args], {
      ...site.account,
      cwd: site.data,
      detached: true,
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
      stdio: ["ignore", log, log],
    });
  } finally {
    fs.closeSync(log);
  }
}

/** SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one, after which it recovers from its log. */
async function shutDown(kill: (signal: NodeJS.Signals) => void, isGone: () => boolean): Promise<void> {
  for (const signal of ["SIGINT", "SIGQUIT"] as const) {
    if (!isGone()) kill(signal);
    for (const deadline = Date.now() + 10_000; Date.now() < deadline; await setTimeout(10)) {
      if (isGone()) return;
    }
  }
  throw new Error("The database server does not stop.");
}

/** Copied and emptied, not renamed: the server goes on appending to the file it has open. */
function keepLogSmall(dataDir: string): void {
  const file = logFile(dataDir);
  if ((fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0) < LOG_LIMIT_BYTES) return;
  fs.copyFileSync(file, `${file}.1`);
  fs.truncateSync(file);
}

function failure(dataDir: string, sentence: string): Error {
  const lastLines = fs.readFileSync(logFile(dataDir), "utf8").trimEnd().split("\n").slice(-10).join("\n");
  return new Error(sentence, { cause: new Error(`${logFile(dataDir)} ends:\n${lastLines}`) });
}

const logFile = (dataDir: string) => join(dataDir, "postgres.log");
