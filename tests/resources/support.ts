import { randomUUIDv7 } from "node:crypto";
import { toText } from "../../src/platform/markdown.ts";
import { materials } from "../../src/resources/materials.ts";
import { orderMaterial } from "../../src/resources/order-material.ts";
import type { Practice } from "../support/people.ts";
import type { Portal } from "../support/portal.ts";

/** Bob orders posters. @returns the id of the order */
export async function orderFor(portal: Portal, { bob }: Practice): Promise<string> {
  const id = randomUUIDv7();
  const material = materials.find(({ slug }) => slug === "poster-care-now");
  if (!material) throw new Error("no poster");
  const address = { recipient: "Bob Baker", street: "1 Main St", city: "Austin", state: "TX", zip: "78701" };
  const { program, publicUrl } = portal.parts.config;
  await orderMaterial({ ...portal.parts, program, publicUrl }, bob.viewer, {
    id,
    wanted: { material, language: "es", line: "Crown 17", copies: 25, ...address },
  });
  return id;
}

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
