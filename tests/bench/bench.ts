import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import knex from "knex";
import type { Parts } from "../../src/parts.ts";
import { openParts } from "../../src/parts.ts";
import { readConfig } from "../../src/platform/config.ts";
import { type Db, openDb } from "../../src/platform/db.ts";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import { openLog } from "../../src/platform/log.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { type DatabaseUrls, databaseUrls } from "../../src/platform/portal-role.ts";

/** One line of the table: a ratio of two things measured in this run, in turn, and how far it has to reach. */
export type Line = {
  what: string;
  against: string;
  ratio: number;
  reach: { atLeast: number } | { atMost: number };
  note?: string;
};

/** A program of measurements. `size` is how many rows it works on; without one it chooses what takes a minute or two. */
export type Bench = (site: Site, size: number | undefined) => Promise<Line[]>;

/** A migrated database of its own, the portal's parts on it (as the portal's role), and the owner's hand. */
export type Place = { urls: DatabaseUrls; parts: Parts; owner: Db };

export type Site = {
  /** A fresh, migrated database. */
  place(): Promise<Place>;
  say(text: string): void;
};

/** Starts a PostgreSQL on the disk, as it would be in use, for the time of the work. */
export async function withSite(work: (site: Site) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "caraway-bench-"));
  const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
  const closings: (() => Promise<unknown>)[] = [];
  let places = 0;
  const place = async (): Promise<Place> => {
    places += 1;
    const url = new URL(postgres.url);
    const server = openDb(async () => postgres.url, openLog("silent"));
    await server.raw(`create database bench_${places}`);
    await server.destroy();
    url.pathname = `/bench_${places}`;
    const config = readConfig({ NODE_ENV: "test", DATABASE_URL: url.href, DATA_DIR: dataDir, LOG_LEVEL: "silent" });
    const urls = databaseUrls(config, url.href);
    await migrate(urls);
    const parts = await openParts(config, async () => urls.portal);
    parts.readiness.state = "ready";
    const owner = unhurried(urls.owner);
    closings.push(
      () => owner.destroy(),
      () => parts.db.destroy(),
      () => parts.sessions.close(),
      () => parts.listener.close(),
    );
    return { urls, parts, owner };
  };
  try {
    await work({ place, say: (text) => process.stderr.write(`${text}\n`) });
  } finally {
    for (const close of closings.reverse()) await close();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

/** As the owner, with no limits of time: for filling tables, and for the statements to compare with. */
const unhurried = (url: string): Db => knex({ client: "pg", connection: url, pool: { min: 0, max: 4 } });

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** The value of the sorted list below which this share of it lies. */
export const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Two things in turn, the second first every other time; the median of each. */
export async function inTurn(
  rounds: number,
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<[number, number]> {
  const figures: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2) figures[1].push(await other());
    figures[0].push(await one());
    if (!(round % 2)) figures[1].push(await other());
  }
  return [median(figures[0]), median(figures[1])];
}

/** Processor time in hundredths of a second, of the machine and of this program with all that it started. */
export function processorTime(): { machine: number; ours: number } {
  const machine = readFileSync("/proc/stat", "utf8").split("\n")[0]?.split(/\s+/).slice(1).map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = machine;
  const parents = new Map<number, { parent: number; time: number }>();
  for (const name of readdirSync("/proc").filter((each) => /^\d+$/.test(each))) {
    const fields = statOf(name);
    if (fields) parents.set(Number(name), { parent: Number(fields[1]), time: sum(fields.slice(11, 15).map(Number)) });
  }
  const isOurs = (pid: number): boolean => pid === process.pid || (pid > 1 && isOurs(parents.get(pid)?.parent ?? 0));
  const ours = [...parents].filter(([pid]) => isOurs(pid)).map(([, { time }]) => time);
  return { machine: user + nice + system + irq + softIrq + steal, ours: sum(ours) };
}

function statOf(pid: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined; // it has just ended
  }
}

/** The share of the machine, 0 to 1, that others took since a reading. */
export function takenByOthers(since: ReturnType<typeof processorTime>, seconds: number): number {
  const now = processorTime();
  const cores = Number(execFileSync("nproc", { encoding: "utf8" }));
  return Math.max(0, now.machine - since.machine - (now.ours - since.ours)) / (seconds * 100 * cores);
}

const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0);
