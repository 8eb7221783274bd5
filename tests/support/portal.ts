import { createServer, type Server } from "node:http";
import type { Express } from "express";
import { pino } from "pino";
import { afterAll, afterEach } from "vitest";
import { createApp } from "../../src/app.ts";
import type { Bureau } from "../../src/applications/bureau.ts";
import { seedDemo } from "../../src/demo/seed.ts";
import { openPasswords } from "../../src/identity/passwords.ts";
import { dateIn } from "../../src/lib/dates.ts";
import { openParts, type Parts } from "../../src/parts.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { readConfig } from "../../src/platform/config.ts";
import { type Db, openDb } from "../../src/platform/db.ts";
import { openLog } from "../../src/platform/log.ts";
import { latestMessages, type Message } from "../../src/platform/messages.ts";
import { booksBalance } from "./books.ts";
import { Browser } from "./browser.ts";
import { asPortal, copyTemplate } from "./database.ts";

/** The real portal on a database of its own, with a clock that stands still until it is told to go on. */
export type Portal = {
  parts: Parts;
  /** The tests' own hand, as the owner of the tables; the portal itself works on `parts.db`, as its own role. */
  db: Db;
  clock: TestClock;
  app: Express;
  server: Server;
  /** The portal's own way in, and the owner's. */
  databaseUrl: string;
  ownerUrl: string;
  /** Everything that was logged, as text. */
  logged(): string;
  browser(given?: { headers?: Record<string, string> }): Browser;
  /** What was sent, newest first. */
  messages(): Promise<(Message & { at: Date })[]>;
  /** Another process of the same portal: its own pool, on the same database. */
  anotherNode(given?: { bureau?: Bureau; databaseUrl?: string }): Promise<Pick<Portal, "parts" | "server">>;
};

export type TestClock = Clock & { advance(by: { seconds?: number; minutes?: number; days?: number }): void };

export type PortalOptions = {
  env?: NodeJS.ProcessEnv;
  bureau?: Bureau;
  /** With the demo people and their 18 months, as they were made on the clock's first day. */
  demo?: boolean;
  /** False where a test spoils the books on purpose; "ledger" where it writes past the engine. */
  booksBalance?: boolean | "ledger";
};

/** What every node of the tests' portal is configured with. */
export const environment = {
  NODE_ENV: "test",
  SESSION_SECRET: "a session secret that only the tests know",
  DATA_KEY: Buffer.alloc(32, "test").toString("base64"),
  PUBLIC_URL: "http://127.0.0.1:3000",
  DEMO: "1",
  LOG_LEVEL: "info",
};

/** Opens a portal for the tests of a file; it closes after the last of them, and after each the books balance. */
export async function openPortal(options: PortalOptions = {}): Promise<Portal> {
  const copy = await copyTemplate(options.demo ? { name: "demo_of_old", fill: fillWithDemo } : undefined);
  const closings: (() => Promise<void>)[] = [copy.drop];
  afterAll(async () => {
    for (const close of closings.reverse()) await close();
  });

  const clock = standingClock();
  const lines: string[] = [];
  const start = async (bureau: Bureau | undefined, databaseUrl: string) => {
    const config = readConfig({
      ...environment,
      DATABASE_URL: copy.url,
      DATABASE_APP_URL: databaseUrl,
      ...options.env,
    });
    const opened = await openParts(config, async () => databaseUrl);
    // The real log, its lines kept instead of printed.
    Object.assign(opened.log, { [pino.symbols.streamSym]: { write: (line: string) => lines.push(line) } });
    const passwords = openPasswords(cheapHashes);
    const parts: Parts = {
      ...opened,
      passwords,
      clock,
      bureau: bureau ?? opened.bureau,
      readiness: { state: "ready" },
    };
    const app = createApp(parts);
    const server = createServer(app);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    closings.push(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await parts.listener.close();
      await parts.sessions.close();
      await parts.db.destroy();
    });
    return { parts, server, app };
  };

  const databaseUrl = asPortal(copy.url);
  const { parts, server, app } = await start(options.bureau, databaseUrl);
  const db = openDb(async () => copy.url, openLog("silent"));
  closings.push(() => db.destroy());
  if (options.booksBalance !== false) {
    afterEach(() => booksBalance(db, options.booksBalance === "ledger" ? "ledger" : "all"));
  }
  return {
    parts,
    app,
    db,
    clock,
    server,
    databaseUrl,
    ownerUrl: copy.url,
    logged: () => lines.join(""),
    browser: (given) => new Browser(server, given),
    messages: () => latestMessages(parts.db),
    anotherNode: (given = {}) => start(given.bureau ?? options.bureau, given.databaseUrl ?? databaseUrl),
  };
}

async function fillWithDemo(ownerUrl: string): Promise<void> {
  const [DATABASE_URL, DATABASE_APP_URL] = [ownerUrl, asPortal(ownerUrl)];
  const parts = await openParts(
    readConfig({ ...environment, DATABASE_URL, DATABASE_APP_URL }),
    async () => DATABASE_APP_URL,
  );
  await seedDemo({ ...parts, clock: standingClock(), passwords: openPasswords(cheapHashes) });
  await parts.listener.close();
  await parts.sessions.close();
  await parts.db.destroy();
}

/** A hundredth of the real cost; the real one is the business of the program that measures it. */
export const cheapHashes = { memoryCost: 1024, timeCost: 2, parallelism: 1 };

/** Ten in the morning in Austin, on a Monday; log-ins last twelve hours, so time goes forward only. */
function standingClock(): TestClock {
  let now = Date.parse("2026-11-23T16:00:00Z");
  return {
    now: () => new Date(now),
    today: () => dateIn("America/New_York", new Date(now)),
    advance: ({ seconds = 0, minutes = 0, days = 0 }) => {
      now += seconds * 1000 + minutes * 60_000 + days * 86_400_000;
    },
  };
}
