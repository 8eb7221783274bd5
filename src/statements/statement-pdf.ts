import { taggedPdf } from "../platform/pdf.ts";
import type { Program } from "./compose.ts";
import type { Block, Document, Fact, Row, Section } from "./document.ts";
import { wordsIn } from "./words.ts";

type Pdf = PDFKit.PDFDocument;
type Element = PDFKit.PDFStructureElement;

const margin = 54;
const width = 612 - 2 * margin;
const bottom = 792 - margin - 18;
const [ink, soft, line, accent] = ["#23201b", "#625b50", "#d9d1c1", "#1f5a3f"];
const [tint, wait] = ["#f5f1e8", "#80500a"];
const [rowGap, factHeight] = [7, 19];

/**
 * A statement as a PDF that a screen reader reads as well as the page: its language, its title, and a structure tree of
 * headings, paragraphs and tables; what only decorates is an artifact. The fonts are those that every reader has.
 */
export async function statementPdf(statement: Document, program: Program): Promise<Buffer> {
  const { title, lines, language } = statement;
  const info = { Title: `${title}, ${lines.join(", ")}`, Author: program.name };
  return taggedPdf({ language, info, page: { size: "LETTER", margin, bufferPages: true } }, (pdf, root) => {
    writeHead(pdf, root, statement, program);
    for (const section of statement.sections) writeSection(pdf, root, section);
    numberPages(pdf, statement, program);
  });
}

function writeHead(pdf: Pdf, root: Element, { title, lines, address }: Document, program: Program): void {
  artifact(pdf, () => {
    pdf.font("Times-Bold").fontSize(17).fillColor(accent).text(program.name, margin, margin);
    pdf.rect(margin, margin + 24, width, 1.5).fill(accent);
  });
  pdf.y = margin + 40;
  const top = pdf.y;
  root.add(tag(pdf, "H1", () => pdf.font("Times-Bold").fontSize(21).fillColor(ink).text(title, margin, top)));
  for (const text of lines) paragraph(pdf, root, text, { width: 300 });
  const end = pdf.y;
  pdf.y = top + 5;
  for (const text of address) paragraph(pdf, root, text, { x: margin + 330, width: width - 330 });
  pdf.y = Math.max(end, pdf.y) + 4;
}

function writeSection(pdf: Pdf, root: Element, { heading, blocks }: Section): void {
  const section = pdf.struct("Sect");
  root.add(section);
  const [first] = blocks;
  roomFor(pdf, first?.kind === "facts" ? 40 + first.rows.length * factHeight : 70);
  pdf.y += 12;
  section.add(
    tag(pdf, "H2", () => {
      pdf.font("Times-Bold").fontSize(13.5).fillColor(accent).text(plain(heading), margin, pdf.y, { width });
    }),
  );
  pdf.y += 3;
  for (const block of blocks) writeBlock(pdf, section, block);
  section.end();
}

function writeBlock(pdf: Pdf, section: Element, block: Block): void {
  if (block.kind === "text") paragraph(pdf, section, block.text);
  else if (block.kind === "warning") writeWarning(pdf, section, block);
  else if (block.kind === "table") writeTable(pdf, section, { ...block, widths: widthsOf(pdf, block) });
  else if (block.big) writeKey(pdf, section, block.rows);
  else writeFacts(pdf, section, block);
}

/** What a statement is opened for: its figures large, side by side, on a ground of their own. */
function writeKey(pdf: Pdf, section: Element, rows: Fact[]): void {
  const [height, inner] = [54, 14];
  const small = () => pdf.font("Helvetica").fontSize(9).fillColor(soft);
  const large = () => pdf.font("Times-Bold").fontSize(17).fillColor(ink);
  const widths = rows.map(({ name, value }) => Math.max(small().widthOfString(name), large().widthOfString(value)));
  const gap = (width - 2 * inner - sum(widths)) / Math.max(2, rows.length - 1);
  roomFor(pdf, height);
  const top = pdf.y;
  artifact(pdf, () => pdf.rect(margin, top, width, height).fill(tint));
  const table = pdf.struct("Table");
  section.add(table);
  rows.forEach(({ name, value }, at) => {
    const x = margin + inner + sum(widths.slice(0, at)) + at * gap;
    const row = pdf.struct("TR");
    table.add(row);
    row.add(tag(pdf, "TH", () => small().text(name, x, top + 10, { lineBreak: false }), "Row"));
    row.add(tag(pdf, "TD", () => large().text(plain(value), x, top + 25, { lineBreak: false })));
    row.end();
  });
  table.end();
  pdf.y = top + height + 8;
}

