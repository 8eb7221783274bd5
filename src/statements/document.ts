import type { Language } from "../lib/language.ts";

/** A statement in words, before it is a page or a PDF: both show the same, in the same order. */
export type Document = {
  language: Language;
  title: string;
  /** Under the title: whose, of what account, of which days. */
  lines: string[];
  address: string[];
  sections: Section[];
  /** The words of a link to what explains an amount in the midst of a sentence. */
  explain: string;
};

export type Section = { id: string; heading: string; blocks: Block[] };

/** `figure`, wherever it stands: where an amount is explained, as an anchor of the page that explains them all. */
export type Block =
  | { kind: "text"; text: string; figure?: string | undefined }
  /** What the law wants to be seen at once. */
  | { kind: "warning"; title: string; text: string; figure?: string | undefined }
  /** `big`: the few that a statement is opened for. `beside`: others, next to them where there is room. */
  | { kind: "facts"; rows: Fact[]; big?: boolean; beside?: Fact[] }
  /** `titled`: the caption is shown. */
  | { kind: "table"; caption: string; titled?: boolean; columns: Column[]; rows: Row[] };

export type Fact = { name: string; value: string; strong?: boolean; figure?: string };
/** `bare`: what stands in it needs no name before it where a row is shown as a block. */
export type Column = { name: string; num?: boolean; bare?: boolean };
/** `figures`: the anchors of its cells, by their place. */
export type Row = { cells: string[]; strong?: boolean; figures?: Record<number, string> };
