import { backgroundWork } from "../../src/background.ts";
import { openParts } from "../../src/parts.ts";
import { readConfig } from "../../src/platform/config.ts";
import { startWorker } from "../../src/platform/worker.ts";

/** A worker in a process of its own, to be killed. */
const config = readConfig(process.env);
const databaseUrl = config.databaseAppUrl ?? "";
const parts = await openParts(config, async () => databaseUrl);
startWorker({ databaseUrl, log: parts.log, ...backgroundWork(parts) });
