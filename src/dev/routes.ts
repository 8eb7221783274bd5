import { Router } from "express";
import { internationalPhone } from "../lib/phone.ts";
import type { Db } from "../platform/db.ts";
import { latestMessages } from "../platform/messages.ts";

/** So many messages on the page of the outbox, until somebody asks for all. */
const mostShown = 200;

/** For demonstrations alone: what was sent, and every page in every state. */
export function devRoutes({ db }: { db: Db }): Router {
  const router = Router();
  const outbox = async (most?: number) =>
    (await latestMessages(db, most)).map((message) => ({ ...message, to: internationalPhone(message.to) }));

  router.get("/dev/outbox", async (req, res) => {
    const messages = await outbox("all" in req.query ? undefined : mostShown + 1);
    const hasMore = !("all" in req.query) && messages.length > mostShown;
    if (hasMore) messages.pop();
    res.locals.show("dev/outbox", { page: { title: "Outbox" }, messages, hasMore });
  });

  router.get("/dev/outbox.json", async (_req, res) => {
    res.json(await outbox());
  });

  // Its samples are computed when somebody wants to see them, not whenever a portal starts.
  router.get("/dev/gallery", async (_req, res) => {
    const { galleryPages } = await import("./gallery.ts");
    res.locals.show("dev/gallery", { page: { title: "Gallery" }, pages: galleryPages() });
  });
  router.get("/dev/gallery/:page/:state", async (req, res) => {
    const { showGalleryPage } = await import("./gallery.ts");
    showGalleryPage(res, req.params.page, req.params.state);
  });

  return router;
}
