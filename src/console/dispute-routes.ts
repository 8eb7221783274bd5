import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import {
  answerDispute,
  disputableSales,
  disputeSale,
  disputesOf,
  findDispute,
  openDisputes,
} from "../accounts/dispute-sale.ts";
import type { Program } from "../accounts/letters.ts";
import { recipientsOf } from "../accounts/tell-patient.ts";
import { may } from "../identity/permissions.ts";
import { refuseHeldBack } from "../identity/viewer.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { needsReason } from "./reason-routes.ts";

const noticeForm = z.object({
  sale: z.uuid({ error: "Choose the sale" }),
  amount: forms.amount("Enter the amount"),
  noticedOn: forms.date("Enter the day on which the notice came"),
  said: forms.line("Enter what the patient says is wrong", 200),
});
const answerForm = z.object({
  outcome: forms.choice(["corrected", "stands"], "Choose what you found"),
  because: forms.line("Enter the reason: the patient reads it", 200),
});

type Errors = Record<string, string>;

/** Patients' notices of billing errors in the console: taken, listed by the day they have to be answered, answered. */
export function disputeRoutes(parts: { db: Db; clock: Clock; program: Program }): Router {
  const router = Router();
  const { db, clock } = parts;
  const record = may("record payments");
  const why = needsReason(parts, "account");
  const pathOf = (accountId: string) => `/console/accounts/${accountId}/disputes`;
  const backTo = (accountId: string) => ({ href: pathOf(accountId), label: "Disputes" });
  const patientOf = async (accountId: string) => (await recipientsOf(db, [accountId])).get(accountId);

  router.get("/console/disputes", record, async (_req, res) => {
    const page = { title: "Disputes to answer", back: { href: "/console", label: "Console" } };
    res.locals.show("console/disputes-open", { page, disputes: await openDisputes(db), today: clock.today() });
  });

  router.get("/console/accounts/:id/disputes", record, why, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const patient = await patientOf(accountId);
    const page = {
      title: "Disputes",
      back: { href: `/console/accounts/${accountId}`, label: patient?.name ?? "Account" },
    };
    res.locals.show("console/disputes", {
      page,
      patient,
      path: pathOf(accountId),
      disputes: await disputesOf(db, accountId),
      today: clock.today(),
    });
  });

  router.get("/console/accounts/:id/disputes/new", record, why, (req, res) =>
    showNotice(res, uuidIn(req.params.id), { typed: { key: randomUUIDv7(), noticedOn: clock.today() } }),
  );

  router.post("/console/accounts/:id/disputes", record, why, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const id = keyIn(req.body);
    try {
      refuseHeldBack(res.locals.viewer);
      const { sale: saleId, amount: amountCents, ...notice } = readForm(noticeForm, req.body);
      await disputeSale(parts, res.locals.actor, { id, accountId, saleId, amountCents, ...notice });
      goTo(res, pathOf(accountId), "Taken. The patient was told that the notice came.");
    } catch (error) {
      await showNotice(res, accountId, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.get("/console/accounts/:id/disputes/:disputeId", record, why, (req, res) =>
    showDispute(res, uuidIn(req.params.id), uuidIn(req.params.disputeId)),
  );

  router.post("/console/accounts/:id/disputes/:disputeId", record, why, async (req, res) => {
    const [accountId, id] = [uuidIn(req.params.id), uuidIn(req.params.disputeId)];
    try {
      refuseHeldBack(res.locals.viewer);
      await answerDispute(parts, res.locals.actor, { id, accountId, ...readForm(answerForm, req.body) });
      goTo(res, pathOf(accountId), "Answered. The patient was told.");
    } catch (error) {
      await showDispute(res, accountId, id, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  type Shown = { typed?: Typed; errors?: Errors };

  /** Who gave no reason to look is asked for it, and sees nothing. */
  async function showNotice(res: Response, accountId: string, shown: Shown): Promise<void> {
    if (!res.locals.look) return goTo(res, pathOf(accountId));
    res.locals.show("console/dispute-new", {
      page: { title: "Take a dispute", back: backTo(accountId) },
      patient: await patientOf(accountId),
      path: pathOf(accountId),
      sales: await disputableSales(db, accountId),
      ...shown,
    });
  }

  async function showDispute(res: Response, accountId: string, id: string, shown: Shown = {}): Promise<void> {
    if (!res.locals.look) return goTo(res, pathOf(accountId));
    const dispute = await findDispute(db, accountId, id);
    const page = { title: "Dispute", back: backTo(accountId) };
    res.locals.show("console/dispute", {
      page,
      dispute,
      path: pathOf(accountId),
      typed: {},
      today: clock.today(),
      ...shown,
    });
  }

  return router;
}
