import { Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import type { IsoDate } from "../lib/calendar.ts";
import { dayNumber } from "../lib/calendar.ts";
import { spreadsheetSafe } from "../lib/csv.ts";
import { escapeHtml } from "../lib/escape.ts";
import { type Cents, formatDecimal } from "../lib/money.ts";

/** A cell: texts and counts as they are, money in cents, a share from 0 to 1, a day. */
export type XlsxCell =
  | { as: "text"; value: string }
  | { as: "count" | "share"; value: number }
  | { as: "money"; value: Cents }
  | { as: "date"; value: IsoDate }
  | null;

/** So many lines a sheet holds, its headings not counted. */
export const mostXlsxLines = 1_048_575;

const styles = { text: 0, count: 0, date: 1, money: 2, share: 3, heading: 4 };

/**
 * An XLSX file of one sheet, piece by piece, while its rows come: it needs no more memory for a million than for ten.
 * Texts stand in cells of text, which no spreadsheet runs, with an apostrophe before what looks like a formula.
 */
export async function* xlsxOf(
  headings: readonly string[],
  batches: AsyncIterable<XlsxCell[][]>,
): AsyncGenerator<Buffer> {
  const zip = openZip();
  for (const [name, text] of Object.entries(frame)) yield* zip.add(name, [Buffer.from(text)]);
  yield* zip.add("xl/worksheets/sheet1.xml", sheetOf(headings, batches));
  yield zip.end();
}

async function* sheetOf(headings: readonly string[], batches: AsyncIterable<XlsxCell[][]>) {
  const head = headings.map((text) => textCell(text, styles.heading)).join("");
  yield Buffer.from(
    `${xml}<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" ` +
      `state="frozen"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight="15" baseColWidth="16"/><sheetData><row>${head}</row>`,
  );
  for await (const rows of batches)
    yield Buffer.from(rows.map((row) => `<row>${row.map(cellOf).join("")}</row>`).join(""));
  yield Buffer.from("</sheetData></worksheet>");
}

function cellOf(cell: XlsxCell): string {
  if (cell === null) return "<c/>";
  if (cell.as === "text") return textCell(spreadsheetSafe(cell.value), styles.text);
  // Excel counts days from the 30th of December 1899.
  const value =
    cell.as === "date" ? dayNumber(cell.value) + 25_569 : cell.as === "money" ? formatDecimal(cell.value) : cell.value;
  return `<c s="${styles[cell.as]}"><v>${value}</v></c>`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write these
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const textCell = (text: string, style: number) =>
  `<c t="inlineStr" s="${style}"><is><t xml:space="preserve">${escapeHtml(text.replace(unwritable, ""))}</t></is></c>`;

const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const packaged = "http://schemas.openxmlformats.org/package/2006";
const type = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const format = (id: number) =>
  `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>`;

/** All of the file but its sheet. */
const frame = {
  "[Content_Types].xml":
    `${xml}<Types xmlns="${packaged}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
    `<Override PartName="/xl/workbook.xml" ContentType="${type}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${type}.styles+xml"/>` +
    `<Override PartName="/xl/worksheets/sheet1.xml" ContentType="${type}.worksheet+xml"/></Types>`,
  "_rels/.rels": `${xml}<Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  "xl/workbook.xml": `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="Report" sheetId="1" r:id="rId1"/></sheets></workbook>`,
  "xl/_rels/workbook.xml.rels":
    `${xml}<Relationships xmlns="${packaged}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/>` +
    `<Relationship Id="rId2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
  "xl/styles.xml":
    `${xml}<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
    `<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>` +
    `<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5">${format(0)}${format(14)}${format(4)}${format(10)}` +
    `<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs></styleSheet>`,
};

type Piece = Buffer<ArrayBufferLike>;

/** A ZIP that is written as it goes: sizes and checksums follow each file (APPNOTE 4.3.9, bit 3). */
function openZip() {
  const listed: Piece[] = [];
  let offset = 0;
  const counted = (piece: Piece) => {
    offset += piece.length;
    return piece;
  };
  return {
    async *add(name: string, content: Iterable<Piece> | AsyncIterable<Piece>): AsyncGenerator<Piece> {
      const start = offset;
      let [crc, size, packed] = [0, 0, 0];
      const measured = async function* () {
        for await (const piece of content) {
          crc = crc32(piece, crc);
          size += piece.length;
          yield piece;
        }
      };
      yield counted(
        Buffer.concat([words("PK\x03\x04", [20, 0x0808, 8, 0, 0x21], [0, 0, 0], [name.length, 0]), Buffer.from(name)]),
      );
      const source = Readable.from(measured(), { objectMode: false });
      const deflate = createDeflateRaw({ level: 4 });
      source.on("error", (error) => deflate.destroy(error));
      for await (const piece of source.pipe(deflate)) {
        packed += piece.length;
        yield counted(piece);
      }
      yield counted(words("PK\x07\x08", [], [crc, packed, size], []));
      listed.push(
        words("PK\x01\x02", [20, 20, 0x0808, 8, 0, 0x21], [crc, packed, size], [name.length, 0, 0, 0, 0]),
        words("", [], [0, start], []),
        Buffer.from(name),
      );
    },
    end(): Piece {
      const directory = Buffer.concat(listed);
      const files = listed.length / 3;
      return Buffer.concat([directory, words("PK\x05\x06", [0, 0, files, files], [directory.length, offset], [0])]);
    },
  };
}

/** A signature, then numbers of two bytes, of four, and of two again, the low byte first. */
function words(signature: string, short: number[], long: number[], after: number[]): Piece {
  const bytes = Buffer.alloc(signature.length + (short.length + after.length) * 2 + long.length * 4);
  let at = bytes.write(signature, "latin1");
  for (const value of short) at = bytes.writeUInt16LE(value, at);
  for (const value of long) at = bytes.writeUInt32LE(value, at);
  for (const value of after) at = bytes.writeUInt16LE(value, at);
  return bytes;
}
