import { scaleBand, scaleLinear } from "d3-scale";
import { area, curveStepAfter } from "d3-shape";
import { escapeHtml } from "../lib/escape.ts";

/** A bar, and behind it what the same was in the period before; null where there is nothing to compare. */
export type Bar = { name: string; value: number; before?: number | null };

export type Chart = {
  /** What is shown, in a few words: the picture's name for those who cannot see it. */
  name: string;
  /** What it says, in a sentence or two. */
  summary: string;
  bars: Bar[];
  /** A value as it stands at the axis: short. */
  format: (value: number) => string;
  /** Things that are counted: no half of one stands at the axis. */
  whole?: boolean;
  /** Without axes, for the corner of a page. */
  small?: boolean;
};

const margins = { top: 12, right: 8, bottom: 42, left: 76 };
const none = { top: 4, right: 2, bottom: 4, left: 2 };

/**
 * A chart as SVG, drawn on the server: bars, and behind them the period before. Its figures belong in a table under it.
 * Sizes and colours come from the stylesheet, so that it is readable on paper and in the dark.
 */
export function barChart({ name, summary, bars, format, whole = false, small = false }: Chart): string {
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

  const ticks = small ? [] : y.ticks(4).filter((tick) => !whole || Number.isInteger(tick));
  const axis = ticks.map((tick) => tickMark(y(tick), format(tick), { width, ...margin }));
  const columns = bars.map(({ value }, index) => {
    const [from, to] = [y(Math.max(0, value)), y(Math.min(0, value))];
    return `<rect x="${round(at(index))}" y="${round(from)}" width="${round(x.bandwidth())}" height="${round(to - from)}"/>`;
  });
  const earlier = bars.flatMap(({ before }, index) => (before == null ? [] : [{ index, before }]));
  const last = earlier.at(-1);
  const steps = area<{ index: number; before: number }>()
    .x(({ index }) => at(0) + (index - x.padding() / 2) * x.step())
    .y0(y(0))
    .y1(({ before }) => y(before))
    .curve(curveStepAfter)
    .digits(1);
  // A step goes on to where the next begins: after the last, one more ends it.
  const shape = last && steps([...earlier, { ...last, index: last.index + 1 }]);
  const behind = shape ? `<path class="before" d="${shape}"/>` : "";
  const id = `chart-${name.toLowerCase().replace(/[^a-z]+/g, "-")}`;
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id} ${id}-says">` +
    `<title id="${id}">${escapeHtml(name)}</title><desc id="${id}-says">${escapeHtml(summary)}</desc>` +
    `${axis.join("")}${behind}${columns.join("")}` +
    `<path class="zero" d="M${margin.left} ${round(y(0))}H${width - margin.right}"/>` +
    `${small ? "" : names(bars, (index) => at(index) + x.bandwidth() / 2, height - 6).join("")}</svg>`
  );
}

function tickMark(y: number, text: string, place: { width: number; left: number; right: number }): string {
  const { width, left, right } = place;
  return (
    `<path d="M${left} ${round(y)}H${width - right}"/>` +
    `<text x="${left - 8}" y="${round(y + 4)}" text-anchor="end">${escapeHtml(text)}</text>`
  );
}

/** As many names under the bars as there is room for; on a narrow screen, where letters are larger, some of them go. */
function names(bars: Bar[], middle: (index: number) => number, y: number): string[] {
  const longest = Math.max(...bars.map(({ name }) => name.length));
  const everyWith = (letter: number) => Math.ceil((bars.length * (longest * letter + 14)) / 680);
  const every = everyWith(8);
  const everyNarrow = Math.ceil(everyWith(15) / every) * every;
  return bars.flatMap(({ name }, index) => {
    if (index % every) return [];
    const minor = index % everyNarrow ? ' class="minor"' : "";
    return `<text${minor} x="${round(middle(index))}" y="${y}" text-anchor="middle">${escapeHtml(name)}</text>`;
  });
}

const round = (value: number) => Number(value.toFixed(1));
