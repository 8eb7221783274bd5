import { coloursOf } from "../platform/colours.ts";
import { place, type Setting, type SetWords, type Sheet, setWords } from "../platform/sheet.ts";
import type { PlanWords } from "./plan-words.ts";

/** What a material says, already in its language and for one practice. */
export type Copy = {
  practice: string;
  phone: string;
  program: string;
  accent: string | undefined;
  heading: string;
  lead: string;
  call: string;
  /** The practice's own line; may be empty. */
  line: string;
  body: string[];
  plans: PlanWords[];
  example: { title: string; lines: string[] } | null;
  small: string;
};

type Layout = { width: number; height: number; draw(sheet: Sheet, copy: Copy): void };

const block = (
  sheet: Sheet,
  at: { x: number; y: number; width: number; height: number; fill: string; radius?: number },
) => void sheet.parts.push({ kind: "block", radius: 0, ...at });
const umbel = (sheet: Sheet, at: { x: number; y: number; size: number; fill: string }) =>
  void sheet.parts.push({ kind: "umbel", ...at });

/** Puts a stack of set words one under another, upwards from `bottom`. @returns the y above them */
function placeUpwards(
  sheet: Sheet,
  stack: { set: SetWords; gap: number; fill: string }[],
  { x, bottom }: { x: number; bottom: number },
): number {
  let y = bottom;
  for (const { set, gap, fill } of stack.toReversed()) {
    y -= set.height;
    place(sheet, set, { x, y, fill });
    y -= gap;
  }
  return y;
}

/** The plans down a column, the room that is left shared out between them. */
function placePlans(
  sheet: Sheet,
  plans: PlanWords[],
  at: {
    x: number;
    top: number;
    bottom: number;
    width: number;
    scale: number;
    accent: string;
    ink: string;
    soft: string;
  },
): void {
  const fitted = (shrink: number) => {
    const rows = plans.map(({ title, note }) => ({
      title: setWords(title, { width: at.width, face: "display", size: 21.5 * at.scale * shrink, leading: 1.2 }),
      note: setWords(note, { width: at.width, face: "text", size: 13.5 * at.scale * shrink, leading: 1.4 }),
    }));
    const height = rows.reduce((sum, { title, note }) => sum + title.height + note.height + 4, 0);
    return { rows, height };
  };
  const room = at.bottom - at.top;
  let shrink = 1;
  let set = fitted(shrink);
  while (set.height + (plans.length - 1) * 10 * at.scale > room && shrink > 0.5) {
    shrink *= 0.95;
    set = fitted(shrink);
  }
  const most = 34 * at.scale;
  const gap = Math.min(most, (room - set.height) / Math.max(plans.length, 1));
  const spare = room - set.height - gap * (plans.length - 1);
  let y = at.top + Math.max(0, spare / 2);
  for (const { title, note } of set.rows) {
    const height = title.height + note.height + 4;
    block(sheet, {
      x: at.x - 18 * at.scale,
      y: y + 3,
      width: 4 * at.scale,
      height: height - 6,
      fill: at.accent,
      radius: 2 * at.scale,
    });
    y = place(sheet, title, { x: at.x, y, fill: at.ink, role: "H2" }) + 4;
    y = place(sheet, note, { x: at.x, y, fill: at.soft }) + gap;
  }
}

