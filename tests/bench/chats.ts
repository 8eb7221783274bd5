// A hundred chats at once on one node, each side listening and talking: `node tests/bench/chats.ts [chats] [seconds] [pause]`.
import { fork } from "node:child_process";
import { randomUUIDv7 } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage, request } from "node:http";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { openPasswords } from "../../src/identity/passwords.ts";
import { openParts } from "../../src/parts.ts";
import { readConfig } from "../../src/platform/config.ts";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { databaseUrls } from "../../src/platform/portal-role.ts";

const chats = Number(process.argv[2] ?? 100);
const seconds = Number(process.argv[3] ?? 30);
/** Each side says something so often. */
const everyMs = Number(process.argv[4] ?? 2) * 1000;
const password = "quiet-harbor-lantern";
const cheap = { memoryCost: 1024, timeCost: 2, parallelism: 1 };
const dataDir = mkdtempSync(join(tmpdir(), "caraway-bench-"));
const say = (line: string) => process.stdout.write(`${line}\n`);

const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
const env = {
  NODE_ENV: "test",
  DATABASE_URL: postgres.url,
  DATA_DIR: dataDir,
  LOG_LEVEL: "silent",
  DEMO: "1",
  SESSION_SECRET: "a session secret for this bench alone",
  DATA_KEY: Buffer.alloc(32, "bench").toString("base64"),
};
const config = readConfig(env);
const urls = databaseUrls(config, postgres.url);
await migrate(urls);
const { db } = await openParts(config, async () => urls.portal);
const node = fork(join(import.meta.dirname, "../faults/node.ts"), {
  env: { PATH: process.env.PATH, ...env, DATABASE_APP_URL: urls.portal, NOW: String(Date.now()) },
  stdio: ["ignore", "ignore", "inherit", "ipc"],
});
const ticking = setInterval(() => node.connected && node.send(Date.now()), 100);
const [port] = (await once(node, "message")) as [number];
const wires = new Agent({ keepAlive: true, maxSockets: 64 });

/** When each message was sent, and when each stream of the other side heard it. */
const sentAt = new Map<string, number>();
const heard = new Map<string, number[]>();

try {
  say(
    `Load of the machine: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(" ")}`,
  );
  const [people, agents] = [await addPeople("clerk", chats), await addPeople("support", Math.ceil(chats / 10))];
  const idle = memory();
  const sides: { cookie: string; path: string; token: string }[] = [];
  for (const [at, person] of people.entries()) {
    const chat = await begin(person);
    const agent = agents[at % agents.length] as LoggedIn;
    const path = chat.replace("/support/", "/console/");
    await post(agent, `${path}/joining`);
    sides.push({ ...person, path: chat }, { ...agent, path });
  }
  const streams = sides.map((side, at) => listen(side, at));
  await setTimeout(1_500);
  const open = memory();
  const connections = await db("pg_stat_activity")
    .where("application_name", "like", "caraway%")
    .count("* as count")
    .first();

  const began = performance.now();
  await Promise.all(
    sides.map(async (side, at) => {
      await setTimeout((at * everyMs) / sides.length);
      for (let word = 0; performance.now() - began < seconds * 1000; word += 1) {
        const due = performance.now() + everyMs;
        const message = `side${at}word${word}.`;
        sentAt.set(message, performance.now());
        await post(side, `${side.path}/messages`, { key: randomUUIDv7(), message });
        await setTimeout(Math.max(due - performance.now(), 0));
      }
    }),
  );
  const took = (performance.now() - began) / 1000;
  await setTimeout(1_000);

  const waits = [...sentAt].map(([message, at]) => (heard.get(message)?.[0] ?? Number.POSITIVE_INFINITY) - at);
  waits.sort((one, other) => one - other);
  const quantile = (part: number) => `${waits[Math.floor(waits.length * part)]?.toFixed(0)} ms`;
  const twice = [...heard.values()].filter((times) => times.length > 1).length;
  say(
    `${chats} chats, ${streams.length} streams, ${agents.length} agents: ${(sentAt.size / took).toFixed(0)} messages a second for ${took.toFixed(0)} s`,
  );
  say(
    `  until the other side hears: median ${quantile(0.5)}, 99% within ${quantile(0.99)}, longest ${quantile(0.9999)}`,
  );
  say(
    `  of ${sentAt.size} messages ${waits.filter((wait) => !Number.isFinite(wait)).length} lost, ${twice} heard twice`,
  );
  say(`  memory of the node: ${idle} MB idle, ${open} MB with the streams open, ${memory()} MB at the end`);
  say(`  connections to the database, this program's included: ${connections?.count}`);
} finally {
  clearInterval(ticking);
  wires.destroy();
  node.kill("SIGKILL");
  await db.destroy();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
  process.exit();
}

