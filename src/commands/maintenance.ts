import { setMaintenance } from "../admin/set-maintenance.ts";
import { currentWords, plannedWords } from "../platform/maintenance-words.ts";
import { withParts } from "./with-parts.ts";

const usage =
  "npm run maintenance        says how it stands\nnpm run maintenance -- off ends it, and takes back what is planned";

await withParts(async (parts) => {
  const { maintenance, clock, config } = parts;
  const [wanted, ...more] = process.argv.slice(2);
  if ((wanted !== undefined && wanted !== "off") || more.length) {
    console.error(usage);
    return 1;
  }
  await maintenance.refresh();
  const off = { mode: "off", message: "", startsAt: null, endsAt: null } as const;
  if (wanted === "off") await setMaintenance(parts, null, { wanted: off, seen: maintenance.plan().number });
  const [current, planned] = [maintenance.inForce(clock.now()), maintenance.toCome(clock.now())];
  const { timeZone } = config.program;
  const words = current ? currentWords(current, timeZone) : planned ? plannedWords(planned, timeZone) : null;
  console.log(words ? `${words.title}. ${words.text}` : "The portal is open, and no maintenance is planned.");
  return 0;
});
