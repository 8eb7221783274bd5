import type { Language } from "../lib/language.ts";

/** A statement in words, before it is a page or a PDF: both show the same, in the same order. */
export type Document = {
  language: Language;
  title: string;
  /** Under the title: whose, of what account, of which days. */
  lines: string[];
  address: string[];
  sections: Section[];
};

export type Section = { id: string; heading: string; blocks: Block[] };

export type Block =
  | { kind: "text"; text: string }
  /** What the law wants to be seen at once. */
  | { kind: "warning"; title: string; text: string }
  | { kind: "facts"; rows: Fact[] }
  | { kind: "table"; caption: string; columns: Column[]; rows: Row[] };

/** `figure`: where the figure is explained, as an anchor of that page. */
export type Fact = { name: string; value: string; strong?: boolean; figure?: string };
export type Column = { name: string; num?: boolean };
export type Row = { cells: string[]; strong?: boolean; figure?: string };
