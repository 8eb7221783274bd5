import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { statementPages } from "../../src/dev/gallery/statements.ts";
import type { Document } from "../../src/statements/document.ts";
import { statementPdf } from "../../src/statements/statement-pdf.ts";

const program = { name: "Caraway", phone: "(800) 555-0142", hours: "Monday to Friday", address: "PO Box 1400" };
const states = Object.entries(statementPages.statement ?? {});

describe.each(states)("the statement “%s” as a PDF", (_, { data }) => {
  const statement = data.statement as Document;
  const made = statementPdf(statement, program).then((pdf) => pdf.toString("latin1"));

  test("is tagged, says its language and its title, and shows the title", async () => {
    const pdf = await made;
    expect(pdf).toMatch(/^%PDF-1\.7/);
    expect(pdf).toMatch(/\/Marked true/);
    expect(pdf).toContain(`/Lang (${statement.language === "es" ? "es-US" : "en-US"})`);
    expect(pdf).toContain("/DisplayDocTitle true");
    expect(pdf).toMatch(/<dc:title>\s*<rdf:Alt>\s*<rdf:li xml:lang="x-default">\S/);
  });

  test("has a structure tree with each heading and table of the page, and heads for rows and columns", async () => {
    const pdf = await made;
    const count = (kind: string) => pdf.match(new RegExp(`/S /${kind}\\b`, "g"))?.length ?? 0;
    const blocks = statement.sections.flatMap((section) => section.blocks);
    const tables = blocks.flatMap((block): { kind: string; rows: unknown[] }[] => {
      if (block.kind === "facts") return [block, ...(block.beside ? [{ ...block, rows: block.beside }] : [])];
      return block.kind === "table" ? [block] : [];
    });
    expect([count("Document"), count("H1")]).toEqual([1, 1]);
    expect(count("H2")).toBe(statement.sections.length);
    expect(count("Table")).toBe(tables.length);
    const headed = tables.filter((table) => table.kind === "table").length;
    expect(count("TR")).toBe(tables.reduce((sum, { rows }) => sum + rows.length, 0) + headed);
    expect(pdf.match(/\/Scope \/Row/g)).toHaveLength(tables.reduce((sum, { rows }) => sum + rows.length, 0));
  });

  test("says every word and figure of the page, in its order", async () => {
    const text = squeezed(textOf(await made));
    let from = 0;
    for (const words of wordsOf(statement)) {
      const at = text.indexOf(squeezed(words), from);
      expect(at, words).toBeGreaterThanOrEqual(from);
      from = at;
    }
  });

  test("what only decorates is an artifact, and every mark is closed", async () => {
    const content = streamsOf(await made).join("\n");
    expect(content.match(/\b(BMC|BDC)\b/g)?.length).toBe(content.match(/\bEMC\b/g)?.length);
    expect(content).toMatch(/\/Artifact <<\s*\/Type \/Pagination/);
    expect(content).toMatch(/\/Artifact <<\s*\/Type \/Layout/);
  });
});

/** All words, as the page has them; what is one after another there is so here. */
const wordsOf = ({ title, sections }: Document): string[] => [
  title,
  ...sections.flatMap(({ heading, blocks }) => [
    heading,
    ...blocks.flatMap((block) => {
      if (block.kind === "text") return [block.text];
      if (block.kind === "warning") return [block.title, block.text];
      if (block.kind === "facts")
        return [...block.rows, ...(block.beside ?? [])].flatMap((fact) => [fact.name, fact.value]);
      return [...block.columns.map(({ name }) => name), ...block.rows.flatMap(({ cells }) => cells)];
    }),
  ]),
];

/** Without spaces, which a PDF leaves out at the ends of lines; and with the minus that its fonts have. */
const squeezed = (text: string) => text.replace(/\s/g, "").replaceAll("−", "-");

function streamsOf(pdf: string): string[] {
  return [...pdf.matchAll(/\/FlateDecode\s*>>\s*stream\n(.*?)\nendstream/gs)].map(([, bytes = ""]) =>
    inflateSync(Buffer.from(bytes, "latin1")).toString("latin1"),
  );
}

/** What is written, foots of pages and repeated heads left out: they are artifacts. */
function textOf(pdf: string): string {
  const windows = new TextDecoder("windows-1252");
  return streamsOf(pdf)
    .map((stream) => stream.replace(/\/Artifact <<.*?EMC/gs, ""))
    .flatMap((stream) => [...stream.matchAll(/<([0-9a-f]+)>/g)].map(([, hex = ""]) => Buffer.from(hex, "hex")))
    .map((bytes) => windows.decode(bytes))
    .join("");
}
