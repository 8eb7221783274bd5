import { Router } from "express";
import { findAccount } from "../accounts/queries.ts";
import { rateLabel } from "../credit/plans.ts";
import { may } from "../identity/permissions.ts";
import { type PracticeViewer, practiceViewer, type Reader } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { typedIn, uuidIn } from "../platform/forms.ts";
import { planQuote } from "./plan-options.ts";
import { findTransaction, listTransactions, refundsOf, type Transaction } from "./queries.ts";
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

  router.use(receiptPages(parts, { root: "", guards: [may("see transactions")], viewerOf: practiceViewer }));
  router.use(saleRoutes(parts));
  router.use(refundRoutes(parts));
  return router;
}

/** The receipt of a sale or refund, for whoever may read it. */
export function receiptPages({ db }: { db: Db }, { root, guards, viewerOf }: Reader): Router {
  const router = Router();

  router.get(`${root}/transactions/:id`, ...guards, async (req, res) => {
    const viewer = viewerOf(res);
    const transaction = await findTransaction(db, viewer, uuidIn(req.params.id));
    if (!transaction) throw notFound();
    const refunds = await refundsOf(db, viewer, transaction.id);
    const title = transaction.kind === "sale" ? "Sale receipt" : "Refund receipt";
    const back = { href: `${root}/accounts/${transaction.accountId}`, label: transaction.patientName };
    const terms = transaction.kind === "sale" ? await termsOf(db, viewer, transaction) : null;
    const data = { transaction, refunds, refundableCents: refundableCents(transaction), terms };
    res.locals.show("transactions/receipt", { page: { title, back }, ...data });
  });

  return router;
}

/** What the patient was told before the sale: the rate and the payments, for the paper they take home. */
async function termsOf(
  db: Db,
  viewer: PracticeViewer,
  { accountId, plan, planId, amountCents, businessOn }: Transaction,
) {
  const account = await findAccount(db, viewer, accountId);
  return {
    rate: rateLabel(plan, account.standardApr),
    quote: planQuote(account, planId, { amountCents, on: businessOn }),
  };
}