/** Names and values; what stands beside them begins at the same height. */
function writeFacts(pdf: Pdf, section: Element, { rows, beside = [] }: { rows: Fact[]; beside?: Fact[] }): void {
  const columns = [{ name: "" }, { name: "", num: true }];
  const cells = (facts: Fact[]) => facts.map(({ name, value, strong = false }) => ({ cells: [name, value], strong }));
  roomFor(pdf, rows.length * factHeight);
  const top = pdf.y;
  writeTable(pdf, section, { columns, widths: [150, 98], rows: cells(rows) });
  if (!beside.length) return;
  const end = pdf.y;
  pdf.y = top;
  writeTable(pdf, section, { columns, widths: [134, 98], rows: cells(beside), x: margin + 280 });
  pdf.y = Math.max(end, pdf.y);
}

/** A bar runs along it. */
function writeWarning(pdf: Pdf, section: Element, { title, text }: { title: string; text: string }): void {
  const within = { x: margin + 10, width: width - 10 };
  roomFor(pdf, 45);
  const top = pdf.y;
  paragraph(pdf, section, title, { ...within, font: "Helvetica-Bold" });
  if (text) paragraph(pdf, section, text, within);
  if (pdf.y > top) artifact(pdf, () => pdf.rect(margin, top - 1, 2.5, pdf.y - top - 1).fill(wait));
  pdf.y += 4;
}

function paragraph(
  pdf: Pdf,
  parent: Element,
  text: string,
  options: { x?: number; width?: number; font?: string } = {},
): void {
  pdf.font(options.font ?? "Helvetica").fontSize(9.5);
  const given = { width: options.width ?? width, lineGap: 1.5 };
  roomFor(pdf, Math.min(pdf.heightOfString(plain(text), given), 200));
  parent.add(tag(pdf, "P", () => pdf.fillColor(ink).text(plain(text), options.x ?? margin, pdf.y, given)));
  pdf.y += 3;
}

type Table = { columns: { name: string; num?: boolean }[]; rows: Row[]; widths: number[]; x?: number };

function writeTable(pdf: Pdf, section: Element, { columns, rows, widths, x: left = margin }: Table): void {
  const table = pdf.struct("Table");
  section.add(table);
  pdf.y += 2;
  const hasHead = columns.some(({ name }) => name);
  const cellsAt = (cells: string[]) => {
    // A total has no date: its name takes that column too.
    const isWide = cells[0] === "" && cells.length > 2;
    return cells.flatMap((text, at) => {
      if (isWide && at === 0) return [];
      const from = isWide && at === 1 ? 0 : at;
      const x = left + sum(widths.slice(0, from));
      return [{ text: plain(text), x, width: sum(widths.slice(from, at + 1)) - 8, num: columns[at]?.num, at }];
    });
  };
  const heightOf = (cells: string[], font: string) => {
    pdf.font(font).fontSize(9.5);
    return Math.max(...cellsAt(cells).map((cell) => pdf.heightOfString(cell.text, { width: cell.width })));
  };
  const draw = (cell: ReturnType<typeof cellsAt>[number], y: number, font: string, color: string) => {
    pdf.font(font).fontSize(9.5).fillColor(color);
    pdf.text(cell.text, cell.x, y, { width: cell.width, align: cell.num ? "right" : "left" });
  };
  const names = columns.map(({ name }) => name);
  const rule = (y: number, color: string) => artifact(pdf, () => pdf.rect(left, y, sum(widths) - 8, 0.6).fill(color));

  if (hasHead) {
    const height = heightOf(names, "Helvetica-Bold");
    roomFor(pdf, height + 40);
    const y = pdf.y;
    const row = pdf.struct("TR");
    table.add(row);
    for (const cell of cellsAt(names)) {
      row.add(tag(pdf, "TH", () => draw(cell, y, "Helvetica-Bold", soft), "Column"));
    }
    row.end();
    pdf.y = y + height + rowGap - 1;
    rule(pdf.y - 2, soft);
    pdf.y += 2;
  }
  for (const { cells, strong } of rows) {
    const font = strong ? "Helvetica-Bold" : "Helvetica";
    const height = heightOf(cells, font);
    if (roomFor(pdf, height + rowGap) && hasHead) {
      const y = pdf.y;
      artifact(pdf, () => cellsAt(names).map((cell) => draw(cell, y, "Helvetica-Bold", soft)));
      pdf.y = y + heightOf(names, "Helvetica-Bold") + rowGap;
    }
    const y = pdf.y;
    const row = pdf.struct("TR");
    table.add(row);
    cellsAt(cells).forEach((cell, index) => {
      const [kind, scope] = index === 0 ? (["TH", "Row"] as const) : (["TD", undefined] as const);
      row.add(tag(pdf, kind, () => draw(cell, y, font, ink), scope));
    });
    row.end();
    pdf.y = y + height + rowGap;
    rule(pdf.y - 4, line);
  }
  table.end();
  pdf.y += 4;
}

