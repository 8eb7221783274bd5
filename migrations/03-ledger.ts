import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    create table ledger_accounts (
      id uuid primary key default gen_random_uuid(),
      kind text not null check (kind in ('receivable', 'payable', 'merchant_fee_income', 'interest_income',
        'late_fee_income', 'cash_in', 'cash_out', 'write_off')),
      owner_id uuid, -- the patient's account of a receivable, the practice of a payable
      balance_cents bigint not null default 0, -- kept for owned accounts alone: a shared row would queue every sale
      check ((owner_id is not null) = (kind in ('receivable', 'payable'))),
      check (owner_id is not null or balance_cents = 0),
      unique nulls not distinct (kind, owner_id)
    );

    create table ledger_transactions (
      id uuid primary key, -- the key that makes it happen once
      kind text not null,
      effective_on date not null,
      posted_at timestamptz not null,
      content_hash bytea not null,
      entries int not null, -- how many it has: so nothing can be added to it later
      reverses_id uuid unique references ledger_transactions
    );

    -- Where an entry belongs is looked up by check_entries, for a whole posting at once, and neither table loses a row. A
    -- foreign key would lock the row of every entry's account and transaction, the shared income accounts among them.
    create table ledger_entries (
      transaction_id uuid not null,
      line int not null,
      account_id uuid not null,
      sale_id uuid, -- of a receivable: the promotional balance it belongs to; null is the standard balance
      amount_cents bigint not null check (amount_cents <> 0), -- debits are positive, credits negative
      primary key (transaction_id, line)
    );
    create index ledger_entries_account on ledger_entries (account_id, sale_id) include (amount_cents);

    create trigger ledger_transactions_keep before update or delete on ledger_transactions
      for each row execute function refuse_change();
    create trigger ledger_transactions_keep_all before truncate on ledger_transactions
      for each statement execute function refuse_change();
    create trigger ledger_entries_keep before update or delete on ledger_entries
      for each row execute function refuse_change();
    create trigger ledger_entries_keep_all before truncate on ledger_entries
      for each statement execute function refuse_change();
    create trigger ledger_accounts_keep before delete or update of id, kind, owner_id on ledger_accounts
      for each row execute function refuse_change();
    create trigger ledger_accounts_keep_all before truncate on ledger_accounts
      for each statement execute function refuse_change();
    alter table ledger_transactions enable always trigger ledger_transactions_keep;
    alter table ledger_transactions enable always trigger ledger_transactions_keep_all;
    alter table ledger_entries enable always trigger ledger_entries_keep;
    alter table ledger_entries enable always trigger ledger_entries_keep_all;
    alter table ledger_accounts enable always trigger ledger_accounts_keep;
    alter table ledger_accounts enable always trigger ledger_accounts_keep_all;

    -- The program's own accounts; those of patients and practices begin with their first posting.
    insert into ledger_accounts (kind) values ('merchant_fee_income'), ('interest_income'), ('late_fee_income'),
      ('cash_in'), ('cash_out'), ('write_off');
  `);
  await db.raw(posting);
}

/** Taken over by 20-postings, which goes back to it. */
export const posting = /* sql */ `
    -- A posting and its entries come in one statement, and after it they are whole: two entries or more, as many as it
    -- says, that add up to zero. So a posting without entries is refused, and an entry added to one later.
    create function check_balanced() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
    declare
      wrong record;
    begin
      select n.id, e.lines, e.total into wrong
        from added n, lateral (select count(*) as lines, coalesce(sum(amount_cents), 0) as total
          from ledger_entries where transaction_id = n.id) e
        where e.lines < 2 or e.total <> 0 or e.lines <> n.entries limit 1;
      if found then
        raise exception 'ledger transaction % does not balance: % entries, sum %', wrong.id, wrong.lines, wrong.total
          using errcode = 'check_violation';
      end if;
      return null;
    end $$;
    create function check_entries() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
    declare
      wrong record;
    begin
      select n.transaction_id into wrong
        from (select distinct transaction_id from added) n, lateral (select count(*) as lines, sum(amount_cents) as total
          from ledger_entries e where e.transaction_id = n.transaction_id) e
        where e.total <> 0
          or e.lines is distinct from (select entries from ledger_transactions t where t.id = n.transaction_id) limit 1;
      if found then
        raise exception 'ledger transaction % has other entries already', wrong.transaction_id using errcode = 'check_violation';
      end if;
      select n.account_id into wrong from (select distinct account_id from added) n
        where not exists (select from ledger_accounts a where a.id = n.account_id) limit 1;
      if found then
        raise exception 'there is no ledger account %', wrong.account_id using errcode = 'foreign_key_violation';
      end if;
      return null;
    end $$;
    create trigger ledger_transactions_balance after insert on ledger_transactions
      referencing new table as added for each statement execute function check_balanced();
    create trigger ledger_entries_balance after insert on ledger_entries
      referencing new table as added for each statement execute function check_entries();
    alter table ledger_transactions enable always trigger ledger_transactions_balance;
    alter table ledger_entries enable always trigger ledger_entries_balance;

    -- What a posting says, to know it again by.
    create function ledger_content(kind text, effective_on date, reverses_id uuid, entries jsonb) returns bytea
      immutable language sql as $$
      select sha256(convert_to(jsonb_build_array(kind, effective_on, reverses_id, entries)::text, 'UTF8'))
    $$;

    -- Many postings in one round trip: all of them, or none. Returns how many are new; one that was posted before with
    -- the same content is passed over, with other content it is an error. Owned accounts are locked in the order of
    -- their ids, so that two calls never wait for each other: new ones, in order too, before any is locked. Then what was
    -- posted before is seen.
    -- It runs as its owner: the portal's own role may call it, and read, and no more. So that nothing of the caller's can
    -- stand before the tables, the path is fixed.
    -- The planner cannot know how many postings the JSON holds, and would read every account for one sale: so it is told
    -- to look each one up.
    create function post_all_to_ledger(postings jsonb) returns int language plpgsql
      security definer set search_path = pg_catalog, public, pg_temp
      set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
    declare
      ids uuid[]; kinds text[]; owners uuid[]; before uuid[]; changed uuid;
    begin
      select array_agg(kind), array_agg(owner_id) into kinds, owners from (
        select distinct e.kind, e.owner_id from jsonb_to_recordset(postings) as p (entries jsonb),
          jsonb_to_recordset(p.entries) as e (kind text, owner_id uuid) where e.owner_id is not null) owned;

      insert into ledger_accounts (kind, owner_id) select * from unnest(kinds, owners) as o (kind, owner_id)
        where not exists (select from ledger_accounts a where a.kind = o.kind and a.owner_id = o.owner_id)
        order by kind, owner_id
        on conflict (kind, owner_id) do nothing;
      perform from ledger_accounts a join unnest(kinds, owners) as o (kind, owner_id)
        on a.kind = o.kind and a.owner_id = o.owner_id order by a.id for update of a;

      select array_agg(p.id), array_agg(t.id) filter (where t.id is not null) into ids, before
        from jsonb_to_recordset(postings) as p (id uuid) left join ledger_transactions t on t.id = p.id;
      if before is not null then
        select t.id into changed
          from jsonb_to_recordset(postings) as p (id uuid, kind text, effective_on date, reverses_id uuid, entries jsonb)
          join ledger_transactions t on t.id = p.id
          where t.content_hash <> ledger_content(p.kind, p.effective_on, p.reverses_id, p.entries) limit 1;
        if changed is not null then
          raise exception 'ledger transaction % was posted with other content', changed using errcode = 'unique_violation';
        end if;
      end if;
      if cardinality(before) = cardinality(ids) then return 0; end if;

      -- The program's own accounts are found apart: "is not distinct from" uses no index.
      with given as materialized (
        select p.*, ledger_content(p.kind, p.effective_on, p.reverses_id, p.entries) as hash
          from jsonb_to_recordset(postings) as p
            (id uuid, kind text, effective_on date, posted_at timestamptz, reverses_id uuid, entries jsonb)
          where before is null or p.id <> all (before)
      ), line as materialized (
        select g.id, e.line, e.kind, e.owner_id, e.sale_id, e.amount_cents from given g,
          rows from (jsonb_to_recordset(g.entries) as (kind text, owner_id uuid, sale_id uuid, amount_cents bigint))
            with ordinality as e (kind, owner_id, sale_id, amount_cents, line)
      ), told as (
        insert into ledger_transactions (id, kind, effective_on, posted_at, content_hash, entries, reverses_id)
          select id, kind, effective_on, posted_at, hash, jsonb_array_length(entries), reverses_id from given
      ), written as (
        insert into ledger_entries (transaction_id, line, account_id, sale_id, amount_cents)
          select l.id, l.line, a.id, l.sale_id, l.amount_cents
            from line l join ledger_accounts a on a.kind = l.kind and a.owner_id = l.owner_id
          union all
          select l.id, l.line, a.id, l.sale_id, l.amount_cents
            from line l join ledger_accounts a on a.kind = l.kind and a.owner_id is null where l.owner_id is null
          returning account_id, amount_cents
      )
      update ledger_accounts a set balance_cents = a.balance_cents + moved.amount_cents
        from (select account_id, sum(amount_cents) as amount_cents from written group by account_id) moved
        where a.id = moved.account_id and a.owner_id is not null;
      return cardinality(ids) - coalesce(cardinality(before), 0);
    end $$;

    -- One posting alone. Returns false when this very posting was posted before.
    create function post_to_ledger(
      new_id uuid, new_kind text, new_effective_on date, new_posted_at timestamptz, new_reverses uuid, new_entries jsonb
    ) returns boolean language sql as $$
      select post_all_to_ledger(jsonb_build_array(jsonb_build_object('id', new_id, 'kind', new_kind,
        'effective_on', new_effective_on, 'posted_at', new_posted_at, 'reverses_id', new_reverses, 'entries', new_entries))) = 1;
    $$;
`;

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop function post_to_ledger, post_all_to_ledger, ledger_content;
    drop table ledger_entries, ledger_transactions, ledger_accounts;
    drop function check_balanced, check_entries;
  `);
}
