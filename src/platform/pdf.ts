import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** A new PDF, by pdfkit, which is loaded when the first one is made: it takes 40 MB, and most processes make none. */
export function newPdf(options: PDFKit.PDFDocumentOptions): PDFKit.PDFDocument {
  const { PDFDocument }: { PDFDocument: typeof import("pdfkit") } = load("pdfkit");
  return new PDFDocument(options);
}
