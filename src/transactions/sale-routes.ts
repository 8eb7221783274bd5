import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { findAccount } from "../accounts/queries.ts";
import { planIds, planLabel, rateLabel } from "../credit/plans.ts";
import { may } from "../identity/permissions.ts";
import { practiceViewer } from "../identity/viewer.ts";
import { formatTypedDate } from "../lib/dates.ts";
import { formatDecimal, formatMoney, parseCents } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { locationsOf } from "../practices/queries.ts";
import { trainedToCharge } from "../training/routes.ts";
import { type Draft, findDraft } from "./drafts.ts";
import { planOptions, planQuote } from "./plan-options.ts";
import { findTransaction, recentTwin } from "./queries.ts";
import { recordSale, reviewSale, type Sale } from "./record-sale.ts";

const saleForm = z.object({
  amount: forms.amount("Enter the amount of the sale"),
  plan: forms.choice(planIds, "Choose a plan"),
  serviceDate: forms.date("Enter the date of service"),
  reference: forms.optionalName(40),
  location: z.uuid({ error: "Choose one of your locations" }),
});

/** What is charged is in the draft under the key; the button carries what it showed beside it, to be compared. */
const chargeButton = saleForm.pick({ amount: true, plan: true });

/** A sale: the form, its review, the charge. */
export function saleRoutes(parts: { db: Db; clock: Clock }): Router {
  const router = Router();
  const { db, clock } = parts;
  const trained = trainedToCharge(parts);

  router.get("/accounts/:id/sale", may("record sales"), trained, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const { amount, plan, key } = typedIn(req.query);
    const draft = key ? await findDraft<Sale>(db, practiceViewer(res), draftNamed(accountId, uuidIn(key))) : null;
    const typed: Typed = draft ? typedAgain(draft) : { key: key ?? randomUUIDv7() };
    await showForm(res, { accountId, typed: { ...typed, ...(amount && { amount }), ...(plan && { plan }) } });
  });

  router.post("/accounts/:id/sale", may("record sales"), trained, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const typed = typedIn(req.body);
    const key = keyIn(req.body);
    if (typed.show) return showForm(res, { accountId, typed }); // "Show payments", where no script does it
    try {
      const form = readForm(saleForm, req.body);
      const sale = {
        amountCents: form.amount,
        planId: form.plan,
        serviceOn: form.serviceDate,
        reference: form.reference,
        locationId: form.location,
      };
      await reviewSale(parts, practiceViewer(res), { id: key, accountId, sale });
      goTo(res, `/accounts/${accountId}/sale/${key}`);
    } catch (error) {
      await showForm(res, { accountId, typed, errors: declinedOrThrow(error) });
    }
  });

  router.get("/accounts/:id/sale/:key", may("record sales"), trained, (req, res) =>
    showReview(res, { accountId: uuidIn(req.params.id), key: uuidIn(req.params.key) }),
  );

  router.post("/accounts/:id/sales", may("record sales"), trained, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const key = keyIn(req.body);
    try {
      const { amount, plan } = readForm(chargeButton, req.body);
      const shown = { amountCents: amount, planId: plan };
      await recordSale(parts, practiceViewer(res), { id: key, accountId, shown });
      goTo(res, `/transactions/${key}`, `Charged: ${formatMoney(amount)}. Print the receipt for the patient.`);
    } catch (error) {
      await showReview(res, { accountId, key, errors: declinedOrThrow(error) });
    }
  });

  async function showForm(
    res: Response,
    { accountId, typed, errors }: { accountId: string; typed: Typed; errors?: Record<string, string> },
  ): Promise<void> {
    const viewer = practiceViewer(res);
    const account = await findAccount(db, viewer, accountId);
    const today = clock.today();
    const [locations, plans] = await Promise.all([
      locationsOf(db, viewer.practice.id),
      planOptions(db, viewer, account, { amountCents: parseCents(typed.amount ?? ""), on: today }),
    ]);
    const preset = { location: viewer.practice.homeLocationId ?? "", serviceDate: formatTypedDate(today) };
    const page = { title: "New sale", back: { href: `/accounts/${account.id}`, label: account.patientName } };
    const data = { page, account, locations, plans, typed: { ...preset, ...typed }, errors };
    // What is wrong stands in the form, so a form with errors is never answered by the plans alone.
    res.locals.show("transactions/sale", data, errors ? {} : { fragment: "transactions/_plans" });
  }

  async function showReview(
    res: Response,
    { accountId, key, errors }: { accountId: string; key: string; errors?: Record<string, string> },
  ): Promise<void> {
    const viewer = practiceViewer(res);
    const account = await findAccount(db, viewer, accountId);
    const draft = await findDraft<Sale>(db, viewer, draftNamed(accountId, key));
    if (!draft) throw notFound();
    const { amountCents, planId, locationId } = draft.typed;
    const quote = planQuote(account, planId, { amountCents, on: clock.today() });
    const [recorded, twin, locations] = await Promise.all([
      findTransaction(db, viewer, key),
      recentTwin(db, viewer, { accountId, amountCents, now: clock.now(), not: key }),
      locationsOf(db, viewer.practice.id),
    ]);
    const page = {
      title: "Review sale",
      back: { href: `/accounts/${accountId}/sale?key=${key}`, label: "Change this sale" },
    };
    const data = {
      page,
      account,
      sale: draft.typed,
      quote,
      key,
      recorded,
      twin,
      errors,
      planLabel: planLabel(quote.plan),
      rate: rateLabel(quote.plan, account.standardApr),
      leftCents: account.availableCents - amountCents,
      location: locations.find(({ id }) => id === locationId),
    };
    res.locals.show("transactions/review", data);
  }

  return router;
}

const draftNamed = (accountId: string, id: string) => ({ id, kind: "sale", subjectId: accountId }) as const;

/** A reviewed sale as its form shows it, to be changed. */
const typedAgain = ({ id, typed: sale }: Draft<Sale>): Typed => ({
  key: id,
  amount: formatDecimal(sale.amountCents),
  plan: sale.planId,
  serviceDate: formatTypedDate(sale.serviceOn),
  reference: sale.reference,
  location: sale.locationId,
});
