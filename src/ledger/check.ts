import type { Db } from "../platform/db.ts";
import { type Finding, type Proof, prove } from "../platform/prove.ts";

const proofs: Proof[] = [
  {
    claim: "every transaction has two entries or more, and they add up to zero",
    sql: `select t.id, count(e.line) as entries, coalesce(sum(e.amount_cents), 0) as sum
          from ledger_transactions t left join ledger_entries e on e.transaction_id = t.id
          group by t.id having count(e.line) < 2 or coalesce(sum(e.amount_cents), 0) <> 0`,
  },
  {
    claim: "every transaction has the entries that it says, and no other",
    sql: `select t.id, t.cents as says, e.cents as has from ledger_transactions t left join lateral (
            select array_agg(account_id order by line) as account_ids, array_agg(sale_id order by line) as sale_ids,
                array_agg(amount_cents order by line) as cents from ledger_entries where transaction_id = t.id) e on true
          where (t.account_ids, t.sale_ids, t.cents) is distinct from (e.account_ids, e.sale_ids, e.cents)`,
  },
  {
    claim: "every kept balance equals its entries",
    sql: `select a.id, a.kind, a.balance_cents as kept, coalesce(sum(e.amount_cents), 0) as entries
          from ledger_accounts a left join ledger_entries e on e.account_id = a.id
          where a.owner_id is not null
          group by a.id having a.balance_cents <> coalesce(sum(e.amount_cents), 0)`,
  },
  {
    claim: "no sale is refunded for more than it was",
    sql: `select s.id, s.amount_cents as sold, s.refunded_cents as refunded, coalesce(sum(r.amount_cents), 0) as refunds
          from transactions s left join transactions r on r.sale_id = s.id
          where s.kind = 'sale' group by s.id
          having s.refunded_cents <> coalesce(sum(r.amount_cents), 0) or s.refunded_cents > s.amount_cents
            or s.refunded_fee_cents <> coalesce(sum(r.fee_cents), 0)`,
  },
  {
    claim: "every sale and refund stands in the ledger with its amount and its fee",
    sql: `select t.id, t.kind, t.amount_cents, t.fee_cents from transactions t
          where t.amount_cents * (case t.kind when 'sale' then 1 else -1 end) is distinct from
              (select sum(e.amount_cents) from ledger_entries e join ledger_accounts a on a.id = e.account_id
               where e.transaction_id = t.id and a.kind = 'receivable' and a.owner_id = t.account_id)
            or (t.fee_cents - t.amount_cents) * (case t.kind when 'sale' then 1 else -1 end) is distinct from
              (select coalesce(sum(e.amount_cents), 0) from ledger_entries e join ledger_accounts a on a.id = e.account_id
               where e.transaction_id = t.id and a.kind = 'payable' and a.owner_id = t.practice_id)`,
  },
  {
    claim: "every sale, refund and payment in the ledger has its own row, and every payment its posting",
    sql: `select l.id, l.kind from ledger_transactions l
          where l.kind in ('sale', 'refund') and not exists (select from transactions t where t.id = l.id)
             or l.kind = 'payment' and not exists (select from payments p where p.id = l.id)
          union all
          select p.id, 'payment without posting' from payments p
          where not exists (select from ledger_transactions l where l.id = p.id and l.kind = 'payment')`,
  },
  {
    claim: "every payment lowers what its patient owes by its amount",
    sql: `select p.id, p.amount_cents from payments p
          where -p.amount_cents is distinct from
            (select sum(e.amount_cents) from ledger_entries e join ledger_accounts a on a.id = e.account_id
             where e.transaction_id = p.id and a.kind = 'receivable' and a.owner_id = p.account_id)`,
  },
];

/** Proves the books, each claim by its own question; returns a line for every row that contradicts one. */
export function checkLedger(db: Db): Promise<Finding[]> {
  return prove(db, proofs);
}
