import { join } from "node:path";
import knex, { type Knex } from "knex";
import pg from "pg";
import type { Log } from "./log.ts";
import { root } from "./root.ts";

/** The pool, or a transaction on it. Questions take either; verbs open a transaction of their own. */
export type Db = Knex;
export type Trx = Knex.Transaction;

// Cents and counts fit a JavaScript number exactly; a calendar date must not become an instant in some time zone.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => text);

/**
 * Opens the pool, on a server that may still be starting. A request waits two seconds for its turn
 * and three for the answer at most, so that no page takes over five when the database is frozen.
 */
export function openDb(url: () => Promise<string>, log: Log, options: { poolSize?: number } = {}): Db {
  return knex({
    client: "pg",
    connection: async () => ({ connectionString: await url(), ...limits }),
    pool: { min: 0, max: options.poolSize ?? 10, acquireTimeoutMillis: 2_000, validate: isFree },
    migrations,
    log: { warn: (message) => log.warn(message), error: (message) => log.error(message) },
  });
}

/**
 * Whether a connection owes no answer and is in no transaction. One that did not answer BEGIN or ROLLBACK in time comes
 * back to the pool in a transaction that nobody will commit: what is written on it next would be acknowledged, and lost.
 */
function isFree(connection: pg.Client & { readyForQuery?: boolean; getTransactionStatus?(): string | null }): boolean {
  return connection.readyForQuery === true && connection.getTransactionStatus?.() === "I";
}

/** Where Knex finds the schema's steps. */
export const migrations = { directory: join(root, "migrations"), loadExtensions: [".ts"] };

const limits = {
  application_name: "caraway",
  statement_timeout: 2_900,
  lock_timeout: 2_500,
  query_timeout: 3_000,
  idle_in_transaction_session_timeout: 10_000,
  connectionTimeoutMillis: 2_000,
  keepAlive: true,
};

/** A statement with `$1`, `$2`… in its text. The name belongs to this text alone. */
export type Statement = { name: string; text: string };

/**
 * Runs what every page or sale runs, past Knex's builder: each connection plans it once, under its name. Where the
 * database plans 0.5 ms and works 0.1 ms, that is most of it. Only for statements whose best plan is the same whatever
 * the values are.
 */
export async function prepared<Row>(db: Db, { name, text }: Statement, values: readonly unknown[]): Promise<Row[]> {
  if (db.isTransaction && (db as Trx).isCompleted()) throw new Error(`${name}: its transaction is over`);
  const connection: pg.Client = await db.client.acquireConnection();
  try {
    return (await connection.query({ name, text, values: [...values] })).rows;
  } finally {
    db.client.releaseConnection(connection);
  }
}

/** The one row of a question that has exactly one answer. */
export function only<Row>(rows: Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) throw new Error(`Expected one row, got ${rows.length}`);
  return row;
}

/** What PostgreSQL calls the error, e.g. `23505`; undefined when it is not the database's. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What the client of Redis throws when it is away, too slow, or full: it has no codes. */
const redisErrors = [
  "ClientOfflineError",
  "ClientClosedError",
  "DisconnectsClientError",
  "SocketClosedUnexpectedlyError",
  "ConnectionTimeoutError",
  "SocketTimeoutError",
  "CommandTimeoutError",
  "TimeoutError",
  "AbortError",
  "ReconnectStrategyError",
  "SimpleError",
  "ErrorReply",
];

/** Whether the database could not be asked or did not answer in time, as opposed to having refused the statement. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  const passing = [
    "ECONNREFUSED",
    "ECONNRESET",
    "ENOENT",
    "EPIPE",
    "ETIMEDOUT",
    "55P03",
    "57014",
    "57P01",
    "57P02",
    "57P03",
    "53300",
    "25P03",
    "40P01", // lost against another: the same again will do
    "40001",
    "25006", // takes no writing
    "53100", // disk full
    "53200",
  ];
  if (state && (passing.includes(state) || state.startsWith("08"))) return true;
  if (!(error instanceof Error)) return false;
  if (redisErrors.includes(error.constructor.name)) return true;
  return (
    error.name === "KnexTimeoutError" ||
    /Connection terminated|timeout|Connection ended|not queryable/i.test(error.message)
  );
}
