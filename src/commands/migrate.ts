import { migrate } from "../platform/db.ts";
import { withParts } from "./with-parts.ts";

await withParts(async ({ db }) => {
  await migrate(db);
  console.log("The database is up to date.");
  return 0;
});
