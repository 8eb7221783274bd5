import { isIsoDate } from "../lib/calendar.ts";
import { runNightly } from "../nightly.ts";
import { migrate } from "../platform/migrate.ts";
import { withParts } from "./with-parts.ts";

const usage = "npm run nightly -- [--through YYYY-MM-DD]";

const [option, through, ...more] = process.argv.slice(2);
if ((option !== undefined && (option !== "--through" || !through || !isIsoDate(through))) || more.length) {
  console.error(usage);
  process.exit(2);
}

await withParts(async (parts, urls) => {
  await migrate(urls);
  const terminal = process.stdout.isTTY;
  const reports = await runNightly(parts, {
    ...(through && { through }),
    onProgress: ({ night, accounts }) => terminal && process.stdout.write(`\r${night}: ${accounts} accounts`),
  });
  if (terminal && reports.length) process.stdout.write("\n");
  const accounts = reports.reduce((sum, each) => sum + each.accounts, 0);
  const last = reports.at(-1);
  if (last)
    console.log(`${reports.length} nights are over, through ${last.night}; ${accounts} accounts had work on them.`);
  else console.log("Every night is over already.");
  return 0;
});
