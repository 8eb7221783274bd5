import type { PracticeViewer } from "../identity/viewer.ts";
import { daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound, Refused } from "../platform/errors.ts";
import { addJob } from "../platform/jobs.ts";
import { allReports } from "./all-reports.ts";
import { narrowedTo } from "./filter.ts";
import { periodName } from "./period.ts";
import type { Filter, Report } from "./report.ts";
import { xlsxReport } from "./xlsx.ts";

export const runTask = "write-report";
const keptDays = 7;
/** Of one practice, in the making at once: each is minutes of work, and up to a hundred megabytes. */
const mostAtOnce = 5;
/** A part of a file, as it is kept: so much is in memory at once. */
const partBytes = 1_000_000;

/** A file in the making, or made: how much of it there is. */
export type Run = {
  id: string;
  report: Report;
  filter: Filter;
  lines: number;
  /** From 0 to 1, by the day that the lines have come to. */
  progress: number;
  finishedAt: Date | null;
};

/**
 * Asks for a long file, under the form's key: pressing twice asks once. What is over a week old goes.
 * @throws Refused 429 when the practice has five in the making
 */
export async function askForRun(
  { db, clock }: { db: Db; clock: Clock },
  viewer: PracticeViewer,
  given: { id: string; report: Report; filter: Filter },
): Promise<void> {
  const { id, report, filter } = given;
  const now = clock.now();
  await db.transaction(async (trx) => {
    await trx("report_runs").where("asked_at", "<", keptSince(clock)).delete();
    const asked = await trx("report_runs")
      .insert({
        id,
        practice_id: viewer.practice.id,
        user_id: viewer.id,
        report: report.slug,
        filter: JSON.stringify(filter),
        asked_at: now,
      })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (!asked.length) return;
    // The practice is held, so that many at once are counted one after the other.
    await trx("practices").where({ id: viewer.practice.id }).forNoKeyUpdate().first("id");
    const making = await trx("report_runs")
      .where({ practice_id: viewer.practice.id, finished_at: null })
      .count()
      .first();
    if (Number(making?.count) > mostAtOnce)
      throw new Refused(
        429,
        "Several files of your practice are being made. Wait until one is ready, then ask again.",
        60,
      );
    await addJob(trx, { task: runTask, id });
  });
}

/** A file of the viewer's practice; 404 when it is not there or another's. */
export async function findRun(db: Db, viewer: PracticeViewer, id: string): Promise<Run> {
  const row = await db("report_runs").where({ id, practice_id: viewer.practice.id }).first();
  const run = row && runIn(row);
  if (!run) throw notFound();
  return run;
}

/** The files that the viewer asked for within a week, the newest first. */
export async function runsOf({ db, clock }: { db: Db; clock: Clock }, viewer: PracticeViewer): Promise<Run[]> {
  const rows: RunRow[] = await db("report_runs")
    .where({ user_id: viewer.id, practice_id: viewer.practice.id })
    .where("asked_at", ">=", keptSince(clock))
    .orderBy("asked_at", "desc")
    .limit(10);
  return rows.flatMap((row) => runIn(row) ?? []);
}

/** `Sales and refunds, Nov 1 to Nov 23, 2026, Uptown, Standard account`: what is not narrowed is not named. */
export function nameOf(
  { report, filter }: Pick<Run, "report" | "filter">,
  locations: { id: string; name: string }[],
): string {
  return [report.title, periodName(filter), ...narrowedTo(filter, locations)].join(", ");
}

const keptSince = (clock: Clock) => new Date(clock.now().getTime() - keptDays * 86_400_000);

type RunRow = {
  id: string;
  report: string;
  filter: Filter;
  lines: number;
  reached_on: IsoDate | null;
  finished_at: Date | null;
};

function runIn(row: RunRow): Run | null {
  const report = allReports.find(({ slug }) => slug === row.report);
  if (!report) return null;
  const { filter } = row;
  const days = daysBetween(filter.from, filter.to) + 1;
  const progress = row.finished_at ? 1 : row.reached_on ? daysBetween(filter.from, row.reached_on) / days : 0;
  return { id: row.id, report, filter, lines: row.lines, progress, finishedAt: row.finished_at };
}

/** Writes a file that was asked for. Begun again, it starts from the first line. */
export async function writeRun(
  { db, clock, timeZone }: { db: Db; clock: Clock; timeZone: string },
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const row = await db("report_runs").where({ id, finished_at: null }).first();
  const report = allReports.find(({ slug }) => slug === row?.report);
  if (!row || !report) return;
  await db("report_run_parts").where({ run_id: id }).delete();
  const viewer = { practice: { id: row.practice_id } };
  const ask = { db, viewer, today: clock.today(), timeZone, filter: row.filter as Filter };

  let part = 0;
  let held: Buffer[] = [];
  const keep = async () => {
    await db("report_run_parts").insert({ run_id: id, part, bytes: Buffer.concat(held) });
    part += 1;
    held = [];
  };
  const onBatch = async (lines: number, reachedOn: IsoDate) => {
    signal.throwIfAborted();
    await db("report_runs").where({ id }).update({ lines, reached_on: reachedOn });
  };
  for await (const piece of xlsxReport(report, ask, onBatch)) {
    held.push(piece);
    if (held.reduce((sum, { length }) => sum + length, 0) >= partBytes) await keep();
  }
  await keep();
  await db("report_runs").where({ id }).update({ finished_at: clock.now() });
}

/** The parts of a finished file, in their order. */
export async function* partsOf(db: Db, { id }: Run): AsyncGenerator<Buffer> {
  for (let part = 0; ; part += 1) {
    const row = await db("report_run_parts").where({ run_id: id, part }).first("bytes");
    if (!row) return;
    yield row.bytes;
  }
}
