import { Router } from "express";
import type { LogInParts } from "../identity/log-in.ts";
import { may } from "../identity/permissions.ts";
import { audit } from "../platform/audit.ts";
import { typedIn } from "../platform/forms.ts";
import { auditRoutes } from "./audit-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { practiceRoutes } from "./practice-routes.ts";
import { searchPeople } from "./queries.ts";

/** The console of support: whom and what it looks up, and what helps. Every look and act stands in the audit log. */
export function consoleRoutes(parts: LogInParts & { publicUrl: string; program: { timeZone: string } }): Router {
  const router = Router();
  const { db, clock } = parts;

  router.get("/console", may("use the console"), async (req, res) => {
    const q = (typedIn(req.query).q ?? "").slice(0, 100);
    const found = q.trim() ? await searchPeople(db, q) : [];
    if (q.trim())
      await audit(db, res.locals.actor, {
        at: clock.now(),
        action: "console searched",
        details: { hits: found.length },
      });
    res.locals.show("console/search", { page: { title: "Console" }, q, found }, { fragment: "console/_hits" });
  });

  router.use(personRoutes(parts));
  router.use(practiceRoutes(parts));
  router.use(auditRoutes(parts));
  return router;
}
