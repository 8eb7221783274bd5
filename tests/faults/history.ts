import { randomUUIDv7 } from "node:crypto";
import { request } from "node:http";
import { setTimeout } from "node:timers/promises";
import { importPayments, paymentColumns, paymentIdOf } from "../../src/accounts/import-payments.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { formatDecimal } from "../../src/lib/money.ts";
import { runNightly } from "../../src/nightly.ts";
import { portalItself } from "../../src/platform/audit.ts";
import type { Browser } from "../support/browser.ts";
import type { Practice, TestAccount } from "../support/people.ts";
import type { Portal } from "../support/portal.ts";

/**
 * What a client asked for, and what it knows of it: `done` was acknowledged, `declined` was refused with a sentence,
 * `unknown` was never answered for certain and may have happened or not, once.
 */
export type Deed = {
  id: string;
  kind: "sale" | "refund" | "payment";
  accountId: string;
  amountCents: number;
  outcome: "done" | "declined" | "unknown";
};

export type Mix = {
  portal: Portal;
  practice: Practice;
  accounts: (TestAccount & { number: string })[];
  /** Alice, logged in. */
  alice: Browser;
  /** Where the portal answers just now. */
  addresses: () => string[];
  seed: number;
  operations: number;
  /** Told before each operation, whose number it is. */
  before?: (operation: number) => Promise<void> | void;
};

/** How often a press is pressed again before the client goes away not knowing. */
const presses = 12;

/**
 * Does so many operations through HTTP, four clients at once: sales, refunds, payments by file, reading; pressed twice,
 * pressed again when nothing came back, sometimes left half-way. The same seed asks for the same.
 */
export async function runMix(mix: Mix): Promise<{ deeds: Deed[]; wrong: string[]; slowestMs: number }> {
  const deeds: Deed[] = [];
  const wrong: string[] = [];
  let begun = 0;
  let slowestMs = 0;

  const client = async (index: number) => {
    const random = seededRandom(mix.seed * 10 + index);
    const ask = asker(
      mix,
      random,
      (sentence) => wrong.push(sentence),
      (ms) => {
        slowestMs = Math.max(slowestMs, ms);
      },
    );
    while (begun < mix.operations) {
      begun += 1;
      await mix.before?.(begun);
      const account = random.pick(mix.accounts);
      const kind = random.between(1, 100);
      if (kind <= 50) await sell(account);
      else if (kind <= 75) await refund();
      else if (kind <= 88) await pay(account);
      else if (kind <= 98) await ask("GET", account.path);
      else await night();
    }

    async function sell(account: TestAccount): Promise<void> {
      const [id, amountCents] = [randomUUIDv7(), random.between(100, 40_000)];
      const amount = formatDecimal(amountCents);
      const plan = amountCents >= 20_000 && random.chance(0.5) ? "deferred-12" : "standard";
      const serviceDate = mix.portal.clock.today();
      const form = { key: id, amount, plan, serviceDate, reference: "", location: mix.practice.locations[0]?.id ?? "" };
      const deed: Deed = { id, kind: "sale", accountId: account.id, amountCents, outcome: "unknown" };
      await carryOut(deed, { review: `${account.path}/sale`, form, press: `${account.path}/sales` });
    }

    async function refund(): Promise<void> {
      const sales = deeds.filter((each) => each.kind === "sale" && each.outcome === "done");
      if (!sales.length) return;
      const sale = random.pick(sales);
      const amountCents = random.chance(0.3) ? sale.amountCents : random.between(1, sale.amountCents);
      const id = randomUUIDv7();
      const form = { key: id, amount: formatDecimal(amountCents), reason: "Other" };
      const deed: Deed = { id, kind: "refund", accountId: sale.accountId, amountCents, outcome: "unknown" };
      await carryOut(deed, {
        review: `/transactions/${sale.id}/refund`,
        form,
        press: `/transactions/${sale.id}/refunds`,
      });
    }

    async function carryOut(
      deed: Deed,
      { review, form, press }: { review: string; form: Record<string, string>; press: string },
    ): Promise<void> {
      const reviewed = await ask("POST", review, form);
      if (reviewed.answer !== "done") return; // nothing was pressed, so nothing may have happened
      if (reviewed.location !== `${review}/${deed.id}`)
        return void wrong.push(`the review of ${deed.id} led to ${reviewed.location}`);
      deeds.push(deed);
      if (random.chance(0.05)) return leave(press, form);
      const twice = random.chance(0.1);
      const answers = await Promise.all([ask("POST", press, form), ...(twice ? [ask("POST", press, form)] : [])]);
      const certain =
        answers.find(({ answer }) => answer === "done") ?? answers.find(({ answer }) => answer === "declined");
      deed.outcome = certain?.answer ?? "unknown";
      if (answers.some(({ answer, location }) => answer === "done" && location !== `/transactions/${deed.id}`)) {
        wrong.push(`${deed.id} led to ${answers.map(({ location }) => location)}`);
      }
    }

    /** Sends the press and hangs up before the answer. */
    async function leave(path: string, form: Record<string, string>): Promise<void> {
      const sending = request(new URL(path, random.pick(mix.addresses())), {
        method: "POST",
        headers: headersOf(mix.alice),
      });
      sending.on("error", () => {});
      sending.end(new URLSearchParams({ _csrf: await mix.alice.token(), ...form }).toString());
      await setTimeout(random.between(0, 20));
      sending.destroy();
    }

    async function pay(account: TestAccount & { number: string }): Promise<void> {
      const [reference, amountCents] = [randomUUIDv7(), random.between(100, 20_000)];
      const received = mix.portal.clock.today();
      const lines = [
        paymentColumns.join(),
        `${reference},${account.number},${formatDecimal(amountCents)},${received},`,
      ];
      const deed: Deed = {
        id: paymentIdOf(reference),
        kind: "payment",
        accountId: account.id,
        amountCents,
        outcome: "unknown",
      };
      deeds.push(deed);
      for (let tries = 0; tries < presses && deed.outcome === "unknown"; tries += 1) {
        const report = await importPayments(mix.portal.parts, portalItself, lines).catch(() => undefined);
        if (report) deed.outcome = report.problems.length ? "declined" : "done";
        else await setTimeout(50 * tries);
      }
    }

    async function night(): Promise<void> {
      await runNightly(mix.portal.parts).catch(() => {}); // the next one goes on where it was
    }
  };
  await Promise.all([1, 2, 3, 4].map(client));
  return { deeds, wrong, slowestMs };
}

