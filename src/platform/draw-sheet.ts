import { escapeHtml } from "../lib/escape.ts";
import { Refused } from "./errors.ts";
import { taggedPdf } from "./pdf.ts";
import { faces, type Sheet, umbelPath } from "./sheet.ts";

/** A sheet as a tagged PDF of one page, its language set. */
export async function toPdf(sheet: Sheet, author: string): Promise<Buffer> {
  const info = { Title: sheet.title, Author: author, CreationDate: new Date(0), ModDate: new Date(0) };
  const page = { size: [sheet.width, sheet.height] as [number, number], margin: 0 };
  return taggedPdf({ language: sheet.language, info, page }, (document, root) => {
    for (const [face, { file }] of Object.entries(faces)) document.registerFont(face, file);
    for (const part of sheet.parts) {
      if (part.kind === "words") {
        const { face, size, fill, lines } = part;
        const say = () => {
          document.font(face).fontSize(size).fillColor(fill);
          for (const { text, x, baseline } of lines)
            document.text(text, x, baseline, { lineBreak: false, baseline: "alphabetic" });
        };
        root.add(document.struct(part.role, {}, say));
        continue;
      }
      document.markContent("Artifact", { type: "Layout" });
      if (part.kind === "block") {
        document.roundedRect(part.x, part.y, part.width, part.height, part.radius).fill(part.fill);
      } else {
        const { x, y, size, fill } = part;
        document
          .save()
          .translate(x, y)
          .scale(size / 28);
        for (const [cx, cy, angle] of umbelPath.heads) {
          document
            .save()
            .rotate(angle, { origin: [cx, cy] })
            .ellipse(cx, cy, 1.75, 3.1)
            .fill(fill)
            .restore();
        }
        document.path(umbelPath.stalks).lineWidth(1.5).lineCap("round").stroke(fill).restore();
      }
      document.endMarkedContent();
    }
  });
}

/** A sheet as SVG, its words as words: only `toPng` reads it, with the fonts beside it. */
function toSvg(sheet: Sheet): string {
  const parts = sheet.parts.map((part) => {
    if (part.kind === "block") {
      return `<rect x="${part.x}" y="${part.y}" width="${part.width}" height="${part.height}" rx="${part.radius}" fill="${part.fill}"/>`;
    }
    if (part.kind === "umbel") {
      const heads = umbelPath.heads.map(
        ([x, y, angle]) => `<ellipse cx="${x}" cy="${y}" rx="1.75" ry="3.1" transform="rotate(${angle} ${x} ${y})"/>`,
      );
      return `<g transform="translate(${part.x} ${part.y}) scale(${part.size / 28})" fill="${part.fill}">${heads.join("")}<path d="${umbelPath.stalks}" fill="none" stroke="${part.fill}" stroke-width="1.5" stroke-linecap="round"/></g>`;
    }
    const { family, weight } = faces[part.face];
    const lines = part.lines.map(
      ({ text, x, baseline }) => `<text x="${x}" y="${baseline}">${escapeHtml(text)}</text>`,
    );
    return `<g font-family="${family}" font-weight="${weight}" font-size="${part.size}" fill="${part.fill}">${lines.join("")}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${sheet.width} ${sheet.height}" width="${sheet.width}" height="${sheet.height}">${parts.join("")}</svg>`;
}

/** So many pictures are drawn at once, and so many wait for it: each costs a processor a quarter of a second. */
const most = { atOnce: 2, waiting: 20 };
const waiting: (() => void)[] = [];
let drawing = 0;

/**
 * A sheet as a picture of so many pixels in width; beside the portal's threads, not on the one that answers.
 * @throws Refused 503 when a crowd waits already
 */
export async function toPng(sheet: Sheet, pixels: number): Promise<Buffer> {
  if (drawing < most.atOnce) drawing += 1;
  else if (waiting.length < most.waiting) await new Promise<void>((go) => waiting.push(go));
  else throw new Refused(503, "Many pictures are being made at the moment. Try again in a few seconds.", 5);
  try {
    const { renderAsync } = await import("@resvg/resvg-js"); // native, and seldom needed
    const drawn = await renderAsync(toSvg(sheet), {
      fitTo: { mode: "width", value: pixels },
      font: { loadSystemFonts: false, fontFiles: Object.values(faces).map(({ file }) => file) },
    });
    return drawn.asPng();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else drawing -= 1;
  }
}