/** Figures and short words take what they need, the longest words the rest; where there is too little, all give way. */
function widthsOf(pdf: Pdf, { columns, rows }: Extract<Block, { kind: "table" }>): number[] {
  pdf.font("Helvetica-Bold").fontSize(9.5);
  const wishes = columns.map(({ name }, at) => {
    const longestWord = Math.max(...name.split(" ").map((word) => pdf.widthOfString(word)));
    const texts = rows.map(({ cells }) =>
      cells[0] === "" && at === 1 ? 0 : pdf.widthOfString(plain(cells[at] ?? "")),
    );
    return Math.max(longestWord, Math.min(pdf.widthOfString(name), 110), ...texts) + 14;
  });
  const left = width + 8 - sum(wishes); // the last column has nothing to keep away from
  const words = wishes.map((wish, at) => (columns[at]?.num ? 0 : wish));
  const longest = words.indexOf(Math.max(...words));
  if (left >= 0 || (words[longest] ?? 0) + left > 120)
    return wishes.map((wish, at) => wish + (at === longest ? left : 0));
  return wishes.map((wish, at) => wish + (left * (words[at] ?? 0)) / sum(words));
}

/** On a new page, unless so much room is left. Returns whether it turned the page. */
function roomFor(pdf: Pdf, height: number): boolean {
  if (pdf.y + height <= bottom) return false;
  pdf.addPage();
  pdf.y = margin;
  return true;
}

function tag(pdf: Pdf, kind: string, draw: () => unknown, scope?: "Row" | "Column"): Element {
  const element = pdf.struct(kind, {}, () => void draw());
  if (scope) Object.assign(dataOf(element), { A: { O: "Table", Scope: scope } });
  return element;
}

/** The element's dictionary, where pdfkit has no option for what is put there. */
const dataOf = (element: Element): object => (element as unknown as { dictionary: { data: object } }).dictionary.data;

function artifact(pdf: Pdf, draw: () => unknown): void {
  pdf.markContent("Artifact", { type: "Layout" });
  draw();
  pdf.endMarkedContent();
}

function numberPages(pdf: Pdf, statement: Document, program: Program): void {
  const { count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page += 1) {
    pdf.switchToPage(page);
    const text = `${program.name} · ${statement.lines[1]} · ${wordsIn[statement.language].page(page + 1, count)}`;
    pdf.page.margins.bottom = 0; // or the foot would begin a new page
    pdf.markContent("Artifact", { type: "Pagination" });
    pdf.font("Helvetica").fontSize(8).fillColor(soft);
    pdf.text(plain(text), margin, 792 - margin, { width, align: "center", lineBreak: false });
    pdf.endMarkedContent();
  }
}

/** The fonts know Latin-1 and little more: no true minus. */
const plain = (text: string) => text.replaceAll("−", "-");

const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
