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

    create table ledger_entries (
      transaction_id uuid not null references ledger_transactions,
      line int not null,
      account_id uuid not null references ledger_accounts,
      sale_id uuid, -- of a receivable: the promotional balance it belongs to; null is the standard balance
      amount_cents bigint not null check (amount_cents <> 0), -- debits are positive, credits negative
      primary key (transaction_id, line)
    );
    create index ledger_entries_account on ledger_entries (account_id, sale_id) include (amount_cents);

    -- Checked at commit, for transactions as well as entries: one with no entries would otherwise slip through.
    create function check_balanced() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
    declare
      checked uuid; lines int; total bigint; expected int;
    begin
      if tg_table_name = 'ledger_entries' then checked := new.transaction_id; else checked := new.id; end if;
      select count(*), coalesce(sum(amount_cents), 0) into lines, total
        from ledger_entries where transaction_id = checked;
      select entries into expected from ledger_transactions where id = checked;
      if lines < 2 or total <> 0 or lines <> expected then
        raise exception 'ledger transaction % does not balance: % entries, sum %', checked, lines, total
          using errcode = 'check_violation';
      end if;
      return null;
    end $$;
    create constraint trigger ledger_transactions_balance after insert on ledger_transactions
      deferrable initially deferred for each row execute function check_balanced();
    create constraint trigger ledger_entries_balance after insert on ledger_entries
      deferrable initially deferred for each row execute function check_balanced();

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
    alter table ledger_transactions enable always trigger ledger_transactions_balance;
    alter table ledger_entries enable always trigger ledger_entries_keep;
    alter table ledger_entries enable always trigger ledger_entries_keep_all;
    alter table ledger_entries enable always trigger ledger_entries_balance;
    alter table ledger_accounts enable always trigger ledger_accounts_keep;
    alter table ledger_accounts enable always trigger ledger_accounts_keep_all;

    -- Many postings in one round trip: all of them, or none. Returns how many are new; one that was posted before with
    -- the same content is passed over, with other content it is an error. Owned accounts are locked in the order of
    -- their ids, so that two calls never wait for each other.
    -- The planner cannot know how many postings the JSON holds, and would read every account for one sale: so it is told
    -- to look each one up.
    -- It runs as its owner: the portal's own role may call it, and read, and no more. So that nothing of the caller's can
    -- stand before the tables, the path is fixed.
    create function post_all_to_ledger(postings jsonb) returns int language plpgsql
      security definer set search_path = pg_catalog, public, pg_temp
      set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off as $$
    declare
      fresh uuid[]; changed uuid;
    begin
      with given as materialized (
        select p.*, sha256(convert_to(jsonb_build_array(p.kind, p.effective_on, p.reverses_id, p.entries)::text, 'UTF8')) as hash
          from jsonb_to_recordset(postings) as p
            (id uuid, kind text, effective_on date, posted_at timestamptz, reverses_id uuid, entries jsonb)
      ), added as (
        insert into ledger_transactions (id, kind, effective_on, posted_at, content_hash, entries, reverses_id)
          select id, kind, effective_on, posted_at, hash, jsonb_array_length(entries), reverses_id from given
          on conflict (id) do nothing returning id
      )
      select coalesce(array_agg(id), '{}') into fresh from added;

      if cardinality(fresh) < jsonb_array_length(postings) then
        select p.id into changed
          from jsonb_to_recordset(postings) as p (id uuid, kind text, effective_on date, reverses_id uuid, entries jsonb)
          join ledger_transactions t on t.id = p.id
          where t.content_hash <>
            sha256(convert_to(jsonb_build_array(p.kind, p.effective_on, p.reverses_id, p.entries)::text, 'UTF8'))
          limit 1;
        if changed is not null then
          raise exception 'ledger transaction % was posted with other content', changed using errcode = 'unique_violation';
        end if;
      end if;
      if cardinality(fresh) = 0 then return 0; end if;

      insert into ledger_accounts (kind, owner_id)
        select distinct e.kind, e.owner_id
          from jsonb_to_recordset(postings) as p (id uuid, entries jsonb),
            jsonb_to_recordset(p.entries) as e (kind text, owner_id uuid)
          where e.owner_id is not null
            and not exists (select from ledger_accounts a where a.kind = e.kind and a.owner_id = e.owner_id)
        union
        select e.kind, null
          from jsonb_to_recordset(postings) as p (id uuid, entries jsonb),
            jsonb_to_recordset(p.entries) as e (kind text, owner_id uuid)
          where e.owner_id is null
            and not exists (select from ledger_accounts a where a.kind = e.kind and a.owner_id is null)
        on conflict (kind, owner_id) do nothing;

      perform 1 from ledger_accounts a
        where (a.kind, a.owner_id) in (
          select e.kind, e.owner_id from jsonb_to_recordset(postings) as p (id uuid, entries jsonb),
            jsonb_to_recordset(p.entries) as e (kind text, owner_id uuid)
          where p.id = any (fresh) and e.owner_id is not null)
        order by a.id for update;

      -- Owned accounts and the program's own are found apart, each by the index: "is not distinct from" uses none.
      with given as materialized (
        select p.id, e.line, e.kind, e.owner_id, e.sale_id, e.amount_cents
          from jsonb_to_recordset(postings) as p (id uuid, entries jsonb),
            rows from (jsonb_to_recordset(p.entries) as (kind text, owner_id uuid, sale_id uuid, amount_cents bigint))
              with ordinality as e (kind, owner_id, sale_id, amount_cents, line)
          where p.id = any (fresh)
      )
      insert into ledger_entries (transaction_id, line, account_id, sale_id, amount_cents)
        select g.id, g.line, a.id, g.sale_id, g.amount_cents
          from given g join ledger_accounts a on a.kind = g.kind and a.owner_id = g.owner_id
        union all
        select g.id, g.line, a.id, g.sale_id, g.amount_cents
          from given g join ledger_accounts a on a.kind = g.kind and a.owner_id is null and g.owner_id is null;

      update ledger_accounts a set balance_cents = a.balance_cents + moved.amount_cents
        from (select account_id, sum(amount_cents) as amount_cents from ledger_entries
              where transaction_id = any (fresh) group by account_id) moved
        where a.id = moved.account_id and a.owner_id is not null;
      return cardinality(fresh);
    end $$;

    -- One posting alone. Returns false when this very posting was posted before.
    create function post_to_ledger(
      new_id uuid, new_kind text, new_effective_on date, new_posted_at timestamptz, new_reverses uuid, new_entries jsonb
    ) returns boolean language sql as $$
      select post_all_to_ledger(jsonb_build_array(jsonb_build_object('id', new_id, 'kind', new_kind,
        'effective_on', new_effective_on, 'posted_at', new_posted_at, 'reverses_id', new_reverses, 'entries', new_entries))) = 1;
    $$;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop function post_to_ledger, post_all_to_ledger;
    drop table ledger_entries, ledger_transactions, ledger_accounts;
    drop function check_balanced;
  `);
}
