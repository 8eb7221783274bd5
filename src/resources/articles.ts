import { join } from "node:path";
import { readContent } from "../platform/markdown.ts";
import { root } from "../platform/root.ts";

/** The shelves of the list of articles, in its order. */
export const topics = [
  "Logging in",
  "Applications",
  "Sales and refunds",
  "Accounts",
  "Money and reports",
  "Your practice",
  "Help",
  "The program’s people",
] as const;

export type Article = {
  slug: string;
  title: string;
  summary: string;
  topic: (typeof topics)[number];
  /** Other words that people use for it, for the search alone. */
  words: string;
  markdown: string;
};

/** The support articles, read once. They speak of the portal, never of anybody's data, so that everyone may read them. */
export const articles: readonly Article[] = readContent(join(root, "src/resources/articles")).map(
  ({ slug, meta, markdown }) => {
    const topic = topics.find((one) => one === meta.topic);
    if (!meta.title || !meta.summary || !topic) throw new Error(`${slug}.md needs a title, a summary and a topic`);
    return { slug, title: meta.title, summary: meta.summary, topic, words: meta.words ?? "", markdown };
  },
);

/** Whether an article is about the work of the program's people, who alone find it listed. */
export const isForStaff = ({ topic }: Article) => topic === "The program’s people";

export const findArticle = (slug: string): Article | undefined => articles.find((one) => one.slug === slug);
