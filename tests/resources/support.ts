import { toText } from "../../src/platform/markdown.ts";

/** The pages of the portal that a Markdown text links to. */
export const linksIn = (markdown: string): string[] =>
  [...markdown.matchAll(/\]\((\/[^)]*)\)/g)].map(([, href = ""]) => href);

/** The school grade that a text asks of its reader, about: Flesch and Kincaid's formula. */
export function gradeOf(markdown: string): number {
  const lines = markdown
    .split(/\n+/)
    .map((line) => toText(line))
    .filter(Boolean);
  const sentences = lines.flatMap((line) => line.split(/[.!?:]+\s/)).filter((one) => /[a-z]/i.test(one));
  const words = sentences.flatMap((one) => one.match(/[\p{L}’']+/gu) ?? []);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  return 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
}

function syllablesOf(word: string): number {
  const bare = word.toLowerCase().replace(/(?<=[^aeiouy]{1}|^[aeiouy]+)e$|es$|ed$/, "");
  return Math.max(1, bare.match(/[aeiouyáéíóú]+/g)?.length ?? 1);
}
