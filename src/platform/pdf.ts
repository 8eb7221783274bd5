import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** A new PDF, by pdfkit, which is loaded when the first one is made: it takes 40 MB, and most processes make none. */
export function newPdf(options: PDFKit.PDFDocumentOptions): PDFKit.PDFDocument {
  const { PDFDocument }: { PDFDocument: typeof import("pdfkit") } = load("pdfkit");
  return new PDFDocument(options);
}

/**
 * Writes a tagged PDF: its language and title set, and a structure tree that a screen reader follows.
 * @param write draws the pages, and hangs what is to be read into the root of the tree
 */
export async function taggedPdf(
  about: { language: "en" | "es"; info: PDFKit.DocumentInfo; page: PDFKit.PDFDocumentOptions },
  write: (pdf: PDFKit.PDFDocument, root: PDFKit.PDFStructureElement) => void,
): Promise<Buffer> {
  const { language, info, page } = about;
  const lang = language === "es" ? "es-US" : "en-US";
  const pdf = newPdf({ ...page, pdfVersion: "1.7", tagged: true, displayTitle: true, lang, info });
  const chunks: Buffer[] = [];
  const whole = new Promise<Buffer>((done, fail) => {
    pdf.on("data", (chunk: Buffer) => chunks.push(chunk));
    pdf.on("end", () => done(Buffer.concat(chunks)));
    pdf.on("error", fail);
  });
  const root = pdf.struct("Document");
  pdf.addStructure(root);
  write(pdf, root);
  root.end();
  pdf.end();
  return whole;
}
