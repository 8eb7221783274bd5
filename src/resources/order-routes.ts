import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import { states } from "../lib/states.ts";
import { toPdf } from "../platform/draw-sheet.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { locationsOf } from "../practices/queries.ts";
import { askedOf, languageChoice, type MaterialParts, madeFor, materialFor, ownLine } from "./material-routes.ts";
import { formats, type Material } from "./materials.ts";
import { moveOrder, orderMaterial } from "./order-material.ts";
import { allOrders, anyOrder, findOrder, nextOf, ordersOf, printOf } from "./orders.ts";

const copies = ["10", "25", "50", "100", "250"] as const;

const orderForm = z.object({
  language: languageChoice,
  line: ownLine,
  copies: forms.choice(copies, "Choose how many").transform(Number),
  recipient: forms.line("Enter who opens the parcel", 100),
  street: forms.line("Enter the street address", 100),
  city: forms.line("Enter the city", 60),
  state: forms.choice(states, "Choose the state"),
  zip: z
    .string({ error: "Enter a ZIP code of five digits" })
    .trim()
    .regex(/^\d{5}(-?\d{4})?$/, { error: "Enter a ZIP code of five digits" }),
});

const moveForm = z.object({
  from: forms.choice(["ordered", "printed", "sent", "cancelled"], "Open the order again"),
  to: forms.choice(["printed", "sent", "cancelled"], "Choose what it becomes"),
});

/** Orders of printed materials: a practice's own, and all of them for administrators to move on. */
export function orderRoutes(parts: MaterialParts & { publicUrl: string }): Router {
  const router = Router();
  const { db, clock, program } = parts;

  router.get("/resources/materials/:slug/order", may("use resources"), async (req, res) => {
    const viewer = practiceViewer(res);
    const material = await printedMaterial(res, req.params.slug);
    const locations = await locationsOf(db, viewer.practice.id);
    const home = locations.find(({ id }) => id === viewer.practice.homeLocationId) ?? locations[0];
    const preset = home && { street: home.street, city: home.city, state: home.state, zip: home.zip };
    const { language = "en", line = "" } = typedIn(req.query);
    showForm(res, material, { key: randomUUIDv7(), recipient: viewer.name, ...preset, language, line });
  });

  router.post("/resources/materials/:slug/order", may("use resources"), async (req, res) => {
    const viewer = practiceViewer(res);
    const material = await printedMaterial(res, req.params.slug);
    const id = keyIn(req.body);
    try {
      const form = readForm(orderForm, req.body);
      await madeFor(parts, viewer, { material, asked: askedOf(material, typedIn(req.body)) });
      await orderMaterial(parts, viewer, { id, wanted: { material, ...form } });
      goTo(res, `/resources/orders/${id}`, "Ordered. We sent you a mail.");
    } catch (error) {
      showForm(res, material, typedIn(req.body), declinedOrThrow(error));
    }
  });

  router.get("/resources/orders", may("use resources"), async (_req, res) => {
    const page = { title: "Orders", back: { href: "/resources/materials", label: "Marketing materials" } };
    res.locals.show("resources/orders", { page, orders: await ordersOf(db, practiceViewer(res)) });
  });

  router.get("/resources/orders/:id", may("use resources"), async (req, res) => showOrder(res, uuidIn(req.params.id)));

  router.post("/resources/orders/:id/cancel", may("use resources"), async (req, res) => {
    const viewer = practiceViewer(res);
    const id = uuidIn(req.params.id);
    const step = { id, from: "ordered", to: "cancelled", by: viewer.id, practiceId: viewer.practice.id } as const;
    try {
      await moveOrder(parts, res.locals.actor, step);
      goTo(res, `/resources/orders/${id}`, "Cancelled. Nothing will be sent.");
    } catch (error) {
      await showOrder(res, id, declinedOrThrow(error));
    }
  });

  router.get("/admin/orders", may("handle orders"), (_req, res) => showAll(res));

  router.post("/admin/orders/:id/status", may("handle orders"), async (req, res) => {
    const id = uuidIn(req.params.id);
    try {
      const { from, to } = readForm(moveForm, req.body);
      await moveOrder(parts, res.locals.actor, { id, from, to, by: res.locals.viewer.id });
      goTo(res, "/admin/orders", `Done: ${to}.`);
    } catch (error) {
      await showAll(res, declinedOrThrow(error));
    }
  });

  router.get("/admin/orders/:id/pdf", may("handle orders"), async (req, res) => {
    const order = await anyOrder(db, uuidIn(req.params.id));
    const made = await printOf(db, order, { program, today: clock.today() });
    const pdf = await toPdf(made.sheet, order.practiceName);
    res.type("pdf").attachment(`${order.material}.${order.language}.pdf`).send(pdf);
  });

  /** Web banners and posts are not printed. */
  async function printedMaterial(res: Response, slug: unknown): Promise<Material> {
    const material = await materialFor(parts, practiceViewer(res), slug);
    if (!formats[material.layout].printed) throw notFound();
    return material;
  }

  async function showOrder(res: Response, id: string, errors?: Record<string, string>): Promise<void> {
    const order = await findOrder(db, practiceViewer(res), id);
    const page = { title: "Order", back: { href: "/resources/orders", label: "Orders" } };
    res.locals.show("resources/order", { page, order, errors });
  }

  async function showAll(res: Response, errors?: Record<string, string>): Promise<void> {
    const page = { title: "Orders of materials", wide: true };
    res.locals.show("resources/all-orders", { page, orders: await allOrders(db), nextOf, errors });
  }

  function showForm(res: Response, material: Material, typed: Typed, errors?: Record<string, string>): void {
    const language = typed.language === "es" && material.words.es ? "es" : "en";
    const query = new URLSearchParams({ language, ...(typed.line && { line: typed.line }) });
    const address = `/resources/materials/${material.slug}`;
    const title = material.words[language]?.title ?? material.slug;
    const page = { title: `Order printed copies: ${title}`, back: { href: `${address}?${query}`, label: title } };
    res.locals.show("resources/order-form", {
      page,
      material,
      title,
      typed: { ...typed, language },
      errors,
      states,
      copies,
      format: formats[material.layout],
    });
  }

  return router;
}
