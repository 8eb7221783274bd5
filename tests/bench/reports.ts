import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { allReports } from "../../src/reports/all-reports.ts";
import { csvSql } from "../../src/reports/csv.ts";
import type { Ask, Figure, Report } from "../../src/reports/report.ts";
import { type Bench, inTurn, type Line, type Place, timed } from "./bench.ts";
import { aClerkAt, type Server, startPortal } from "./load.ts";
import { fillReportBooks, others, promotionMonths, years } from "./report-books.ts";

const filter = { from: years.half, to: years.last };

/** What a row of sales and refunds adds to the figures, in the words of SQL. */
const sums = `
  sum(case kind when 'sale' then amount_cents else 0 end)::bigint as sales,
  sum(case kind when 'refund' then amount_cents else 0 end)::bigint as refunds,
  sum(case kind when 'sale' then fee_cents else -fee_cents end)::bigint as fees`;
const now = `business_on >= '${years.half}' as now`;

/** The same answers from the rows themselves, each by one statement as a good hand would write it. */
const byHand: Record<string, string> = {
  sales: `select ${now}, date_trunc('month', business_on), ${sums} from transactions where practice_id = :practice group by 1, 2`,
  plans: `select ${now}, plan_id, ${sums} from transactions where practice_id = :practice group by 1, 2`,
  people: `select ${now}, recorded_by, ${sums} from transactions where practice_id = :practice group by 1, 2`,
  statement: `select ${now}, location_id, date_trunc('month', business_on), ${sums} from transactions where practice_id = :practice group by 1, 2, 3`,
  promotions: `select ends_on >= '${years.half}' as now, ends_on, sum(amount_cents)::bigint as sales, 0 as refunds, 0 as fees
    from transactions cross join lateral (select (business_on + make_interval(months => months))::date as ends_on
      from (select ${promotionMonths("plan_id")} as months) p where months > 0) e
    where practice_id = :practice and kind = 'sale' and ends_on between '${years.first}' and '${years.last}' group by 1, 2`,
  // Without a sign of its own a refund counts below zero: as sales here, for the sum of both is what is shown.
  funding: `select d.arrives_on >= '${years.half}' as now, d.arrives_on, sum(l.gross_cents)::bigint as sales, 0 as refunds, sum(l.fee_cents)::bigint as fees
    from deposits d join deposit_lines l on l.deposit_id = d.id
    where d.practice_id = :practice and d.arrives_on <= '${years.last}' group by 1, 2`,
};

/**
 * One group of practices with as many sales and refunds in three years as asked (ten million is the size that is meant),
 * and five hundred usual practices beside it. Each report compares half of that time with the other half: its whole page
 * for the group, and its figures for a usual practice, against SQL on the rows. Then a tenth of the lines as CSV.
 */
export const reports: Bench = async (site, size = 500_000) => {
  const place = await site.place();
  let portal = await startPortal(place);
  try {
    const { practice, cookie } = await aClerkAt(place, portal.url, "bea");
    const group = practice.id;
    const get = (path: string) => linesOf(`${portal.url}${path}`, cookie);
    const awake = setInterval(() => void get("/support"), 60_000); // filling takes longer than a log-in that is left alone
    let usual = "";
    const took = await timed(async () => {
      usual = await fillReportBooks(place.owner, { group, rows: size });
    });
    await place.owner.raw("vacuum analyze");
    await place.owner.raw("checkpoint");
    site.say(`filled with ${Math.round(size * 1.25)} rows in ${(took / 1000).toFixed(0)} s`);
    clearInterval(awake);
    const lines: Line[] = [];
    for (const report of allReports.filter(({ slug }) => slug in byHand)) {
      const page = () => get(`/reports/${report.slug}?${new URLSearchParams(filter)}`);
      lines.push(await compared(place, report, { of: `${size} rows`, practice: group, ask: page, rounds: 5 }));
      const figures = () => report.summary(asked(place, usual));
      const of = `${Math.round(size / 4 / others)} rows of ${Math.round(size * 1.25)}`;
      lines.push(await compared(place, report, { of, practice: usual, ask: figures, rounds: 15 }));
    }
    const [dashboard, plain] = await inTurn(
      5,
      () => timed(() => get("/")),
      () => timed(() => get("/reports")),
    );
    const note = `${dashboard.toFixed(1)} ms, ${plain.toFixed(1)} ms`;
    lines.push({
      what: "dashboard of the group, s",
      against: "1",
      ratio: dashboard / 1000,
      reach: { atMost: 0.5 },
      note,
    });
    await portal.stop();
    portal = await startPortal(place); // a file's memory is its own, and not that of the pages before it
    lines.push(...(await exported(place, { portal, group, get }, site.say)));
    return lines;
  } finally {
    await portal.stop();
  }
};

