import type { Program } from "../accounts/letters.ts";
import { recipientsOf, tellPatients } from "../accounts/tell-patient.ts";
import { sentTooLate } from "../credit/grace.ts";
import type { IsoDate } from "../lib/dates.ts";
import type { Cents } from "../lib/money.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db, Trx } from "../platform/db.ts";
import { linkTokenHash, newLinkToken } from "../platform/link-tokens.ts";
import { statementLetter } from "./letters.ts";

/** So many letters in one transaction. */
const batchSize = 500;

type Parts = { db: Db; clock: Clock; program: Program; publicUrl: string };
type Closed = {
  account_id: string;
  number: number;
  closed_on: IsoDate;
  due_on: IsoDate;
  new_cents: Cents;
  minimum_cents: Cents;
};

/**
 * Tells each patient whose cycle closed on a night that the statement is there, with a link of its own, once: the row
 * in `statement_letters` and the letter are one transaction. A cycle with no balance and no activity needs none
 * (12 CFR 1026.5(b)(2)(i)). One that goes out late is known as such to the engine (`sentLate`).
 * @returns how many letters were written
 */
export async function announceStatements(
  parts: Parts,
  night: IsoDate,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<number> {
  let sent = 0;
  for (let from = "", taken = batchSize; taken === batchSize; ) {
    signal?.throwIfAborted();
    const closed = await closedOn(parts.db, night, from);
    if (closed.length) sent += await parts.db.transaction((trx) => tellOf(trx, parts, closed));
    taken = closed.length;
    from = closed.at(-1)?.account_id ?? from;
  }
  return sent;
}

/** A batch of the statements of a night that nobody was told of yet, of accounts behind one. */
function closedOn(db: Db, night: IsoDate, from: string): Promise<Closed[]> {
  const wasActive = `exists (
    select from ledger_accounts a join ledger_entries e on e.account_id = a.id
      join ledger_transactions t on t.id = e.transaction_id
      where a.kind = 'receivable' and a.owner_id = s.account_id
        and t.effective_on between (s.figures ->> 'firstDay')::date and s.closed_on)`;
  const behind = db("statements as s").where("s.closed_on", night);
  if (from) behind.where("s.account_id", ">", from);
  return behind
    .leftJoin("statement_letters as l", (on) => on.on("l.account_id", "s.account_id").andOn("l.number", "s.number"))
    .whereNull("l.number")
    .whereRaw(`(s.new_balance_cents <> 0 or s.opening_balance_cents <> 0 or ${wasActive})`)
    .orderBy("s.account_id")
    .limit(batchSize)
    .select(
      "s.account_id",
      "s.number",
      "s.closed_on",
      "s.due_on",
      "s.new_balance_cents as new_cents",
      "s.minimum_payment_cents as minimum_cents",
    );
}

async function tellOf(trx: Trx, { clock, program, publicUrl }: Parts, closed: Closed[]): Promise<number> {
  const now = clock.now();
  const tokens = new Map(closed.map(({ account_id }) => [account_id, newLinkToken()]));
  const rows = closed.map(({ account_id, number }) => ({
    account_id,
    number,
    sent_at: now,
    sent_on: clock.today(),
    token_hash: linkTokenHash(tokens.get(account_id) ?? ""),
  }));
  // Another node that is at the same batch has inserted them before, or waits for us and inserts none.
  const taken: { account_id: string }[] = await trx("statement_letters")
    .insert(rows)
    .onConflict(["account_id", "number"])
    .ignore()
    .returning("account_id");
  const mine = new Set(taken.map(({ account_id }) => account_id));
  const told = closed.filter(({ account_id }) => mine.has(account_id));
  await sentLate(trx, told, clock.today());
  const recipients = await recipientsOf(trx, [...mine]);
  const letters = closed.flatMap(({ account_id, due_on, new_cents, minimum_cents }) => {
    const recipient = recipients.get(account_id);
    if (!recipient) return [];
    const link = `${publicUrl}/my-statement/${tokens.get(account_id)}`;
    const figures = { newBalanceCents: new_cents, minimumCents: minimum_cents, dueOn: due_on, link };
    return [{ recipient, letter: statementLetter(program, recipient, figures) }];
  });
  await tellPatients(trx, now, letters);
  return recipients.size;
}

/**
 * Tells the books of statements that go out with less than 21 days to their due date: no late fee and no loss of grace
 * follow them (1026.5(b)(2)(ii)). A close may have been worked out in time and its letter not have been written.
 */
async function sentLate(trx: Trx, closed: Closed[], today: IsoDate): Promise<void> {
  const late = closed.filter(({ due_on }) => sentTooLate({ sentOn: today, dueOn: due_on }));
  if (!late.length) return;
  await trx.raw(
    `update account_states s set state = jsonb_set(s.state, '{lastStatement,sentOn}', to_jsonb(?::text))
     from jsonb_to_recordset(?::jsonb) as l (account_id uuid, closed_on text)
     where s.account_id = l.account_id and s.state -> 'lastStatement' ->> 'closedOn' = l.closed_on
       and s.state -> 'lastStatement' ->> 'sentOn' < ?`,
    [today, JSON.stringify(late), today],
  );
}
