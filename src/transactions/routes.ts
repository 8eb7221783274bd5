import { Router } from "express";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { typedIn, uuidIn } from "../platform/forms.ts";
import { findTransaction, listTransactions, refundsOf } from "./queries.ts";
import { refundRoutes } from "./refund-routes.ts";
import { refundableCents } from "./refund-sale.ts";
import { saleRoutes } from "./sale-routes.ts";

/** Sales, refunds and their receipts. */
export function transactionRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const { db } = parts;

  router.get("/transactions", may("see transactions"), async (req, res) => {
    const { before, kind } = typedIn(req.query);
    const filter = {
      before: before ? uuidIn(before) : undefined,
      kind: kind === "sale" || kind === "refund" ? kind : undefined,
    } as const;
    const list = await listTransactions(db, practiceViewer(res), filter);
    res.locals.show("transactions/list", { page: { title: "Transactions", wide: true }, ...list, filter });
  });

  router.get("/transactions/:id", may("see transactions"), async (req, res) => {
    const viewer = practiceViewer(res);
    const transaction = await findTransaction(db, viewer, uuidIn(req.params.id));
    if (!transaction) throw notFound();
    const refunds = await refundsOf(db, viewer, transaction.id);
    const title = transaction.kind === "sale" ? "Sale receipt" : "Refund receipt";
    const back = { href: `/accounts/${transaction.accountId}`, label: transaction.patientName };
    const data = { transaction, refunds, refundableCents: refundableCents(transaction) };
    res.locals.show("transactions/receipt", { page: { title, back }, ...data });
  });

  router.use(saleRoutes(parts));
  router.use(refundRoutes(parts));
  return router;
}
