import { type Account, undisputedCents } from "../credit/account.ts";
import { closeOnOrAfter } from "../credit/cycle.ts";
import { happen } from "../credit/engine.ts";
import { planLabel, planTerms } from "../credit/plans.ts";
import { addDays, addMonths, daysBetween } from "../lib/calendar.ts";
import type { IsoDate } from "../lib/dates.ts";
import { type Cents, formatMoney } from "../lib/money.ts";
import { type Actor, audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { Declined, notFound } from "../platform/errors.ts";
import { businessDay, onMorningOf, readBooks, saveBooks } from "./books.ts";
import { disputeAnswer, disputeLetter, type Program } from "./letters.ts";
import { idOf, postingsOf } from "./postings.ts";
import { recipientsOf, tellPatient } from "./tell-patient.ts";

type Parts = { db: Db; clock: Clock; program: Program };

/** What a patient says is wrong with a sale, and what became of it. */
export type Dispute = {
  id: string;
  accountId: string;
  patientName: string;
  last4: string;
  saleId: string;
  planName: string;
  soldOn: IsoDate;
  practiceName: string;
  amountCents: Cents;
  noticedOn: IsoDate;
  /** The last day to answer the patient on: `answerBy`. */
  answerBy: IsoDate;
  said: string;
  openedBy: string;
  /** Null while it is open. The patient was right, or the charge stands. */
  outcome: "corrected" | "stands" | null;
  endedBecause: string | null;
  endedBy: string | null;
  endedAt: Date | null;
};

const disputes = (db: Db) =>
  db("disputes as d")
    .join("accounts as a", "a.id", "d.account_id")
    .join("patients as p", "p.id", "a.patient_id")
    .join("transactions as t", "t.id", "d.sale_id")
    .join("practices as s", "s.id", "t.practice_id")
    .join("users as o", "o.id", "d.opened_by")
    .leftJoin("users as e", "e.id", "d.ended_by")
    .select(
      "d.id",
      "d.account_id as accountId",
      "d.sale_id as saleId",
      "t.plan_id as planId",
      "t.business_on as soldOn",
      "s.name as practiceName",
      "d.amount_cents as amountCents",
      "d.noticed_on as noticedOn",
      "d.answer_by as answerBy",
      "d.said",
      "o.user_id as openedBy",
      "d.outcome",
      "d.ended_because as endedBecause",
      "e.user_id as endedBy",
      "d.ended_at as endedAt",
      db.raw(`p.first_name || ' ' || p.last_name as "patientName", right(a.number, 4) as last4`),
    );

const asDispute = ({ planId, ...row }: Dispute & { planId: Parameters<typeof planTerms>[0] }): Dispute => ({
  ...row,
  planName: planLabel(planTerms(planId)),
});

/** The disputes of an account, the newest first. */
export async function disputesOf(db: Db, accountId: string): Promise<Dispute[]> {
  return (await disputes(db).where("d.account_id", accountId).orderBy(["d.opened_at", "d.id"]))
    .map(asDispute)
    .reverse();
}

/** What is to be answered, the most pressing first. */
export async function openDisputes(db: Db, most = 200): Promise<Dispute[]> {
  const rows = await disputes(db).whereNull("d.outcome").orderBy(["d.answer_by", "d.id"]).limit(most);
  return rows.map(asDispute);
}

/** One of an account; 404 when there is none. */
export async function findDispute(db: Db, accountId: string, id: string): Promise<Dispute> {
  const row = await disputes(db).where({ "d.id": id, "d.account_id": accountId }).first();
  if (!row) throw notFound();
  return asDispute(row);
}

/** What a patient disputes of a sale now, if anything: what its practice is told. */
export async function disputeOfSale(
  db: Db,
  saleId: string,
): Promise<Pick<Dispute, "amountCents" | "noticedOn"> | null> {
  const open = db("disputes").where({ sale_id: saleId, outcome: null });
  return (await open.first("amount_cents as amountCents", "noticed_on as noticedOn")) ?? null;
}

/**
 * The last day on which a notice may be answered: within two complete billing cycles, and in no case later than 90 days
 * (1026.13(c)(2)). A cycle that has begun when the notice comes is not a complete one.
 */
export function answerBy(noticedOn: IsoDate, cycleDay: number): IsoDate {
  const twoCycles = addMonths(closeOnOrAfter(noticedOn, cycleDay), 2);
  return addDays(noticedOn, Math.min(90, daysBetween(noticedOn, twoCycles)));
}

/**
 * Takes a patient's notice that a sale is wrong (1026.13(b)): from today payments leave the disputed amount to the last,
 * and the patient is told at once (1026.13(c)(1) gives thirty days). The same id again changes nothing.
 * @throws Declined for a sale that is disputed already, a day that cannot be, or more than is left of the sale
 */
export async function disputeSale(
  { db, clock, program }: Parts,
  actor: Actor,
  notice: { id: string; accountId: string; saleId: string; amountCents: Cents; noticedOn: IsoDate; said: string },
): Promise<void> {
  const { id, accountId, saleId, amountCents, noticedOn, said } = notice;
  await db.transaction(async (trx) => {
    const { cycle_day: cycleDay } = await holdAccount(trx, accountId);
    const before = await trx("disputes").where({ id }).first();
    if (before) {
      const isSame =
        before.account_id === accountId && before.sale_id === saleId && before.amount_cents === amountCents;
      if (isSame) return;
      throw new Declined({ form: "This form was sent before, with other figures. Begin again from the disputes." });
    }
    const sale = await trx("transactions").where({ id: saleId, account_id: accountId, kind: "sale" }).first();
    if (!sale) throw new Declined({ sale: "Choose the sale" });
    if (await disputeOfSale(trx, saleId)) throw new Declined({ sale: "This sale is disputed already" });
    const today = clock.today();
    if (noticedOn < sale.business_on) throw new Declined({ noticedOn: "The sale was made after that day" });
    if (noticedOn > today) throw new Declined({ noticedOn: "That day is still to come" });
    const account = await readBooks(trx, accountId, { lock: true });
    const run = onMorningOf(account, { day: businessDay(account, today), today });
    const leftCents = leftToDispute(run.account, sale);
    if (amountCents <= 0) throw new Declined({ amount: "Enter an amount of at least $0.01" });
    if (amountCents > leftCents) throw new Declined({ amount: `Enter an amount up to ${formatMoney(leftCents)}` });

    // After this line it must succeed.
    const at = clock.now();
    await trx("disputes").insert({
      id,
      account_id: accountId,
      sale_id: saleId,
      amount_cents: amountCents,
      noticed_on: noticedOn,
      answer_by: answerBy(noticedOn, cycleDay),
      said,
      opened_by: actor.userId,
      opened_at: at,
    });
    await tellEngine(trx, { accountId, run, id, saleId, at });
    const recipient = (await recipientsOf(trx, [accountId])).get(accountId);
    if (recipient) await tellPatient(trx, at, recipient, disputeLetter(program, recipient, { amountCents, noticedOn }));
    await audit(trx, actor, { at, action: "dispute opened", subjectId: accountId, details: { saleId, amountCents } });
  });
}

/**
 * Answers a patient's notice: the amount is a part of the balance like any other again, and the patient is told what was
 * found and why (1026.13(e), (f)). What is given back is a refund of the sale, which is the practice's. Answering the same
 * again changes nothing.
 * @throws Declined when it was answered otherwise; 404 when there is none
 */
export async function answerDispute(
  { db, clock, program }: Parts,
  actor: Actor,
  answer: { id: string; accountId: string; outcome: "corrected" | "stands"; because: string },
): Promise<void> {
  const { id, accountId, outcome, because } = answer;
  await db.transaction(async (trx) => {
    await holdAccount(trx, accountId);
    const dispute = await findDispute(trx, accountId, id);
    if (dispute.outcome === outcome && dispute.endedBecause === because) return;
    if (dispute.outcome) throw new Declined({ form: `${dispute.endedBy} was quicker: it is answered.` });

    const at = clock.now();
    const ended = { outcome, ended_because: because, ended_by: actor.userId, ended_at: at };
    await trx("disputes").where({ id }).update(ended);
    const account = await readBooks(trx, accountId, { lock: true });
    const today = clock.today();
    const run = onMorningOf(account, { day: businessDay(account, today), today });
    await tellEngine(trx, { accountId, run, id: idOf(`${id} answered`), saleId: dispute.saleId, at });
    const recipient = (await recipientsOf(trx, [accountId])).get(accountId);
    if (recipient)
      await tellPatient(trx, at, recipient, disputeAnswer(program, recipient, { ...dispute, outcome, because }));
    const details = { saleId: dispute.saleId, outcome, reason: because };
    await audit(trx, actor, { at, action: "dispute answered", subjectId: accountId, details });
  });
}

const holdAccount = (trx: Trx, id: string) => trx("accounts").where({ id }).forNoKeyUpdate().first("cycle_day");

const balanceOf = ({ balances }: Account, saleId: string) => balances.find(({ id }) => id === saleId) ?? balances[0];

/** What of a sale can still be disputed: neither refunded, nor paid, nor disputed with another sale of its balance. */
function leftToDispute(account: Account, sale: { id: string; amount_cents: Cents; refunded_cents: Cents }): Cents {
  const left = undisputedCents(balanceOf(account, sale.id));
  return Math.max(0, Math.min(sale.amount_cents - sale.refunded_cents, left));
}

/** Tells the engine what is disputed of the sale's balance now, all open disputes of its sales together. */
async function tellEngine(
  trx: Trx,
  {
    accountId,
    run,
    id,
    saleId,
    at,
  }: { accountId: string; run: ReturnType<typeof onMorningOf>; id: string; saleId: string; at: Date },
): Promise<void> {
  const { account } = run;
  const balance = balanceOf(account, saleId);
  const open: { sale_id: string; amount_cents: Cents }[] = await trx("disputes")
    .where({ account_id: accountId, outcome: null })
    .select("sale_id", "amount_cents");
  const disputedCents = open
    .filter((each) => balanceOf(account, each.sale_id) === balance)
    .reduce((sum, each) => sum + each.amount_cents, 0);
  const amountCents = Math.min(disputedCents, Math.max(0, balance.balanceCents));
  const event = { type: "dispute" as const, id, date: account.day, sale: saleId, amountCents };
  happen(run, event);
  // It moves no money: what is posted is what the calendar did before.
  const postings = postingsOf(accountId, run.postings, { postedAt: at });
  const { statements, closings = [] } = run;
  await saveBooks(trx, [{ accountId, account, postings, statements, closings, event }]);
}

/** A sale of which something is left to dispute. */
export type DisputableSale = { id: string; planName: string; soldOn: IsoDate; practiceName: string; leftCents: Cents };

/** The sales of an account that a patient may find wrong, the newest first; those that are disputed are left out. */
export async function disputableSales(db: Db, accountId: string): Promise<DisputableSale[]> {
  const account = await readBooks(db, accountId);
  const rows = await db("transactions as t")
    .join("practices as s", "s.id", "t.practice_id")
    .where({ "t.account_id": accountId, "t.kind": "sale" })
    .whereNotIn("t.id", db("disputes").where({ account_id: accountId, outcome: null }).select("sale_id"))
    .orderBy("t.business_on", "desc")
    .orderBy("t.id", "desc")
    .select("t.id", "t.plan_id", "t.business_on", "s.name", "t.amount_cents", "t.refunded_cents");
  return rows
    .map((row) => ({
      id: row.id,
      planName: planLabel(planTerms(row.plan_id)),
      soldOn: row.business_on,
      practiceName: row.name,
      leftCents: leftToDispute(account, row),
    }))
    .filter(({ leftCents }) => leftCents > 0);
}
