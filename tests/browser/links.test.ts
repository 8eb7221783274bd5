import { gzipSync } from "node:zlib";
import { type APIRequestContext, request } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type DemoPortal, latestCode, mistakesIn, startDemoPortal } from "./support.ts";

const depth = 5;
/** A list of 60 patients leads to 60 pages of one kind; so many of each kind are opened. */
const mostOfAKind = 12;

let portal: DemoPortal;
beforeAll(async () => {
  portal = await startDemoPortal();
}, 120_000);
afterAll(() => portal?.stop());

describe.each([
  { userId: "riverside.owner", code: true, kinds: 15 },
  { userId: "riverside.desk", code: false, kinds: 12 },
  { userId: "support.sam", code: true, kinds: 1 },
])("every link that $userId is shown", ({ userId, code, kinds }) => {
  test("leads to a page that opens, is valid HTML, says where it is, and is small", async () => {
    const browser = await request.newContext({ baseURL: portal.url, maxRedirects: 0 });
    await logIn(browser, userId, code);
    const { seen, wrong } = await follow(browser, "/");
    expect(wrong).toEqual([]);
    expect(seen.size, "kinds of pages").toBeGreaterThanOrEqual(kinds);
    await browser.dispose();
  }, 120_000);
});

type Opened = { path: string; from: string };

/** Opens what the pages link to, as far as it stays here, level by level. Logging out is a button, and so left alone. */
async function follow(browser: APIRequestContext, start: string) {
  const seen = new Map<string, string[]>();
  const titles = new Map<string, string>();
  const wrong: string[] = [];
  let level: Opened[] = [{ path: start, from: "the address bar" }];
  for (let depthNow = 0; depthNow <= depth && level.length; depthNow += 1) {
    const next: Opened[] = [];
    for (const { path, from } of level) {
      const kind = kindOf(path);
      const opened = seen.get(kind) ?? [];
      if (opened.includes(path) || opened.length >= mostOfAKind) continue;
      seen.set(kind, [...opened, path]);
      const answer = await browser.get(path);
      const complain = (sentence: string) => wrong.push(`${path} (from ${from}) ${sentence}`);
      // Whoever is logged in has no need of these, and is sent on.
      const sentOn = answer.status() === 303 && ["/login", "/trouble"].includes(path);
      if (answer.status() !== 200 && !sentOn) complain(`answers ${answer.status()}`);
      if (!answer.headers()["content-type"]?.startsWith("text/html")) continue;
      const html = await answer.text();
      if (gzipSync(html, { level: 4 }).length > 14_336) complain("is more than 14 KB compressed");
      if (opened.length < 2) for (const mistake of await mistakesIn(html)) complain(mistake);
      const title = /<title>(.*?)<\/title>/.exec(html)?.[1] ?? "";
      const page = kind.split("?")[0] ?? "";
      if ((titles.get(title) ?? page) !== page) complain(`has the title of ${titles.get(title)}: ${title}`);
      titles.set(title, page);
      next.push(...linksIn(html, path).map((link) => ({ path: link, from: path })));
    }
    level = next;
  }
  return { seen, wrong };
}

function linksIn(html: string, path: string): string[] {
  const links = [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href = ""]) => href.replaceAll("&amp;", "&"));
  const missing = links.filter(
    (href) => href.startsWith("#") && href !== "#" && !html.includes(` id="${href.slice(1)}"`),
  );
  if (missing.length) throw new Error(`${path} links to places that are not on it: ${missing}`);
  return links
    .map((href) => new URL(href, new URL(path, portal.url)))
    .filter((link) => link.origin === portal.url && !link.pathname.startsWith("/dev/gallery/"))
    .map((link) => link.pathname + link.search);
}

const kindOf = (path: string) => {
  const { pathname, searchParams } = new URL(path, portal.url);
  const query = [...searchParams.keys()].sort().join("&");
  return pathname.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ":id") + (query && `?${query}`);
};

async function logIn(browser: APIRequestContext, userId: string, code: boolean): Promise<void> {
  const send = async (path: string, typed: Record<string, string>) => {
    const html = await (await browser.get(path)).text();
    const token = /name="_csrf" value="([^"]*)"/.exec(html)?.[1] ?? "";
    return browser.post(path, { form: { _csrf: token, ...typed } });
  };
  await send("/login", { userId, password: "orchard-lantern-2026" });
  if (code) await send("/login/code", { code: await latestCode(portal, `${userId}@example.com`) });
}
