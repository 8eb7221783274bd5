import { expect, test } from "vitest";
import { type PlanId, planIds } from "../../src/credit/plans.ts";
import { toPdf, toPng } from "../../src/platform/draw-sheet.ts";
import { wrongWith } from "../../src/resources/advertising-rules.ts";
import { languages } from "../../src/resources/language.ts";
import { formats, isFor, makeOut, materials } from "../../src/resources/materials.ts";
import { foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const given = (plans: readonly PlanId[], more: object = {}) => ({
  practice: { name: "Juniper Dental", phone: "5125550100" },
  program: { name: "Caraway" },
  plans: plans.map((planId) => ({ planId, leastCents: null, mostCents: null })),
  language: "en" as const,
  line: "",
  today: "2026-11-23",
  ...more,
});

test("there are six materials and more, three and more of them in Spanish too", () => {
  expect(materials.length).toBeGreaterThanOrEqual(6);
  expect(materials.filter(({ words }) => words.en).length).toBe(materials.length);
  expect(materials.filter(({ words }) => words.es).length).toBeGreaterThanOrEqual(3);
});

const all = materials.flatMap((material) =>
  languages
    .filter((language) => material.words[language])
    .map((language) => ({ material, language, slug: material.slug })),
);
test.each(all)(
  "$slug ($language) says what the law wants with any set of plans, and stays on its sheet",
  ({ material, language }) => {
    const sets: PlanId[][] = [
      [...planIds],
      ["standard"],
      ["standard", "deferred-6"],
      ["standard", "fixed-24", "fixed-60", "convert-12"],
    ];
    for (const set of sets.filter((plans) => isFor(material, given(plans).plans))) {
      const { sheet, words, post } = makeOut(
        material,
        given(set, { language, line: "Open on Saturdays from 9 to 1, and by phone." }),
      );
      expect(wrongWith([words, post ?? ""], language)).toEqual([]);
      expect(words).toContain("Juniper Dental");
      for (const part of sheet.parts) {
        if (part.kind !== "words") continue;
        for (const { x, baseline } of part.lines) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(baseline).toBeGreaterThan(0);
          expect(baseline).toBeLessThan(sheet.height);
        }
        expect(part.size).toBeGreaterThanOrEqual(5);
      }
    }
  },
);

test("a material names only the plans that the practice offers, from its own least amount", () => {
  const poster = materials.find(({ slug }) => slug === "poster-care-now");
  if (!poster) throw new Error("no poster");
  const plans = [{ planId: "deferred-12" as const, leastCents: 50_000, mostCents: null }];
  const { words } = makeOut(poster, given([], { plans }));
  expect(words).toContain("No interest if paid in full within 12 months");
  expect(words).toContain("On purchases of $500 or more");
  expect(words).not.toMatch(/Fixed payments|then 17/);
});

test("PDF and PNG are drawn with the portal's own fonts: the PDF is tagged and has its language", async () => {
  const poster = materials.find(({ slug }) => slug === "poster-care-now");
  if (!poster) throw new Error("no poster");
  const { sheet } = makeOut(poster, given(planIds, { language: "es" }));
  const pdf = (await toPdf(sheet, "Juniper Dental")).toString("latin1");
  expect(pdf.slice(0, 5)).toBe("%PDF-");
  expect(pdf).toContain("/Lang (es-US)");
  expect(pdf).toMatch(/\/Marked true/);
  expect(pdf).toContain("/S /H1");
  expect(pdf).toMatch(/\+?Lora/);
  const png = await toPng(sheet, 612);
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([612, 792]);
  const blank = await toPng({ ...sheet, parts: sheet.parts.filter(({ kind }) => kind !== "words") }, 612);
  expect(png.length).toBeGreaterThan(blank.length * 1.5); // the words are there
});

