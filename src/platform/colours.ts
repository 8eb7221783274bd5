/** The colours of a material, from the program's accent (`#rrggbb`, on which white words can be read). */
export function coloursOf(accent = "#1f5a3f") {
  const act = [1, 3, 5].map((at) => Number.parseInt(accent.slice(at, at + 2), 16));
  const paper = [250, 247, 241];
  return {
    act: hex(act),
    shade: hex(mix(act, [0, 0, 0], 0.16)),
    ghost: hex(mix(paper, act, 0.09)),
    tint: hex(mix(paper, act, 0.12)),
    pale: hex(mix(act, [255, 255, 255], 0.84)),
    paper: hex(paper),
    ink: "#23201b",
    soft: "#5c554a",
    white: "#ffffff",
  };
}

const mix = (a: number[], b: number[], share: number) =>
  a.map((value, i) => Math.round(value * (1 - share) + (b[i] ?? 0) * share));

const hex = (rgb: number[]) => `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
