import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What a reviewed form says, kept until its button is pressed: only a reviewed sale or refund can be made, and
    -- its id becomes the id of the sale or refund, so that it is made once however often the button is pressed.
    create table drafts (
      id uuid primary key,
      practice_id uuid not null references practices,
      kind text not null check (kind in ('sale', 'refund')),
      subject_id uuid not null, -- the account of a sale, the sale of a refund
      typed jsonb not null,
      saved_at timestamptz not null
    );

    create table transactions (
      id uuid primary key,
      kind text not null check (kind in ('sale', 'refund')),
      practice_id uuid not null references practices,
      location_id uuid not null,
      account_id uuid not null references accounts,
      sale_id uuid references transactions check ((sale_id is not null) = (kind = 'refund')),
      plan_id text not null,
      amount_cents bigint not null check (amount_cents > 0),
      fee_cents bigint not null check (fee_cents between 0 and amount_cents),
      refunded_cents bigint not null default 0 check (refunded_cents between 0 and amount_cents),
      refunded_fee_cents bigint not null default 0 check (refunded_fee_cents between 0 and fee_cents),
      service_on date,
      business_on date not null,
      reference text not null,
      reason text not null,
      recorded_by uuid not null references users,
      recorded_at timestamptz not null,
      foreign key (practice_id, location_id) references locations (practice_id, id),
      foreign key (id) references ledger_transactions (id) deferrable initially deferred
    );
    create index transactions_practice on transactions (practice_id, recorded_at desc, id desc);
    create index transactions_account on transactions (account_id, practice_id, recorded_at desc, id desc);
    create index transactions_business on transactions (practice_id, business_on);
    create index transactions_refunds on transactions (sale_id) where sale_id is not null;

    -- What a sale said stays said; only how much of it was refunded may rise.
    create function guard_transaction() returns trigger language plpgsql as $$
    begin
      if to_jsonb(old) - 'refunded_cents' - 'refunded_fee_cents' <> to_jsonb(new) - 'refunded_cents' - 'refunded_fee_cents'
         or new.refunded_cents < old.refunded_cents or new.refunded_fee_cents < old.refunded_fee_cents then
        raise exception 'a recorded transaction does not change' using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;
    create trigger transactions_guard before update on transactions
      for each row execute function guard_transaction();
    create trigger transactions_keep before delete on transactions
      for each row execute function refuse_change();
    create trigger transactions_keep_all before truncate on transactions
      for each statement execute function refuse_change();
    alter table transactions enable always trigger transactions_guard;
    alter table transactions enable always trigger transactions_keep;
    alter table transactions enable always trigger transactions_keep_all;

    -- The database's own word on what a sale and a refund may do, whatever the code believed, at commit.
    create function check_transaction() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
    declare
      room bigint; closed date; refunds bigint; refunded bigint;
    begin
      if new.kind = 'sale' then
        select a.limit_cents - coalesce(l.balance_cents, 0), a.closed_on into room, closed
          from accounts a left join ledger_accounts l on l.kind = 'receivable' and l.owner_id = a.id
          where a.id = new.account_id;
        if room < 0 then
          raise exception 'sale % is above the available credit', new.id using errcode = 'check_violation';
        end if;
        if closed is not null and closed <= new.business_on then
          raise exception 'sale % is on a closed account', new.id using errcode = 'check_violation';
        end if;
      else
        select s.refunded_cents, (select sum(r.amount_cents) from transactions r where r.sale_id = s.id)
          into refunded, refunds from transactions s where s.id = new.sale_id;
        if refunds <> refunded then
          raise exception 'the refunds of sale % are % and not %', new.sale_id, refunds, refunded
            using errcode = 'check_violation';
        end if;
      end if;
      return null;
    end $$;
    create constraint trigger transactions_allowed after insert on transactions
      deferrable initially deferred for each row execute function check_transaction();
    alter table transactions enable always trigger transactions_allowed;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table transactions, drafts; drop function check_transaction, guard_transaction");
}