test("the desk opens a poster, adds a line of its own, and takes its PDF and PNG", async () => {
  const practice = await foundPractice(portal, { name: "Juniper & Sons <Dental>" });
  const bob = await logIn(portal, practice.bob);
  const list = await (await bob.get("/resources")).click("Marketing materials");
  const page = await list.click("Poster “Care now”");
  expect(page.html).toContain("Juniper &amp; Sons &lt;Dental&gt;");
  const own = await page.press("Show it", { "A line of your own": "Open on Saturdays", Language: "Español" });
  expect(own).toMatchObject({ status: 200, heading: "Cartel “Atención hoy”" });
  expect(own.html).toContain("Open on Saturdays");
  const pdf = await bob.ask("GET", own.href("Download PDF"));
  expect([pdf.status, pdf.header("content-type"), pdf.header("content-disposition")]).toEqual([
    200,
    "application/pdf",
    "attachment; filename=poster-care-now.es.pdf",
  ]);
  const png = await bob.ask("GET", own.href("Download PNG"));
  expect([png.status, png.header("content-type")]).toEqual([200, "image/png"]);
  const small = await bob.ask("GET", "/resources/materials/poster-care-now/png?small=yes");
  expect([small.status, small.header("content-type")]).toEqual([200, "image/png"]);
});

test("a line that promises no interest, or names a payment alone, is refused beside its field and printed nowhere", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const page = await bob.get("/resources/materials/poster-care-now");
  for (const line of ["No interest for a whole year!", "Just $50 a month"]) {
    const refused = await page.press("Show it", { "A line of your own": line });
    expect([line, refused.status]).toEqual([line, 422]);
    expect(refused.errorAt("A line of your own")).toMatch(/1026\.16/);
    expect(refused.valueOf("A line of your own")).toBe(line);
    expect(refused.href("Download PDF")).not.toContain("line=");
    for (const kind of ["pdf", "png"]) {
      const file = await bob.get(`/resources/materials/poster-care-now/${kind}?line=${encodeURIComponent(line)}`);
      expect([kind, file.status, file.header("content-type")]).toEqual([kind, 422, "text/html; charset=utf-8"]);
    }
  }
});

test("of a crowd of pictures two are drawn at once, twenty wait, the rest are sent away, and then it goes on", async () => {
  const [material] = materials;
  if (!material) throw new Error("no material");
  const { sheet } = makeOut(material, given([...planIds]));
  const drawn = await Promise.allSettled(Array.from({ length: 30 }, () => toPng(sheet, 64)));
  expect(drawn.filter(({ status }) => status === "fulfilled")).toHaveLength(22);
  for (const one of drawn.slice(22)) expect(one).toMatchObject({ reason: { status: 503 } });
  expect((await toPng(sheet, 64)).subarray(1, 4).toString()).toBe("PNG");
});

test("what no drawing can hold, or no language is called, is refused with a sentence", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const poster = "/resources/materials/poster-care-now";
  for (const wrong of ["png?line=a%EF%BF%BEb", "png?language=toString", "pdf?language=__proto__"])
    expect([wrong, (await bob.get(`${poster}/${wrong}`)).status]).toEqual([wrong, 422]);
  for (const name of ["toString", "constructor", "__proto__"])
    expect([name, (await bob.get(`${poster}?language=${name}`)).status]).toEqual([name, 422]);
});

test("a practice without deferred plans is not shown the leaflet about them", async () => {
  const practice = await foundPractice(portal, { plans: ["standard", "fixed-24"] });
  const alice = await logIn(portal, practice.alice);
  expect((await alice.get("/resources/materials")).html).not.toContain("leaflet-deferred-interest");
  expect((await alice.get("/resources/materials/leaflet-deferred-interest")).status).toBe(404);
  expect((await alice.get("/resources/materials/nothing")).status).toBe(404);
  expect((await alice.get("/resources/materials/poster-ask-us?language=es")).status).toBe(422);
  expect(Object.keys(formats).length).toBeGreaterThan(5);
});
