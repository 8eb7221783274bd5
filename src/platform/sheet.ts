import { createRequire } from "node:module";
import { newPdf } from "./pdf.ts";

/*
 * A sheet is what a material looks like, in points, before it is a PDF or a PNG: shapes, and words broken into lines.
 * Both are drawn from the same sheet, with fonts that come with the portal, so that they look the same everywhere.
 */

const load = createRequire(import.meta.url).resolve;
const fontFile = (family: string, weight: string) =>
  load(`@expo-google-fonts/${family}/${weight}/${family[0]?.toUpperCase()}${family.slice(1)}_${weight}.ttf`);

export const faces = {
  display: { family: "Lora", weight: 600, file: fontFile("lora", "600SemiBold") },
  text: { family: "Figtree", weight: 400, file: fontFile("figtree", "400Regular") },
  strong: { family: "Figtree", weight: 600, file: fontFile("figtree", "600SemiBold") },
} as const;
export type Face = keyof typeof faces;

export type Block = {
  kind: "block";
  x: number;
  y: number;
  width: number;
  height: number;
  fill: string;
  radius: number;
};
/** The umbel of a caraway, the only ornament. */
export type Umbel = { kind: "umbel"; x: number; y: number; size: number; fill: string };
export type Words = {
  kind: "words";
  /** What it is to a screen reader. */
  role: "H1" | "H2" | "P";
  face: Face;
  size: number;
  fill: string;
  lines: { text: string; x: number; baseline: number }[];
};

export type Sheet = {
  width: number;
  height: number;
  language: "en" | "es";
  title: string;
  parts: (Block | Umbel | Words)[];
};

/** How words are set. `most` lines at most: the size shrinks until it fits. `leading` is in sizes. */
export type Setting = {
  width: number;
  face: Face;
  size: number;
  leading?: number;
  most?: number;
  align?: "left" | "center";
};

export type SetWords = { lines: { text: string; width: number }[]; size: number; height: number; setting: Setting };

let opened: PDFKit.PDFDocument | undefined;

/** A document that is never written: it knows how wide words are. */
function measuring(): PDFKit.PDFDocument {
  if (opened) return opened;
  opened = newPdf({ autoFirstPage: false });
  for (const [face, { file }] of Object.entries(faces)) opened.registerFont(face, file);
  return opened;
}

/** Breaks a text into lines. */
export function setWords(text: string, setting: Setting): SetWords {
  const { most = 99, leading = 1.3, face } = setting;
  for (let size = setting.size; ; size *= 0.95) {
    measuring().font(face).fontSize(size);
    const lines = broken(text, setting.width);
    const fits = lines.length <= most && lines.every((line) => line.width <= setting.width);
    if (fits || size < 5) return { lines, size, height: lines.length * size * leading, setting };
  }
}

/** A line of its own begins after each "|". */
const broken = (text: string, width: number) => text.split("|").flatMap((part) => brokenPart(part.trim(), width));

function brokenPart(text: string, width: number): { text: string; width: number }[] {
  const lines: { text: string; width: number }[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const longer = last && `${last.text} ${word}`;
    const longerWidth = longer ? measuring().widthOfString(longer) : 0;
    if (last && longer && longerWidth <= width) Object.assign(last, { text: longer, width: longerWidth });
    else lines.push({ text: word, width: measuring().widthOfString(word) });
  }
  return lines;
}

/** Puts set words on a sheet, their top at y. @returns the y under them */
export function place(
  sheet: Sheet,
  set: SetWords,
  at: { x: number; y: number; fill: string; role?: Words["role"] },
): number {
  const { leading = 1.3, face, align, width } = set.setting;
  const step = set.size * leading;
  const lines = set.lines.map((line, i) => ({
    text: line.text,
    x: align === "center" ? at.x + (width - line.width) / 2 : at.x,
    baseline: at.y + step * i + step / 2 + set.size * 0.34,
  }));
  sheet.parts.push({ kind: "words", role: at.role ?? "P", face, size: set.size, fill: at.fill, lines });
  return at.y + set.height;
}

/** All that a sheet says, block by block. */
export const wordsOf = (sheet: Sheet): string[] =>
  sheet.parts.flatMap((part) => (part.kind === "words" ? [part.lines.map(({ text }) => text).join(" ")] : []));

/** The umbel in a box of 28 by 26. */
export const umbelPath = {
  heads: [
    [3.5, 13.1, -72],
    [7.5, 7.6, -36],
    [14, 5.5, 0],
    [20.5, 7.6, 36],
    [24.5, 13.1, 72],
  ] as const,
  stalks: "M14 16.5L6.6 14.1M14 16.5L9.4 10.2M14 16.5L14 8.7M14 16.5L18.6 10.2M14 16.5L21.4 14.1M14 24.5L14 16.5",
};
