import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Marked, Renderer } from "marked";
import { escapeHtml } from "../lib/escape.ts";

/** A file of content: what its front matter says, and the Markdown under it. */
export type Written = { slug: string; meta: Record<string, string>; markdown: string };

/**
 * Reads every Markdown file of a folder of ours, in the order of their names. Front matter is lines of `name: value`
 * between two lines of `---`.
 */
export function readContent(folder: string): Written[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => {
      const found = /^---\n+(.*?)\n---\n(.*)$/s.exec(readFileSync(join(folder, name), "utf8"));
      if (!found) throw new Error(`${name} has no front matter`);
      const [, head = "", markdown = ""] = found;
      const meta = Object.fromEntries(head.split("\n").map((line) => splitAt(line, name)));
      return { slug: name.replace(/\.md$/, ""), meta, markdown };
    });
}

function splitAt(line: string, name: string): [string, string] {
  const [, key, value] = /^(\w+): (.+)$/.exec(line) ?? [];
  if (!key || !value) throw new Error(`${name}: the front matter has a line that is no "name: value": ${line}`);
  return [key, value.trim()];
}

/**
 * Markdown to HTML for a page: HTML in it is shown as words, addresses other than pages of ours, `https:`, `mailto:` and
 * `tel:` are not linked, and pictures are left out.
 * @param opens whether the reader may open a page of ours; where not, its name stands there without a link
 */
export function toHtml(markdown: string, opens: (path: string) => boolean = () => true): string {
  const renderer = new Marked({
    renderer: {
      html: ({ text }) => escapeHtml(text),
      image: ({ text }) => escapeHtml(text),
      link(token) {
        const allowed = /^(\/(?!\/)|#|https:\/\/|mailto:|tel:)/.test(token.href);
        const linked = allowed && (!token.href.startsWith("/") || opens(token.href));
        return linked ? Renderer.prototype.link.call(this, token) : this.parser.parseInline(token.tokens);
      },
    },
  });
  return renderer.parse(markdown, { async: false });
}

/** The words of Markdown without its signs, for a search index. */
export const toText = (markdown: string): string =>
  toHtml(markdown)
    .replace(/<\/?(a|b|strong|em|code)\b[^>]*>/g, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, "&")
    .replace(/\s+/g, " ")
    .trim();

/** Puts the program's own name, phone and hours where the text names them: `{{program.phone}}`. */
export const inWordsOf = (program: { name: string; phone: string; hours: string }, text: string): string =>
  text.replace(/\{\{program\.(name|phone|hours)\}\}/g, (_, key: "name" | "phone" | "hours") => program[key]);
