import { escapeHtml } from "../lib/escape.ts";
import type { Db } from "../platform/db.ts";
import { toText } from "../platform/markdown.ts";
import { articles } from "./articles.ts";

/** Fills the search index from the files: at each start, so that a new version finds its own articles. */
export async function indexArticles(db: Db): Promise<void> {
  const rows = articles.map(({ slug, title, summary, words, markdown }) => ({
    slug,
    title,
    summary,
    words,
    body: toText(markdown),
  }));
  await db.transaction(async (trx) => {
    await trx("articles").insert(rows).onConflict("slug").merge();
    await trx("articles")
      .whereNotIn(
        "slug",
        rows.map(({ slug }) => slug),
      )
      .delete();
  });
}

/** An article found; `excerptHtml` is escaped, with the words that were looked for in `<mark>`. */
export type FoundArticle = { slug: string; title: string; excerptHtml: string };

/**
 * The articles that have the words, best first: those with all of them before those with some. The last word may be
 * unfinished. Word forms count as one (refunds, refunded).
 * @param among the slugs of the articles that whoever asks finds listed
 */
export async function searchArticles(db: Db, asked: string, among: readonly string[]): Promise<FoundArticle[]> {
  const q = asked.trim().slice(0, 200);
  // Signs that no text has: what the database marks is escaped first and marked after.
  const [open, close] = ["\uE000", "\uE001"];
  const { rows } = await db.raw<{ rows: { slug: string; title: string; excerpt: string }[] }>(
    `with asked as (
       select websearch_to_tsquery('english', :q) as all_words,
         case when numnode(plainto_tsquery('english', :q)) = 0 then ''
              else replace(plainto_tsquery('english', :q)::text, ' & ', ' | ') || ':*' end::tsquery as some_words
     )
     select slug, title,
       ts_headline('english', summary || ' ' || body, some_words,
         'StartSel=' || :open::text || ', StopSel=' || :close::text || ', MaxWords=32, MinWords=16, MaxFragments=2, FragmentDelimiter=" … "') as excerpt
     from articles, asked
     where search @@ some_words and slug = any(:among)
     order by search @@ all_words desc, ts_rank(search, some_words) desc, title
     limit 12`,
    { q, open, close, among },
  );
  return rows.map(({ slug, title, excerpt }) => ({
    slug,
    title,
    excerptHtml: escapeHtml(excerpt).replaceAll(open, "<mark>").replaceAll(close, "</mark>"),
  }));
}
