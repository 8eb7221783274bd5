import { randomUUIDv7 } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Request, type Response, Router } from "express";
import { may } from "../identity/permissions.ts";
import { practiceViewer, refuseHeldBack } from "../identity/viewer.ts";
import { isIsoDate } from "../lib/calendar.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Config } from "../platform/config.ts";
import { copyOut } from "../platform/copy-out.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { keyIn, type Typed, typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { everyLocationOf } from "../practices/queries.ts";
import { allReports } from "./all-reports.ts";
import { csvSql } from "./csv.ts";
import { narrowedTo, queryOf, readFilter, typedFilter } from "./filter.ts";
import { hasMoreLines, linesOf, type Place } from "./lines.ts";
import { periodBefore, periodName } from "./period.ts";
import { planChoices } from "./plan-names.ts";
import type { Ask, Report } from "./report.ts";
import { runRoutes, xlsxType } from "./run-routes.ts";
import { askForRun, nameOf, runsOf } from "./runs.ts";
import { summaryOf, tableOf } from "./show.ts";
import { waitedForLines, xlsxReport } from "./xlsx.ts";

type Parts = { db: Db; clock: Clock; config: Config };

/** Reports; their filters live in the address, and each file holds what its page shows. */
export function reportRoutes(parts: Parts): Router {
  const router = Router();

  router.get("/reports", may("see reports"), async (_req, res) => {
    const viewer = practiceViewer(res);
    const [asked, locations] = await Promise.all([
      runsOf(parts, viewer),
      everyLocationOf(parts.db, viewer.practice.id),
    ]);
    const runs = asked.map((run) => ({ ...run, of: nameOf(run, locations) }));
    res.locals.show("reports/index", { page: { title: "Reports" }, reports: allReports, runs });
  });

  for (const report of allReports) {
    router.get(`/reports/${report.slug}`, may("see reports"), async (req, res) => {
      const { ask, typed, ...asked } = await askedFor(parts, report, { req, res });
      if (!ask) return showReport(res, report, { ...asked, typed });
      const [summary, lines] = await Promise.all([
        report.summary(ask),
        linesOf(report, ask, { after: placeIn(typedIn(req.query).after) }),
      ]);
      showReport(res, report, {
        ...asked,
        typed,
        answer: answerOf(report, { ask, typed, locations: asked.locations, summary, lines }),
      });
    });

    router.get(`/reports/${report.slug}.csv`, may("see reports"), async (req, res) => {
      refuseHeldBack(res.locals.viewer);
      const { ask, ...asked } = await askedFor(parts, report, { req, res });
      if (!ask) return showReport(res, report, asked);
      await tellExport(parts, res, { report, ask, format: "csv" });
      await copyOut(parts.db, csvSql(report, ask), { to: res, begin: () => asFile(res, report.slug, ask, "csv") });
    });

    router.get(`/reports/${report.slug}.xlsx`, may("see reports"), async (req, res) => {
      refuseHeldBack(res.locals.viewer);
      const { ask, ...asked } = await askedFor(parts, report, { req, res });
      if (!ask) return showReport(res, report, asked);
      if (await hasMoreLines(report, ask, waitedForLines)) return showLong(res, report, { ask, typed: asked.typed });
      await tellExport(parts, res, { report, ask, format: "xlsx" });
      asFile(res, report.slug, ask, "xlsx");
      await pipeline(Readable.from(xlsxReport(report, ask), { objectMode: false }), res);
    });

    router.post(`/reports/${report.slug}.xlsx`, may("see reports"), async (req, res) => {
      refuseHeldBack(res.locals.viewer);
      const { ask, ...asked } = await askedFor(parts, report, { req, res });
      if (!ask) return showReport(res, report, asked);
      const id = keyIn(req.body);
      await tellExport(parts, res, { report, ask, format: "xlsx" });
      await askForRun(parts, practiceViewer(res), { id, report, filter: ask.filter });
      goTo(res, `/reports/runs/${id}`);
    });

    for (const [name, file] of Object.entries(report.files ?? {})) {
      router.get(`/reports/${report.slug}-${name}.csv`, may("see reports"), async (req, res) => {
        refuseHeldBack(res.locals.viewer);
        const { ask, ...asked } = await askedFor(parts, report, { req, res });
        if (!ask) return showReport(res, report, asked);
        await tellExport(parts, res, { report, ask, format: name });
        asFile(res, `${report.slug}-${name}`, ask, "csv");
        res.send(await file.make(ask));
      });
    }
  }

  runRoutes(router, parts);
  return router;
}

