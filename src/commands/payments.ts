import { createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { importPayments, paymentColumns } from "../accounts/import-payments.ts";
import { portalItself } from "../platform/audit.ts";
import { withParts } from "./with-parts.ts";

const [file, ...more] = process.argv.slice(2);
if (!file || more.length || !existsSync(file)) {
  console.error(`npm run payments -- FILE   (CSV, with the columns ${paymentColumns.join(", ")})`);
  process.exit(2);
}

await withParts(async (parts) => {
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Number.POSITIVE_INFINITY });
  const { posted, postedBefore, problems } = await importPayments(parts, portalItself, lines);
  for (const { line, reason } of problems) console.error(`Line ${line}: ${reason}`);
  console.log(`${posted} posted, ${postedBefore} posted before, ${problems.length} wrong.`);
  return problems.length ? 1 : 0;
});
