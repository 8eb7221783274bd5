import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll } from "vitest";
import { databaseOf } from "../support/database.ts";
import { environment, type Portal } from "../support/portal.ts";

/** Another node of the portal, in a process of its own. Its clock shows what it was told last. */
export type Node = {
  url: string;
  tell(now: Date): void;
  freeze(): void;
  thaw(): void;
  /** SIGKILL: nothing is finished, nothing is said. */
  kill(): Promise<void>;
};

/** Starts a node on a portal's database. @param databaseUrl its way to the database, where that is to be cut */
export async function startNode(portal: Portal, { databaseUrl = portal.databaseUrl } = {}): Promise<Node> {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const env = {
    PATH,
    ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }),
    ...environment,
    ...databaseOf(portal.ownerUrl),
    DATABASE_APP_URL: databaseUrl,
    LOG_LEVEL: process.env.NODE_LOG ?? "silent",
  };
  const child: ChildProcess = fork(join(import.meta.dirname, "node.ts"), {
    env: { ...env, NOW: String(portal.clock.now().getTime()) },
    stdio: ["ignore", process.env.NODE_LOG ? "inherit" : "ignore", "inherit", "ipc"],
  });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  afterAll(kill);
  const [port] = await once(child, "message");
  return {
    url: `http://127.0.0.1:${port}`,
    tell: (now) => child.connected && child.send(now.getTime(), () => {}),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill,
  };
}
