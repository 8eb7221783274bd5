import type { Db } from "../platform/db.ts";
import { type Finding, type Proof, prove } from "../platform/prove.ts";

const proofs: Proof[] = [
  {
    claim: "every account has the engine's state",
    sql: "select a.id from accounts a where not exists (select from account_states s where s.account_id = a.id)",
  },
  {
    claim: "every balance in the ledger is the engine's, to the cent",
    sql: `with engine as (
            select s.account_id, b.id as balance, b."balanceCents" as cents
              from account_states s, jsonb_to_recordset(s.state -> 'balances') as b (id text, "balanceCents" bigint)
          ), ledger as (
            select a.owner_id as account_id, coalesce(e.sale_id::text, 'standard') as balance, sum(e.amount_cents) as cents
              from ledger_entries e join ledger_accounts a on a.id = e.account_id
              where a.kind = 'receivable' group by 1, 2
          )
          select account_id, balance, coalesce(e.cents, 0) as engine, coalesce(l.cents, 0) as ledger
            from engine e full join ledger l using (account_id, balance)
            where coalesce(e.cents, 0) <> coalesce(l.cents, 0)`,
  },
  {
    claim: "every statement shows what the ledger had at its close",
    sql: `select s.account_id, s.number, s.closed_on, s.new_balance_cents as statement, coalesce(sum(l.cents), 0) as ledger
          from statements s
          left join ledger_accounts a on a.kind = 'receivable' and a.owner_id = s.account_id
          left join lateral (
            select e.amount_cents as cents from ledger_entries e join ledger_transactions t on t.id = e.transaction_id
              where e.account_id = a.id and t.effective_on <= s.closed_on
          ) l on true
          group by s.account_id, s.number having s.new_balance_cents <> coalesce(sum(l.cents), 0)`,
  },
  {
    claim: "the statements of an account are numbered without a gap",
    sql: `select account_id, count(*) as statements, max(number) as last from statements
          group by account_id having count(*) <> max(number)`,
  },
  {
    claim: "every sale, refund and payment was told to the engine, and no other",
    sql: `with happened as (
            select id, account_id from transactions union all select id, account_id from payments
          )
          select coalesce(h.id, e.event_id) as id from happened h
            full join (select * from account_events where event ->> 'type' in ('sale', 'refund', 'payment')) e
              on e.event_id = h.id and e.account_id = h.account_id
            where h.id is null or e.event_id is null`,
  },
  {
    claim: "every credit refund in the ledger was told to the engine, and the other way",
    sql: `select coalesce(l.id, e.event_id) as id
          from (select * from ledger_transactions where kind = 'credit refund') l
            full join (select * from account_events where event ->> 'type' = 'credit-refund') e on e.event_id = l.id
          where l.id is null or e.event_id is null`,
  },
  {
    claim: "every promotional sale that ends is known by its end and what is left of it, and no other",
    sql: `with engine as (
            select s.account_id, b.id, b."promotionEndsOn" as ends_on, b."balanceCents" as left_cents
              from account_states s,
                jsonb_to_recordset(s.state -> 'balances') as b (id text, "promotionEndsOn" date, "balanceCents" bigint)
              where b."promotionEndsOn" is not null
          ), kept as (
            select p.* from promotions p
              join transactions using (account_id, practice_id, location_id, plan_id) where id = p.sale_id
          )
          select coalesce(e.id, k.sale_id::text) as id, e.left_cents as engine, k.left_cents as kept from engine e
            full join kept k on k.sale_id::text = e.id and k.account_id = e.account_id
            where (e.ends_on, e.left_cents) is distinct from (k.ends_on, k.left_cents)
          union all
          select sale_id::text, null, left_cents from promotions p where not exists (select from kept k where k.sale_id = p.sale_id)`,
  },
];

/** Proves that the engine and the ledger tell the same of every account; a line for each row that contradicts. */
export function checkBooks(db: Db): Promise<Finding[]> {
  return prove(db, proofs);
}