/** A field of colour with the heading, the plans on paper below. */
const field = ({ width, height, scale }: { width: number; height: number; scale: number }): Layout => ({
  width,
  height,
  draw(sheet, copy) {
    const c = coloursOf(copy.accent);
    const margin = 54 * scale;
    const inner = width - 2 * margin;
    const name = setWords(copy.practice, { width: inner, face: "strong", size: 19 * scale, most: 1 });
    const heading = setWords(copy.heading, { width: inner, face: "display", size: 66 * scale, leading: 1.08, most: 2 });
    const lead = setWords(copy.lead, { width: inner * 0.86, face: "text", size: 19 * scale, leading: 1.4, most: 4 });
    const top = 50 * scale + name.height + 26 * scale + heading.height + 18 * scale + lead.height + 44 * scale;
    block(sheet, { x: 0, y: 0, width, height: top, fill: c.act });
    umbel(sheet, { x: width - 250 * scale, y: top - 262 * scale, size: 330 * scale, fill: c.shade });
    block(sheet, { x: 0, y: top, width, height: height - top, fill: c.paper });
    let y = place(sheet, name, { x: margin, y: 50 * scale, fill: c.pale }) + 26 * scale;
    y = place(sheet, heading, { x: margin, y, fill: c.white, role: "H1" }) + 18 * scale;
    place(sheet, lead, { x: margin, y, fill: c.pale });
    const set = (text: string, setting: Partial<Setting> & { size: number }) =>
      setWords(text, { face: "text", width: inner, ...setting, size: setting.size * scale });
    const foot = placeUpwards(
      sheet,
      [
        ...(copy.line ? [{ set: set(copy.line, { size: 16, most: 2 }), gap: 12 * scale, fill: c.ink }] : []),
        { set: set(copy.call, { face: "strong", size: 22, most: 2 }), gap: 2 * scale, fill: c.act },
        { set: set(copy.small, { size: 9.5, leading: 1.4 }), gap: 14 * scale, fill: c.soft },
      ],
      { x: margin, bottom: height - 36 * scale },
    );
    placePlans(sheet, copy.plans, {
      x: margin + 18 * scale,
      width: inner - 18 * scale,
      top: top + 34 * scale,
      bottom: foot - 14 * scale,
      scale,
      accent: c.act,
      ink: c.ink,
      soft: c.soft,
    });
  },
});

/** A large question on paper, the umbel behind it, a band with the answer at the foot. */
const question: Layout = {
  width: 612,
  height: 792,
  draw(sheet, copy) {
    const [margin, inner] = [54, 504];
    const c = coloursOf(copy.accent);
    block(sheet, { x: 0, y: 0, width: 612, height: 792, fill: c.paper });
    umbel(sheet, { x: 250, y: -30, size: 470, fill: c.ghost });
    let y = place(sheet, setWords(copy.practice, { width: inner, face: "strong", size: 19, most: 1 }), {
      x: margin,
      y: 50,
      fill: c.act,
    });
    const heading = setWords(copy.heading, { width: inner, face: "display", size: 66, leading: 1.06, most: 2 });
    y = place(sheet, heading, { x: margin, y: y + 22, fill: c.ink, role: "H1" });
    const lead = setWords(copy.lead, { width: inner * 0.86, face: "text", size: 20, leading: 1.4, most: 4 });
    y = place(sheet, lead, { x: margin, y: y + 16, fill: c.soft });
    const call = setWords(copy.call, { width: inner, face: "display", size: 30, most: 2, leading: 1.2 });
    const line = copy.line ? setWords(copy.line, { width: inner, face: "text", size: 16, most: 2 }) : null;
    const small = setWords(copy.small, { width: inner, face: "text", size: 9.5, leading: 1.4 });
    const band = 30 + call.height + (line ? 8 + line.height : 0) + 14 + small.height + 30;
    block(sheet, { x: 0, y: 792 - band, width: 612, height: band, fill: c.act });
    placePlans(sheet, copy.plans, {
      x: margin + 18,
      width: inner - 18,
      top: y + 26,
      bottom: 792 - band - 22,
      scale: 1,
      accent: c.act,
      ink: c.ink,
      soft: c.soft,
    });
    let under = place(sheet, call, { x: margin, y: 792 - band + 30, fill: c.white });
    if (line) under = place(sheet, line, { x: margin, y: under + 8, fill: c.pale });
    place(sheet, small, { x: margin, y: under + 14, fill: c.pale });
  },
};

