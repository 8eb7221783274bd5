import { expect, test } from "vitest";
import { barChart } from "../../src/platform/chart.ts";

const chart = (bars: { name: string; value: number }[], more: { whole?: boolean } = {}) =>
  barChart({ name: "Chart", summary: "What it says.", bars, format: String, ...more });
const ticksOf = (svg: string) => [...svg.matchAll(/text-anchor="end">([^<]+)</g)].map(([, text]) => text);

test("of things that are counted no half stands at the axis", () => {
  const bars = [{ name: "Nov 1", value: 1 }];
  expect(ticksOf(chart(bars)).length).toBeGreaterThan(2);
  expect(ticksOf(chart(bars, { whole: true }))).toEqual(["0", "1"]);
});

test("a few short names all stay on a narrow screen; of many some go, and the first stays", () => {
  const named = (names: string[]) => chart(names.map((name) => ({ name, value: 1 })));
  const people = named(["Ben", "Dana", "Ruth"]);
  expect(people).toContain(">Dana</text>");
  expect(people).not.toContain("minor");
  const days = named(Array.from({ length: 26 }, (_, index) => `Nov ${index + 1}`));
  expect(days).toMatch(/<text x="[\d.]+"[^>]*>Nov 1<\/text>/);
  expect(days).toMatch(/<text class="minor"[^>]*>Nov 4<\/text>/);
});
