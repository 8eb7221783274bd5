import { hash as hashOf } from "node:crypto";
import type { Request, RequestHandler } from "express";
import session from "express-session";
import type { Config } from "./config.ts";
import { type Db, prepared } from "./db.ts";
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
    /** The chat with support that a stranger began in this browser. */
    chatId: string;
    /** The registration of a practice that this browser fills in. */
    enrollmentId: string;
    /** The application that a patient sent, or opened, by a link: the hash of it, and until when it stays open. */
    openedApplication: { link: string; until: string };
    /** The statement that a patient opened from a letter, by the hash of its link, and until when it stays open. */
    openedStatement: { link: string; until: string };
    /** Why this agent of support looks around, as it was said last. */
    lookWhy: { occasion: string; reason: string; caseNumber: string };
  }
}

/**
 * As long as a log-in may last in all, and an hour: the `logins` row decides when it ends, and the session still says
 * whose it was, so that what was typed too late is kept for the right person.
 */
const keptSecondsOf = ({ program }: Config) => (program.sessionHours + 1) * 3600;

/**
 * A question that a store on PostgreSQL asks together with its own, because every request asks both: SQL on `s.data`,
 * the session's contents, which gives one row of JSON or none; and its values, `$1` and so on.
 */
export type Beside = { sql: string; values: () => (string | Date)[] };

export type Sessions = {
  middleware: (beside: Beside) => RequestHandler;
  /** Throws when the store does not answer. */
  check(): Promise<void>;
  close(): Promise<void>;
};

const readBeside = new WeakMap<object, unknown>();

/** What was found beside a session as it was read; null when nothing was, undefined when its store did not ask. */
export const foundBeside = (of: session.Session): unknown => readBeside.get(of);

/** Sessions in Redis where `REDIS_URL` is set, in PostgreSQL otherwise. */
export async function openSessions(config: Config, db: Db, log: Log): Promise<Sessions> {
  const opened = config.redisUrl ? await redisStore(config, log) : postgresStore(config, db);
  const middleware = (beside: Beside) =>
    session({
      name: config.production ? "__Host-sid" : "sid",
      secret: config.sessionSecret,
      store: opened.store(beside),
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: "lax", secure: config.production, path: "/" },
    });
  return { middleware, check: opened.check, close: opened.close };
}

async function redisStore(config: Config, log: Log) {
  // Loaded where it is used: 16 MB that a portal without Redis does not need.
  const [{ RedisStore }, { createClient }] = await Promise.all([import("connect-redis"), import("redis")]);
  // A client that queues while Redis is away, or waits for ever for a frozen one, would hang every page.
  const client = createClient({
    url: config.redisUrl ?? "",
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
  const store = new RedisStore({ client, prefix: "session:", ttl: keptSecondsOf(config) });
  return {
    store: () => store,
    check: async () => void (await client.ping()),
    close: async () => client.destroy(),
  };
}

const beside = Symbol("what was found beside the session");

type Row = { data: session.SessionData; touched_at: Date; beside: unknown };
type Kept = session.SessionData & { touchedAt?: number; [beside]?: unknown };

/**
 * A store on our own pool. connect-pg-simple writes a row on every request; this one writes when something changed,
 * and moves the expiry at most once a minute. Ids are stored hashed: a copy of the table opens no session.
 */
class PostgresStore extends session.Store {
  readonly #db: Db;
  readonly #beside: Beside;
  readonly #keptSeconds: number;
  readonly #question: string;
  constructor(db: Db, also: Beside, keptSeconds: number) {
    super();
    this.#db = db;
    this.#beside = also;
    this.#keptSeconds = keptSeconds;
    this.#question = `select s.data, s.touched_at, (${also.sql}) as beside from web_sessions s
      where s.sid_hash = $${also.values().length + 1} and s.expires_at > $${also.values().length + 2}`;
  }

  #freshDates() {
    return { touched_at: new Date(), expires_at: new Date(Date.now() + this.#keptSeconds * 1000) };
  }

  override get(sid: string, done: (error?: unknown, session?: session.SessionData | null) => void) {
    const values = [...this.#beside.values(), hash(sid), new Date()];
    prepared<Row>(this.#db, { name: "session", text: this.#question }, values).then(([row]) => {
      done(null, row && ({ ...row.data, touchedAt: row.touched_at.getTime(), [beside]: row.beside } as Kept));
    }, done);
  }

  override createSession(req: Request, data: Kept) {
    const made = super.createSession(req, data);
    readBeside.set(made, data[beside]);
    return made;
  }

  override set(sid: string, data: Kept, done?: (error?: unknown) => void) {
    const { touchedAt: _, ...kept } = data;
    this.#db("web_sessions")
      .insert({ sid_hash: hash(sid), data: JSON.stringify(kept), ...this.#freshDates() })
      .onConflict("sid_hash")
      .merge()
      .then(() => done?.(), done);
  }

  override touch(sid: string, data: Kept, done?: (error?: unknown) => void) {
    if (Date.now() - (data.touchedAt ?? 0) < 60_000) return done?.();
    this.#db("web_sessions")
      .where({ sid_hash: hash(sid) })
      .update(this.#freshDates())
      .then(() => done?.(), done);
  }

  override destroy(sid: string, done?: (error?: unknown) => void) {
    this.#db("web_sessions")
      .where({ sid_hash: hash(sid) })
      .delete()
      .then(() => done?.(), done);
  }
}

function postgresStore(config: Config, db: Db) {
  const sweep = setInterval(() => {
    db("web_sessions")
      .where("expires_at", "<", new Date())
      .delete()
      .catch(() => {}); // the next sweep tries again
  }, 10 * 60_000).unref();
  return {
    store: (beside: Beside) => new PostgresStore(db, beside, keptSecondsOf(config)),
    check: async () => void (await db.raw("select 1 from web_sessions limit 1")),
    close: async () => clearInterval(sweep),
  };
}

const hash = (sid: string) => hashOf("sha256", sid, "buffer");
