import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { practiceViewer, refuseHeldBack } from "../identity/viewer.ts";
import { csvLine } from "../lib/csv.ts";
import { formatTypedDate } from "../lib/dates.ts";
import { formatDecimal } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined, declinedOrThrow } from "../platform/errors.ts";
import { date, readForm, type Typed, typedIn } from "../platform/forms.ts";
import { type Period, type ReportLine, salesReport, totalsOf } from "./sales-report.ts";

const periodForm = z.object({ from: date("Enter the first day"), to: date("Enter the last day") });

/** Reports; their filters live in the address, and the CSV is the list that the page shows. */
export function reportRoutes({ db, clock }: { db: Db; clock: Clock }): Router {
  const router = Router();

  router.get("/reports", may("see reports"), (_req, res) =>
    res.locals.show("reports/index", { page: { title: "Reports" } }),
  );

  router.get("/reports/sales", may("see reports"), async (req, res) => {
    const typed = withThisMonth(typedIn(req.query), clock);
    try {
      const period = periodIn(typed);
      const lines = await salesReport(db, practiceViewer(res), period);
      showSales(res, { typed, period, lines });
    } catch (error) {
      showSales(res, { typed, period: null, lines: [], errors: declinedOrThrow(error) });
    }
  });

  router.get("/reports/sales.csv", may("see reports"), async (req, res) => {
    refuseHeldBack(res.locals.viewer);
    const typed = withThisMonth(typedIn(req.query), clock);
    try {
      const period = periodIn(typed);
      const lines = await salesReport(db, practiceViewer(res), period);
      res.type("text/csv; charset=utf-8").attachment(`sales-${period.from}-to-${period.to}.csv`);
      res.send(`\ufeff${csvLine(headings)}${lines.map(asCsv).join("")}`);
    } catch (error) {
      showSales(res, { typed, period: null, lines: [], errors: declinedOrThrow(error) });
    }
  });

  return router;
}

function showSales(
  res: Response,
  given: { typed: Typed; period: Period | null; lines: ReportLine[]; errors?: Record<string, string> },
) {
  const { typed, period, lines, errors } = given;
  const page = { title: "Sales and refunds", back: { href: "/reports", label: "Reports" }, wide: true };
  const data = { page, typed, period, lines, totals: totalsOf(lines), errors };
  res.locals.show("reports/sales", data);
}

/** The month so far, where nothing was typed. */
function withThisMonth(typed: Typed, clock: Clock): Typed {
  const today = clock.today();
  return { from: formatTypedDate(`${today.slice(0, 8)}01`), to: formatTypedDate(today), ...typed };
}

function periodIn(typed: Typed): Period {
  const period = readForm(periodForm, typed);
  if (period.from > period.to)
    throw new Declined({ to: "The last day lies before the first. Enter the earlier day under From." });
  return period;
}

const headings = [
  ...["Date", "Type", "Transaction", "Patient", "Account ending", "Plan", "Location", "Reference", "Recorded by"],
  ...["Gross", "Fee", "Net"],
];

const asCsv = (line: ReportLine) =>
  csvLine([
    ...[
      line.on,
      line.kind,
      line.id,
      line.patientName,
      line.accountLast4,
      line.planLabel,
      line.locationName,
      line.reference,
    ],
    ...[line.recordedBy, formatDecimal(line.grossCents), formatDecimal(line.feeCents), formatDecimal(line.netCents)],
  ]);
