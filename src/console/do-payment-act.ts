import { readBooks } from "../accounts/books.ts";
import type { Program } from "../accounts/letters.ts";
import { recordPayment, refuseToward } from "../accounts/record-payment.ts";
import { refundCredit } from "../accounts/refund-credit.ts";
import { returnPayment } from "../accounts/return-payment.ts";
import type { Viewer } from "../identity/viewer.ts";
import { formatDate, type IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { type AloneLimit, doneAloneCents, findPaymentAct, moneyOfAccount, type PaymentAct } from "./payment-acts.ts";

type Parts = { db: Db; clock: Clock; program: Program & AloneLimit };

/** What is asked for, under the key of its form. */
export type Asked = { id: string; accountId: string; amountCents: Cents; reason: string } & (
  | { kind: "payment"; receivedOn: IsoDate; method: string; reference: string; toward?: string | undefined }
  | { kind: "return"; paymentId: string }
  | { kind: "credit refund" }
);

/**
 * Records a payment, returns one or refunds a credit: at once up to the program's limit; above it, it waits for a second
 * person. What the same person did alone on the account within the limit's hours counts with it, so that parts of an
 * amount get no further than the whole. The same form again changes nothing.
 * @returns whether it was done; false: it waits
 * @throws Declined for what the account does not take, a form that was another's, or when the same waits already
 */
export async function askForPaymentAct(parts: Parts, viewer: Viewer, actor: Actor, asked: Asked): Promise<boolean> {
  const { id, kind, accountId, amountCents, reason } = asked;
  if (!(await parts.db("payment_acts").where({ id }).first("id"))) await refuseAsked(parts.db, parts.clock, asked);
  return parts.db.transaction(async (trx) => {
    const now = parts.clock.now();
    await hold(trx, accountId); // of two parts sent at once the second sees the first
    const doneCents = await doneAloneCents(trx, { by: viewer.id, accountId, now }, parts.program);
    const needsSecond = doneCents + amountCents > parts.program.paymentLimitCents;
    const added = await trx("payment_acts")
      .insert({
        id,
        kind,
        account_id: accountId,
        amount_cents: amountCents,
        reason,
        needs_second: needsSecond,
        asked_by: viewer.id,
        asked_at: now,
        reference: kind === "payment" ? asked.reference : "",
        ...(kind === "payment" && {
          received_on: asked.receivedOn,
          method: asked.method,
          toward: asked.toward ?? null,
        }),
        ...(kind === "return" && { payment_id: asked.paymentId }),
        ...(!needsSecond && { outcome: "done", decided_at: now }),
      })
      .onConflict()
      .ignore()
      .returning("id");
    if (!added.length) return isSame(trx, viewer, asked);
    const act = await findPaymentAct(trx, id);
    if (needsSecond) {
      const details = { amountCents, reason };
      await audit(trx, actor, { at: now, action: `${kind} proposed`, subjectId: accountId, details });
    } else {
      await post(trx, parts, actor, act);
    }
    return !needsSecond;
  });
}

/**
 * A second person approves what waits, and it is posted. Deciding is one statement, so that two who decide at once
 * decide once; what the account no longer takes stays undecided.
 * @throws Declined when it is the viewer's own, was decided otherwise, or the account does not take it any more
 */
export async function approvePaymentAct(parts: Parts, viewer: Viewer, actor: Actor, id: string): Promise<void> {
  await parts.db.transaction(async (trx) => {
    const at = parts.clock.now();
    await hold(trx, (await findPaymentAct(trx, id)).accountId);
    if (!(await decide(trx, viewer, id, { outcome: "done", decided_at: at }))) return;
    const act = await findPaymentAct(trx, id);
    const details = { amountCents: act.amountCents, reason: act.reason, askedBy: act.askedBy };
    await audit(trx, actor, { at, action: `${act.kind} approved`, subjectId: act.accountId, details });
    await post(trx, parts, actor, act);
  });
}

/**
 * A second person refuses what waits: nothing is posted.
 * @throws Declined as `approvePaymentAct`
 */
export async function refusePaymentAct(
  { db, clock }: Pick<Parts, "db" | "clock">,
  viewer: Viewer,
  actor: Actor,
  { id, reason }: { id: string; reason: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const at = clock.now();
    if (!(await decide(trx, viewer, id, { outcome: "refused", decided_at: at, decided_because: reason }))) return;
    const { kind, accountId, amountCents, askedBy } = await findPaymentAct(trx, id);
    const details = { amountCents, reason, askedBy };
    await audit(trx, actor, { at, action: `${kind} refused`, subjectId: accountId, details });
  });
}