/** A card for a wallet, 3.5 by 2 inches. */
const wallet: Layout = {
  width: 252,
  height: 144,
  draw(sheet, copy) {
    const c = coloursOf(copy.accent);
    block(sheet, { x: 0, y: 0, width: 252, height: 144, fill: c.act });
    umbel(sheet, { x: 148, y: 8, size: 130, fill: c.shade });
    let y = place(sheet, setWords(copy.practice, { width: 216, face: "strong", size: 10, most: 1 }), {
      x: 18,
      y: 15,
      fill: c.pale,
    });
    const heading = setWords(copy.heading, { width: 216, face: "display", size: 20, leading: 1.1, most: 2 });
    y = place(sheet, heading, { x: 18, y: y + 5, fill: c.white, role: "H1" });
    place(sheet, setWords(copy.line || copy.lead, { width: 190, face: "text", size: 9, leading: 1.35, most: 2 }), {
      x: 18,
      y: y + 5,
      fill: c.pale,
    });
    placeUpwards(
      sheet,
      [
        { set: setWords(copy.phone, { width: 216, face: "strong", size: 12 }), gap: 0, fill: c.white },
        { set: setWords(copy.small, { width: 216, face: "text", size: 5.5, leading: 1.35 }), gap: 4, fill: c.pale },
      ],
      { x: 18, bottom: 132 },
    );
  },
};

/** A banner for a web site, four times as wide as high. */
const banner: Layout = {
  width: 1200,
  height: 300,
  draw(sheet, copy) {
    const c = coloursOf(copy.accent);
    block(sheet, { x: 0, y: 0, width: 1200, height: 300, fill: c.act });
    umbel(sheet, { x: 880, y: -40, size: 390, fill: c.shade });
    let y = place(sheet, setWords(copy.practice, { width: 800, face: "strong", size: 24, most: 1 }), {
      x: 56,
      y: 34,
      fill: c.pale,
    });
    const heading = setWords(copy.heading, { width: 900, face: "display", size: 64, leading: 1.1, most: 1 });
    y = place(sheet, heading, { x: 56, y: y + 8, fill: c.white, role: "H1" });
    place(sheet, setWords(copy.line || copy.lead, { width: 860, face: "text", size: 26, most: 2 }), {
      x: 56,
      y: y + 8,
      fill: c.pale,
    });
    const small = setWords(copy.small, { width: 1000, face: "text", size: 14.5, leading: 1.35 });
    placeUpwards(sheet, [{ set: small, gap: 0, fill: c.pale }], { x: 56, bottom: 276 });
  },
};

/** A square for social media. */
const square: Layout = {
  width: 1080,
  height: 1080,
  draw(sheet, copy) {
    const c = coloursOf(copy.accent);
    block(sheet, { x: 0, y: 0, width: 1080, height: 1080, fill: c.paper });
    umbel(sheet, { x: 330, y: 330, size: 860, fill: c.ghost });
    let y = place(sheet, setWords(copy.practice, { width: 900, face: "strong", size: 38, most: 1 }), {
      x: 90,
      y: 84,
      fill: c.act,
    });
    const heading = setWords(copy.heading, { width: 900, face: "display", size: 122, leading: 1.06, most: 4 });
    y = place(sheet, heading, { x: 90, y: y + 40, fill: c.ink, role: "H1" });
    place(sheet, setWords(copy.line || copy.lead, { width: 820, face: "text", size: 42, leading: 1.4, most: 4 }), {
      x: 90,
      y: y + 36,
      fill: c.soft,
    });
    const small = setWords(copy.small, { width: 900, face: "text", size: 20, leading: 1.4 });
    const call = setWords(copy.call, { width: 900, face: "strong", size: 44, most: 1 });
    const band = 44 + call.height + 12 + small.height + 44;
    block(sheet, { x: 0, y: 1080 - band, width: 1080, height: band, fill: c.act });
    const under = place(sheet, call, { x: 90, y: 1080 - band + 44, fill: c.white });
    place(sheet, small, { x: 90, y: under + 12, fill: c.pale });
  },
};

