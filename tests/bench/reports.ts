import { execFileSync, spawn } from "node:child_process";
import { randomUUIDv7 } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";
import { allReports } from "../../src/reports/all-reports.ts";
import { csvSql } from "../../src/reports/csv.ts";
import type { Ask } from "../../src/reports/report.ts";
import { type Bench, inTurn, type Line, type Place, timed } from "./bench.ts";

const years = { from: "2024-01-01", to: "2026-12-30" };
const days = 1_095;
const password = "quiet-harbor-lantern";

/** The same figures from the rows themselves, each as a good hand would write it. */
const byHand: Record<string, string> = {
  sales: `select business_on, ${sums()} from transactions where practice_id = :practice and business_on between :from and :to group by 1`,
  plans: `select plan_id, ${sums()} from transactions where practice_id = :practice and business_on between :from and :to group by 1`,
  people: `select recorded_by, ${sums()} from transactions where practice_id = :practice and business_on between :from and :to group by 1`,
  statement: `select location_id, ${sums()} from transactions where practice_id = :practice and business_on <= :to group by 1`,
};

function sums(): string {
  return ["sale", "refund"]
    .map(
      (kind) =>
        `count(*) filter (where kind = '${kind}'), sum(amount_cents) filter (where kind = '${kind}'), sum(fee_cents) filter (where kind = '${kind}')`,
    )
    .join(", ");
}

/**
 * One group of practices with as many sales and refunds in three years as asked (ten million is the size that is meant):
 * the whole page of each report against SQL on the rows, and a tenth of the lines as CSV against psql's COPY.
 */
export const reports: Bench = async (site, size = 1_000_000) => {
  const place = await site.place();
  const practice = await fill(place, size, site.say);
  const portal = await openPortal(place);
  try {
    const lines: Line[] = [];
    for (const [slug, sql] of Object.entries(byHand)) {
      const query = new URLSearchParams(years);
      const [page, hand] = await inTurn(
        3,
        () => timed(async () => void (await portal.get(`/reports/${slug}?${query}`))),
        () => timed(() => place.owner.raw(sql, { practice, ...years })),
      );
      site.say(`${slug}: page ${page.toFixed(0)} ms, SQL on the rows ${hand.toFixed(0)} ms`);
      lines.push({
        ...{ what: `report ${slug}, page, ${size} rows`, against: "SQL on the rows" },
        ...{ ratio: hand / page, reach: { atLeast: 10 } },
      });
    }
    lines.push(await exported({ place, portal, practice, tenth: Math.round(days / 10) }, site.say));
    return lines;
  } finally {
    await portal.stop();
  }
};

type Portal = Awaited<ReturnType<typeof openPortal>>;

async function exported(
  { place, portal, practice, tenth }: { place: Place; portal: Portal; practice: string; tenth: number },
  say: (text: string) => void,
): Promise<Line> {
  const to = new Date(Date.parse(years.from) + (tenth - 1) * 86_400_000).toISOString().slice(0, 10);
  const filter = { from: years.from, to };
  const report = allReports.find(({ slug }) => slug === "sales");
  if (!report) throw new Error("no report of sales");
  const viewer = { practice: { id: practice } };
  const ask: Ask = { db: place.owner, viewer, today: to, timeZone: "America/New_York", filter };
  const command = `copy (${csvSql(report, ask)}) to stdout with (format csv, header)`;
  let count = 0;
  const [file, psql] = await inTurn(
    3,
    () =>
      timed(async () => {
        count = await portal.get(`/reports/sales.csv?${new URLSearchParams(filter)}`);
      }),
    () =>
      timed(
        async () =>
          void execFileSync("psql", [place.urls.owner, "-qc", command], { stdio: ["ignore", "ignore", "inherit"] }),
      ),
  );
  const memory = portal.mostMemory();
  say(`CSV of ${count} lines: ${file.toFixed(0)} ms, psql ${psql.toFixed(0)} ms; the portal took ${memory} MB at most`);
  return {
    ...{ what: `CSV of ${count} lines`, against: "psql's COPY", ratio: file / psql, reach: { atMost: 1.4 } },
    note: `${memory} MB at most, of 120`,
  };
}

/** Practice, people, accounts, and three years of rows, set by set: the guards are off, the days are summed as they are kept. */
async function fill({ owner, parts }: Place, size: number, say: (text: string) => void): Promise<string> {
  const [practice, hash] = [randomUUIDv7(), await parts.passwords.hash(password)];
  const accounts = Math.max(100, Math.round(size / 100));
  const took = await timed(() =>
    owner.transaction(async (trx) => {
      await trx.raw("set local session_replication_role = replica");
      await trx.raw("alter table transactions disable trigger user");
      await trx.raw(
        `insert into practices (id, name, specialty, state, time_zone, phone, joined_at)
         values (?, 'Bench Group', 'Dentistry', 'TX', 'America/Chicago', '5125550100', now())`,
        [practice],
      );
      for (const sql of filling) {
        const bindings = { practice, hash, accounts, size, days, from: years.from };
        await trx.raw(sql, Object.fromEntries(Object.entries(bindings).filter(([name]) => sql.includes(`:${name}`))));
      }
      await trx.raw("alter table transactions enable trigger user");
      for (const name of ["guard", "keep", "keep_all", "allowed", "leave_lines", "add_to_days"])
        await trx.raw(`alter table transactions enable always trigger transactions_${name}`);
    }),
  );
  await owner.raw("vacuum analyze");
  say(`filled with ${size} rows in ${(took / 1000).toFixed(0)} s`);
  return practice;
}

