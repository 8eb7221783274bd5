import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import supertest from "supertest";
import { expect, test } from "vitest";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const page = await portal.browser().get("/login");
const assets = page.root
  .querySelectorAll("link[href], script[src], img[src]")
  .map((element) => element.getAttribute("href") ?? element.getAttribute("src") ?? "");

test("a page asks for its stylesheet, its script and its icon, from here alone", () => {
  expect(assets.map((path) => path.replace(/\.[\w-]{10}\./, ".")).sort()).toEqual([
    "/assets/caraway.css",
    "/assets/caraway.js",
    "/assets/icon.svg",
  ]);
});

test("they are kept for ever, for their names change with their content", async () => {
  for (const path of assets) {
    const { status, headers } = await supertest(portal.server).get(path);
    expect([path, status, headers["cache-control"]]).toEqual([path, 200, "public, max-age=31536000, immutable"]);
  }
  const other = await openPortal({ env: { PROGRAM_ACCENT: "#1f6b4f" } });
  const html = (await other.browser().get("/login")).html;
  expect(assets.filter((path) => !html.includes(path))).toEqual([assets.find((path) => path.endsWith(".css"))]);
});

test("they are compressed for who can read that, and the same for who cannot", async () => {
  for (const path of assets) {
    const plain = await bytes(path, "identity");
    expect(plain.encoding).toBeUndefined();
    expect(plain.body.length).toBeGreaterThan(100);
    const brotli = await bytes(path, "br, gzip, deflate");
    expect([path, brotli.encoding]).toEqual([path, "br"]);
    expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
    const gzip = await bytes(path, "gzip");
    expect([path, gzip.encoding]).toEqual([path, "gzip"]);
    expect(gunzipSync(gzip.body)).toEqual(plain.body);
    expect(gzip.vary).toContain("Accept-Encoding");
  }
});

test("a first visit is small: 12 KB of style, 17 KB of script, 14 KB of page", async () => {
  const sizes = await Promise.all(assets.map(async (path) => [path, (await bytes(path, "br")).body.length] as const));
  for (const [path, size] of sizes)
    expect([path, size <= (path.endsWith(".js") ? 17 : 12) * 1024]).toEqual([path, true]);
  expect((await bytes("/login", "gzip")).body.length).toBeLessThan(14 * 1024);
});

test("their types are told, and are not to be guessed", async () => {
  const types = await Promise.all(assets.map(async (path) => (await supertest(portal.server).get(path)).headers));
  expect(types.map((headers) => headers["content-type"]).sort()).toEqual([
    "image/svg+xml",
    "text/css; charset=utf-8",
    "text/javascript; charset=utf-8",
  ]);
  for (const headers of types) expect(headers["x-content-type-options"]).toBe("nosniff");
});

/** The bytes as they came, not unpacked by anybody. */
async function bytes(path: string, accepted: string) {
  const { port } = portal.server.address() as AddressInfo;
  const request = get({ port, path, headers: { "Accept-Encoding": accepted } });
  const answer: IncomingMessage = (await once(request, "response"))[0];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { body: Buffer.concat(chunks), encoding: answer.headers["content-encoding"], vary: answer.headers.vary };
}
