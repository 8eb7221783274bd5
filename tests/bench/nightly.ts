import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import { type Bench, type Line, median, type Place, type Site, timed } from "./bench.ts";
import { fillBooks } from "./books.ts";

const night = "2026-10-15";
const everyDay = Array.from({ length: 28 }, (_, index) => index + 1);

/** The night of a whole program, what it takes of memory, and the worst that can be: every account closing on one day. */
export const nightly: Bench = async (site, size = 56_000) => {
  const least = await aNight(site, { accounts: 1_000, cycleDays: everyDay, what: "nightly, 1000 accounts" });
  const whole = await aNight(site, { accounts: size, cycleDays: everyDay, what: `nightly, ${size} accounts` });
  const due = Math.min(Math.ceil(size / 4), 14_000);
  const worst = await aNight(site, {
    accounts: due,
    cycleDays: [15],
    what: `a night on which each of ${due} accounts is due`,
  });
  const memory = {
    what: `memory of a night of ${size} accounts`,
    against: "of 1000",
    ratio: whole.memory / least.memory,
    reach: { atMost: 1.5 },
    note: `${whole.memory} MB`,
  };
  return [whole.line, worst.line, memory];
};

/** What holds of books that begin with one posting for each account, whose sales stand in no posting of their own. */
const provable = /add up to zero|entries that it says|kept balance|to the cent|promotional/;

/** Against one UPDATE that writes the day into the state of each account: the least that a night in SQL could do. */
async function aNight(
  site: Site,
  { accounts, cycleDays, what }: { accounts: number; cycleDays: readonly number[]; what: string },
): Promise<{ line: Line; memory: number }> {
  const place = await site.place();
  const { owner } = place;
  await fillBooks(owner, { accounts, night, cycleDays });
  const updates: number[] = [];
  const rounds = accounts > 200_000 ? 3 : 5; // each of a million takes a minute and more
  for (let round = 0; round < rounds; round += 1) {
    await owner.raw("checkpoint");
    updates.push(
      await timed(() => owner.raw("update account_states set state = jsonb_set(state, '{day}', state -> 'day')")),
    );
    await owner.raw("vacuum account_states");
  }
  await owner.raw("vacuum full analyze account_states");
  await owner.raw("checkpoint");
  const before = await states(place);
  let mostMemory = 0;
  const took = await timed(async () => {
    mostMemory = await runNights(place);
  });
  site.say(
    `${what}: UPDATE ${median(updates).toFixed(0)} ms, the night ${took.toFixed(0)} ms, ${before} due, ${mostMemory} MB at most`,
  );
  const wrong = [...(await checkLedger(owner)), ...(await checkBooks(owner))].filter((each) => provable.test(each));
  if (wrong.length || (await states(place)) > 0)
    throw new Error(`The night went wrong: ${wrong[0] ?? "accounts are due"}`);
  const line = {
    what,
    against: "one UPDATE of all",
    ratio: took / median(updates),
    reach: { atMost: 1.5 },
    note: `${before} due, ${mostMemory} MB`,
  };
  return { line, memory: mostMemory };
}

async function states({ owner }: Place): Promise<number> {
  const { rows } = await owner.raw("select count(*)::int as due from account_states where next_work_on <= ?", [night]);
  return rows[0].due;
}

/** The command itself as npm starts it, in a process of its own. Returns the most memory that it took, in MB. */
async function runNights({ urls }: Place): Promise<number> {
  const env = {
    ...process.env,
    NODE_ENV: "test",
    DATABASE_URL: urls.owner,
    DATABASE_APP_URL: urls.portal,
    LOG_LEVEL: "silent",
  };
  const flags = ["--max-semi-space-size=4", "--max-old-space-size=256"]; // as in package.json
  const command = spawn(process.execPath, [...flags, "src/commands/nightly.ts", "--through", night], {
    env,
    stdio: ["ignore", "ignore", "inherit"],
  });
  let most = 0;
  const watch = setInterval(() => {
    const status = readFileSync(`/proc/${command.pid}/status`, "utf8");
    most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
  }, 50);
  const [code] = await once(command, "exit");
  clearInterval(watch);
  if (code !== 0) throw new Error(`The nights ended with ${code}`);
  return Math.round(most / 1024);
}
