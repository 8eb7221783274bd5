import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { may } from "../identity/permissions.ts";
import { practiceViewer, refuseHeldBack } from "../identity/viewer.ts";
import { type Cents, formatDecimal, formatMoney } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { findDraft } from "./drafts.ts";
import { findTransaction, refundedOn } from "./queries.ts";
import { findSale, type Refund, refundableCents, refundReasons, refundSale, reviewRefund } from "./refund-sale.ts";

const refundForm = z.object({
  amount: forms.amount("Enter the amount to refund"),
  reason: forms.choice(refundReasons, "Choose a reason"),
});

/** Refunds over this in a day wait for stronger proof after a password was reset by e-mail. */
const heldBackAboveCents = 50_000;

/** A refund: the form, its review, the refund itself. */
export function refundRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const { db, clock } = parts;

  router.get("/transactions/:id/refund", may("refund sales"), async (req, res) => {
    const saleId = uuidIn(req.params.id);
    const { key } = typedIn(req.query);
    const draft = key ? await findDraft<Refund>(db, practiceViewer(res), draftNamed(saleId, uuidIn(key))) : null;
    const typed: Typed = draft
      ? { key: draft.id, amount: formatDecimal(draft.typed.amountCents), reason: draft.typed.reason }
      : { key: key ?? randomUUIDv7() };
    await showForm(res, { saleId, typed });
  });

  router.post("/transactions/:id/refund", may("refund sales"), async (req, res) => {
    const saleId = uuidIn(req.params.id);
    const key = keyIn(req.body);
    try {
      const { amount: amountCents, reason } = readForm(refundForm, req.body);
      await refuseLargeWhenHeldBack(res, amountCents);
      await reviewRefund(parts, practiceViewer(res), { id: key, saleId, refund: { amountCents, reason } });
      goTo(res, `/transactions/${saleId}/refund/${key}`);
    } catch (error) {
      await showForm(res, { saleId, typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.get("/transactions/:id/refund/:key", may("refund sales"), (req, res) =>
    showReview(res, { saleId: uuidIn(req.params.id), key: uuidIn(req.params.key) }),
  );

  router.post("/transactions/:id/refunds", may("refund sales"), async (req, res) => {
    const saleId = uuidIn(req.params.id);
    const key = keyIn(req.body);
    try {
      const { amount: shownCents } = readForm(refundForm.pick({ amount: true }), req.body);
      await refuseLargeWhenHeldBack(res, shownCents);
      await refundSale(parts, practiceViewer(res), { id: key, saleId, shownCents });
      goTo(res, `/transactions/${key}`, `Refunded: ${formatMoney(shownCents)}.`);
    } catch (error) {
      await showReview(res, { saleId, key, errors: declinedOrThrow(error) });
    }
  });

  async function refuseLargeWhenHeldBack(res: Response, amountCents: Cents): Promise<void> {
    const viewer = practiceViewer(res);
    if (!viewer.heldBack) return;
    if (amountCents + (await refundedOn(db, viewer, clock.today())) > heldBackAboveCents) refuseHeldBack(viewer);
  }

  async function showForm(
    res: Response,
    { saleId, typed, errors }: { saleId: string; typed: Typed; errors?: Record<string, string> },
  ): Promise<void> {
    const sale = await findSale(db, practiceViewer(res), saleId);
    const page = { title: "Refund", back: { href: `/transactions/${saleId}`, label: "Receipt" } };
    const data = { page, sale, leftCents: refundableCents(sale), refundReasons, typed, errors };
    res.locals.show("transactions/refund", data);
  }

  async function showReview(
    res: Response,
    { saleId, key, errors }: { saleId: string; key: string; errors?: Record<string, string> },
  ): Promise<void> {
    const viewer = practiceViewer(res);
    const sale = await findSale(db, viewer, saleId);
    const draft = await findDraft<Refund>(db, viewer, draftNamed(saleId, key));
    if (!draft) throw notFound();
    const recorded = await findTransaction(db, viewer, key);
    const back = { href: `/transactions/${saleId}/refund?key=${key}`, label: "Change this refund" };
    const data = {
      page: { title: "Review refund", back },
      sale,
      refund: draft.typed,
      key,
      recorded,
      errors,
    };
    res.locals.show("transactions/refund-review", data);
  }

  return router;
}

const draftNamed = (saleId: string, id: string) => ({ id, kind: "refund", subjectId: saleId }) as const;
