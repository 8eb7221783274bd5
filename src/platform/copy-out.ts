import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { CopyLines } from "./copy-lines.ts";
import type { Db } from "./db.ts";
import { Refused } from "./errors.ts";

/** So many at once: each keeps a connection and a process of the database busy for as long as it is read. */
const mostAtOnce = 3;
let running = 0;

/**
 * Writes the answer of a question as CSV (RFC 4180, UTF-8 with its mark), as fast as it is read and no faster: the
 * database writes the lines, and no more than a few of them are ever in memory. On a connection of its own, for it may
 * take minutes. When the reader goes away, so does the question.
 *
 * @param sql complete: COPY takes no bindings
 * @param begin is called when the database has begun to answer: until then it may still be an error page
 * @throws Refused 503 when too many are under way
 */
export async function copyOut(db: Db, sql: string, given: { to: Writable; begin: () => void }): Promise<void> {
  if (running >= mostAtOnce)
    throw new Refused(503, "Several files are being made at the moment. Try again in a minute.", 60);
  running += 1;
  const { connectionString } = await db.client.config.connection();
  const client = new pg.Client({
    connectionString,
    application_name: "caraway export",
    connectionTimeoutMillis: 2_000,
  });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("set default_transaction_read_only = on; set statement_timeout = '15min'");
    const lines = client.query(new CopyLines(`copy (${sql}) to stdout with (format csv, header)`));
    lines.once("readable", given.begin);
    await pipeline(lines, given.to);
  } finally {
    running -= 1;
    // A question that nobody reads any more would hold up a polite goodbye.
    if (given.to.writableFinished) await client.end().catch(() => {});
    else (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  }
}