const asked = ({ parts }: Place, practice: string): Ask => ({
  db: parts.db,
  viewer: { practice: { id: practice } },
  today: years.last,
  timeZone: "America/New_York",
  filter,
});

async function compared(
  place: Place,
  report: Report,
  given: { of: string; practice: string; ask: () => Promise<unknown>; rounds: number },
): Promise<Line> {
  const { of, practice, ask, rounds } = given;
  const sql = byHand[report.slug] ?? "";
  refuseUnequal(report, await report.summary(asked(place, practice)), (await place.owner.raw(sql, { practice })).rows);
  const [ours, hand] = await inTurn(
    rounds,
    () => timed(ask),
    () => timed(() => place.owner.raw(sql, { practice })),
  );
  return {
    what: `report ${report.slug}, ${of}`,
    against: "SQL on the rows",
    ratio: hand / ours,
    reach: { atLeast: 10 },
    note: `${ours.toFixed(1)} ms, ${hand.toFixed(1)} ms`,
  };
}

type HandRow = { now: boolean; sales: number; refunds: number; fees: number };

/** @throws when a figure of the report, or what it was before, is not to the cent what the rows come to */
function refuseUnequal(report: Report, { figures }: { figures: Figure[] }, rows: HandRow[]): void {
  const sum = (of: boolean, value: (row: HandRow) => number) =>
    rows.filter((row) => row.now === of).reduce((total, row) => total + value(row), 0);
  const known: Record<string, (row: HandRow) => number> = {
    Sales: ({ sales }) => sales,
    Refunds: ({ refunds }) => refunds,
    Fees: ({ fees }) => fees,
    Cost: ({ fees }) => fees,
    Volume: ({ sales, refunds }) => sales - refunds,
    Gross: ({ sales, refunds }) => sales - refunds,
    "Left to pay": ({ sales }) => sales,
    "You receive": ({ sales, refunds, fees }) => sales - refunds - fees,
  };
  const shared = figures.filter(({ name }) => name in known);
  if (!shared.length) throw new Error(`Nothing of ${report.slug} can be compared`);
  for (const { name, value, before } of shared) {
    const of = known[name] ?? (() => Number.NaN);
    if (value !== sum(true, of) || before !== sum(false, of))
      throw new Error(
        `${report.slug}: ${name} is ${value} and ${before}, the rows say ${sum(true, of)} and ${sum(false, of)}`,
      );
  }
}

async function exported(
  place: Place,
  given: { portal: Server; group: string; get: (path: string) => Promise<number> },
  say: (text: string) => void,
): Promise<Line[]> {
  const days = { from: years.first, to: "2024-04-19" }; // a tenth of three years
  const report = allReports.find(({ slug }) => slug === "sales");
  if (!report) throw new Error("no report of sales");
  const command = `copy (${csvSql(report, { ...asked(place, given.group), filter: days })}) to stdout with (format csv, header)`;
  const pid = given.portal.pid;
  const idle = memory(pid, "VmRSS");
  writeFileSync(`/proc/${pid}/clear_refs`, "5"); // from here on the most is counted anew
  let count = 0;
  const [file, psql] = await inTurn(
    5,
    () =>
      timed(async () => {
        count = await given.get(`/reports/sales.csv?${new URLSearchParams(days)}`);
      }),
    () =>
      timed(
        async () =>
          void execFileSync("psql", [place.urls.owner, "-qc", command], { stdio: ["ignore", "ignore", "inherit"] }),
      ),
  );
  const most = memory(pid, "VmHWM");
  say(`CSV of ${count} lines: ${file.toFixed(0)} ms, psql ${psql.toFixed(0)} ms; ${idle} MB before, ${most} at most`);
  return [
    { what: `CSV of ${count} lines`, against: "psql's COPY", ratio: file / psql, reach: { atMost: 1.4 } },
    { what: "its memory, MB", against: "1", ratio: most, reach: { atMost: 120 }, note: `${idle} before it` },
  ];
}

const memory = (pid: number, field: string) =>
  Math.round(
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024,
  );

/** The whole answer, counted in lines and forgotten. */
async function linesOf(url: string, cookie: string): Promise<number> {
  const answer = await fetch(url, { headers: { cookie, "accept-encoding": "identity" }, redirect: "manual" });
  if (answer.status !== 200 || !answer.body) throw new Error(`${url} was answered ${answer.status}`);
  let lines = 0;
  for await (const chunk of answer.body)
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
  return lines;
}
