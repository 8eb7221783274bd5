import { Router } from "express";
import { listApplications } from "../applications/queries.ts";
import { onItsWay } from "../deposits/queries.ts";
import { roleMay } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { listTransactions } from "../transactions/queries.ts";
import { dayFigures } from "./queries.ts";

/** The page that a day starts on. People of the program have no practice, and get a page that says where they are. */
export function dashboardRoutes({ db, clock }: { db: Db; clock: Clock }): Router {
  const router = Router();

  router.get("/", async (_req, res) => {
    if (!roleMay(res.locals.viewer.role, "see the dashboard"))
      return res.locals.show("dashboard/staff", { page: { title: "Dashboard" } });
    const viewer = practiceViewer(res);
    const [figures, coming, waiting, latest] = await Promise.all([
      dayFigures(db, viewer, clock.today()),
      onItsWay(db, viewer, clock.today()),
      listApplications(db, viewer, { state: "pending" }),
      listTransactions(db, viewer, {}),
    ]);
    res.locals.show("dashboard/dashboard", {
      page: { title: "Dashboard", wide: true },
      ...{
        figures,
        coming,
        waiting: waiting.applications.slice(0, 5),
        latest: latest.transactions.slice(0, 8),
        today: clock.today(),
      },
    });
  });

  return router;
}
