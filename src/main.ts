import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createApp } from "./app.ts";
import { backgroundWork } from "./background.ts";
import { password as demoPassword, demoPeople } from "./demo/people.ts";
import { openParts } from "./parts.ts";
import { type Config, ConfigError, readConfig } from "./platform/config.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./platform/embedded-postgres.ts";
import { loadMigrations, migrate } from "./platform/migrate.ts";
import { addressToWorkAt, databaseUrls } from "./platform/portal-role.ts";
import { root } from "./platform/root.ts";
import { startSealing } from "./platform/seal-audit.ts";
import { serverOf } from "./platform/serve.ts";
import { startWorker, type Worker } from "./platform/worker.ts";
import { indexArticles } from "./resources/search-articles.ts";
import type { Board } from "./status/board.ts";

/** Ends the program with one sentence: whoever started it can mend the cause, and a stack would hide it. */
function giveUp(error: unknown): never {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

// `npm ci` and the image load everything once and end: so that each start finds Node's compile cache full, the first as well,
// and spares the 25 MB of what takes the types out of TypeScript.
if (process.argv.includes("--load-only")) {
  await loadMigrations();
  process.exit(0);
}

const config = ((): Config => {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (error instanceof ConfigError) giveUp(error);
    throw error;
  }
})();

const say = (line: string) => process.stdout.write(`${line}\n`);

// The port comes first: one in use is told at once, and health checks are answered while the database starts.
const database = Promise.withResolvers<string>();
database.promise.catch(() => {});
const parts = await openParts(config, () => database.promise);
const { db, readiness, log } = parts;
const app = createApp(parts);
const board: Board = app.locals.board;
const server = serverOf(app);
let postgres: Promise<EmbeddedPostgres> | undefined;
let seeding: ChildProcess | undefined;
let worker: Worker | undefined;
let sealing: ReturnType<typeof startSealing> | undefined;

server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EADDRINUSE")
    giveUp(`Port ${config.port} is in use. Stop what uses it, or choose another: PORT=3001 npm start`);
  if (error.code === "EACCES")
    giveUp(`Port ${config.port} may not be used by this account. Choose one above 1023: PORT=3000 npm start`);
  giveUp(error);
});
server.listen(config.port, config.host, () => void start().catch(stopAfter));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(0));

async function start(): Promise<void> {
  const urls = databaseUrls(config, config.databaseUrl ?? (await startPostgres()).url);
  await migrate(urls);
  const databaseUrl = await addressToWorkAt(urls);
  database.resolve(databaseUrl);
  await indexArticles(db);
  if (config.demo && !(await db("users").first("id"))) await makeDemo();
  parts.maintenance.watch(parts.listener);
  await parts.maintenance.refresh();
  board.begin();
  if (readiness.state !== "starting") return;
  readiness.state = "ready";
  sealing = startSealing(parts);
  worker = startWorker({ databaseUrl, log, ...backgroundWork(parts) });
  const isReady = `\n${config.program.name} is ready at ${config.publicUrl}`;
  say(config.demo ? `${isReady}\n${demoBanner()}` : isReady); // at once: whoever waits for the first line reads on
}

/** In a process of its own, with which the memory goes that 18 months of history take. */
async function makeDemo(): Promise<void> {
  seeding = spawn(process.execPath, [...process.execArgv, join(root, "src/commands/seed.ts")], {
    stdio: "inherit",
  });
  const [exitCode] = await once(seeding, "exit");
  if (exitCode !== 0 && readiness.state !== "stopping") throw new Error("The demo could not be made.");
}

const restartMs = 10_000;

/**
 * Starts the embedded database. One that ends by itself later is started again after a pause; meanwhile the status
 * page says that it does not answer.
 */
async function startPostgres(socketDir?: string): Promise<EmbeddedPostgres> {
  postgres = startEmbeddedPostgres({ dataDir: config.dataDir, log: say, ...(socketDir && { socketDir }) });
  const started = await postgres;
  const startAgain = async (error: Error) => {
    if (readiness.state !== "ready") return stopAfter(error);
    process.stderr.write(`\n${error.message} It is started again in ${restartMs / 1000} seconds.\n`);
    await pause(restartMs);
    if (readiness.state === "ready") await startPostgres(started.socketDir);
  };
  started.died.then(startAgain).catch(stopAfter);
  return started;
}

function demoBanner(): string {
  const rows = demoPeople.map(
    ({ userId, who, factor }) => `  ${userId.padEnd(18)} ${who}${factor ? ` (${factor})` : ""}`,
  );
  return [
    `\nThis is a demonstration: its people, patients and money are made up.`,
    `Log in as one of these; the password of all is ${demoPassword}\n`,
    ...rows,
    `\nCodes arrive at ${config.publicUrl}/dev/outbox. Ctrl-C stops everything.`,
  ].join("\n");
}

let stopping: Promise<void> | undefined;

/** Lets running requests and jobs finish (ten seconds at most), then closes the database; asked twice, it stops once. */
function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    readiness.state = "stopping";
    database.reject(new Error("The portal is stopping"));
    seeding?.kill();
    setTimeout(() => server.closeAllConnections(), 8_000).unref();
    const worked = worker?.stop();
    await new Promise((done) => (server.listening ? server.close(done) : done(undefined)));
    await worked;
    await sealing?.stop();
    await parts.listener.close();
    await parts.sessions.close();
    await db.destroy().catch(() => {});
    await (await postgres?.catch(() => undefined))?.stop();
    process.exit(exitCode);
  })();
  return stopping;
}

function stopAfter(error: unknown): void {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  if (!(error instanceof Error) || !("cause" in error)) log.debug({ err: error }, "stopping");
  void stop(1);
}
