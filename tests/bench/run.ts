// `npm run bench` measures all; `npm run bench -- nightly=1000000 page` some, with sizes.
// Every figure is a ratio of two things measured in turn on this machine, in this run: see bench.ts.
import { type Bench, type Line, processorTime, takenByOthers, withSite } from "./bench.ts";
import { logIns } from "./log-ins.ts";
import { nightly } from "./nightly.ts";
import { page } from "./page.ts";
import { posting } from "./posting.ts";
import { reports } from "./reports.ts";
import { start } from "./start.ts";

const benches: Record<string, Bench> = { posting, page, "log-ins": logIns, nightly, reports, start };

const asked = process.argv.slice(2).map((each) => each.split("="));
const unknown = asked.find(([name = ""]) => !(name in benches));
if (unknown) {
  process.stderr.write(`There is no "${unknown[0]}". There are: ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}
const chosen = asked.length ? asked : Object.keys(benches).map((name) => [name]);
const mostByOthers = 0.2;

await withSite(async (site) => {
  const rows: string[][] = [["what", "against", "reach", "is", ""]];
  for (const [name = "", size] of chosen) {
    site.say(`… ${name}`);
    const since = processorTime();
    const began = Date.now();
    const lines = (await benches[name]?.(site, size ? Number(size) : undefined)) ?? [];
    const others = takenByOthers(since, (Date.now() - began) / 1000);
    if (others > mostByOthers) {
      site.say(
        `Other programs took ${Math.round(others * 100)} % of the machine during ${name}: its figures say little.`,
      );
    }
    for (const line of lines) rows.push(rowOf(line, others > mostByOthers));
  }
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "));
});

function rowOf({ what, against, ratio, reach, note }: Line, tooBusy: boolean): string[] {
  const wanted = "atLeast" in reach ? `≥ ${reach.atLeast}` : `≤ ${reach.atMost}`;
  const gap = "atLeast" in reach ? reach.atLeast / ratio : ratio / reach.atMost;
  const verdict = gap <= 1 ? "reached" : `${gap.toFixed(2)} times short`;
  return [
    what,
    against,
    wanted,
    ratio.toPrecision(3),
    `${tooBusy ? "too busy to say: " : ""}${verdict}${note ? ` (${note})` : ""}`,
  ];
}
