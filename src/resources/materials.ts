import { join } from "node:path";
import type { IsoDate } from "../lib/dates.ts";
import { formatPhone } from "../lib/phone.ts";
import { Declined } from "../platform/errors.ts";
import { readContent } from "../platform/markdown.ts";
import { root } from "../platform/root.ts";
import { type Sheet, wordsOf } from "../platform/sheet.ts";
import type { OfferedPlan } from "../practices/queries.ts";
import { wrongWith } from "./advertising-rules.ts";
import { type Language, languages } from "./language.ts";
import { type Copy, type LayoutName, layouts } from "./layouts.ts";
import { deferredExample, planWords, smallPrint } from "./plan-words.ts";

type Written = { title: string; heading: string; lead: string; call: string; body: string[] };

export type Material = {
  slug: string;
  layout: LayoutName;
  /** Only for practices that offer such a plan. */
  needs: "deferred" | null;
  words: Partial<Record<Language, Written>>;
};

/** What a layout is called, how large it is, and whether it can be ordered on paper; `pixels` is the width of its PNG. */
export const formats = {
  poster: { name: "Poster", size: "Letter, 8.5 × 11 inches", printed: true, pixels: 1700 },
  question: { name: "Poster", size: "Letter, 8.5 × 11 inches", printed: true, pixels: 1700 },
  counter: { name: "Counter card", size: "5 × 7 inches", printed: true, pixels: 1500 },
  wallet: { name: "Card", size: "3.5 × 2 inches", printed: true, pixels: 1050 },
  leaflet: { name: "Leaflet", size: "Letter, 8.5 × 11 inches", printed: true, pixels: 1700 },
  banner: { name: "Web banner", size: "1200 × 300 pixels", printed: false, pixels: 1200 },
  square: { name: "Social post", size: "1080 × 1080 pixels", printed: false, pixels: 1080 },
} as const satisfies Record<LayoutName, { name: string; size: string; printed: boolean; pixels: number }>;

/** These say what the plans cost, and so all that goes with a rate. */
const withPlans: readonly LayoutName[] = ["poster", "question", "counter", "leaflet"];

/** The materials, read once. */
export const materials: readonly Material[] = readMaterials();

function readMaterials(): Material[] {
  const found = new Map<string, Material>();
  for (const { slug: name, meta, markdown } of readContent(join(root, "src/resources/materials"))) {
    const [slug = "", language] = name.split(".") as [string, Language];
    const { title, heading, lead, call, needs } = meta;
    const layout = meta.layout as LayoutName;
    if (!title || !heading || !lead || !call || !(layout in layouts) || !languages.includes(language))
      throw new Error(`${name}.md needs a language in its name, a title, layout, heading, lead and call`);
    const material = found.get(slug) ?? { slug, layout, needs: needs === "deferred" ? needs : null, words: {} };
    material.words[language] = { title, heading, lead, call, body: markdown.trim().split(/\n\n+/).filter(Boolean) };
    found.set(slug, material);
  }
  return [...found.values()];
}

/** Whose material it is, and the line that the practice adds. */
export type For = {
  practice: { name: string; phone: string };
  plans: readonly OfferedPlan[];
  program: { name: string; accent?: string | undefined };
  language: Language;
  line: string;
  today: IsoDate;
};

/** A material made out for a practice: the sheet to draw, and the text of a post, if it has one. */
export type MadeOut = { sheet: Sheet; post: string | null; title: string; words: string };

/** Whether a practice with these plans is shown a material, in a language. */
export const isFor = (material: Material, plans: readonly OfferedPlan[]) =>
  material.needs === null || plans.some(({ planId }) => planId.startsWith(material.needs ?? ""));

/**
 * Makes a material out for a practice, with its name and its plans.
 * @throws Declined on `line` when what it would say is no lawful advertisement
 */
export function makeOut(material: Material, given: For): MadeOut {
  const made = compose(material, given);
  const wrong = wrongWith([...wordsOf(made.sheet), ...(made.post ? [made.post] : [])], given.language);
  if (wrong[0]) throw new Declined({ line: wrong[0] });
  return made;
}

function compose(material: Material, given: For): MadeOut {
  const { practice, plans, program, language, line, today } = given;
  const written = material.words[language];
  if (!written) throw new Error(`${material.slug} has no ${language}`);
  const phone = formatPhone(practice.phone);
  const deferred = plans.filter(({ planId }) => planId.startsWith("deferred-")).map(({ planId }) => planId.slice(9));
  const filled = (text: string) =>
    text
      .replaceAll("{{practice}}", practice.name)
      .replaceAll("{{phone}}", phone)
      .replaceAll("{{months}}", listed(deferred, language));
  const isPost = material.layout === "square";
  const small = smallPrint(program.name, language, today);
  const copy: Copy = {
    practice: practice.name,
    phone,
    program: program.name,
    accent: program.accent,
    line,
    heading: written.heading,
    lead: written.lead,
    call: written.call,
    body: isPost ? [] : written.body.map(filled),
    plans: planWords(plans, language, today),
    example: deferredExample(plans, language, today),
    small: withPlans.includes(material.layout) ? small : `${small.split(". ")[0]}.`,
  };
  const { width, height, draw } = layouts[material.layout];
  const sheet: Sheet = { width, height, language, title: `${practice.name}: ${written.title}`, parts: [] };
  draw(sheet, copy);
  const post = isPost ? written.body.map(filled).join("\n\n") + (line ? ` ${line}` : "") : null;
  return { sheet, post, title: written.title, words: wordsOf(sheet).join(" ") };
}

const listed = (months: string[], language: Language) =>
  new Intl.ListFormat(language, { type: "disjunction" }).format(months);
