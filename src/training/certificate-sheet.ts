import { formatDate } from "../lib/dates.ts";
import { coloursOf } from "../platform/colours.ts";
import { place, type Sheet, setWords } from "../platform/sheet.ts";
import type { Certificate } from "./queries.ts";

/** A certificate to hang up: a sheet of Letter, across. */
export function certificateSheet(
  { course, earnedOn, validUntil, id }: Certificate,
  of: { person: string; practice: string; program: { name: string; accent?: string | undefined } },
): Sheet {
  const c = coloursOf(of.program.accent);
  const sheet: Sheet = { width: 792, height: 612, language: "en", title: `Certificate: ${course.title}`, parts: [] };
  const block = (inset: number, fill: string) =>
    sheet.parts.push({
      kind: "block",
      x: inset,
      y: inset,
      width: 792 - 2 * inset,
      height: 612 - 2 * inset,
      fill,
      radius: 0,
    });
  block(0, c.act);
  block(22, c.paper);
  sheet.parts.push({ kind: "umbel", x: 216, y: 152, size: 360, fill: c.ghost });
  sheet.parts.push({ kind: "umbel", x: 364, y: 84, size: 64, fill: c.act });
  const centred = { width: 620, align: "center" } as const;
  const x = 86;
  const say = (
    text: string,
    y: number,
    set: { face: "display" | "text" | "strong"; size: number; most?: number; fill?: string },
  ) => place(sheet, setWords(text, { ...centred, most: 1, ...set }), { x, y, fill: set.fill ?? c.soft });
  let y = say("Certificate of training", 162, { face: "strong", size: 17, fill: c.act });
  const name = setWords(of.person, { ...centred, face: "display", size: 56, most: 1 });
  y = place(sheet, name, { x, y: y + 16, fill: c.ink, role: "H1" });
  y = say(of.practice, y + 2, { face: "text", size: 19 });
  y = say("has passed the course", y + 26, { face: "text", size: 16 });
  y = say(course.title, y + 4, { face: "display", size: 34, fill: c.act });
  say(`on ${formatDate(earnedOn)}. Good until ${formatDate(validUntil)}.`, y + 16, {
    face: "text",
    size: 17,
    fill: c.ink,
  });
  say(`${of.program.name} · Certificate ${id}`, 536, { face: "text", size: 10 });
  return sheet;
}
