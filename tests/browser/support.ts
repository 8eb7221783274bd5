import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { HtmlValidate } from "html-validate";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { copyTemplate, databaseOf } from "../support/database.ts";

const root = join(import.meta.dirname, "../..");
const secrets = {
  SESSION_SECRET: "a session secret that only the tests know",
  DATA_KEY: Buffer.alloc(32, "test").toString("base64"),
};

/** The path of a program, if this machine has it under one of its names. */
export function program(...names: string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

export const chromiumPath = process.env.CHROMIUM ?? program("chromium", "chromium-browser", "google-chrome");

/** The same without a window around the page, which halves the work. It asks for no icon: requests are counted with the other. */
const shellPath = process.env.CHROMIUM ?? program("chromium-headless-shell") ?? chromiumPath;

// The portal as a person starts it, in a process of its own.

export type DemoPortal = { url: string; stop(): Promise<void> };

/** The real program with the demo people and their 18 months, on a copy of its own: made once a run, copied for each file. */
export async function startDemoPortal(): Promise<DemoPortal> {
  const copy = await copyTemplate({ name: "demo", fill: seed });
  const [port, dataDir] = [await freePort(), mkdtempSync(join(tmpdir(), "caraway-browser-"))];
  const url = `http://127.0.0.1:${port}`;
  const env = { ...secrets, PORT: String(port), DATA_DIR: dataDir, ...databaseOf(copy.url), DEMO: "1" };
  const portal = run(["dist/main.js"], env);
  const said = listen(portal);
  while (!said().includes(" is ready at ")) {
    if (portal.exitCode !== null) throw new Error(`The portal did not start:\n${said()}`);
    await setTimeout(20);
  }
  return {
    url,
    async stop() {
      if (portal.exitCode === null && portal.kill()) await once(portal, "exit");
      rmSync(dataDir, { recursive: true, force: true });
      await copy.drop();
    },
  };
}

async function seed(ownerUrl: string): Promise<void> {
  const seeding = run(["src/commands/seed.ts"], { ...secrets, ...databaseOf(ownerUrl) });
  const said = listen(seeding);
  const [code] = await once(seeding, "exit");
  if (code !== 0) throw new Error(`The demo data could not be made:\n${said()}`);
}

/** Node with a script of this checkout, and of the environment only what is given. */
export function run(args: string[], env: Record<string, string>): ChildProcess {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH, HOME, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  process.once("exit", () => child.kill()); // a hook that ran out of time never learns of it
  return child;
}

/** Everything that a process said so far, on either channel. */
export function listen(child: ChildProcess): () => string {
  let said = "";
  for (const channel of [child.stdout, child.stderr]) {
    channel?.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  }
  return () => said;
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (let port = 3200 + Math.floor(Math.random() * 100); ; port = 3200 + ((port - 3199) % 100)) {
    const server = createServer();
    const isFree = await new Promise<boolean>((answer) => {
      server.once("error", () => answer(false)).listen(port, "127.0.0.1", () => answer(true));
    });
    if (!isFree) continue;
    await new Promise((closed) => server.close(closed));
    return port;
  }
}

/** The code that was sent last to an address, as the demo outbox shows it. */
export async function latestCode(portal: DemoPortal, to: string): Promise<string> {
  const messages = (await (await fetch(`${portal.url}/dev/outbox.json`)).json()) as { to: string; text: string }[];
  return /\b\d{6}\b/.exec(messages.find((one) => one.to === to)?.text ?? "")?.[0] ?? "";
}

/** How many requests the portal has answered, those for its own figures left out. */
export async function answeredRequests(portal: DemoPortal): Promise<number> {
  const figures = await (await fetch(`${portal.url}/metrics`)).text();
  const counts = [...figures.matchAll(/^http_request_seconds_count\{.*\} (\d+)$/gm)].map((match) => Number(match[1]));
  asked.set(portal, (asked.get(portal) ?? -1) + 1);
  return counts.reduce((sum, one) => sum + one, 0) - (asked.get(portal) ?? 0);
}
const asked = new WeakMap<DemoPortal, number>();

// Chromium.

export function openChromium(executablePath = shellPath): Promise<Browser> {
  return chromium.launch({
    executablePath: executablePath ?? "",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-dev-shm-usage",
    ],
  });
}

/** A person's window, and what a person would not notice: errors in the console, requests that go elsewhere. */
export type Window = {
  page: Page;
  context: BrowserContext;
  complaints: string[];
  requests: string[];
  /** What moved on the page that is shown, by how much. */
  shifts: number[];
  close(): Promise<void>;
};

export async function openWindow(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Window> {
  const context = await browser.newContext({ baseURL: url, ...options });
  context.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  const requests: string[] = [];
  const shifts: number[] = [];
  await context.exposeBinding("shifted", (_, value) => shifts.push(value));
  await context.addInitScript({ content: reportShifts });
  context.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.page()?.url()}: ${message.text()}`);
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  context.on("request", (request) => {
    requests.push(`${request.method()} ${request.url().replace(url, "")}`);
    if (!request.url().startsWith(`${url}/`)) complaints.push(`asked elsewhere: ${request.url()}`);
  });
  return { page: await context.newPage(), context, complaints, requests, shifts, close: () => context.close() };
}

/**
 * Opens a page; returns by how much things moved while it loaded. A slow machine draws half a page before it has read
 * the rest, so what moves once is looked at again: a page that is built to move does so every time.
 */
export async function shiftsOnLoad({ page, shifts }: Window, path: string): Promise<number[]> {
  let least: number[] | undefined;
  for (let loads = 0; loads < 3 && least?.length !== 0; loads += 1) {
    shifts.length = 0;
    await page.goto(path, { waitUntil: "load" });
    await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
    if (!least || shifts.length < least.length) least = [...shifts];
  }
  return least ?? [];
}

const reportShifts = `new PerformanceObserver((list) => {
  for (const { value } of list.getEntries()) shifted(value);
}).observe({ type: "layout-shift", buffered: true });`;

/** What comes over the wire, compressed as browsers everywhere understand it. */
export async function bytesOf(url: string): Promise<Buffer> {
  const [answer] = (await once(get(url, { headers: { "accept-encoding": "gzip" } }), "response")) as [IncomingMessage];
  return Buffer.concat(await answer.toArray());
}

const { default: htmlRules } = await import(pathToFileURL(join(root, ".htmlvalidate.mjs")).href);
const validator = new HtmlValidate(htmlRules);

/** What the HTML validator says against a page. */
export async function mistakesIn(html: string): Promise<string[]> {
  const { results } = await validator.validateString(html);
  return results.flatMap(({ messages }) => messages.map((one) => `line ${one.line}: ${one.ruleId}: ${one.message}`));
}
