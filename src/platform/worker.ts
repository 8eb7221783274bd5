import { EventEmitter } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { Runner, TaskList, WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { sqlState } from "./db.ts";
import { openWorkerPool } from "./jobs.ts";
import type { Log } from "./log.ts";

/** One kind of work. It may be begun twice (after a crash), and must then do no harm; the signal says that the portal stops. */
export type Task = (id: string, signal: AbortSignal) => Promise<void>;

export type Worker = { stop(): Promise<void> };

export type WorkerOptions = {
  databaseUrl: string;
  log: Log;
  tasks: Record<string, Task>;
  /** Lines of graphile-worker's crontab, in UTC. */
  crontab?: string;
  /** How often to look for jobs that have become due; of new ones PostgreSQL tells. */
  pollMs?: number;
  /** How long ago a worker that is gone has to have begun a job before it is taken over. */
  abandonedAfterMs?: number;
};

/** Jobs wait for others (SMTP, the bureau) rather than compute: eight at once keep one slow peer from holding up the rest. */
const settings = {
  concurrentJobs: 8,
  // Told to stop, a job has this long to end by itself; after ten seconds containers are killed.
  gracefulShutdownAbortTimeout: 3_000,
  // Given back in batches, a failure to do so ends the run. One by one it would be a rejection that nobody handles.
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
/** After a failure to give back two batches, graphile-worker 0.18.0 waits for ever: its shutdown is waited for so long. */
const shutdownMs = 4_000;
const stopWithinMs = 7_500;

/**
 * Runs jobs until it is stopped, whatever happens to the database: graphile-worker gives up when it cannot give a job
 * back, so it is started again, with growing pauses. Returns at once.
 */
export function startWorker(options: WorkerOptions): Worker {
  const stopping = new AbortController();
  let run: Run | undefined;
  const ended = (async () => {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const began = Date.now();
      run = openRun(options);
      await run.ended.catch((error) => options.log.warn({ reason: reasonOf(error) }, "the worker stopped"));
      failures = Date.now() - began > 60_000 ? 0 : failures + 1;
      const pause = Math.min(250 * 2 ** failures, 10_000);
      await setTimeout(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      stopping.abort();
      run?.stop();
      // With the database away a job cannot be given back: its lock outlives us, and the next worker takes it over.
      await Promise.race([ended, setTimeout(stopWithinMs, undefined, { ref: false })]);
    },
  };
}

type Run = { ended: Promise<void>; stop(): void };

/** One life of graphile-worker, on connections of its own. */
function openRun(options: WorkerOptions): Run {
  const { databaseUrl, log, abandonedAfterMs = 5_000 } = options;
  const pool = openWorkerPool(databaseUrl, (error) => log.debug({ reason: reasonOf(error) }, "worker connection lost"));
  let runner: Runner | undefined;
  let isWanted = true;
  let sweep: NodeJS.Timeout | undefined;
  const live = async () => {
    const events: WorkerEvents = new EventEmitter();
    const self = showThatItLives(events);
    const shutDown = new Promise<void>((done) => {
      events.on("pool:gracefulShutdown", () => setTimeout(shutdownMs, undefined, { ref: false }).then(done));
    });
    runner = await runGraphile(options, pool, events);
    if (!isWanted) runner.stop().catch(() => {});
    sweep = setInterval(() => {
      takeOverAbandoned(pool, { self: self(), olderThanMs: abandonedAfterMs }).catch((error) =>
        log.debug({ reason: reasonOf(error) }, "looking for abandoned jobs failed"),
      );
    }, abandonedAfterMs).unref();
    await Promise.race([runner.promise, shutDown]);
    runner.stop().catch(() => {}); // what is left of it, which would go on by the clock
  };
  return {
    ended: live().finally(() => {
      clearInterval(sweep);
      return Promise.race([pool.end(), setTimeout(2_000, undefined, { ref: false })]);
    }),
    stop() {
      isWanted = false;
      runner?.stop().catch(() => {}); // it had stopped by itself
    },
  };
}

async function runGraphile(
  { tasks, crontab = "", log, pollMs = 2_000 }: WorkerOptions,
  pgPool: pg.Pool,
  events: WorkerEvents,
) {
  // Here, and not above, because it takes some 100 ms to load, which need not delay the first page.
  const { Logger, parseCrontab, run } = await import("graphile-worker");
  const logger = new Logger(() => (level, message, meta) => {
    if (meta?.failure) return; // told below, without the values that errors of the database hold
    log[level === "error" ? "warn" : "debug"]({ reason: message }, "worker"); // its warnings tell how to tune it
  });
  const taskList: TaskList = {};
  for (const [name, task] of Object.entries(tasks)) {
    taskList[name] = async (payload, { job, abortSignal }) => {
      try {
        await task((payload as { id?: string }).id ?? "", abortSignal);
      } catch (error) {
        const level = abortSignal.aborted ? "info" : "error";
        log[level]({ task: name, jobId: job.id, attempt: job.attempts, reason: reasonOf(error) }, "job failed");
        throw new Error(sqlState(error) ?? (error instanceof Error ? error.name : "unknown"));
      }
    };
  }
  const parsedCronItems = parseCrontab(crontab);
  const preset = { worker: { ...settings, pollInterval: pollMs } };
  return run({ pgPool, events, logger, taskList, parsedCronItems, noHandleSignals: true, preset });
}

/** Holds an advisory lock, named after the worker, as long as its listening connection lives. Returns how to ask for the name. */
function showThatItLives(events: WorkerEvents): () => string {
  let id = "";
  events.on("pool:create", ({ workerPool }) => {
    id = workerPool.id;
  });
  events.on("pool:listen:success", ({ client, workerPool }) => {
    // Once the connection has nothing else to do: its first statement, LISTEN, comes after this event.
    client.once("drain", () => {
      client.query("select pg_advisory_lock(hashtextextended($1, 0))", [workerPool.id]).catch(() => {});
    });
  });
  return () => id;
}

/**
 * Frees the jobs of workers that are gone. graphile-worker itself waits four hours, because it cannot tell a dead worker
 * from a busy one; we can, by the advisory lock that died with its connection.
 */
async function takeOverAbandoned(pool: pg.Pool, given: { self: string; olderThanMs: number }): Promise<void> {
  await pool.query(
    `select graphile_worker.force_unlock_workers(array(
       select distinct locked_by from graphile_worker.jobs
       where locked_by <> $1 and locked_at < now() - make_interval(secs => $2)
         and pg_try_advisory_xact_lock(hashtextextended(locked_by, 0))))`,
    [given.self, given.olderThanMs / 1000],
  );
}

const reasonOf = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));
