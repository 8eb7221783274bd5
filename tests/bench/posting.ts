import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Bench, inTurn, type Line, type Place, type Site } from "./bench.ts";
import { accountIn, fillBooks } from "./books.ts";
import { aClerkAt, load, startPortal } from "./load.ts";

const run = promisify(execFile);
const seconds = 4;

/** Posting alone, against pgbench's own TPC-B; on four accounts against many; a sale through HTTP against posting alone. */
export const posting: Bench = async (site, size = 10_000) => {
  const pgbench = findPgbench();
  if (!pgbench) {
    site.say("pgbench is not installed (PostgreSQL's programs, 15 or later): nothing to hold a posting against.");
    return [];
  }
  const folder = mkdtempSync(join(tmpdir(), "caraway-pgbench-"));
  try {
    return await measure(site, size, { pgbench, folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
};

async function measure(
  site: Site,
  size: number,
  { pgbench, folder }: { pgbench: string; folder: string },
): Promise<Line[]> {
  const place = await site.place();
  const { owner } = place;
  await fillBooks(owner, { accounts: size, night: place.parts.clock.today(), cycleDays: [15] });
  const script = (accounts: number) => {
    const file = join(folder, `posting-${accounts}.sql`);
    writeFileSync(
      file,
      `\\set n random(1, ${accounts})
select post_to_ledger(gen_random_uuid(), 'sale', '2026-10-15', now(), null, array['receivable', 'payable', 'merchant_fee_income'],
  array[${accountIn(":n")}, ${accountIn("1 + :n % 500")}, null], array[null, null, null]::uuid[], array[1000, -981, -19], array[2, 1, 3]);\n`,
    );
    return file;
  };
  const tpcb = await site.place();
  const at = (some: Place, args: string[]) => runPgbench(pgbench, some.urls.owner, args);
  await at(tpcb, ["-i", "-q", "-s", "20"]);
  const [many, hot] = [script(size), script(4)];
  const posts = () => at(place, ["-f", many]);
  const [posted, standard] = await inTurn(5, posts, () => at(tpcb, []));
  const [onFour, onMany] = await inTurn(3, () => at(place, ["-f", hot]), posts);
  const sold = await salesASecond(place);
  return [
    {
      what: "a posting alone",
      against: "pgbench TPC-B, prepared",
      ratio: posted / standard,
      reach: { atLeast: 0.85 },
      note: `${posted.toFixed(0)}/s`,
    },
    { what: "postings on 4 accounts", against: `on ${size}`, ratio: onFour / onMany, reach: { atLeast: 0.7 } },
    {
      what: "a sale through HTTP",
      against: "pgbench, the posting alone",
      ratio: sold / posted,
      reach: { atLeast: 0.45 },
      note: `${sold.toFixed(0)}/s`,
    },
  ];
}

/** Charges of reviewed sales, the reviews made beforehand; each on an account in turn, which the last night left current. */
async function salesASecond(place: Place): Promise<number> {
  const { owner } = place;
  const portal = await startPortal(place);
  const { practice, cookie, token } = await aClerkAt(place, portal.url);
  await owner.raw("insert into practice_accounts (practice_id, account_id, since) select ?, id, now() from accounts", [
    practice.id,
  ]);
  const typed = {
    amountCents: 100,
    planId: "standard",
    serviceOn: place.parts.clock.today(),
    reference: "",
    locationId: practice.locations[0]?.id,
  };
  const { rows } = await owner.raw(
    `insert into drafts (id, practice_id, kind, subject_id, typed, saved_at)
     select gen_random_uuid(), ?, 'sale', id, ?, now() from accounts, generate_series(1, 4) returning id, subject_id`,
    [practice.id, JSON.stringify(typed)],
  );
  await owner.raw("vacuum analyze");
  const next = () => {
    const draft = rows.pop();
    return (
      draft && {
        path: `/accounts/${draft.subject_id}/sales`,
        cookie,
        fields: { _csrf: token, key: draft.id, amount: "1.00", plan: "standard" },
      }
    );
  };
  await load(portal, { connections: 8, seconds: 2, status: 303, next });
  const { aSecond } = await load(portal, { connections: 8, seconds: seconds * 2, status: 303, next });
  await portal.stop();
  return aSecond;
}

/** Transactions a second, eight clients, prepared. */
async function runPgbench(pgbench: string, url: string, args: string[]): Promise<number> {
  const { pathname, searchParams } = new URL(url);
  const reach = ["-h", searchParams.get("host") ?? "", "-U", "caraway", pathname.slice(1)];
  const how = args[0] === "-i" ? [] : ["-n", "-c", "8", "-j", "1", "-M", "prepared", "-T", String(seconds)];
  const { stdout } = await run(pgbench, [...how, ...args, ...reach]);
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1] ?? 0);
}

function findPgbench(): string | undefined {
  const folders = [
    ...(process.env.PATH ?? "").split(":"),
    ...[18, 17, 16, 15].map((major) => `/usr/lib/postgresql/${major}/bin`),
  ];
  return folders.map((folder) => join(folder, "pgbench")).find((file) => existsSync(file));
}
