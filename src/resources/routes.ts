import { Router } from "express";
import { may } from "../identity/permissions.ts";

/** The way into everything that helps a practice beside its daily work. */
export function resourceRoutes(_parts: object): Router {
  const router = Router();
  router.get("/resources", may("use resources"), (_req, res) =>
    res.locals.show("resources/resources", { page: { title: "Resources" } }),
  );
  return router;
}
