import type { Db } from "../platform/db.ts";
import { type Finding, type Proof, prove } from "../platform/prove.ts";

const proofs: Proof[] = [
  {
    claim: "every sale and refund has its line, with its amount and its fee",
    sql: `select coalesce(t.id, l.transaction_id) as id, l.gross_cents, l.fee_cents
          from transactions t full join deposit_lines l on l.transaction_id = t.id
          where l.gross_cents is distinct from t.amount_cents * (case t.kind when 'sale' then 1 else -1 end)
            or l.fee_cents is distinct from t.fee_cents * (case t.kind when 'sale' then 1 else -1 end)
            or (l.practice_id, l.location_id, l.business_on) is distinct from (t.practice_id, t.location_id, t.business_on)`,
  },
  {
    claim: "every deposit is the sum of its lines, of its own location and no later day",
    sql: `select d.id, d.gross_cents, d.fee_cents, sum(l.gross_cents) as lines_gross, sum(l.fee_cents) as lines_fee
          from deposits d left join deposit_lines l on l.deposit_id = d.id
          group by d.id having d.lines <> count(l.transaction_id)
            or d.gross_cents is distinct from sum(l.gross_cents) or d.fee_cents is distinct from sum(l.fee_cents)
            or bool_or((l.location_id, l.practice_id) <> (d.location_id, d.practice_id) or l.business_on > d.covers_on)`,
  },
  {
    claim: "every deposit takes over what the one before it carried",
    sql: `select id, carried_in_cents, carried from (
            select id, carried_in_cents,
              coalesce(lag(carried_out_cents) over (partition by location_id order by covers_on), 0) as carried from deposits
          ) d where carried_in_cents <> carried`,
  },
  {
    claim: "every deposit that was paid stands in the ledger with its amount, on its day, and no other does",
    sql: `select coalesce(d.id, e.id) as id, d.paid_cents as deposit, e.cents as ledger
          from (select * from deposits where posted_at is not null) d
          full join (
            select t.id, t.effective_on, a.owner_id, sum(e.amount_cents) as cents
              from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
              join ledger_accounts a on a.id = e.account_id
              where t.kind = 'deposit' and a.kind = 'payable' group by t.id, a.owner_id
          ) e on e.id = d.id and e.effective_on = d.arrives_on and e.owner_id = d.practice_id
          where d.paid_cents is distinct from e.cents`,
  },
  {
    claim: "a practice is owed its sales less refunds and fees, less what was paid",
    sql: `with lines as (select practice_id, sum(gross_cents - fee_cents) as cents from deposit_lines group by 1),
            paid as (select practice_id, sum(paid_cents) as cents from deposits where posted_at is not null group by 1)
          select a.owner_id as practice_id, -a.balance_cents as owed, l.cents as lines, coalesce(p.cents, 0) as paid
          from ledger_accounts a left join lines l on l.practice_id = a.owner_id left join paid p on p.practice_id = a.owner_id
          where a.kind = 'payable' and -a.balance_cents <> coalesce(l.cents, 0) - coalesce(p.cents, 0)`,
  },
];

/** Proves the deposits against the sales and against the ledger; a line for each row that contradicts. */
export function checkDeposits(db: Db): Promise<Finding[]> {
  return prove(db, proofs);
}
