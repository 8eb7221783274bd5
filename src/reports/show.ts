import { formatDate } from "../lib/dates.ts";
import { formatMoney } from "../lib/money.ts";
import { grouped } from "../lib/wording.ts";
import { barChart } from "../platform/chart.ts";
import { type Period, periodName } from "./period.ts";
import type { As, Column, Figure, Row, Summary, Table, Value } from "./report.ts";

/** A value as a person reads it. */
export function shown(value: Value | undefined, as: As): string {
  if (value === null || value === undefined || value === "") return "";
  if (as === "date") return formatDate(String(value));
  if (as === "money") return formatMoney(Number(value));
  if (as === "count") return grouped(value);
  if (as === "share") return `${(Number(value) * 100).toFixed(1)}%`;
  return String(value);
}

const isFigure = (as: As) => as === "money" || as === "count" || as === "share";

/** A table as the template writes it: headings, and cells with their words. */
export function tableOf({ caption, columns, rows, total }: Table) {
  const visible = columns.filter(({ fileOnly }) => !fileOnly);
  const cells = (row: Row) => visible.map((column) => cellOf(column, row));
  // The heading of a row is its name: the first text that is no date, else whatever comes first.
  const named = Math.max(
    visible.findIndex(({ as, to }) => Boolean(to) && as === "text"),
    0,
  );
  return {
    caption,
    headings: visible.map(({ name, as }) => ({ label: name, num: isFigure(as) })),
    named,
    rows: rows.map(cells),
    total: total && [{ ...cellOf(asText, { words: "Together" }) }, ...cells(total).slice(1)],
  };
}

const asText: Column = { key: "words", name: "", as: "text" };

function cellOf({ key, name, as, main, to, hint }: Column, row: Row) {
  return {
    words: shown(row[key], as),
    name,
    num: isFigure(as),
    main: main === true,
    nowrap: as === "date",
    href: to ? row[to] : null,
    hint: hint ? row[hint] : null,
  };
}

/** The figures and the chart as the template writes them; of nothing but zeros there is no chart and no table. */
export function summaryOf({ figures, chart, table, near }: Summary, before: Period) {
  const when = periodName(before);
  const isCompared = figures.some((figure) => figure.before != null);
  const bars = chart?.bars ?? [];
  const isDrawn = bars.some(({ value, before }) => value || before);
  // A row of a day of its own is something that happened, whatever it came to; a stretch of days is only counted.
  const isShown = (row: Row) => table.columns.some(({ key, as }) => (isFigure(as) || as === "date") && row[key]);
  return {
    ...(isCompared && { comparedWith: when }),
    figures: figures.map((figure) => ({
      name: figure.name,
      value: shown(figure.value, figure.as) || "–",
      note: [figure.note, comparison(figure)].filter(Boolean).join(". "),
    })),
    chart: chart &&
      isDrawn && {
        svg: chartOf(chart, when),
        name: chart.name,
        before: bars.some(({ before }) => before != null) && when,
      },
    near: near && tableOf(near),
    table: tableOf(table.rows.some(isShown) ? table : { ...table, rows: [] }),
  };
}

/** `12% more than $1,200.00`. Which days those were stands once, above the figures. */
function comparison({ as, value, before }: Figure): string {
  if (before == null || value === null || typeof value === "string") return "";
  const was = shown(before, as);
  if (value === before) return "The same as before";
  if (before <= 0 || as === "share") return `It was ${was}`;
  if (value === 0) return `None, after ${was}`;
  if (value >= 3 * before) return `${Math.round(value / before)} times the ${was} before`;
  const change = Math.round((Math.abs(value - before) / before) * 100);
  return change === 0 ? `Nearly the same as ${was}` : `${change}% ${value > before ? "more" : "less"} than ${was}`;
}

function chartOf({ name, as, bars }: NonNullable<Summary["chart"]>, when: string): string {
  const most = bars.reduce((best, bar) => (bar.value > best.value ? bar : best), bars[0] ?? { name: "", value: 0 });
  const summary = `${name}, ${bars.length} bars. The most is ${shown(most.value, as)}, ${most.name}. The pale shape behind them is ${when}. Every figure is in the table that follows.`;
  return barChart({ name, summary, bars, whole: as === "count", format: (value) => axisWords(value, as) });
}

/** A value at an axis: whole dollars, thousands as k. */
function axisWords(value: number, as: As): string {
  if (as === "share") return `${Math.round(value * 100)}%`;
  const units = as === "money" ? value / 100 : value;
  const size = Math.abs(units);
  const short = size >= 1e6 ? `${units / 1e6}M` : size >= 1e3 ? `${units / 1e3}k` : `${Number(units.toFixed(2))}`;
  const words = as === "money" ? `$${short.replace("-", "")}` : short.replace("-", "");
  return units < 0 ? `−${words}` : words;
}