/** The account's row first, as every verb that moves its money. */
const hold = (trx: Trx, accountId: string) =>
  trx("accounts").where({ id: accountId }).forNoKeyUpdate().first("closed_on");

/** True when it was decided now, false when the viewer had decided the same before. @throws Declined */
async function decide(
  trx: Trx,
  viewer: Viewer,
  id: string,
  decision: { outcome: "done" | "refused"; decided_at: Date; decided_because?: string },
): Promise<boolean> {
  const decided = await trx("payment_acts")
    .where({ id, outcome: null })
    .whereNot("asked_by", viewer.id)
    .update({ ...decision, decided_by: viewer.id })
    .returning("id");
  if (decided.length) return true;
  const act = await findPaymentAct(trx, id);
  if (!act.outcome) throw new Declined({ form: "You asked for it: somebody else has to decide." });
  if (act.decidedById === viewer.id && act.outcome === decision.outcome) return false;
  throw new Declined({ form: `${act.decidedBy ?? act.askedBy} was quicker: it is decided.` });
}

/** Posts it in the transaction of whoever decided; a sentence about a field that this page does not have is the form's. */
async function post(trx: Trx, parts: Parts, actor: Actor, act: PaymentAct): Promise<void> {
  const { id, kind, accountId, amountCents, reason, receivedOn, paymentId, toward } = act;
  const within = { ...parts, db: trx };
  if (kind === "payment" && receivedOn) {
    refuseClosed((await hold(trx, accountId)).closed_on);
    await recordPayment(within, actor, {
      id,
      accountId,
      amountCents,
      receivedOn,
      reason,
      ...(toward && { toward }),
    });
  } else if (kind === "return" && paymentId) {
    await returnPayment(within, actor, { id, paymentId, reason });
  } else {
    await refundCredit(within, actor, { id, accountId, amountCents, reason });
  }
}

function refuseClosed(closedOn: IsoDate | null): void {
  if (!closedOn) return;
  const sentence = `This account was closed on ${formatDate(closedOn)} and takes no payment. Send the money back.`;
  throw new Declined({ form: sentence });
}

/** Refuses what posting it would refuse, so that nobody is asked to approve what cannot be. */
export async function refuseAsked(db: Db, clock: Clock, asked: Asked): Promise<void> {
  const { account, creditCents, payments } = await moneyOfAccount(db, asked.accountId);
  if (asked.amountCents <= 0) throw new Declined({ amount: "Enter an amount of at least $0.01" });
  if (asked.kind === "payment") {
    refuseClosed(account.closedOn);
    if (asked.receivedOn < account.openedOn) throw new Declined({ receivedOn: "The account was not open on that day" });
    if (asked.receivedOn > clock.today()) throw new Declined({ receivedOn: "That day is still to come" });
    refuseToward(await readBooks(db, asked.accountId), asked.toward, asked.receivedOn);
  } else if (asked.kind === "return") {
    const payment = payments.find(({ id }) => id === asked.paymentId);
    if (!payment) throw notFound();
    if (payment.isReturned) throw new Declined({ form: "This payment was returned already" });
  } else if (asked.amountCents > creditCents) {
    const stands = creditCents ? `The credit is ${formatMoney(creditCents)}` : "No credit stands on this account";
    throw new Declined({ amount: `${stands}. Enter an amount up to that.` });
  }
}

/** Whether the form was sent before and is done; false while it waits. @throws Declined when it was another form */
async function isSame(trx: Trx, viewer: Viewer, asked: Asked): Promise<boolean> {
  const before = await trx("payment_acts").where({ id: asked.id }).first();
  if (!before) throw new Declined({ form: "The same waits for a second person already." });
  const isHere = before.account_id === asked.accountId && before.asked_by === viewer.id && before.kind === asked.kind;
  const isEqual =
    before.amount_cents === asked.amountCents &&
    (asked.kind !== "payment" ||
      (before.received_on === asked.receivedOn && before.toward === (asked.toward ?? null))) &&
    (asked.kind !== "return" || before.payment_id === asked.paymentId);
  if (isHere && isEqual) return before.outcome === "done";
  throw new Declined({ form: "This form was sent before, with other figures. Begin again from the payments." });
}
