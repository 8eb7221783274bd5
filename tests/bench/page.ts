import { randomUUIDv7 } from "node:crypto";
import { type Bench, inTurn, type Line, type Place } from "./bench.ts";
import { fillBooks } from "./books.ts";
import { aClerkAt, environmentOf, load, type Server, startPortal, startServer } from "./load.ts";

const connections = 16;
const seconds = 3;

/**
 * The account page with fifty transactions, in a table of so many: against bare Express that shows the same; what the log-in
 * and all checks are of its cost; and what it costs more than in a table of ten thousand.
 */
export const page: Bench = async (site, size = 200_000) => {
  const lines: Line[] = [];
  const few = await aPage(await site.place(), 10_000);
  const many = await aPage(await site.place(), size);
  const bare = await startServer("tests/bench/bare-page.ts", { DATABASE_URL: many.place.urls.portal });
  const open = await startServer("tests/bench/page-without-session.ts", {
    ...environmentOf(many.place),
    PRACTICE: many.practiceId,
  });
  await rate(few.portal, few); // each is warm before it counts
  for (const server of [many.portal, bare, open]) await rate(server, many);
  const cpu: Record<string, number[]> = {};
  const measured = async (name: string, server: Server, asked: typeof many) => {
    const { aSecond, cpuMs } = await rate(server, asked);
    cpu[name] = [...(cpu[name] ?? []), cpuMs];
    return aSecond;
  };
  const [portal, plain] = await inTurn(
    5,
    () => measured("portal", many.portal, many),
    () => measured("bare", bare, many),
  );
  const mean = (name: string) => (cpu[name] ?? []).reduce((sum, each) => sum + each, 0) / (cpu[name]?.length ?? 1);
  lines.push({
    what: "account page, requests a second",
    against: "a bare Express page",
    ratio: portal / plain,
    reach: { atLeast: 1 },
    note: `${portal.toFixed(0)}/s; processor ${mean("portal").toFixed(2)} ms, bare ${mean("bare").toFixed(2)} ms`,
  });
  await inTurn(
    5,
    () => measured("checked", many.portal, many),
    () => measured("open", open, many),
  );
  lines.push({
    what: "account page's processor time",
    against: "without log-in and checks",
    reach: { atMost: 1.25 },
    ratio: mean("checked") / mean("open"),
  });
  const [inMany, inFew] = await inTurn(
    5,
    () => measured("many", many.portal, many),
    () => measured("few", few.portal, few),
  );
  const ratio = inFew / inMany;
  lines.push({
    what: `account page's cost at ${size} transactions`,
    against: "at 10000",
    ratio,
    reach: { atMost: 1.15 },
  });
  await Promise.all([few.portal, many.portal, bare, open].map((server) => server.stop()));
  return lines;
};

type Asked = { place: Place; portal: Server; practiceId: string; cookie: string; paths: string[] };

const rate = (server: Server, { cookie, paths }: Pick<Asked, "cookie" | "paths">) => {
  let at = 0;
  const next = () => {
    at += 1;
    return { path: paths[at % paths.length] ?? "", cookie };
  };
  return load(server, { connections, seconds, status: 200, next });
};

/** A hundred transactions on each account; standard sales of one practice, made by one statement. */
async function aPage(place: Place, transactions: number): Promise<Asked> {
  const { owner } = place;
  const accounts = Math.ceil(transactions / 100);
  await fillBooks(owner, { accounts, night: "2026-10-15", cycleDays: [15] });
  const portal = await startPortal(place);
  const { practice, cookie } = await aClerkAt(place, portal.url);
  await owner.raw("insert into practice_accounts (practice_id, account_id, since) select ?, id, now() from accounts", [
    practice.id,
  ]);
  await owner.raw("alter table transactions disable trigger all");
  await owner.raw(
    `insert into transactions (id, kind, practice_id, location_id, account_id, plan_id, amount_cents, fee_cents, service_on,
       business_on, reference, reason, recorded_by, recorded_at)
     select gen_random_uuid(), 'sale', ?, ?, a.id, 'standard', 1000 + n, 19, '2026-10-01', date '2026-01-01' + n * 2, '', '', ?,
       timestamptz '2026-01-01' + n * interval '2 days'
     from accounts a, generate_series(1, 100) n order by n, a.id`,
    [practice.id, practice.locations[0]?.id ?? randomUUIDv7(), practice.bob.id],
  );
  await owner.raw("vacuum analyze");
  const ids: string[] = await owner("accounts").limit(200).pluck("id");
  return { place, portal, practiceId: practice.id, cookie, paths: ids.map((id) => `/accounts/${id}`) };
}
