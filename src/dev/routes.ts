import { Router } from "express";
import type { Db } from "../platform/db.ts";
import { latestMessages } from "../platform/messages.ts";
import { galleryPages, showGalleryPage } from "./gallery.ts";

/** For demonstrations alone: what was sent, and every page in every state. */
export function devRoutes({ db }: { db: Db }): Router {
  const router = Router();

  router.get("/dev/outbox", async (_req, res) => {
    res.locals.show("dev/outbox", { page: { title: "Outbox" }, messages: await latestMessages(db) });
  });

  router.get("/dev/outbox.json", async (_req, res) => {
    res.json(await latestMessages(db));
  });

  router.get("/dev/gallery", (_req, res) =>
    res.locals.show("dev/gallery", { page: { title: "Gallery" }, pages: galleryPages() }),
  );
  router.get("/dev/gallery/:page/:state", (req, res) => showGalleryPage(res, req.params.page, req.params.state));

  return router;
}
