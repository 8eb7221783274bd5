import { Router } from "express";
import { beginRoutes } from "./begin-routes.ts";
import type { EnrolParts } from "./links.ts";
import { locationRoutes } from "./location-routes.ts";
import { sendRoutes } from "./send-routes.ts";
import { stepRoutes } from "./step-routes.ts";

/** Registering a practice, for whoever opens the form: a page a step, each kept at once. */
export const enrolmentRoutes = (parts: EnrolParts): Router =>
  Router().use(beginRoutes(parts), stepRoutes(parts), locationRoutes(parts), sendRoutes(parts));
