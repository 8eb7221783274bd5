import { setTimeout } from "node:timers/promises";
import pg from "pg";
import type { Log } from "./log.ts";

/**
 * Told with what was sent to the channel; with null when the connection was made anew, for whatever was sent meanwhile
 * is lost: look for yourself.
 */
export type Told = (payload: string | null) => void;

export type Listener = {
  /** Listens until the returned function is called. Whoever cannot afford to miss anything also looks now and then. */
  subscribe(channel: string, told: Told): () => void;
  close(): Promise<void>;
};

/** A connection that says nothing for so long, twice, is taken for dead. */
const heartbeatMs = 2_000;
const longestPauseMs = 2_000;

/**
 * Hears what `pg_notify(channel, payload)` says in any process, once its transaction is committed: one connection a
 * process, opened at the first subscription and again whenever it is lost. A payload holds at most 7,900 bytes.
 */
export function openListener(databaseUrl: () => Promise<string>, log: Log): Listener {
  const channels = new Map<string, Set<Told>>();
  const stopping = new AbortController();
  let client: pg.Client | undefined;
  let isAlive = false;

  const tell = (channel: string, payload: string | null) => {
    for (const told of channels.get(channel) ?? []) told(payload);
  };

  /** One life of the connection; ends by throwing. */
  const live = async () => {
    const own = new pg.Client({
      connectionString: await databaseUrl(),
      application_name: "caraway listener",
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: heartbeatMs,
    });
    const lost = new Promise<never>((_, fail) => {
      own.on("error", fail);
      own.on("end", () => fail(new Error("The connection ended")));
    });
    lost.catch(() => {}); // while nobody waits for it yet
    own.on("notification", ({ channel, payload }) => tell(channel, payload ?? ""));
    try {
      await own.connect();
      for (const channel of channels.keys()) await own.query(`listen ${own.escapeIdentifier(channel)}`);
      client = own;
      for (const channel of channels.keys()) tell(channel, null);
      while (!stopping.signal.aborted) {
        await Promise.race([lost, setTimeout(heartbeatMs, undefined, { ref: false })]);
        await own.query("select 1");
      }
    } finally {
      client = undefined;
      own.end().catch(() => {});
    }
  };

  const stayAlive = async () => {
    for (let pause = 100; !stopping.signal.aborted; pause = Math.min(pause * 2, longestPauseMs)) {
      const began = Date.now();
      await live().catch((error: Error) => {
        if (!stopping.signal.aborted) log.warn({ reason: error.message }, "the listening connection was lost");
      });
      if (Date.now() - began > heartbeatMs) pause = 100;
      await setTimeout(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };

  return {
    subscribe(channel, told) {
      const known = channels.get(channel);
      if (known) known.add(told);
      else channels.set(channel, new Set([told]));
      // A connection that is being made reads the channels once it is there.
      if (client && !known) {
        const listening = client.query(`listen ${client.escapeIdentifier(channel)}`);
        listening.then(
          () => told(null),
          () => {}, // the connection is lost, and its next life listens
        );
      }
      if (!isAlive) void stayAlive();
      isAlive = true;
      return () => void channels.get(channel)?.delete(told);
    },
    async close() {
      stopping.abort();
      await client?.end().catch(() => {});
    },
  };
}
