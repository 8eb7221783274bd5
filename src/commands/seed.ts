import { seedDemo } from "../demo/seed.ts";
import { migrate } from "../platform/migrate.ts";
import { withParts } from "./with-parts.ts";

await withParts(async (parts, urls) => {
  if (parts.config.production) {
    console.error("Demo people have no place in production.");
    return 1;
  }
  await migrate(urls);
  await seedDemo(parts, console.log);
  return 0;
});
