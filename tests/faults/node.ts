// A node of the portal in a process of its own, to be killed, frozen, and told other times: see nodes.ts.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createApp } from "../../src/app.ts";
import { openPasswords } from "../../src/identity/passwords.ts";
import { dateIn } from "../../src/lib/dates.ts";
import { openParts } from "../../src/parts.ts";
import { readConfig } from "../../src/platform/config.ts";

let now = Number(process.env.NOW);
process.on("message", (at: number) => {
  now = at;
});
process.on("disconnect", () => process.exit()); // the tests are gone

const config = readConfig(process.env);
const parts = await openParts(config, async () => config.databaseAppUrl ?? "");
parts.clock = { now: () => new Date(now), today: () => dateIn("America/New_York", new Date(now)) };
parts.passwords = openPasswords({ memoryCost: 1024, timeCost: 2, parallelism: 1 });
parts.readiness.state = "ready";
const server = createServer(createApp(parts));
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
