// Reads a payment file on the day that the tests say: `npm run payments` has today's clock.
import { readFileSync } from "node:fs";
import { importPayments } from "../../src/accounts/import-payments.ts";
import { openParts } from "../../src/parts.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { readConfig } from "../../src/platform/config.ts";

const config = readConfig(process.env);
const parts = await openParts(config, async () => config.databaseAppUrl ?? "");
const today = process.env.TODAY ?? "";
const clock = { now: () => new Date(`${today}T16:00:00Z`), today: () => today };
await importPayments({ db: parts.db, clock }, portalItself, readFileSync(process.argv[2] ?? "", "utf8").split("\n"));
process.exit();
