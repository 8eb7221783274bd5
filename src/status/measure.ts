import { connect } from "node:net";
import { setTimeout } from "node:timers/promises";
import { addDays } from "../lib/calendar.ts";
import type { Clock } from "../platform/clock.ts";
import { type Db, only } from "../platform/db.ts";
import type { Listener } from "../platform/listen.ts";

export type PartState = "works" | "slow" | "down";
/** Unknown: it is read from the database, which does not answer. */
export type Measured = PartState | "unknown";

export type Part = {
  id: string;
  label: string;
  measure: () => Promise<PartState>;
  /** It is measured by what the database remembers: not known while that says nothing. */
  isRemembered?: true;
};

export type MeasureParts = {
  db: Db;
  clock: Clock;
  listener: Listener;
  sessions: { check(): Promise<void> };
  config: {
    smtpUrl?: string | undefined;
    smsUrl?: string | undefined;
    bureauUrl?: string | undefined;
    demo: boolean;
    program: { timeZone: string };
  };
};

const slowMs = 1_000;
const patienceMs = 3_000;

/** The parts of the portal, each with how this process measures it. What is not configured is no part. */
export function partsOfPortal(parts: MeasureParts): Part[] {
  const { db, sessions, config, clock, listener } = parts;
  const { smtpUrl, smsUrl, bureauUrl, demo } = config;
  const all: (Part | false)[] = [
    { id: "pages", label: "Pages of the portal", measure: () => timed(() => setTimeout(20)) },
    { id: "database", label: "Database", measure: () => timed(() => db.raw("select 1")) },
    { id: "login", label: "Logging in", measure: () => timed(() => sessions.check()) },
    (demo || Boolean(smtpUrl)) && {
      id: "email",
      label: "E-mail",
      isRemembered: true,
      measure: () => worst(reachable(smtpUrl), delivery(db, clock, "email")),
    },
    (demo || Boolean(smsUrl)) && {
      id: "sms",
      label: "Text messages",
      isRemembered: true,
      measure: () => worst(reachable(smsUrl), delivery(db, clock, "sms")),
    },
    {
      id: "decisions",
      label: "Credit decisions",
      isRemembered: true,
      measure: () => worst(reachable(bureauUrl), decisions(db, clock)),
    },
    {
      id: "nightly",
      label: "Nightly work",
      isRemembered: true,
      measure: () => nightly(db, clock, config.program.timeZone),
    },
    { id: "support", label: "Live support", measure: () => timed(() => heardBack(db, listener)) },
  ];
  return all.filter((part) => part !== false);
}

/** Measures every part at once; none takes longer than three seconds. */
export async function measureAll(parts: Part[]): Promise<Map<string, Measured>> {
  const states = new Map<string, Measured>();
  await Promise.all(
    parts.map(async ({ id, measure }) => {
      const late = setTimeout(patienceMs, "down" as const, { ref: false });
      states.set(id, await Promise.race([measure().catch(() => "down" as const), late]));
    }),
  );
  const isSilent = states.get("database") === "down";
  for (const { id, isRemembered } of parts) if (isSilent && isRemembered) states.set(id, "unknown");
  return states;
}

async function timed(work: () => Promise<unknown>): Promise<PartState> {
  const began = performance.now();
  try {
    await work();
  } catch {
    return "down";
  }
  return performance.now() - began > slowMs ? "slow" : "works";
}

const order = ["works", "slow", "down"] as const;

async function worst(...measuring: Promise<PartState>[]): Promise<PartState> {
  const states = await Promise.all(measuring);
  return order[Math.max(...states.map((state) => order.indexOf(state)))] ?? "works";
}

/** Whether the server of an address takes a call; without an address there is nobody to call. */
function reachable(address: string | undefined): Promise<PartState> {
  if (!address) return Promise.resolve("works");
  const url = new URL(address);
  const usual = { "smtps:": 465, "smtp:": 587, "https:": 443 }[url.protocol] ?? 80;
  const call = () =>
    new Promise<void>((done, fail) => {
      const socket = connect({ host: url.hostname, port: Number(url.port) || usual, timeout: 2_000 });
      socket.once("connect", () => done(void socket.destroy()));
      socket.once("timeout", () => socket.destroy(new Error("no answer")));
      socket.once("error", fail);
    });
  return timed(call);
}

/**
 * By the last messages of the hour: tried without success, and nothing gone out since, is down. What one recipient's
 * server refused for good, or what was called off, says nothing about ours.
 */
async function delivery(db: Db, clock: Clock, channel: "email" | "sms"): Promise<PartState> {
  const { rows } = await db.raw(
    `select count(*) filter (where sent_at is null and last_error is not null
         and (failed_at is null or last_error in ('not configured', 'too late')))::int as stuck,
       coalesce(bool_or(sent_at > ?), false) as goes_out
     from (select * from messages where channel = ? order by written desc limit 200) as latest where at > ?`,
    [minutesAgo(clock, 10), channel, minutesAgo(clock, 60)],
  );
  return stateOf(only(rows));
}

/** By the applications of the last hour that have waited longer than a minute for the bureau's answer. */
async function decisions(db: Db, clock: Clock): Promise<PartState> {
  const { rows } = await db.raw(
    `select (select count(*)::int from applications
         where answered_at is null and submitted_at between :hour and :minute) as stuck,
       exists (select from applications where decided_at > :quarter and answered_at > :quarter) as goes_out`,
    { hour: minutesAgo(clock, 60), minute: minutesAgo(clock, 1), quarter: minutesAgo(clock, 15) },
  );
  return stateOf(only(rows));
}

const stateOf = ({ stuck, goes_out }: { stuck: number; goes_out: boolean }): PartState =>
  stuck === 0 ? "works" : goes_out ? "slow" : "down";

/** Late when, two hours after midnight, an account's day of yesterday has not ended; a day later it is down. */
async function nightly(db: Db, clock: Clock, timeZone: string): Promise<PartState> {
  const due = await db("account_states").min("next_work_on as on").first();
  const hour = clock.now().toTemporalInstant().toZonedDateTimeISO(timeZone).hour;
  const yesterday = addDays(clock.today(), -1);
  if (!due?.on || due.on > yesterday) return "works";
  if (due.on < yesterday) return "down";
  return hour < 2 ? "works" : "slow";
}

/** What one process tells, every process hears: this one hears itself. */
async function heardBack(db: Db, listener: Listener): Promise<void> {
  const heard = Promise.withResolvers<void>();
  const stop = listener.subscribe("status_echo", () => heard.resolve());
  try {
    await db.raw("select pg_notify('status_echo', '')");
    const late = setTimeout(2_500, undefined, { ref: false }).then(() => Promise.reject(new Error("not heard")));
    await Promise.race([heard.promise, late]);
  } finally {
    stop();
  }
}

const minutesAgo = (clock: Clock, minutes: number) => new Date(clock.now().getTime() - minutes * 60_000);