/** A page to take home: the heading, numbered points, an example in a box. */
const leaflet: Layout = {
  width: 612,
  height: 792,
  draw(sheet, copy) {
    const [margin, inner] = [54, 504];
    const c = coloursOf(copy.accent);
    block(sheet, { x: 0, y: 0, width: 612, height: 792, fill: c.white });
    block(sheet, { x: 0, y: 0, width: 612, height: 12, fill: c.act });
    umbel(sheet, { x: 504, y: 30, size: 62, fill: c.tint });
    let y = place(sheet, setWords(copy.practice, { width: inner, face: "strong", size: 14, most: 1 }), {
      x: margin,
      y: 44,
      fill: c.act,
    });
    const heading = setWords(copy.heading, { width: inner - 60, face: "display", size: 37, leading: 1.12, most: 2 });
    y = place(sheet, heading, { x: margin, y: y + 10, fill: c.ink, role: "H1" });
    y = place(sheet, setWords(copy.lead, { width: inner, face: "text", size: 15, leading: 1.45, most: 4 }), {
      x: margin,
      y: y + 10,
      fill: c.soft,
    });
    const foot = placeUpwards(
      sheet,
      [
        ...(copy.line
          ? [{ set: setWords(copy.line, { width: inner, face: "text", size: 13, most: 2 }), gap: 10, fill: c.ink }]
          : []),
        {
          set: setWords(`${copy.call} ${copy.phone}`, { width: inner, face: "strong", size: 15, most: 1 }),
          gap: 2,
          fill: c.act,
        },
        { set: setWords(copy.small, { width: inner, face: "text", size: 9, leading: 1.4 }), gap: 10, fill: c.soft },
      ],
      { x: margin, bottom: 760 },
    );
    const room = foot - 16 - (y + 22);
    let { points, example, box, height } = leafletBody(copy, inner, 1);
    for (let shrink = 0.97; box + height + points.length * 6 > room && shrink > 0.6; shrink *= 0.97)
      ({ points, example, box, height } = leafletBody(copy, inner, shrink));
    const gap = Math.min(22, (room - box - height) / points.length);
    y += 22;
    for (const [i, set] of points.entries()) {
      const number = setWords(String(i + 1), { width: 24, face: "display", size: 17, align: "center" });
      block(sheet, { x: margin, y: y - 2, width: 24, height: 24, fill: c.tint, radius: 12 });
      place(sheet, number, { x: margin, y: y - 1, fill: c.act });
      y = place(sheet, set, { x: margin + 38, y, fill: c.ink }) + gap;
    }
    if (!example) return;
    const top = y + Math.max(0, (foot - 16 - box - y) / 2);
    block(sheet, { x: margin, y: top, width: inner, height: box, fill: c.tint, radius: 10 });
    let inBox = place(sheet, example.title, { x: margin + 24, y: top + 20, fill: c.ink, role: "H2" });
    for (const line of example.lines) inBox = place(sheet, line, { x: margin + 24, y: inBox + 8, fill: c.ink });
  },
};

/** The points and the example of a leaflet, set a little smaller where they would not fit. */
function leafletBody(copy: Copy, width: number, shrink: number) {
  const points = copy.body.map((text) =>
    setWords(text, { width: width - 38, face: "text", size: 14.5 * shrink, leading: 1.4 }),
  );
  const example = copy.example && {
    title: setWords(copy.example.title, { width: width - 48, face: "display", size: 17 * shrink, leading: 1.25 }),
    lines: copy.example.lines.map((text) =>
      setWords(text, { width: width - 48, face: "text", size: 13.5 * shrink, leading: 1.4 }),
    ),
  };
  const box = example ? 40 + example.title.height + example.lines.reduce((sum, { height }) => sum + height + 8, 0) : 0;
  return { points, example, box, height: points.reduce((sum, set) => sum + set.height, 0) };
}

export const layouts = {
  poster: field({ width: 612, height: 792, scale: 1 }),
  counter: field({ width: 360, height: 504, scale: 0.62 }),
  question,
  wallet,
  banner,
  square,
  leaflet,
} as const satisfies Record<string, Layout>;

export type LayoutName = keyof typeof layouts;
