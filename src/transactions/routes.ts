import { randomUUIDv7 } from "node:crypto";
import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { findAccount } from "../accounts/queries.ts";
import { planIds, planLabel } from "../credit/plans.ts";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import { formatTypedDate } from "../lib/dates.ts";
import { formatDecimal, parseCents } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import { amount, choice, date, formKey, optionalLine, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { locationsOf } from "../practices/queries.ts";
import { type Draft, findDraft } from "./drafts.ts";
import { planOptions, planQuote } from "./plan-options.ts";
import { findTransaction, listTransactions, recentTwin, refundsOf } from "./queries.ts";
import { recordSale, reviewSale, type Sale } from "./record-sale.ts";
import { type Refund, refundableCents, refundReasons, refundSale, reviewRefund } from "./refund-sale.ts";

const saleForm = z.object({
  key: formKey,
  amount: amount("Enter the amount of the sale"),
  plan: choice(planIds, "Choose a plan"),
  serviceDate: date("Enter the date of service"),
  reference: optionalLine(40),
  location: z.uuid({ error: "Choose one of your locations" }),
});
const refundForm = z.object({
  key: formKey,
  amount: amount("Enter the amount to refund"),
  reason: choice(refundReasons, "Choose a reason"),
});
const pressed = z.object({ key: formKey, amount: amount("Review the amount again") });

/** Sales, refunds and their receipts. */
export function transactionRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const { db, clock } = parts;

  router.get("/transactions", may("see transactions"), async (req, res) => {
    const { before, kind } = typedIn(req.query);
    const filter = { before: before ? uuidIn(before) : undefined, kind: kind === "sale" || kind === "refund" ? kind : undefined } as const;
    const list = await listTransactions(db, practiceViewer(res), filter);
    res.locals.show("transactions/list", { page: { title: "Transactions", wide: true }, ...list, filter });
  });

  router.get("/transactions/:id", may("see transactions"), async (req, res) => {
    const viewer = practiceViewer(res);
    const transaction = await findTransaction(db, viewer, uuidIn(req.params.id));
    const refunds = await refundsOf(db, viewer, transaction.id);
    const title = transaction.kind === "sale" ? "Sale receipt" : "Refund receipt";
    const back = { href: `/accounts/${transaction.accountId}`, label: transaction.patientName };
    res.locals.show("transactions/receipt", { page: { title, back }, transaction, refunds, refundableCents: refundableCents(transaction) });
  });

  // A sale: the form, its review, the charge.

  const showSaleForm = async (_req: Request, res: Response, given: { accountId: string; typed: Typed; errors?: Record<string, string> }) => {
    const { accountId, typed, errors } = given;
    const viewer = practiceViewer(res);
    const account = await findAccount(db, viewer, accountId);
    const [locations, plans] = await Promise.all([
      locationsOf(db, viewer.practice.id),
      planOptions(db, viewer, account, { amountCents: parseCents(typed.amount ?? ""), on: clock.today() }),
    ]);
    const filled = { location: viewer.practice.homeLocationId ?? "", serviceDate: formatTypedDate(clock.today()), ...typed };
    const back = { href: `/accounts/${account.id}`, label: account.patientName };
    const data = { page: { title: "New sale", back }, account, locations, plans, typed: filled, errors: errors ?? {} };
    res.locals.show("transactions/sale", data, { status: errors ? 422 : 200, fragment: "transactions/_plans" });
  };

  router.get("/accounts/:id/sale", may("record sales"), async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const { amount, plan, key } = typedIn(req.query);
    const draft = key && (await findDraft<Sale>(db, practiceViewer(res), { id: uuidIn(key), kind: "sale", subjectId: accountId }));
    const typed: Typed = draft ? typedAgain(draft) : { key: randomUUIDv7() };
    await showSaleForm(req, res, { accountId, typed: { ...typed, ...(amount && { amount }), ...(plan && { plan }) } });
  });

  router.post("/accounts/:id/sale", may("record sales"), async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const typed = typedIn(req.body);
    if (typed.show) return showSaleForm(req, res, { accountId, typed }); // "Show payments", where no script does it
    try {
      const { key, plan, serviceDate, location, ...rest } = readForm(saleForm, req.body);
      const sale = { amountCents: rest.amount, planId: plan, serviceOn: serviceDate, reference: rest.reference, locationId: location };
      await reviewSale(parts, practiceViewer(res), { id: key, accountId, sale });
      goTo(req, res, `/accounts/${accountId}/sale/${key}`);
    } catch (error) {
      await showSaleForm(req, res, { accountId, typed, errors: declinedOrThrow(error) });
    }
  });

  router.get("/accounts/:id/sale/:key", may("record sales"), (req, res) =>
    showSaleReview(res, { accountId: uuidIn(req.params.id), key: uuidIn(req.params.key) }),
  );

  const showSaleReview = async (res: Response, given: { accountId: string; key: string; errors?: Record<string, string> }) => {
    const { accountId, key, errors } = given;
    const viewer = practiceViewer(res);
    const account = await findAccount(db, viewer, accountId);
    const draft = await findDraft<Sale>(db, viewer, { id: key, kind: "sale", subjectId: accountId });
    if (!draft) throw notFound();
    const sale = draft.typed;
    const recorded = await findTransaction(db, viewer, key).catch(() => null);
    const twin = recorded ? null : await recentTwin(db, viewer, { accountId, amountCents: sale.amountCents, now: clock.now(), not: key });
    const location = (await locationsOf(db, viewer.practice.id)).find((one) => one.id === sale.locationId);
    const quote = planQuote(account, sale.planId, { amountCents: sale.amountCents, on: clock.today() });
    const back = { href: `/accounts/${accountId}/sale?key=${key}`, label: "Change this sale" };
    const words = { planLabel: planLabel(quote.plan), leftCents: account.availableCents - sale.amountCents };
    const data = { page: { title: "Review sale", back }, account, sale, quote, location, key, recorded, twin, ...words, errors: errors ?? {} };
    res.locals.show("transactions/review", data, { status: errors ? 422 : 200 });
  };

  router.post("/accounts/:id/sales", may("record sales"), async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const { key } = typedIn(req.body);
    try {
      const form = readForm(pressed, req.body);
      await recordSale(parts, practiceViewer(res), res.locals.actor, { id: form.key, accountId, shownCents: form.amount });
      goTo(req, res, `/transactions/${form.key}`);
    } catch (error) {
      await showSaleReview(res, { accountId, key: uuidIn(key), errors: declinedOrThrow(error) });
    }
  });

  // A refund: the form, its review, the refund.

  const showRefundForm = async (res: Response, given: { saleId: string; typed: Typed; errors?: Record<string, string> }) => {
    const { saleId, typed, errors } = given;
    const sale = await findTransaction(db, practiceViewer(res), saleId);
    const back = { href: `/transactions/${saleId}`, label: "Receipt" };
    const data = { page: { title: "Refund", back }, sale, leftCents: refundableCents(sale), refundReasons, typed, errors: errors ?? {} };
    res.locals.show("transactions/refund", data, { status: errors ? 422 : 200 });
  };

  router.get("/transactions/:id/refund", may("refund sales"), async (req, res) => {
    const saleId = uuidIn(req.params.id);
    const { key } = typedIn(req.query);
    const draft = key && (await findDraft<Refund>(db, practiceViewer(res), { id: uuidIn(key), kind: "refund", subjectId: saleId }));
    const typed = draft ? { key: draft.id, amount: formatDecimal(draft.typed.amountCents), reason: draft.typed.reason } : { key: randomUUIDv7() };
    await showRefundForm(res, { saleId, typed });
  });

  router.post("/transactions/:id/refund", may("refund sales"), async (req, res) => {
    const saleId = uuidIn(req.params.id);
    try {
      const { key, amount: amountCents, reason } = readForm(refundForm, req.body);
      await reviewRefund(parts, practiceViewer(res), { id: key, saleId, refund: { amountCents, reason } });
      goTo(req, res, `/transactions/${saleId}/refund/${key}`);
    } catch (error) {
      await showRefundForm(res, { saleId, typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.get("/transactions/:id/refund/:key", may("refund sales"), (req, res) =>
    showRefundReview(res, { saleId: uuidIn(req.params.id), key: uuidIn(req.params.key) }),
  );

  const showRefundReview = async (res: Response, given: { saleId: string; key: string; errors?: Record<string, string> }) => {
    const { saleId, key, errors } = given;
    const viewer = practiceViewer(res);
    const sale = await findTransaction(db, viewer, saleId);
    const draft = await findDraft<Refund>(db, viewer, { id: key, kind: "refund", subjectId: saleId });
    if (!draft) throw notFound();
    const refund = draft.typed;
    const recorded = await findTransaction(db, viewer, key).catch(() => null);
    const back = { href: `/transactions/${saleId}/refund?key=${key}`, label: "Change this refund" };
    const data = { page: { title: "Review refund", back }, sale, refund, key, recorded, errors: errors ?? {} };
    res.locals.show("transactions/refund-review", data, { status: errors ? 422 : 200 });
  };

  router.post("/transactions/:id/refunds", may("refund sales"), async (req, res) => {
    const saleId = uuidIn(req.params.id);
    const { key } = typedIn(req.body);
    try {
      const form = readForm(pressed, req.body);
      await refundSale(parts, practiceViewer(res), res.locals.actor, { id: form.key, saleId, shownCents: form.amount });
      goTo(req, res, `/transactions/${form.key}`);
    } catch (error) {
      await showRefundReview(res, { saleId, key: uuidIn(key), errors: declinedOrThrow(error) });
    }
  });

  return router;
}

/** A reviewed sale as its form shows it, to be changed. */
const typedAgain = ({ id, typed: sale }: Draft<Sale>): Typed => ({
  key: id,
  amount: formatDecimal(sale.amountCents),
  plan: sale.planId,
  serviceDate: formatTypedDate(sale.serviceOn),
  reference: sale.reference,
  location: sale.locationId,
});
