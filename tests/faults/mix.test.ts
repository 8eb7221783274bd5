import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import { foundPractice, logIn, openAccountFor } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { wireTo } from "../support/proxy.ts";
import { judge, runMix } from "./history.ts";
import { type Node, startNode } from "./nodes.ts";

/** `npm run faults` does ten thousand; every run of the tests some. The seed is told, to do the same again. */
const operations = Number(process.env.FAULTS ?? 120);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
/** About how many operations there are between two faults. */
const spacing = 15;

const portal = await openPortal();
const appRole = "caraway_test_app";

test(`nothing acknowledged is lost and nothing is doubled: ${operations} operations on two nodes, seed ${seed}`, {
  timeout: 60_000 + operations * 1_000,
}, async () => {
  const practice = await foundPractice(portal);
  const accounts = [];
  for (let count = 0; count < 8; count += 1) {
    const account = await openAccountFor(portal, practice, { limitCents: 300_000 });
    accounts.push({ ...account, ...(await portal.db("accounts").where({ id: account.id }).first("number")) });
  }
  const alice = await logIn(portal, practice.alice);
  const wire = await wireTo(portal.databaseUrl);
  const random = seededRandom(seed);
  const start = [() => startNode(portal, { databaseUrl: wire.url }), () => startNode(portal)] as const;
  const nodes: [Node, Node] = [await start[0](), await start[1]()];
  const balances: Promise<number>[] = [];

  const faults: Record<string, () => Promise<void>> = {
    async "every connection to the database is ended"() {
      await portal.db.raw(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and usename = ?",
        [appRole],
      );
    },
    async "the wire is cut"() {
      wire.cut();
      await setTimeout(random.between(50, 400));
      wire.mend();
    },
    async "the wire falls silent"() {
      wire.fallSilent();
      await setTimeout(random.between(50, 400));
      wire.mend();
    },
    async "the wire is cut after a commit"() {
      wire.cutAtCommit();
      await setTimeout(300);
      wire.mend();
    },
    async "a node is killed"() {
      const which = random.between(0, 1) as 0 | 1;
      await nodes[which].kill();
      nodes[which] = await start[which]();
    },
    async "a node freezes"() {
      const node = random.pick(nodes);
      node.freeze();
      await setTimeout(random.between(100, 1_500));
      node.thaw();
    },
    async "somebody holds every account"() {
      const holder = await portal.db.transaction();
      await holder.raw("select from accounts for update");
      await setTimeout(random.between(100, 500));
      await holder.commit();
    },
    async "a clock jumps"() {
      const minutes = random.between(-8, 8); // longer away, and people are logged out
      random.pick(nodes).tell(new Date(portal.clock.now().getTime() + minutes * 60_000));
    },
  };
  const count = new Map<string, number>();
  let faulty = Promise.resolve();
  let isBusy = false;
  const before = (operation: number) => {
    balances.push(trialBalance());
    if (isBusy || operation % spacing) return;
    isBusy = true;
    const name = operation === spacing ? "a node is killed" : random.pick(Object.keys(faults));
    count.set(name, (count.get(name) ?? 0) + 1);
    faulty = (faults[name]?.() ?? faulty).finally(() => {
      isBusy = false;
    });
  };

  const began = Date.now();
  const addresses = () => nodes.map(({ url }) => url);
  const { deeds, wrong, slowestMs } = await runMix({
    portal,
    practice,
    accounts,
    alice,
    addresses,
    seed,
    operations,
    before,
  });
  await faulty;
  await expect
    .poll(() => Promise.all(addresses().map(async (url) => (await alice.copy(url).ask("GET", "/readyz")).status)), {
      timeout: 10_000,
    })
    .toEqual([200, 200]);
  await setTimeout(500); // what was under way on a node that froze comes to its end

  expect.soft(wrong, "what clients were told").toEqual([]);
  expect.soft(await judge(portal, deeds), "what they were told, against what stands").toEqual([]);
  expect.soft(new Set(await Promise.all(balances))).toEqual(new Set([0]));
  expect.soft([...(await checkLedger(portal.db)), ...(await checkBooks(portal.db))]).toEqual([]);
  const by = (outcome: string) => deeds.filter((each) => each.outcome === outcome).length;
  console.log(
    `${operations} operations in ${Math.round((Date.now() - began) / 1000)} s: ${by("done")} acknowledged, ${by("declined")} declined, ` +
      `${by("unknown")} not known; slowest answer ${Math.round(slowestMs)} ms; ${[...count].map(([name, times]) => `${name} ${times}×`).join(", ")}`,
  );
  expect(by("done")).toBeGreaterThan(operations / 4);
});

/** What all entries come to, at any moment. */
async function trialBalance(): Promise<number> {
  const { rows } = await portal.db.raw("select coalesce(sum(amount_cents), 0)::bigint as sum from ledger_entries");
  return rows[0].sum;
}
