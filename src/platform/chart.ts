import { scaleBand, scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { escapeHtml } from "../lib/escape.ts";

/** A bar, and beside it what the same was in the period before; null where there is nothing to compare. */
export type Bar = { name: string; value: number; before?: number | null };

export type Chart = {
  /** What is shown, in a few words: the picture's name for those who cannot see it. */
  name: string;
  /** What it says, in a sentence or two. */
  summary: string;
  bars: Bar[];
  /** A value as it stands at the axis: short. */
  format: (value: number) => string;
  /** Without axes, for the corner of a page. */
  small?: boolean;
  /** Days, one after the other: the period before is a line. Else there is nothing between two bars: a mark on each. */
  isTime?: boolean;
};

const margins = { top: 12, right: 8, bottom: 34, left: 76 };
const none = { top: 4, right: 2, bottom: 4, left: 2 };

/**
 * A chart as SVG, drawn on the server: bars, and the period before as a line. Its figures belong in a table under it.
 * Sizes and colours come from the stylesheet, so that it is readable on paper and in the dark.
 */
export function barChart({ name, summary, bars, format, small = false, isTime = true }: Chart): string {
  const [width, height] = small ? [320, 72] : [760, 260];
  const margin = small ? none : margins;
  const values = bars.flatMap(({ value, before }) => [value, before ?? 0]);
  const y = scaleLinear()
    .domain([Math.min(0, ...values), Math.max(0, ...values) || 1])
    .nice(4)
    .range([height - margin.bottom, margin.top]);
  const x = scaleBand<number>()
    .domain(bars.map((_, index) => index))
    .range([margin.left, width - margin.right])
    .padding(0.25);
  const at = (index: number) => x(index) ?? 0;

  const axis = small ? [] : y.ticks(4).map((tick) => tickMark(y(tick), format(tick), { width, ...margin }));
  const columns = bars.map(({ value }, index) => {
    const [from, to] = [y(Math.max(0, value)), y(Math.min(0, value))];
    return `<rect x="${round(at(index))}" y="${round(from)}" width="${round(x.bandwidth())}" height="${round(to - from)}"/>`;
  });
  const earlier = bars.flatMap(({ before }, index): [number, number][] =>
    before === null || before === undefined ? [] : [[at(index), y(before)]],
  );
  const middles = earlier.map(([from, height]): [number, number] => [from + x.bandwidth() / 2, height]);
  const marks = earlier.map(([from, height]) => `M${round(from)} ${round(height)}h${round(x.bandwidth())}`).join("");
  const before = isTime ? (middles.length > 1 ? line().digits(1)(middles) : "") : marks;
  const trace = before ? `<path class="before" d="${before}"/>` : "";
  const id = `chart-${name.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id} ${id}-says">` +
    `<title id="${id}">${escapeHtml(name)}</title><desc id="${id}-says">${escapeHtml(summary)}</desc>` +
    `${axis.join("")}${columns.join("")}${trace}` +
    `<path class="zero" d="M${margin.left} ${round(y(0))}H${width - margin.right}"/>` +
    `${small ? "" : names(bars, (index) => at(index) + x.bandwidth() / 2, height - 10).join("")}</svg>`
  );
}

function tickMark(y: number, text: string, place: { width: number; left: number; right: number }): string {
  const { width, left, right } = place;
  return (
    `<path d="M${left} ${round(y)}H${width - right}"/>` +
    `<text x="${left - 8}" y="${round(y + 4)}" text-anchor="end">${escapeHtml(text)}</text>`
  );
}

/** As many names under the bars as there is room for; on a narrow screen fewer, so some say that they may go. */
function names(bars: Bar[], middle: (index: number) => number, y: number): string[] {
  const longest = Math.max(...bars.map(({ name }) => name.length));
  const every = Math.ceil((bars.length * (longest * 8 + 14)) / 680);
  return bars.flatMap(({ name }, index) => {
    if (index % every) return [];
    const minor = (index / every) % 3 ? ' class="minor"' : "";
    return `<text${minor} x="${round(middle(index))}" y="${y}" text-anchor="middle">${escapeHtml(name)}</text>`;
  });
}

const round = (value: number) => Number(value.toFixed(1));
