import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { type PracticeViewer, practiceViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { toPdf, toPng } from "../platform/draw-sheet.ts";
import { Declined, declinedOrThrow, notFound, Refused } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { readForm, typedIn } from "../platform/forms.ts";
import { findPractice, offeredPlans } from "../practices/queries.ts";
import { languageNames, languages } from "./language.ts";
import { formats, isFor, type MadeOut, type Material, makeOut, materials } from "./materials.ts";

export type MaterialParts = { db: Db; clock: Clock; program: { name: string; accent?: string | undefined } };

/** What a practice may say of its own on a material: one line. */
export const ownLine = forms.optionalLine(90);
export const languageChoice = forms.choice(languages, "Choose a language");

const asked = z.object({ line: ownLine, language: languageChoice.default("en") });
type Asked = z.output<typeof asked>;

/** Marketing materials, made out for the viewer's practice: the list, one with its preview, its PDF and its PNG. */
export function materialRoutes(parts: MaterialParts): Router {
  const router = Router();

  router.get("/resources/materials", may("use resources"), async (_req, res) => {
    const plans = await offeredPlans(parts.db, practiceViewer(res).practice.id);
    const shown = materials
      .filter((material) => isFor(material, plans))
      .map((material) => ({
        slug: material.slug,
        title: material.words.en?.title ?? material.slug,
        format: formats[material.layout],
        languages: languages.filter((language) => material.words[language]).map((language) => languageNames[language]),
      }));
    const page = { title: "Marketing materials", back: { href: "/resources", label: "Resources" }, wide: true };
    res.locals.show("resources/materials", { page, materials: shown });
  });

  router.get("/resources/materials/:slug", may("use resources"), async (req, res) => {
    const typed = typedIn(req.query);
    const material = await materialFor(parts, practiceViewer(res), req.params.slug);
    try {
      const given = askedOf(material, typed);
      const made = await madeFor(parts, practiceViewer(res), { material, asked: given });
      showMaterial(res, { material, typed, made, asked: given });
    } catch (error) {
      const errors = declinedOrThrow(error);
      const language = languages.find((one) => one === typed.language && material.words[one]) ?? "en";
      const given = { line: "", language };
      const made = await madeFor(parts, practiceViewer(res), { material, asked: given });
      showMaterial(res, { material, typed, made, asked: given, errors });
    }
  });

  router.get("/resources/materials/:slug/pdf", may("use resources"), async (req, res) => {
    const { made, name } = await fileOf(res, req.params.slug, typedIn(req.query));
    const pdf = await toPdf(made.sheet, practiceViewer(res).practice.name);
    res.type("pdf").attachment(`${name}.pdf`).send(pdf);
  });

  router.get("/resources/materials/:slug/png", may("use resources"), async (req, res) => {
    const typed = typedIn(req.query);
    const { made, name, material } = await fileOf(res, req.params.slug, typed);
    const png = await toPng(made.sheet, typed.small ? 640 : formats[material.layout].pixels);
    res.type("png").set("Cache-Control", "private, max-age=300");
    if (!typed.small) res.attachment(`${name}.png`);
    res.send(png);
  });

  /** A file has no field to mend: what its line may not say is a page of its own. */
  async function fileOf(res: Response, slug: unknown, typed: Record<string, string>) {
    const viewer = practiceViewer(res);
    const material = await materialFor(parts, viewer, slug);
    try {
      const given = askedOf(material, typed);
      const made = await madeFor(parts, viewer, { material, asked: given });
      return { material, made, name: `${material.slug}.${given.language}` };
    } catch (error) {
      if (error instanceof Declined) throw new Refused(422, error.message);
      throw error;
    }
  }

  return router;
}

function showMaterial(
  res: Response,
  shown: {
    material: Material;
    typed: Record<string, string>;
    made: MadeOut;
    asked: Asked;
    errors?: Record<string, string>;
  },
): void {
  const { material, typed, made, asked: given, errors } = shown;
  const address = `/resources/materials/${material.slug}`;
  const query = new URLSearchParams({ language: given.language, ...(given.line && { line: given.line }) });
  res.locals.show("resources/material", {
    page: { title: made.title, back: { href: "/resources/materials", label: "Marketing materials" }, wide: true },
    order: `${address}/order?${query}`,
    material,
    typed: { ...given, ...typed },
    errors,
    made,
    format: formats[material.layout],
    languages: languages
      .filter((language) => material.words[language])
      .map((language) => ({ value: language, label: languageNames[language] })),
    files: {
      pdf: `${address}/pdf?${query}`,
      png: `${address}/png?${query}`,
      picture: `${address}/png?small=yes&${query}`,
    },
  });
}

/** A material that the viewer's practice may use; 404 for what it has no plan for. */
export async function materialFor({ db }: MaterialParts, viewer: PracticeViewer, slug: unknown): Promise<Material> {
  const material = materials.find((one) => one.slug === slug);
  if (!material || !isFor(material, await offeredPlans(db, viewer.practice.id))) throw notFound();
  return material;
}

/** @throws Declined on the field that is wrong */
export function askedOf(material: Material, typed: Record<string, string>): Asked {
  const given = readForm(asked, typed);
  if (!material.words[given.language]) throw new Declined({ language: "Choose one of the languages it is written in" });
  return given;
}

/** @throws Declined on `line` when it may not be said */
export async function madeFor(
  { db, clock, program }: MaterialParts,
  viewer: PracticeViewer,
  { material, asked: given }: { material: Material; asked: Asked },
): Promise<MadeOut> {
  const [practice, plans] = await Promise.all([
    findPractice(db, viewer.practice.id),
    offeredPlans(db, viewer.practice.id),
  ]);
  return makeOut(material, { practice, plans, program, ...given, today: clock.today() });
}
