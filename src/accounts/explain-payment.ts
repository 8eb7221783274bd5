import type { PracticeViewer } from "../identity/viewer.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { notFound } from "../platform/errors.ts";
import { type BalanceParts, partsOf } from "./balance-parts.ts";
import type { Account } from "./queries.ts";

/** Where a payment went, as a practice may see it. */
export type ExplainedPayment = BalanceParts & {
  receivedOn: IsoDate;
  amountCents: Cents;
  isReturned: boolean;
  /** The patient asked for the balance that took of it first. */
  wasAsked: boolean;
};

/** How a payment was put to the balances, as the ledger has it; 404 where the account had no such payment. */
export async function explainPayment(
  db: Db,
  viewer: PracticeViewer,
  { account, paymentId }: { account: Account; paymentId: string },
): Promise<ExplainedPayment> {
  const payment = await db("payments as p")
    .join("account_events as e", (on) => on.on("e.account_id", "p.account_id").andOn("e.event_id", "p.id"))
    .where({ "p.id": paymentId, "p.account_id": account.id })
    .first("p.received_on", "p.amount_cents", "e.taken_back_by", "e.event");
  if (!payment) throw notFound();
  const shares: { sale_id: string | null; cents: Cents }[] = await db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .where({ "e.transaction_id": paymentId, "a.kind": "receivable" })
    .groupBy("e.sale_id")
    .select("e.sale_id", db.raw("-sum(e.amount_cents)::bigint as cents"));
  const bySale = new Map(shares.map(({ sale_id, cents }) => [sale_id, cents]));
  return {
    receivedOn: payment.received_on,
    amountCents: payment.amount_cents,
    isReturned: payment.taken_back_by !== null,
    wasAsked: Boolean(payment.event.toward),
    ...(await partsOf(db, viewer, account, bySale)),
  };
}
