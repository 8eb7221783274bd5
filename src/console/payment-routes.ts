import { randomUUIDv7 } from "node:crypto";
import { type Response, Router } from "express";
import { z } from "zod";
import { readBooks } from "../accounts/books.ts";
import { costOfReturn } from "../accounts/correct-books.ts";
import type { Program } from "../accounts/letters.ts";
import { findBalance } from "../credit/account.ts";
import { may } from "../identity/permissions.ts";
import { refuseHeldBack } from "../identity/viewer.ts";
import { formatTypedDate } from "../lib/dates.ts";
import { type Cents, formatDecimal, formatMoney } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow, notFound } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { keyIn, readForm, type Typed, typedIn, uuidIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { type Asked, approvePaymentAct, askForPaymentAct, refuseAsked, refusePaymentAct } from "./do-payment-act.ts";
import {
  type AloneLimit,
  doneAloneCents,
  findPaymentAct,
  moneyOfAccount,
  nameOf,
  paymentMethods,
  waitingPaymentActs,
} from "./payment-acts.ts";
import { needsReason } from "./reason-routes.ts";

const paymentForm = z.object({
  amount: forms.amount("Enter the amount"),
  receivedOn: forms.date("Enter the day on which it was received"),
  method: forms.choice(paymentMethods, "Choose how it was paid"),
  reference: forms.optionalName(40),
  toward: forms.optionalLine(40).transform((id) => id || undefined),
  reason: forms.auditedReason,
});
const creditForm = z.object({ amount: forms.amount("Enter the amount"), reason: forms.auditedReason });
const reasonForm = z.object({ reason: forms.auditedReason });

type Errors = Record<string, string>;
type Parts = { db: Db; clock: Clock; program: Program & AloneLimit & { timeZone: string } };

/** Patients' payments in the console: recorded, returned, credits refunded; above the limit by two people. */
export function paymentRoutes(parts: Parts): Router {
  const router = Router();
  const { db, clock, program } = parts;
  const record = may("record payments");
  const approve = may("approve payments");
  const why = needsReason(parts, "account");
  const pathOf = (id: string) => `/console/accounts/${id}/payments`;
  const { paymentLimitCents, paymentLimitHours, timeZone } = program;

  router.get("/console/accounts/:id/payments", record, why, async (req, res) => {
    const money = await moneyOfAccount(db, uuidIn(req.params.id));
    const { id, patientName: label } = money.account;
    const page = { title: "Payments", back: { href: `/console/accounts/${id}`, label } };
    res.locals.show("console/payments", { page, ...money, path: pathOf(id), timeZone });
  });

  router.get("/console/accounts/:id/payments/new", record, why, async (req, res) => {
    const typed = { key: randomUUIDv7(), receivedOn: formatTypedDate(clock.today()) };
    await showPayment(res, uuidIn(req.params.id), { typed });
  });

  router.post("/console/accounts/:id/payments", record, why, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const id = keyIn(req.body);
    const typed = typedIn(req.body);
    try {
      const { amount: amountCents, ...payment } = readForm(paymentForm, req.body);
      const asked: Asked = { id, kind: "payment", accountId, amountCents, ...payment };
      if (typed.step === "change") return showPayment(res, accountId, { typed });
      if (typed.step === "record") return await ask(res, asked, `Recorded: ${formatMoney(amountCents)}.`);
      await refuseAsked(db, clock, asked);
      await showPayment(res, accountId, { typed, asked });
    } catch (error) {
      await showPayment(res, accountId, { typed, errors: declinedOrThrow(error) });
    }
  });

  router.get("/console/accounts/:id/payments/:paymentId/return", record, why, (req, res) =>
    showReturn(res, uuidIn(req.params.id), uuidIn(req.params.paymentId), { typed: { key: randomUUIDv7() } }),
  );

  router.post("/console/accounts/:id/payments/:paymentId/return", record, why, async (req, res) => {
    const [accountId, paymentId] = [uuidIn(req.params.id), uuidIn(req.params.paymentId)];
    const id = keyIn(req.body);
    try {
      const { reason } = readForm(reasonForm, req.body);
      const payment = await db("payments").where({ id: paymentId, account_id: accountId }).first("amount_cents");
      if (!payment) throw notFound();
      const amountCents: Cents = payment.amount_cents;
      const told = `Returned: ${formatMoney(amountCents)}.`;
      await ask(res, { id, kind: "return", accountId, amountCents, paymentId, reason }, told);
    } catch (error) {
      const errors = declinedOrThrow(error);
      await showReturn(res, accountId, paymentId, { typed: typedIn(req.body), errors });
    }
  });

  router.get("/console/accounts/:id/credit-refund", record, why, async (req, res) => {
    const { creditCents } = await moneyOfAccount(db, uuidIn(req.params.id));
    const typed = { key: randomUUIDv7(), amount: creditCents ? formatDecimal(creditCents) : "" };
    await showCredit(res, uuidIn(req.params.id), { typed });
  });

  router.post("/console/accounts/:id/credit-refund", record, why, async (req, res) => {
    const accountId = uuidIn(req.params.id);
    const id = keyIn(req.body);
    try {
      const { amount: amountCents, reason } = readForm(creditForm, req.body);
      const told = `Refunded: ${formatMoney(amountCents)}. The patient was told.`;
      await ask(res, { id, kind: "credit refund", accountId, amountCents, reason }, told);
    } catch (error) {
      await showCredit(res, accountId, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
  });

  router.get("/console/payments", approve, async (_req, res) => {
    const page = { title: "Payments that wait", back: { href: "/console", label: "Console" } };
    res.locals.show("console/payments-waiting", {
      page,
      waiting: await waitingPaymentActs(db),
      limitCents: paymentLimitCents,
      timeZone,
    });
  });

  const accountOf = async (req: { params: { id?: string } }) =>
    (await findPaymentAct(db, uuidIn(req.params.id))).accountId;
  const whyAct = needsReason(parts, "account", accountOf);

  router.get("/console/payments/:id", approve, whyAct, (req, res) => showAct(res, uuidIn(req.params.id)));

  router.post("/console/payments/:id/approval", approve, whyAct, async (req, res) => {
    const id = uuidIn(req.params.id);
    await decided(res, id, async () => {
      refuseHeldBack(res.locals.viewer);
      await approvePaymentAct(parts, res.locals.viewer, res.locals.actor, id);
      return "Approved and posted.";
    });
  });

  router.post("/console/payments/:id/refusal", approve, whyAct, async (req, res) => {
    const id = uuidIn(req.params.id);
    await decided(res, id, async () => {
      const { reason } = readForm(reasonForm, req.body);
      await refusePaymentAct(parts, res.locals.viewer, res.locals.actor, { id, reason });
      return "Refused. Nothing was posted.";
    });
  });

  async function ask(res: Response, asked: Asked, told: string): Promise<void> {
    refuseHeldBack(res.locals.viewer);
    const isDone = await askForPaymentAct(parts, res.locals.viewer, res.locals.actor, asked);
    goTo(res, pathOf(asked.accountId), isDone ? told : "It waits now for a second person.");
  }

  async function decided(res: Response, id: string, act: () => Promise<string>): Promise<void> {
    try {
      const told = await act();
      goTo(res, "/console/payments", told);
    } catch (error) {
      // Whatever field the account's refusal was about, this page has none of them.
      const { reason, ...others } = declinedOrThrow(error);
      const [form] = Object.values(others);
      const errors = { ...(form && { form }), ...(reason && { reason }) };
      if (!res.locals.look) return goTo(res, `/console/payments/${id}`, form); // to be seen it needs a reason
      await showAct(res, id, { typed: typedIn(res.req.body), errors });
    }
  }

  async function showAct(res: Response, id: string, shown: { typed?: Typed; errors?: Errors } = {}): Promise<void> {
    const act = await findPaymentAct(db, id);
    const { account } = await moneyOfAccount(db, act.accountId);
    const asked = act.toward ? findBalance(await readBooks(db, act.accountId), act.toward) : null;
    const toward = asked && { name: nameOf(asked), leftCents: Math.max(0, asked.balanceCents) };
    const page = { title: "Decide", back: { href: "/console/payments", label: "Payments that wait" } };
    const isOwn = act.askedById === res.locals.viewer.id;
    res.locals.show("console/payment-act", { page, act, account, toward, isOwn, timeZone, typed: {}, ...shown });
  }

  type Shown = { typed: Typed; errors?: Errors };

  /** The frame of an account's money forms. Who gave no reason to look is asked for it, and sees nothing. */
  async function showForm(
    res: Response,
    accountId: string,
    view: string,
    data: { page: { title: string }; [shown: string]: unknown },
  ): Promise<void> {
    const path = pathOf(accountId);
    if (!res.locals.look) return goTo(res, path);
    const money = await moneyOfAccount(db, accountId);
    const doneCents = await doneAloneCents(db, { by: res.locals.viewer.id, accountId, now: clock.now() }, program);
    const limitCents = Math.max(0, paymentLimitCents - doneCents);
    const limitWhy = doneCents
      ? ` (you did ${formatMoney(doneCents)} of it on this account in the last ${paymentLimitHours} hours)`
      : "";
    res.locals.show(view, { ...money, path, limitCents, limitWhy, ...data });
  }

  const page = (accountId: string, title: string) => ({
    title,
    back: { href: pathOf(accountId), label: "Payments" },
  });

  function showPayment(res: Response, accountId: string, shown: Shown & { asked?: Asked }): Promise<void> {
    const title = shown.asked ? "Review payment" : "Record a payment";
    const data = { page: page(accountId, title), methods: paymentMethods, ...shown };
    return showForm(res, accountId, shown.asked ? "console/payment-review" : "console/payment-new", data);
  }

  async function showReturn(res: Response, accountId: string, paymentId: string, shown: Shown): Promise<void> {
    const { payments } = await moneyOfAccount(db, accountId);
    const payment = payments.find(({ id }) => id === paymentId);
    if (!payment) throw notFound();
    const brings = payment.isReturned
      ? null
      : await costOfReturn(db, { accountId, paymentId, standing: await readBooks(db, accountId) });
    await showForm(res, accountId, "console/payment-return", {
      page: page(accountId, "Return a payment"),
      payment,
      brings,
      ...shown,
    });
  }

  function showCredit(res: Response, accountId: string, shown: Shown): Promise<void> {
    const data = { page: page(accountId, "Refund the credit"), ...shown };
    return showForm(res, accountId, "console/credit-refund", data);
  }

  return router;
}
