import { type Request, Router } from "express";
import type { DecideParts } from "../applications/decide-application.ts";
import type { LogInParts } from "../identity/log-in.ts";
import { occasions, tellSearch, type Why } from "../identity/looks.ts";
import { may } from "../identity/permissions.ts";
import { maskNumbers } from "../lib/mask-numbers.ts";
import type { Cents } from "../lib/money.ts";
import { typedIn } from "../platform/forms.ts";
import { accountViewRoutes } from "./account-routes.ts";
import { applicationRoutes } from "./application-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { contactRoutes } from "./contact-routes.ts";
import { paymentRoutes } from "./payment-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { practiceRoutes } from "./practice-routes.ts";
import { reasonRoutes } from "./reason-routes.ts";
import { searchEverything } from "./search.ts";

/** The console of support: whom and what it looks up, and what helps. Every look and act stands in the audit log. */
export function consoleRoutes(
  parts: LogInParts &
    DecideParts & {
      publicUrl: string;
      program: {
        name: string;
        timeZone: string;
        resetHours: number;
        looksPerHour: number;
        paymentLimitCents: Cents;
        paymentLimitHours: number;
      };
    },
): Router {
  const router = Router();
  const { db } = parts;

  router.get("/console", may("use the console"), async (req, res) => {
    // A whole SSN typed by habit finds nobody, and is not shown again.
    const q = (typedIn(req.query).q ?? "").slice(0, 100).replace(/^\s*\d{3}[- ]?\d{2}[- ]?(\d{4})\s*$/, "•••-••-$1");
    const groups = await searchEverything(db, q);
    const why = whyOf(req);
    if (q.trim()) {
      const hits = groups.reduce((sum, group) => sum + group.hits.length, 0);
      await tellSearch(parts, res.locals.viewer, { ...why, hits });
      req.session.lookWhy = why;
    }
    const data = { page: { title: "Console" }, q, groups, occasions, why };
    res.locals.show("console/search", data, { fragment: "console/_hits" });
  });

  router.use(reasonRoutes(parts));
  router.use(accountViewRoutes(parts));
  router.use(applicationRoutes(parts));
  router.use(paymentRoutes(parts));
  router.use(contactRoutes(parts));
  router.use(personRoutes(parts));
  router.use(practiceRoutes(parts));
  router.use(auditRoutes(parts));
  return router;
}

/** Why one searches: as chosen, or else as it was said last. A search without more ado is for whoever called. */
function whyOf(req: Request): Why {
  const { occasion, reason } = typedIn(req.query);
  const last = req.session.lookWhy ?? { occasion: occasions[0], reason: "", caseNumber: "" };
  if (!occasions.some((one) => one === occasion)) return last;
  const said = maskNumbers((reason ?? "").trim()).text.slice(0, 200);
  const isSame = occasion === last.occasion && said === last.reason;
  return isSame ? last : { occasion: occasion ?? "", reason: said, caseNumber: "" };
}
