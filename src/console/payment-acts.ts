import { readBooks } from "../accounts/books.ts";
import { type Payment, paymentsOf } from "../accounts/queries.ts";
import { recipientsOf } from "../accounts/tell-patient.ts";
import { type Balance, owedCents, standardId } from "../credit/account.ts";
import { planLabel, planTerms } from "../credit/plans.ts";
import { formatDate, type IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";

export const paymentMethods = ["Check", "Bank transfer", "Card", "Cash", "Other"] as const;

/** What is done with a patient's money: a payment recorded, one returned, a credit refunded. */
export type PaymentAct = {
  id: string;
  kind: "payment" | "return" | "credit refund";
  accountId: string;
  last4: string;
  amountCents: Cents;
  /** Of a payment, or of the one that goes back. */
  receivedOn: IsoDate | null;
  method: string | null;
  reference: string;
  paymentId: string | null;
  /** The balance that the patient asked a payment to go to: "standard", or a sale's id. */
  toward: string | null;
  reason: string;
  askedBy: string;
  askedById: string;
  askedAt: Date;
  /** Null while it waits for a second person. */
  outcome: "done" | "refused" | null;
  decidedBy: string | null;
  decidedById: string | null;
  decidedAt: Date | null;
  decidedBecause: string | null;
};

const acts = (db: Db) =>
  db("payment_acts as w")
    .join("accounts as a", "a.id", "w.account_id")
    .join("users as u", "u.id", "w.asked_by")
    .leftJoin("users as d", "d.id", "w.decided_by")
    .leftJoin("payments as p", "p.id", "w.payment_id")
    .select(
      "w.id",
      "w.kind",
      "w.account_id as accountId",
      "w.amount_cents as amountCents",
      "w.method",
      "w.reference",
      "w.payment_id as paymentId",
      "w.toward",
      "w.reason",
      "w.asked_by as askedById",
      "w.asked_at as askedAt",
      "w.outcome",
      "w.decided_by as decidedById",
      "w.decided_at as decidedAt",
      "w.decided_because as decidedBecause",
      "u.user_id as askedBy",
      "d.user_id as decidedBy",
      db.raw(`right(a.number, 4) as last4, coalesce(w.received_on, p.received_on) as "receivedOn"`),
    );

/** One act; 404 when there is none. */
export async function findPaymentAct(db: Db, id: string): Promise<PaymentAct> {
  const act = await acts(db).where("w.id", id).first();
  if (!act) throw notFound();
  return act;
}

/** What waits for a second person, the oldest first; of one account, or of all. */
export function waitingPaymentActs(db: Db, accountId?: string, most = 200): Promise<PaymentAct[]> {
  const waiting = acts(db).whereNull("w.outcome").orderBy(["w.asked_at", "w.id"]).limit(most);
  return accountId ? waiting.where("w.account_id", accountId) : waiting;
}

/** How much one person may do alone on one account within so many hours, of whatever kind: in one act or in several. */
export type AloneLimit = { paymentLimitCents: Cents; paymentLimitHours: number };

/** What of that limit somebody has used up already. */
export async function doneAloneCents(
  db: Db,
  act: { by: string; accountId: string; now: Date },
  { paymentLimitHours }: AloneLimit,
): Promise<Cents> {
  const { by, accountId, now } = act;
  const row = await db("payment_acts")
    .where({ asked_by: by, account_id: accountId, needs_second: false })
    .where("asked_at", ">", new Date(now.getTime() - paymentLimitHours * 3_600_000))
    .first(db.raw("coalesce(sum(amount_cents), 0)::bigint as cents"));
  return row.cents;
}

export type PaymentSeen = Payment & { act: PaymentAct | null; returnedBecause: string | null };

export type MoneyOfAccount = {
  account: { id: string; patientName: string; last4: string; openedOn: IsoDate; closedOn: IsoDate | null };
  owedCents: Cents;
  /** What the program owes the patient. */
  creditCents: Cents;
  /** What a patient may ask a payment to go to: each balance with something left, and its name. */
  balances: { id: string; name: string; leftCents: Cents }[];
  payments: PaymentSeen[];
  waiting: PaymentAct[];
};

/** An account's payments with how each came to be there, its credit, and what waits; 404 when there is no such account. */
export async function moneyOfAccount(db: Db, id: string): Promise<MoneyOfAccount> {
  const [row, recipients] = await Promise.all([
    db("accounts").where({ id }).first("opened_on", "closed_on"),
    recipientsOf(db, [id]),
  ]);
  const patient = recipients.get(id);
  if (!row || !patient) throw notFound();
  const [standing, payments, made, waiting] = await Promise.all([
    readBooks(db, id),
    paymentsOf(db, { id }, 240),
    acts(db).where({ "w.account_id": id, "w.outcome": "done" }) as Promise<PaymentAct[]>,
    waitingPaymentActs(db, id),
  ]);
  return {
    account: {
      id,
      patientName: patient.name,
      last4: patient.last4,
      openedOn: row.opened_on,
      closedOn: row.closed_on,
    },
    owedCents: Math.max(0, owedCents(standing)),
    creditCents: Math.max(0, -owedCents(standing)),
    balances: standing.balances
      .filter(({ balanceCents }) => balanceCents > 0)
      .map((balance) => ({ id: balance.id, name: nameOf(balance), leftCents: balance.balanceCents })),
    payments: payments.map((payment) => ({
      ...payment,
      act: made.find((act) => act.id === payment.id) ?? null,
      returnedBecause: made.find((act) => act.paymentId === payment.id)?.reason ?? null,
    })),
    waiting,
  };
}

/** What a balance is called where an account's balances stand side by side. */
export function nameOf({ id, plan, openedOn }: Pick<Balance, "id" | "plan" | "openedOn">): string {
  return id === standardId ? "Standard purchases" : `${planLabel(planTerms(plan))}, sold ${formatDate(openedOn)}`;
}
