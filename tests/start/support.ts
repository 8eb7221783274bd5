import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readlinkSync, rmSync, statSync, symlinkSync } from "node:fs";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { freePort, listen } from "../browser/support.ts";
import { Browser } from "../support/browser.ts";

const root = join(import.meta.dirname, "../..");

/** A checkout below a folder that nobody else can enter, as one in root's home is. Its data lies in it, as by default. */
export type Checkout = { folder: string; dataDir: string; remove(): void };

export function makeCheckout(): Checkout {
  const locked = mkdtempSync(join(tmpdir(), "caraway-start-")); // made with mode 0700
  const folder = join(locked, "caraway");
  for (const name of [
    "src",
    "views",
    "public",
    "migrations",
    "package.json",
    "package-lock.json",
    "rolldown.config.ts",
    ".npmrc",
  ]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return { folder, dataDir: join(folder, ".data"), remove: () => rmSync(locked, { recursive: true, force: true }) };
}

/** A command of package.json as a person types it, in a process group of its own as a shell gives it. */
export class Command {
  readonly process: ChildProcess;
  /** Everything it printed so far. */
  readonly said: () => string;
  readonly ended: Promise<number>;
  readonly #checkout: Checkout;

  constructor(checkout: Checkout, args: string[], env: Record<string, string> = {}) {
    this.#checkout = checkout;
    const { PATH, HOME } = process.env;
    // What npm and the test runner put into the environment is none of the portal's business.
    const given = { PATH, HOME, npm_config_update_notifier: "false", ...env };
    this.process = spawn("npm", args, {
      cwd: checkout.folder,
      env: given,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.said = listen(this.process);
    this.ended = once(this.process, "close").then(([code, signal]) => code ?? signal);
  }

  async says(words: string): Promise<void> {
    while (!this.said().includes(words)) {
      if (this.process.exitCode !== null) throw new Error(`It ended without saying "${words}":\n${this.said()}`);
      await setTimeout(10);
    }
  }

  /** To npm alone, as a supervisor does it. */
  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** To everything in the foreground, as Ctrl-C in a terminal does it. */
  pressCtrlC(): void {
    process.kill(-(this.process.pid ?? 0), "SIGINT");
  }

  /** The portal's own process, below npm and its shell. */
  get portalPid(): number {
    const pid = processesIn(this.#checkout.folder).find((one) => one.command.includes("dist/main.js"))?.pid;
    if (!pid) throw new Error("The portal is not running");
    return pid;
  }

  async stop(): Promise<void> {
    this.signal("SIGTERM");
    await this.ended;
  }
}

export type RunningPortal = Command & { url: string; browser(): Browser };

/** `npm start`, until it says that it is ready. */
export async function startPortal(checkout: Checkout): Promise<RunningPortal> {
  const port = await freePort();
  const command = new Command(checkout, ["start"], { PORT: String(port) });
  await command.says(" is ready at ");
  const url = `http://127.0.0.1:${port}`;
  // supertest, which does the asking, takes an address as well as a server.
  return Object.assign(command, { url, browser: () => new Browser(url as unknown as Server) });
}

/** What of a checkout still runs: node in its folder, PostgreSQL on its data. */
export function leftovers(checkout: Checkout): string[] {
  const node = processesIn(checkout.folder).filter(({ command }) => !command.includes("--cluster-name="));
  return [...node, ...databaseServers(checkout)].map(({ pid, command }) => `${pid} ${command}`);
}

/** The database servers of a checkout's data; each is known by the number of its folder. */
export function databaseServers(checkout: Checkout): Pick<Process, "pid" | "command">[] {
  const name = `--cluster-name=caraway-${statSync(join(checkout.dataDir, "postgres")).ino}`;
  const found = processes().filter(({ command }) => command.split(" ").includes(name));
  // A process that a server has just made is called like the server, until it has named itself.
  const servers = found.filter(({ parent }) => found.every(({ pid }) => pid !== parent));
  return servers.map(({ pid, command }) => ({ pid, command }));
}

type Process = { pid: number; parent: number; command: string };

const processesIn = (folder: string) => processes().filter(({ pid }) => workingFolderOf(pid) === folder);

function processes(): Process[] {
  const lines = execFileSync("ps", ["-ww", "-eo", "pid=,ppid=,stat=,args="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, state, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return state && command && !state.startsWith("Z") ? [{ pid: Number(pid), parent: Number(parent), command }] : [];
  });
}

function workingFolderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}
