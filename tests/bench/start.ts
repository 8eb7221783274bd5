import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Bench, timed } from "./bench.ts";
import { type Server, startServer } from "./load.ts";

/** The second start with the embedded database, and what the web process holds when nobody asks. */
export const start: Bench = async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "caraway-start-"));
  const env = { NODE_ENV: "test", DEMO: "0", LOG_LEVEL: "silent", DATA_DIR: dataDir };
  await (await startServer("dist/main.js", env)).stop();
  let server: Server | undefined;
  const readyMs = await timed(async () => {
    server = await startServer("dist/main.js", env);
  });
  await setTimeout(5_000);
  const status = readFileSync(`/proc/${server?.pid}/status`, "utf8");
  const idleMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  await server?.stop();
  rmSync(dataDir, { recursive: true });
  return [
    { what: "second start, seconds", against: "–", ratio: readyMs / 1000, reach: { atMost: 3 } },
    { what: "web process idle, MB", against: "–", ratio: idleMb, reach: { atMost: 100 } },
  ];
};
