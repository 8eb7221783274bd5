import { migrate } from "../platform/migrate.ts";
import { withParts } from "./with-parts.ts";

await withParts(async (_parts, urls) => {
  await migrate(urls);
  console.log("The database is up to date.");
  return 0;
});
