// Whether the time of a wrong answer tells that a User ID exists, with the real hashes: `node tests/bench/log-in.ts`.
// Run it when the machine is quiet: it says how busy it is.
import { randomUUIDv7 } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../../src/app.ts";
import { openParts } from "../../src/parts.ts";
import { readConfig } from "../../src/platform/config.ts";
import { startEmbeddedPostgres } from "../../src/platform/embedded-postgres.ts";
import { migrate } from "../../src/platform/migrate.ts";
import { databaseUrls } from "../../src/platform/portal-role.ts";

const tries = Number(process.argv[2] ?? 200);
const password = "quiet-harbor-lantern";
const dataDir = mkdtempSync(join(tmpdir(), "caraway-bench-"));
const say = (line: string) => process.stdout.write(`${line}\n`);

const postgres = await startEmbeddedPostgres({ dataDir, log: () => {} });
const config = readConfig({ NODE_ENV: "test", DATABASE_URL: postgres.url, DATA_DIR: dataDir, LOG_LEVEL: "silent" });
const urls = databaseUrls(config, postgres.url);
await migrate(urls);
const parts = await openParts(config, async () => urls.portal);
const { db, clock, passwords } = parts;
parts.readiness.state = "ready";
const server = createServer(createApp(parts));
await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
const { port } = server.address() as AddressInfo;

try {
  const people = await addClerks(20);
  say(
    `Load of the machine: ${loadavg()
      .map((load) => load.toFixed(2))
      .join(" ")}`,
  );
  for (let time = 0; time < 5; time += 1) await timeOf(await tokened(), "warm.up", "a wrong password, to warm up");
  await ratioOfAnswers(people);
} finally {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await parts.sessions.close();
  await db.destroy();
  await postgres.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** Wrong passwords for User IDs that exist and that do not, in turn; locks are taken back between, outside the time. */
async function ratioOfAnswers(people: string[]): Promise<void> {
  const form = await tokened();
  const times: Record<"known" | "unknown", number[]> = { known: [], unknown: [] };
  for (let time = 0; time < tries; time += 1) {
    const known = people[time % people.length] ?? "";
    const asked: ["known" | "unknown", string][] = [
      ["known", known],
      ["unknown", known.replace("clerk", "blerk")],
    ];
    for (const [which, userId] of time % 2 ? asked.reverse() : asked) {
      await db("log_in_failures").delete();
      times[which].push(await timeOf(form, userId, `wrong password number ${time}`));
    }
  }
  const [known, unknown] = [median(times.known), median(times.unknown)];
  const ratio = (known / unknown).toFixed(3);
  say(
    `Wrong passwords, ${tries} each: median ${known.toFixed(1)} ms known, ${unknown.toFixed(1)} ms unknown, ratio ${ratio} (aim 0.95 to 1.05)`,
  );
  const tenths = (list: number[]) => [0.1, 0.9].map((part) => at(list, part).toFixed(1)).join(" to ");
  say(`  of ten, eight lie in ${tenths(times.known)} ms known, ${tenths(times.unknown)} ms unknown`);
}

type Form = { token: string; cookie: string; agent: Agent };

/** A browser's cookie and the token of its form; each log-in takes them anew, as a fresh browser does. */
async function tokened(): Promise<Form> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const page = await send({ agent, token: "", cookie: "" }, "GET", "/login");
  const token = /name="_csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
  return { agent, token, cookie: (page.answer.headers["set-cookie"] ?? []).map((one) => one.split(";")[0]).join("; ") };
}

async function statusOf(form: Form, userId: string, typed: string): Promise<number> {
  const body = new URLSearchParams({ _csrf: form.token, userId, password: typed }).toString();
  return (await send(form, "POST", "/login", body)).answer.statusCode ?? 0;
}

async function timeOf(form: Form, userId: string, typed: string): Promise<number> {
  const began = performance.now();
  const status = await statusOf(form, userId, typed);
  if (status !== 422) throw new Error(`A wrong password was answered ${status}`);
  return performance.now() - began;
}

function send(form: Form, method: string, path: string, body = ""): Promise<{ answer: IncomingMessage; body: string }> {
  return new Promise((done, fail) => {
    const headers = {
      ...(form.cookie && { cookie: form.cookie }),
      ...(body && { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }),
    };
    const asked = request({ port, host: "127.0.0.1", method, path, agent: form.agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => done({ answer, body: Buffer.concat(chunks).toString() }));
    });
    asked.on("error", fail).end(body);
  });
}

async function addClerks(count: number): Promise<string[]> {
  const practice = randomUUIDv7();
  await db("practices").insert({
    id: practice,
    name: "Bench Dental",
    specialty: "Dentistry",
    state: "TX",
    time_zone: "America/Chicago",
    phone: "5125550100",
    joined_at: clock.now(),
  });
  const password_hash = await passwords.hash(password);
  const userIds = Array.from({ length: count }, (_, index) => `clerk.${index}.bench`);
  await db("users").insert(
    userIds.map((user_id) => ({
      id: randomUUIDv7(),
      practice_id: practice,
      user_id,
      name: user_id,
      role: "clerk",
      email: `${user_id}@example.com`,
      phone: "2025550100",
      password_hash,
      created_at: clock.now(),
    })),
  );
  return userIds;
}

function at(list: number[], part: number): number {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * part)] ?? 0;
}

function median(list: number[]): number {
  return at(list, 0.5);
}
