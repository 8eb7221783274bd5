import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { resolve } from "node:path";
import { setTimeout } from "node:timers/promises";
import { Browser } from "../support/browser.ts";
import { foundPractice, logIn, type Practice } from "../support/people.ts";
import type { Portal } from "../support/portal.ts";
import type { Place } from "./bench.ts";

const { prestart, start } = JSON.parse(readFileSync("package.json", "utf8")).scripts;

/** A program that answers HTTP, in a process of its own. */
export type Server = { url: string; pid: number; stop(): Promise<void> };

/** Starts a program as `npm start` starts the portal, with a free PORT, and waits for its /readyz. */
export async function startServer(program: string, env: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const path = `${resolve("node_modules/.bin")}:${process.env.PATH}`;
  const child: ChildProcess = spawn("sh", ["-c", `(${prestart}); ${start.replace("dist/main.js", program)}`], {
    env: { PATH: path, ...env, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  while (
    !(await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    await setTimeout(10);
  }
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.kill()) await once(child, "exit");
    },
  };
}

/** The portal's environment at a place. */
export const environmentOf = ({ urls, parts }: Place) => ({
  NODE_ENV: "test",
  DEMO: "0",
  LOG_LEVEL: "silent",
  DATA_DIR: parts.config.dataDir,
  DATABASE_URL: urls.owner,
  DATABASE_APP_URL: urls.portal,
});

/** The portal itself. */
export const startPortal = (place: Place): Promise<Server> => startServer("dist/main.js", environmentOf(place));

/** A practice whose clerk (or biller) is logged in at a server: what the browser sends, and the token of its forms. */
export async function aClerkAt(
  { owner, parts }: Place,
  url: string,
  who: "bob" | "bea" = "bob",
): Promise<{ practice: Practice; cookie: string; token: string }> {
  const site = { db: owner, clock: parts.clock, parts, browser: () => new Browser(url) } as unknown as Portal;
  const practice = await foundPractice(site);
  const browser = await logIn(site, practice[who]);
  return { practice, cookie: browser.cookieHeader, token: await browser.token() };
}

export type Asking = { path: string; cookie?: string; fields?: Record<string, string> };

/** Asks as fast as answers come, over so many connections, for some seconds. @returns answers a second, and their times */
export async function load(
  server: Server,
  given: { connections: number; seconds: number; status: number; next: () => Asking | undefined },
): Promise<{ aSecond: number; times: number[]; cpuMs: number }> {
  const agent = new Agent({ keepAlive: true, maxSockets: given.connections });
  const times: number[] = [];
  const cpu = processorMs(server.pid);
  const began = performance.now();
  const one = async () => {
    while (performance.now() - began < given.seconds * 1000) {
      const asking = given.next();
      if (!asking) return;
      const asked = performance.now();
      const status = await ask(server.url, agent, asking);
      if (status !== given.status) throw new Error(`${asking.path} was answered ${status}`);
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: given.connections }, one));
  agent.destroy();
  const aSecond = (times.length * 1000) / (performance.now() - began);
  return { aSecond, times, cpuMs: (processorMs(server.pid) - cpu) / times.length };
}

function ask(url: string, agent: Agent, { path, cookie, fields }: Asking): Promise<number> {
  const body = fields && new URLSearchParams(fields).toString();
  const headers = {
    ...(cookie && { cookie }),
    ...(body && { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) }),
  };
  return new Promise((done, fail) => {
    const asked = request(new URL(path, url), { method: body ? "POST" : "GET", agent, headers }, (answer) => {
      answer.resume().on("end", () => done(answer.statusCode ?? 0));
    });
    asked.on("error", fail).end(body);
  });
}

const processorMs = (pid: number): number => {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
