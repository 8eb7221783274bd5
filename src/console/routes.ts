import { Router } from "express";
import type { LogInParts } from "../identity/log-in.ts";
import { may } from "../identity/permissions.ts";
import type { Cents } from "../lib/money.ts";
import { audit } from "../platform/audit.ts";
import { typedIn } from "../platform/forms.ts";
import { accountViewRoutes } from "./account-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { contactRoutes } from "./contact-routes.ts";
import { paymentRoutes } from "./payment-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { practiceRoutes } from "./practice-routes.ts";
import { reasonRoutes } from "./reason-routes.ts";
import { searchEverything } from "./search.ts";

/** The console of support: whom and what it looks up, and what helps. Every look and act stands in the audit log. */
export function consoleRoutes(
  parts: LogInParts & {
    publicUrl: string;
    program: { timeZone: string; resetHours: number; paymentLimitCents: Cents; paymentLimitHours: number };
  },
): Router {
  const router = Router();
  const { db, clock } = parts;

  router.get("/console", may("use the console"), async (req, res) => {
    // A whole SSN typed by habit finds nobody, and is not shown again.
    const q = (typedIn(req.query).q ?? "").slice(0, 100).replace(/^\s*\d{3}[- ]?\d{2}[- ]?(\d{4})\s*$/, "•••-••-$1");
    const groups = await searchEverything(db, q);
    if (q.trim()) {
      const hits = groups.reduce((sum, group) => sum + group.hits.length, 0);
      await audit(db, res.locals.actor, { at: clock.now(), action: "console searched", details: { hits } });
    }
    res.locals.show("console/search", { page: { title: "Console" }, q, groups }, { fragment: "console/_hits" });
  });

  router.use(reasonRoutes(parts));
  router.use(accountViewRoutes(parts));
  router.use(paymentRoutes(parts));
  router.use(contactRoutes(parts));
  router.use(personRoutes(parts));
  router.use(practiceRoutes(parts));
  router.use(auditRoutes(parts));
  return router;
}