type Answer = { answer: "done" | "declined" | "unknown"; location: string };

/** Asks a node, and another when no answer comes. An answer after one that stayed away is certain only when it says yes. */
function asker(
  { alice, addresses }: Mix,
  random: ReturnType<typeof seededRandom>,
  complain: (sentence: string) => void,
  took: (ms: number) => void,
) {
  return async (method: "GET" | "POST", path: string, form?: Record<string, string>): Promise<Answer> => {
    let isCertain = true;
    for (let tries = 0; tries < presses; tries += 1) {
      const browser = alice.copy(random.pick(addresses()));
      const fields = form && Object.entries({ _csrf: await alice.token(), ...form });
      const began = performance.now();
      const asked = browser.ask(method, path, fields ? { fields } : {}).catch(() => undefined);
      const page = await Promise.race([asked, setTimeout(6_000, undefined, { ref: false })]);
      if (page) took(performance.now() - began);
      if (page?.status === 200) return { answer: "done", location: path };
      if (page?.status === 303) {
        const location = page.header("location");
        if (!location.startsWith("/login")) return { answer: "done", location };
        complain(`${method} ${path}: logged out`);
        return { answer: "unknown", location };
      }
      if (page?.status === 422) return { answer: isCertain ? "declined" : "unknown", location: path };
      if (page && page.status !== 503) {
        complain(`${method} ${path}: ${page.status} ${page.text.slice(0, 200)}`);
        return { answer: "unknown", location: path };
      }
      // A page that says "nothing was done" may be wrong about a commit whose answer was lost.
      isCertain = false;
      await setTimeout(20 * tries);
    }
    return { answer: "unknown", location: path };
  };
}

const headersOf = (browser: Browser) => ({
  Cookie: browser.cookieHeader,
  "Content-Type": "application/x-www-form-urlencoded",
});

/** Holds the history of the clients against the books. Returns what does not agree: nothing. */
export async function judge(portal: Portal, deeds: readonly Deed[]): Promise<string[]> {
  const wrong: string[] = [];
  const { rows }: { rows: { id: string; kind: string; account_id: string; cents: number; postings: number }[] } =
    await portal.db.raw(`
      with happened as (
        select id, kind, account_id, amount_cents from transactions
        union all select id, 'payment', account_id, amount_cents from payments)
      select id, kind, account_id, amount_cents as cents,
        (select count(*)::int from ledger_transactions l where l.id = h.id) as postings
      from happened h`);
  const happened = new Map(rows.map((row) => [row.id, row]));
  for (const { id, kind, accountId, amountCents, outcome } of deeds) {
    const found = happened.get(id);
    happened.delete(id);
    if (outcome === "done" && !found) wrong.push(`lost: ${kind} ${id} was acknowledged`);
    if (outcome === "declined" && found) wrong.push(`done all the same: ${kind} ${id} was declined`);
    if (!found) continue;
    if (found.kind !== kind || found.account_id !== accountId || found.cents !== amountCents || found.postings !== 1)
      wrong.push(`other than asked: ${kind} ${id} is ${JSON.stringify(found)}`);
  }
  wrong.push(...[...happened.values()].map((row) => `nobody asked for ${JSON.stringify(row)}`));
  // A refund's line names its sale.
  const { rows: audited } = await portal.db.raw(`
    select coalesce(sale_id, id) as sale, kind, count(*)::int as done,
      (select count(*)::int from audit_events a where a.subject_id = coalesce(t.sale_id, t.id)
        and a.action = case t.kind when 'sale' then 'sale recorded' else 'sale refunded' end) as lines
    from transactions t group by 1, 2, 4`);
  for (const row of audited)
    if (row.done !== row.lines) wrong.push(`the audit log tells otherwise: ${JSON.stringify(row)}`);
  const { rows: stuck } = await portal.db.raw(
    "select state from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'",
  );
  if (stuck.length) wrong.push(`${stuck.length} transactions were left open`);
  return wrong;
}
