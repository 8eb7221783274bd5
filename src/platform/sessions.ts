import { createHash } from "node:crypto";
import { RedisStore } from "connect-redis";
import session from "express-session";
import { createClient } from "redis";
import type { Config } from "./config.ts";
import type { Db } from "./db.ts";
import type { Log } from "./log.ts";

declare module "express-session" {
  interface SessionData {
    /** The log-in this browser is in: the row in `logins` decides, so that an ended one cannot come back. */
    loginId: string;
    /** What waits for its second factor, and whose User ID was typed for it. */
    challengeId: string;
    challengedUserId: string;
    /** The page that asked for a fresh proof. */
    confirmFor: string;
    /** A form that came after its log-in had ended. */
    keptFormId: string;
    /** What is under way in the settings, sealed. */
    pending: string;
    /** Where to go once logged in. */
    returnTo: string;
    /** A sentence to show once on the next page. */
    flash: string;
  }
}

// As long as a log-in may last in all, and a little: the `logins` row decides when it ends, and the session still says
// whose it was, so that what was typed too late is kept for the right person.
const keptSeconds = 13 * 3600;

/** The session middleware, and how to ask whether its store answers and to close it. */
export type Sessions = { middleware: ReturnType<typeof session>; check(): Promise<void>; close(): Promise<void> };

/** Sessions in Redis where `REDIS_URL` is set, in PostgreSQL otherwise. */
export async function openSessions(config: Config, db: Db, log: Log): Promise<Sessions> {
  const opened = config.redisUrl ? await redisStore(config.redisUrl, log) : postgresStore(db);
  const middleware = session({
    name: config.production ? "__Host-sid" : "sid",
    secret: config.sessionSecret,
    store: opened.store,
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "lax", secure: config.production, path: "/" },
  });
  return { middleware, check: opened.check, close: opened.close };
}

async function redisStore(url: string, log: Log) {
  // A client that queues while Redis is away, or waits for ever for a frozen one, would hang every page.
  const client = createClient({
    url,
    disableOfflineQueue: true,
    pingInterval: 1_000, // answers within the socket's time limit, which would else end a quiet connection
    socket: {
      connectTimeout: 2_000,
      socketTimeout: 3_000,
      reconnectStrategy: (tries) => Math.min(100 * 2 ** tries, 2_000),
    },
  });
  client.on("error", (error: Error) => log.warn({ reason: error.message }, "Redis does not answer"));
  client.connect().catch(() => {}); // reported by the listener above, and tried again by the client
  return {
    store: new RedisStore({ client, prefix: "session:", ttl: keptSeconds }),
    check: async () => void (await client.ping()),
    close: async () => client.destroy(),
  };
}

type Kept = session.SessionData & { touchedAt?: number };

/**
 * A store on our own pool. connect-pg-simple writes a row on every request; this one writes when something changed,
 * and moves the expiry at most once a minute. Ids are stored hashed: a copy of the table opens no session.
 */
class PostgresStore extends session.Store {
  readonly #db: Db;
  constructor(db: Db) {
    super();
    this.#db = db;
  }

  override get(sid: string, done: (error?: unknown, session?: session.SessionData | null) => void) {
    this.#db("web_sessions")
      .where({ sid_hash: hash(sid) })
      .where("expires_at", ">", new Date())
      .first("data", "touched_at")
      .then((row) => {
        const kept: Kept | null = row ? { ...row.data, touchedAt: row.touched_at.getTime() } : null;
        done(null, kept);
      }, done);
  }

  override set(sid: string, data: Kept, done?: (error?: unknown) => void) {
    const { touchedAt: _, ...kept } = data;
    this.#db("web_sessions")
      .insert({ sid_hash: hash(sid), data: JSON.stringify(kept), ...freshDates() })
      .onConflict("sid_hash")
      .merge()
      .then(() => done?.(), done);
  }

  override touch(sid: string, data: Kept, done?: (error?: unknown) => void) {
    if (Date.now() - (data.touchedAt ?? 0) < 60_000) return done?.();
    this.#db("web_sessions")
      .where({ sid_hash: hash(sid) })
      .update(freshDates())
      .then(() => done?.(), done);
  }

  override destroy(sid: string, done?: (error?: unknown) => void) {
    this.#db("web_sessions")
      .where({ sid_hash: hash(sid) })
      .delete()
      .then(() => done?.(), done);
  }
}

function postgresStore(db: Db) {
  const sweep = setInterval(() => {
    db("web_sessions")
      .where("expires_at", "<", new Date())
      .delete()
      .catch(() => {}); // the next sweep tries again
  }, 10 * 60_000).unref();
  return {
    store: new PostgresStore(db),
    check: async () => void (await db.raw("select 1 from web_sessions limit 1")),
    close: async () => clearInterval(sweep),
  };
}

const hash = (sid: string) => createHash("sha256").update(sid).digest();
const freshDates = () => ({ touched_at: new Date(), expires_at: new Date(Date.now() + keptSeconds * 1000) });
