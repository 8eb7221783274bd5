import { Router } from "express";
import { onItsWay } from "../deposits/queries.ts";
import { roleMay } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { listTransactions } from "../transactions/queries.ts";
import { needsOf, soonDays } from "./needs.ts";
import { dayFigures } from "./queries.ts";
import { staffDay } from "./staff.ts";

/** The page that a day starts on. People of the program have no practice, and get a page of what waits for them. */
export function dashboardRoutes({ db, clock }: { db: Db; clock: Clock }): Router {
  const router = Router();

  router.get("/", async (_req, res) => {
    if (!roleMay(res.locals.viewer.role, "see the dashboard")) {
      const day = await staffDay(db, res.locals.viewer);
      return res.locals.show("dashboard/staff", { page: { title: "Dashboard", wide: true }, day });
    }
    const viewer = practiceViewer(res);
    const [figures, coming, { needs, promotions }, latest] = await Promise.all([
      dayFigures(db, viewer, clock.today()),
      onItsWay(db, viewer, clock.today()),
      needsOf(db, viewer, clock.today()),
      listTransactions(db, viewer, {}),
    ]);
    res.locals.show("dashboard/dashboard", {
      page: { title: "Dashboard", wide: true },
      figures,
      coming,
      needs,
      promotions,
      soonDays,
      latest: latest.transactions.slice(0, 8),
      today: clock.today(),
    });
  });

  return router;
}
