import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";
import { Router } from "express";
import { root } from "./root.ts";

const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
};

/** The addresses of the stylesheet, scripts and icon, each with a digest of its content, for ever cacheable. */
export type Assets = ReturnType<typeof loadAssets>;

/** Reads `public/` and htmx once and serves them from memory, each compressed once: when it is first asked for. */
export function loadAssets(accent: string | undefined) {
  const folder = join(root, "public");
  const htmx = readFileSync(createRequire(import.meta.url).resolve("htmx.org/dist/htmx.min.js"));
  const sse = readFileSync(createRequire(import.meta.url).resolve("htmx.org/dist/ext/hx-sse.min.js"));
  const urls: Record<string, string> = {};
  const router = Router();
  for (const name of readdirSync(folder)) {
    const type = types[extname(name)];
    if (!type) continue;
    const content = readFileSync(join(folder, name));
    // One script and one stylesheet, so that a first visit takes four requests in all.
    const accented = name === "caraway.css" && accent ? accentRule(accent) : "";
    const added = name === "caraway.js" ? htmx : name === "chat.js" ? sse : accented;
    const body = Buffer.concat([content, Buffer.from("\n"), Buffer.from(added)]);
    const digest = createHash("sha256").update(body).digest("base64url").slice(0, 10);
    const url = `/assets/${name.replace(/\.\w+$/, "")}.${digest}${extname(name)}`;
    urls[name] = url;
    const packed: { br?: Promise<Buffer>; gzip?: Promise<Buffer> } = {};
    router.get(url, async (req, res) => {
      const encoding = req.acceptsEncodings("br", "gzip");
      res.set({
        "Content-Type": type,
        "Cache-Control": "public, max-age=31536000, immutable",
        Vary: "Accept-Encoding",
      });
      if (encoding !== "br" && encoding !== "gzip") return void res.end(body);
      packed[encoding] ??= pack[encoding](body);
      res.set("Content-Encoding", encoding).end(await packed[encoding]);
    });
  }
  const url = (name: string) => urls[name] ?? "";
  return {
    router,
    urls: { css: url("caraway.css"), js: url("caraway.js"), chat: url("chat.js"), icon: url("icon.svg") },
  };
}

/** As small as can be: a quarter of a second of a core for all of them, which no start has to wait for. */
const pack = {
  br: promisify<Buffer, Buffer>(brotliCompress),
  gzip: (body: Buffer) => promisify<Buffer, { level: number }, Buffer>(gzip)(body, { level: 9 }),
};

const accentRule = (accent: string) => `:root{--accent:${accent}}\n`;
