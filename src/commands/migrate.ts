import { migrate } from "../platform/migrate.ts";
import { indexArticles } from "../resources/search-articles.ts";
import { withParts } from "./with-parts.ts";

await withParts(async ({ db }, urls) => {
  await migrate(urls);
  await indexArticles(db);
  console.log("The database is up to date.");
  return 0;
});
