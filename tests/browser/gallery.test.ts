import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { galleryPages, galleryViews } from "../../src/dev/gallery.ts";
import { openPortal } from "../support/portal.ts";
import { bytesOf, chromiumPath, mistakesIn, openChromium, openWindow, shiftsOnLoad, type Window } from "./support.ts";

const portal = await openPortal();
const url = `http://127.0.0.1:${(portal.server.address() as AddressInfo).port}`;
const addresses = galleryPages().map(({ page, states }) => ({
  page,
  paths: states.map((state) => `/dev/gallery/${encodeURIComponent(page)}/${encodeURIComponent(state)}`),
}));
addresses.push({ page: "gallery", paths: ["/dev/gallery"] });

test("every template that is a page stands in the gallery, and so is looked at", () => {
  const views = join(import.meta.dirname, "../../views");
  const templates = readdirSync(views, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".eta"));
  const isPage = (name: string) => !/^(ui\/|layout$)|(^|\/)_/.test(name) && name !== "dev/gallery";
  const pages = templates.map((name) => name.replace(/\.eta$/, "")).filter(isPage);
  expect(pages.length).toBeGreaterThan(100);
  expect(pages.filter((page) => !galleryViews().has(page))).toEqual([]);
});

const load = createRequire(import.meta.url).resolve;
const axe = readFileSync(load("axe-core/axe.min.js"), "utf8");
const standards = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
const allRules = { type: "tag", values: standards };
/** Dark changes colours and nothing else. */
const colourRules = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

describe.each(addresses)("the page “$page” in every state", ({ paths }) => {
  test.each(paths)("%s is valid HTML, says Error in its title where something is wrong, and is small", async (path) => {
    const packed = await bytesOf(url + path);
    const html = (packed[0] === 0x1f ? gunzipSync(packed) : packed).toString(); // less than a kilobyte is sent as it is
    expect(await mistakesIn(html)).toEqual([]);
    const [, title] = /<title>(.*)<\/title>/.exec(html) ?? [];
    expect(title?.startsWith("Error: ")).toBe(html.includes('<div class="errors"'));
    expect(packed.length).toBeLessThanOrEqual(14_336);
  });
});

describe.skipIf(!chromiumPath)("in Chromium (skipped where there is none)", () => {
  let chromium: Browser;
  /** Two, so that one draws while the other is asked. */
  let windows: Window[];
  beforeAll(async () => {
    chromium = await openChromium();
    // In the program's own time zone: the gallery's hours are made up, and the portal's would take their place.
    const options = { reducedMotion: "reduce", timezoneId: "America/New_York" } as const;
    windows = await Promise.all([1, 2].map(() => openWindow(chromium, url, options)));
    for (const { context } of windows) await context.addInitScript({ content: axe }); // half a megabyte, sent once
  });
  afterAll(() => chromium?.close());

  test.each(addresses)(
    "“$page” can be used by everyone: axe finds nothing at 1280 and 360, light and dark, nothing is cut off from 320",
    async ({ paths }) => {
      const left = [...paths];
      const looks = windows.map(async (window) => {
        for (let path = left.shift(); path; path = left.shift()) expect(await lookAt(window, path), path).toEqual([]);
      });
      await Promise.all(looks);
    },
    120_000,
  );

  test("these checks find what is planted", async () => {
    const window = windows[0] as Window;
    const found = await lookAt(
      window,
      "/dev/gallery/log-in/plain",
      `(() => {
      const wrong = document.createElement("p");
      wrong.innerHTML = '<input><span class="planted">grey</span><button>a</button><button>b</button>';
      for (const small of wrong.querySelectorAll("button")) small.style.cssText = "all: unset; display: block; width: 9px; height: 9px; overflow: hidden";
      wrong.querySelector(".planted").style.cssText = "color: #999; background: #fff";
      wrong.style.width = "1400px";
      wrong.style.transition = "opacity 1s";
      document.querySelector("main").prepend(wrong);
      console.error("an error");
    })()`,
    );
    expect(found).toContainEqual(expect.stringContaining("color-contrast"));
    expect(found).toContainEqual(expect.stringContaining("label"));
    expect(found).toContainEqual(expect.stringContaining("target-size"));
    expect(found).toContainEqual(expect.stringContaining("wider than"));
    expect(found).toContainEqual(expect.stringContaining("moves, though"));
    await expect.poll(() => window.shifts).not.toEqual([]);
    expect(found).toContainEqual(expect.stringContaining("an error"));
    expect(await mistakesIn("<!DOCTYPE html><html><head><title>x</title></head><p><div></p></html>")).not.toEqual([]);
  });
});

test("stylesheet and script are small", async () => {
  const html = await (await fetch(`${url}/login`)).text();
  const [, css = ""] = /<link rel="stylesheet" href="([^"]+)"/.exec(html) ?? [];
  const [, script = ""] = /<script src="([^"]+)"/.exec(html) ?? [];
  expect((await bytesOf(url + css)).length).toBeLessThanOrEqual(12_288);
  expect((await bytesOf(url + script)).length).toBeLessThanOrEqual(17_408);
});

/** What is wrong with a page, at four widths and in both colour schemes. */
async function lookAt(window: Window, path: string, thenDo = ""): Promise<string[]> {
  const { page, complaints } = window;
  await page.setViewportSize({ width: 1280, height: 800 });
  complaints.length = 0;
  const found = (await shiftsOnLoad(window, path)).map((value) => `moves by ${value} while it loads`);
  if (thenDo) await page.evaluate(thenDo);
  found.push(...(await page.evaluate<string[]>(moving)).map((one) => `${one} moves, though motion is not wanted`));
  for (const width of [1280, 768, 360, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const content = await page.evaluate<number>("document.documentElement.scrollWidth");
    if (content > width) found.push(`${content} pixels wide, wider than ${width}`);
    if (width !== 1280 && width !== 360) continue;
    found.push(...(await violations(page, allRules)).map((one) => `${width} light: ${one}`));
    await page.emulateMedia({ colorScheme: "dark" });
    found.push(...(await violations(page, colourRules)).map((one) => `${width} dark: ${one}`));
    await page.emulateMedia({ colorScheme: "light" });
  }
  // A page that says what is wrong is not status 200, which the console takes for a failed load.
  return [...found, ...complaints.filter((one) => !/Failed to load resource.* (403|404|422|500|503) /.test(one))];
}

/** What is animated or fades, while the person has asked for less motion. */
const moving = `[...document.querySelectorAll("*")].filter((one) => {
  const { animationName, transitionDuration } = getComputedStyle(one);
  return animationName !== "none" || transitionDuration.split(", ").some((duration) => parseFloat(duration) > 0);
}).map((one) => one.outerHTML.slice(0, 80))`;

const violations = (page: Page, runOnly: object) =>
  page.evaluate<string[]>(`axe.run({ runOnly: ${JSON.stringify(runOnly)}, resultTypes: ["violations"] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + " at " + node.target + ": " + node.failureSummary)))`);
