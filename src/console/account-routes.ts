import { type RequestHandler, type Response, Router } from "express";
import { accountPages } from "../accounts/routes.ts";
import { may } from "../identity/permissions.ts";
import type { PracticeViewer, Reader } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { typedIn, uuidIn } from "../platform/forms.ts";
import { receiptPages } from "../transactions/routes.ts";
import { needsReason } from "./reason-routes.ts";

/**
 * A patient's account and its receipts as a practice reads them: the practice's own pages and questions,
 * asked as that practice, with nothing on them that changes anything.
 */
export function accountViewRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const { db } = parts;
  const support = may("use the console");

  /** Reads as the practice that the address names, or whose sale it names, or that knows the account longest. */
  const asPractice: RequestHandler = async (req, res, next) => {
    const { practice, sale } = typedIn(req.query);
    const known = db("practice_accounts as pa").where({ "pa.account_id": uuidIn(req.params.id) });
    if (practice) known.where("pa.practice_id", uuidIn(practice));
    else if (sale)
      known.whereIn(
        "pa.practice_id",
        db("transactions")
          .where({ id: uuidIn(sale) })
          .select("practice_id"),
      );
    const first = await known.orderBy("pa.since").first("pa.practice_id");
    await readAs(res, first?.practice_id);
    next();
  };

  const asSeller: RequestHandler = async (req, res, next) => {
    await readAs(res, (await soldBy(uuidIn(req.params.id))).practice_id);
    next();
  };

  const soldBy = async (id: string): Promise<{ practice_id: string; account_id: string }> => {
    const row = await db("transactions").where({ id }).first("practice_id", "account_id");
    if (!row) throw notFound();
    return row;
  };

  const readAs = async (res: Response, practiceId: string | undefined) => {
    const practice = practiceId && (await practiceOf(db, practiceId));
    if (!practice) throw notFound();
    res.locals.readsAs = { ...res.locals.viewer, practice };
  };

  const viewerOf = (res: Response): PracticeViewer => {
    if (!res.locals.readsAs || !res.locals.look) throw new Error("Support reads nothing without a reason");
    return res.locals.readsAs;
  };
  const reader = (...guards: RequestHandler[]): Reader => ({
    root: "/console",
    guards: [support, ...guards],
    viewerOf,
  });

  const accountOfSale = async (req: { params: { id?: string } }) => (await soldBy(uuidIn(req.params.id))).account_id;
  router.use(accountPages(parts, reader(needsReason(parts, "account"), asPractice)));
  router.use(receiptPages(parts, reader(needsReason(parts, "account", accountOfSale), asSeller)));

  return router;
}

async function practiceOf(db: Db, id: string): Promise<PracticeViewer["practice"] | undefined> {
  const practice = await db("practices").where({ id }).first("id", "name", "time_zone as timeZone", "state");
  return practice && { ...practice, homeLocationId: null };
}