const kinds = (kind: string) =>
  `count(*) filter (where kind = '${kind}'), coalesce(sum(amount_cents) filter (where kind = '${kind}'), 0),
   coalesce(sum(fee_cents) filter (where kind = '${kind}'), 0)`;

const filling = [
  `create temporary table places on commit drop as select gen_random_uuid() as id, n from generate_series(0, 19) n`,
  `insert into locations (id, practice_id, name, street, city, state, zip, phone)
   select id, :practice, 'Location ' || n, '1 Main St', 'Austin', 'TX', '78701', '5125550100' from places`,
  `create temporary table workers on commit drop as select gen_random_uuid() as id, n from generate_series(0, 59) n`,
  `insert into users (id, practice_id, user_id, name, email, phone, role, password_hash, created_at)
   select id, :practice, 'bench.' || n, 'Worker ' || n, 'bench' || n || '@example.com', '2025550143', 'biller', :hash, now() from workers`,
  `create temporary table clients on commit drop as select gen_random_uuid() as id, n from generate_series(0, :accounts - 1) n`,
  `insert into patients (id, first_name, last_name, last_name_key, born_on, ssn_last4, ssn_sealed, ssn_digest, phone, email, street, city, state, zip, created_at)
   select id, 'Nora', 'Quill' || n, 'quill' || n, '1980-01-01', '0000', '', sha256(id::text::bytea), '5125550100', 'p@example.com', '9 Elm St', 'Austin', 'TX', '78704', now() from clients`,
  `insert into accounts (id, patient_id, number, limit_cents, standard_apr, cycle_day, opened_on)
   select id, id, 6000000000000000 + n, 800000, 32.99, 15, '2023-12-01' from clients`,
  `insert into transactions (id, kind, practice_id, location_id, account_id, sale_id, plan_id, amount_cents, fee_cents,
     service_on, business_on, reference, reason, recorded_by, recorded_at)
   select gen_random_uuid(), case when g.n % 12 = 0 then 'refund' else 'sale' end, :practice, p.id, c.id,
     case when g.n % 12 = 0 then c.id end, (array['standard','deferred-6','deferred-12','deferred-18','fixed-24','convert-12'])[1 + g.n % 6],
     20000 + g.n % 90000, 1500, null, :from::date + (g.n::bigint * :days / :size)::int, 'Crown', '', w.id, now()
   from generate_series(0, :size - 1) g (n) join workers w on w.n = g.n % 60 join places p on p.n = g.n % 20
     join clients c on c.n = (g.n::bigint * 7919) % :accounts`,
  `insert into sales_days select practice_id, business_on, location_id, plan_id, ${kinds("sale")}, ${kinds("refund")} from transactions group by 1, 2, 3, 4`,
  `insert into user_days select practice_id, business_on, recorded_by, location_id, plan_id, ${kinds("sale")}, ${kinds("refund")} from transactions group by 1, 2, 3, 4, 5`,
];

/** The portal itself, in a process of its own, with a biller logged in. */
async function openPortal({ urls, parts }: Place) {
  const port = await freePort();
  const env = {
    ...{ NODE_ENV: "test", DEMO: "0", LOG_LEVEL: "silent", PORT: String(port), HOST: "127.0.0.1" },
    ...{ DATABASE_URL: urls.owner, DATABASE_APP_URL: urls.portal },
    // The hashes of passwords and the log-ins depend on them.
    ...{ DATA_DIR: parts.config.dataDir, DATA_KEY: parts.config.dataKey.toString("base64") },
  };
  const portal = spawn(process.execPath, ["src/main.ts"], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const site = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await fetch(`${site}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await setTimeout(100);
  }
  const page = await fetch(`${site}/login`);
  const token = /name="_csrf" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
  const form = new URLSearchParams({ _csrf: token, userId: "bench.0", password });
  const loggedIn = await fetch(`${site}/login`, {
    ...{ method: "POST", body: form, redirect: "manual" as const },
    headers: { cookie: cookiesOf(page) },
  });
  if (loggedIn.status !== 303) throw new Error(`The log-in was answered ${loggedIn.status}`);
  const cookie = [
    cookiesOf(page)
      .split("; ")
      .filter((each) => !each.startsWith("sid=")),
    cookiesOf(loggedIn),
  ]
    .flat()
    .join("; ");
  return {
    /** The whole answer, counted in lines and forgotten. */
    async get(path: string): Promise<number> {
      const answer = await fetch(site + path, {
        headers: { cookie, "accept-encoding": "identity" },
        redirect: "manual",
      });
      if (answer.status !== 200 || !answer.body) throw new Error(`${path} was answered ${answer.status}`);
      let lines = 0;
      for await (const chunk of answer.body)
        for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
      return lines;
    },
    mostMemory: () =>
      Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${portal.pid}/status`, "utf8"))?.[1] ?? 0) / 1024),
    async stop(): Promise<void> {
      portal.kill("SIGTERM");
      await once(portal, "exit");
    },
  };
}

const cookiesOf = (answer: Response) =>
  answer.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
