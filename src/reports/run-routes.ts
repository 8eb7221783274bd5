import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Router } from "express";
import { may } from "../identity/permissions.ts";
import { practiceViewer, refuseHeldBack } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { uuidIn } from "../platform/forms.ts";
import { everyLocationOf } from "../practices/queries.ts";
import { findRun, nameOf, partsOf } from "./runs.ts";

export const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/** A long file in the making: how far it is, and the file itself once it is there. */
export function runRoutes(router: Router, { db }: { db: Db; clock: Clock }): void {
  router.get("/reports/runs/:id", may("see reports"), async (req, res) => {
    const viewer = practiceViewer(res);
    const run = await findRun(db, viewer, uuidIn(req.params.id));
    const { report } = run;
    const of = nameOf(run, await everyLocationOf(db, viewer.practice.id));
    const back = { href: `/reports/${report.slug}`, label: report.title };
    const page = { title: run.finishedAt ? "Your file is ready" : "Your file is being made", back };
    // By itself, which keeps nobody logged in.
    if (!run.finishedAt) res.set("Refresh", `3; url=/reports/runs/${run.id}?waiting`);
    res.locals.show("reports/run", { page, run, of });
  });

  router.get("/reports/runs/:id/file", may("see reports"), async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    const run = await findRun(db, practiceViewer(res), uuidIn(req.params.id));
    if (!run.finishedAt) return res.redirect(303, `/reports/runs/${run.id}`);
    const { report, filter } = run;
    res.type(xlsxType).attachment(`${report.slug}-${filter.from}-to-${filter.to}.xlsx`);
    await pipeline(Readable.from(partsOf(db, run), { objectMode: false }), res);
  });
}