type LoggedIn = { cookie: string; token: string };

async function addPeople(role: "clerk" | "support", count: number): Promise<LoggedIn[]> {
  const hash = await openPasswords(cheap).hash(password);
  const practiceId = randomUUIDv7();
  if (role === "clerk") {
    await db("practices").insert({
      id: practiceId,
      name: "Juniper Dental",
      specialty: "Dentistry",
      state: "TX",
      time_zone: "America/Chicago",
      phone: "5125550100",
      joined_at: new Date(),
    });
  }
  const people: LoggedIn[] = [];
  for (let at = 0; at < count; at += 1) {
    const userId = `${role}.${at}`;
    await db("users").insert({
      id: randomUUIDv7(),
      practice_id: role === "clerk" ? practiceId : null,
      user_id: userId,
      name: `Person ${at}`,
      role,
      email: `${userId}@example.com`,
      phone: "2025550143",
      password_hash: hash,
      created_at: new Date(),
    });
    people.push(await logIn(userId));
  }
  return people;
}

async function logIn(userId: string): Promise<LoggedIn> {
  const before = await ask("GET", "/login", "");
  const body = new URLSearchParams({ _csrf: tokenIn(before.text), userId, password }).toString();
  const { cookie, status } = await ask("POST", "/login", before.cookie, body);
  const page = await ask("GET", "/settings", cookie);
  if (page.status !== 200) throw new Error(`${userId} did not get in: ${status}, then ${page.status}`);
  return { cookie: page.cookie, token: tokenIn(page.text) };
}

async function begin(person: LoggedIn): Promise<string> {
  const { location } = await post(person, "/support", { key: randomUUIDv7(), how: "chat" });
  if (!location.startsWith("/support/chats/")) throw new Error(`no chat began: ${location}`);
  return location;
}

async function post({ cookie, token }: LoggedIn, path: string, fields: Record<string, string> = {}) {
  const answer = await ask("POST", path, cookie, new URLSearchParams({ _csrf: token, ...fields }).toString());
  if (answer.status !== 303) throw new Error(`${path}: ${answer.status} ${answer.text.slice(0, 2_000)}`);
  return answer;
}

function listen(side: LoggedIn & { path: string }, own: number) {
  const options = {
    host: "127.0.0.1",
    port,
    path: `${side.path}/stream?waiting&after=0`,
    headers: { cookie: side.cookie },
  };
  return get(options, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (part: string) => {
      const now = performance.now();
      text += part;
      const whole = text.slice(0, text.lastIndexOf("\n") + 1);
      text = text.slice(whole.length);
      for (const [message, from] of whole.matchAll(/side(\d+)word\d+\./g)) {
        if (Number(from) !== own) heard.set(message, [...(heard.get(message) ?? []), now]);
      }
    });
  }).on("error", () => {});
}

async function ask(method: "GET" | "POST", path: string, cookie: string, body?: string) {
  const headers = { cookie, ...(body && { "content-type": "application/x-www-form-urlencoded" }) };
  const sending = request({ agent: wires, host: "127.0.0.1", port, method, path, headers });
  sending.end(body);
  const [answer] = (await once(sending, "response")) as [IncomingMessage];
  const text = Buffer.concat(await answer.toArray()).toString();
  const jar = new Map(
    cookie
      .split("; ")
      .filter(Boolean)
      .map((one) => one.split("=") as [string, string]),
  );
  for (const one of answer.headers["set-cookie"] ?? []) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(one) ?? [];
    jar.set(name, value);
  }
  const kept = [...jar].map((pair) => pair.join("=")).join("; ");
  return { status: answer.statusCode ?? 0, text, cookie: kept, location: answer.headers.location ?? "" };
}

function tokenIn(html: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? "";
}

/** What the node holds of memory, in MB. */
function memory(): number {
  const status = readFileSync(`/proc/${node.pid}/status`, "utf8");
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024);
}
