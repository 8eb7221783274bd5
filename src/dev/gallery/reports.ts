import { allReports } from "../../reports/all-reports.ts";
import { planChoices } from "../../reports/plan-names.ts";
import type { Ask, Report, Row, Summary } from "../../reports/report.ts";
import { answerOf } from "../../reports/routes.ts";
import { sales } from "../../reports/sales.ts";
import * as sample from "../samples.ts";
import type { Shown } from "./shown.ts";

const typed = { from: "11/01/2026", to: "11/07/2026" };
const filter = { from: "2026-11-01", to: "2026-11-07" };

const shown = (report: Report, data: object): Shown => ({
  view: "reports/report",
  viewer: sample.owner,
  data: {
    page: { title: report.title, back: { href: "/reports", label: "Reports" }, wide: true },
    report,
    planChoices,
    typed,
    locations: sample.locations,
    ...data,
  },
});

const answered = (report: Report, summary: Summary, rows: Row[]): Shown =>
  shown(report, {
    answer: answerOf(report, {
      ask: { filter } as Ask,
      typed,
      locations: sample.locations,
      summary,
      lines: { rows, next: rows.length ? { on: "2026-11-07", id: sample.sale.id } : undefined },
    }),
  });

const days = [0, 480_000, 213_500, 0, -45_000, 1_204_900, 90_000].map((cents, index) => ({
  name: `Nov ${index + 1}`,
  salesCents: cents,
  feeCents: cents / 10,
  netCents: cents * 0.9,
  before: 100_000,
}));
const summary: Summary = {
  figures: [
    { name: "Sales", as: "money", value: 1_988_400, before: 1_500_000, note: "5 sales" },
    { name: "Refunds", as: "money", value: 45_000, before: 45_000, note: "1 refund" },
    { name: "You receive", as: "money", value: 1_749_060, before: 0, note: "sales less refunds and fees" },
  ],
  chart: {
    name: "Sales less refunds",
    as: "money",
    bars: days.map(({ name, salesCents, before }) => ({ name, value: salesCents, before })),
  },
  table: {
    caption: "What each day or stretch of days came to",
    columns: [
      { key: "name", name: "Days", as: "text" },
      { key: "salesCents", name: "Sales", as: "money" },
      { key: "feeCents", name: "Fees", as: "money" },
      { key: "netCents", name: "You receive", as: "money", main: true },
    ],
    rows: days,
    total: { name: "Together", salesCents: 1_943_400, feeCents: 194_340, netCents: 1_749_060 },
  },
};
const lines: Row[] = [
  ["Maria Alvarez", "Sale", 120_000, "Crown"],
  ["James Whitfield", "Refund", -45_000, ""],
].map(([patient = "", kind = "", gross = 0, reference = ""]) => ({
  on: "2026-11-02",
  patient,
  kind,
  plan: "No interest if paid in full within 12 months",
  reference,
  location: "Riverside Dental North",
  href: `/transactions/${sample.sale.id}`,
  gross,
  fee: Number(gross) / 10,
  net: Number(gross) * 0.9,
}));
const nothing = { ...summary, figures: [], chart: null, table: { ...summary.table, rows: [] } };

const run = (progress: number, finishedAt: Date | null): Shown => ({
  view: "reports/run",
  viewer: sample.owner,
  data: {
    page: { title: finishedAt ? "Your file is ready" : "Your file is being made", back: { href: "#", label: "Sales" } },
    of: "Sales and refunds, Nov 1 to Nov 23, 2026",
    run: { id: sample.ids.draft, lines: 42_000, progress, finishedAt },
  },
});

/** The pages of reports in their states. */
export const reportPages: Record<string, Record<string, Shown>> = {
  reports: {
    index: {
      view: "reports/index",
      viewer: sample.owner,
      data: {
        page: { title: "Reports" },
        reports: allReports,
        runs: [
          { id: sample.ids.draft, of: "Funding, Jan 1 to Nov 23, 2026", lines: 42_000, finishedAt: null },
          { id: sample.ids.request, of: "Sales and refunds, 2025", lines: 210_000, finishedAt: sample.now },
        ],
      },
    },
    sales: answered(sales, summary, lines),
    nothing: answered(sales, nothing, []),
    long: {
      view: "reports/long",
      viewer: sample.owner,
      data: {
        page: { title: "A long file", back: { href: "#", label: "Sales and refunds" } },
        of: "Sales and refunds, Nov 1 to Nov 23, 2026",
        most: 20_000,
        key: sample.ids.draft,
        action: "#",
        back: "#",
      },
    },
    making: run(0.4, null),
    made: run(1, sample.now),
    "wrong dates": shown(sales, {
      typed: { from: "11/23/2026", to: "11/01/2026" },
      errors: { to: "The last day lies before the first. Enter the earlier day under From." },
    }),
  },
};