/** The filter that an address asks for; with what is wrong about it, there is nothing to ask. */
async function askedFor({ db, clock, config }: Parts, report: Report, { req, res }: { req: Request; res: Response }) {
  const viewer = practiceViewer(res);
  const today = clock.today();
  const locations = await everyLocationOf(db, viewer.practice.id);
  const typed = typedFilter(typedIn(req.query), report.begins(today));
  try {
    const { timeZone } = config.program;
    const ask: Ask = { db, viewer, today, timeZone, filter: readFilter(typed, locations) };
    return { ask, typed, locations };
  } catch (error) {
    return { ask: null, typed, locations, errors: declinedOrThrow(error) };
  }
}

type Answer = {
  ask: Ask;
  typed: Typed;
  locations: { id: string; name: string }[];
  summary: Awaited<ReturnType<Report["summary"]>>;
  lines: Awaited<ReturnType<typeof linesOf>>;
};

/** All that the page shows of an answer, in words. */
export function answerOf(report: Report, { ask, typed, locations, summary, lines }: Answer) {
  const { filter } = ask;
  const address = `/reports/${report.slug}`;
  return {
    ...summaryOf(summary, periodBefore(filter)),
    period: [periodName(filter), ...narrowedTo(filter, locations)].join(", "),
    lines: tableOf({ caption: `Line by line, ${periodName(filter)}`, columns: report.columns, rows: lines.rows }),
    next: lines.next && `${address}?${queryOf(typed, { after: `${lines.next.on} ${lines.next.id}` })}`,
    // Where nothing is what was looked for, a file would hold its headings alone.
    files: summary.near
      ? []
      : [
          { name: "Download CSV", href: `${address}.csv?${queryOf(typed)}` },
          { name: "Download XLSX", href: `${address}.xlsx?${queryOf(typed)}` },
          // A deposit is booked whole: beside the lines of one plan a journal would be of something else.
          ...Object.entries(filter.planId ? {} : (report.files ?? {})).map(([name, file]) => ({
            name: file.name,
            href: `${address}-${name}.csv?${queryOf(typed)}`,
          })),
        ],
  };
}

type Shown = {
  typed: Typed;
  locations: { id: string; name: string }[];
  errors?: Record<string, string>;
  answer?: ReturnType<typeof answerOf>;
};

/** The page of a report, with an answer or with what is wrong about the question. */
export function showReport(res: Response, report: Report, { errors, ...shown }: Shown): void {
  const page = { title: report.title, back: { href: "/reports", label: "Reports" }, wide: true };
  const { slug, days, nothing, ofDeposits } = report;
  res.locals.show("reports/report", {
    page,
    report: { slug, days, nothing, ofDeposits },
    planChoices,
    ...shown,
    errors,
  });
}

/** Says that a file takes a while, and offers to make it meanwhile. */
function showLong(res: Response, report: Report, { ask, typed }: { ask: Ask; typed: Typed }): void {
  const address = `/reports/${report.slug}`;
  const query = queryOf(typed);
  res.locals.show("reports/long", {
    page: { title: "A long file", back: { href: `${address}?${query}`, label: report.title } },
    of: `${report.title}, ${periodName(ask.filter)}`,
    most: waitedForLines,
    key: randomUUIDv7(),
    action: `${address}.xlsx?${query}`,
    back: `${address}?${query}`,
  });
}

function asFile(res: Response, name: string, { filter }: Ask, format: "csv" | "xlsx"): void {
  res
    .type(format === "csv" ? "text/csv; charset=utf-8" : xlsxType)
    .attachment(`${name}-${filter.from}-to-${filter.to}.${format}`);
}

/** A file leaves the portal, with patients in it: who took it, and which days. */
async function tellExport({ db, clock }: Parts, res: Response, given: { report: Report; ask: Ask; format: string }) {
  const { report, ask, format } = given;
  await audit(db, res.locals.actor, {
    at: clock.now(),
    action: "report exported",
    subjectId: ask.viewer.practice.id,
    details: { report: report.slug, format, from: ask.filter.from, to: ask.filter.to },
  });
}

/** Where a page of lines begins, from its address; anything else is the first page. */
function placeIn(after: string | undefined): Place | undefined {
  const [on = "", id = ""] = [after?.slice(0, 10), after?.slice(11)];
  return isIsoDate(on) && id ? { on, id } : undefined;
}
