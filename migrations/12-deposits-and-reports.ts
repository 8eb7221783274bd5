import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What a location is paid for a business day, two banking days after it. A day below zero is carried to the next.
    create table deposits (
      id uuid primary key, -- and of its posting in the ledger
      practice_id uuid not null references practices,
      location_id uuid not null,
      covers_on date not null,
      arrives_on date not null check (arrives_on > covers_on),
      lines int not null check (lines > 0),
      gross_cents bigint not null, -- sales less refunds
      fee_cents bigint not null,
      carried_in_cents bigint not null check (carried_in_cents <= 0),
      paid_cents bigint not null check (paid_cents >= 0),
      carried_out_cents bigint not null check (carried_out_cents <= 0),
      made_at timestamptz not null,
      posted_at timestamptz, -- when it was put in the ledger: at the end of the day on which it arrives
      unique (location_id, covers_on),
      foreign key (practice_id, location_id) references locations (practice_id, id),
      check (paid_cents + carried_out_cents = gross_cents - fee_cents + carried_in_cents),
      check (paid_cents = 0 or carried_out_cents = 0),
      check (posted_at is null or paid_cents > 0)
    );
    create index deposits_practice on deposits (practice_id, arrives_on, id);
    create index deposits_due on deposits (arrives_on) where posted_at is null and paid_cents > 0;

    -- Each sale and refund leaves a line, in its own transaction; the night gathers those that wait into deposits.
    create table deposit_lines (
      transaction_id uuid primary key references transactions,
      practice_id uuid not null,
      location_id uuid not null,
      business_on date not null,
      gross_cents bigint not null, -- a refund is below zero, and so is the fee that it gives back
      fee_cents bigint not null,
      deposit_id uuid references deposits deferrable initially deferred
    );
    create index deposit_lines_waiting on deposit_lines (location_id, business_on) where deposit_id is null;
    create index deposit_lines_deposit on deposit_lines (deposit_id) where deposit_id is not null;

    create function leave_deposit_lines() returns trigger language plpgsql as $$
    begin
      insert into deposit_lines (transaction_id, practice_id, location_id, business_on, gross_cents, fee_cents)
        select id, practice_id, location_id, business_on,
          case kind when 'sale' then amount_cents else -amount_cents end, case kind when 'sale' then fee_cents else -fee_cents end
        from added;
      return null;
    end $$;
    create trigger transactions_leave_lines after insert on transactions
      referencing new table as added for each statement execute function leave_deposit_lines();
    alter table transactions enable always trigger transactions_leave_lines;

    -- A line is given to a deposit once, a deposit is posted once; nothing else of them changes.
    create function guard_deposit_line() returns trigger language plpgsql as $$
    begin
      if old.deposit_id is not null or to_jsonb(old) - 'deposit_id' <> to_jsonb(new) - 'deposit_id' then
        raise exception 'a line of a deposit does not change' using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;
    create function guard_deposit() returns trigger language plpgsql as $$
    begin
      if old.posted_at is not null or to_jsonb(old) - 'posted_at' <> to_jsonb(new) - 'posted_at' then
        raise exception 'a deposit does not change' using errcode = 'restrict_violation';
      end if;
      return new;
    end $$;
    create trigger deposit_lines_guard before update on deposit_lines
      for each row execute function guard_deposit_line();
    create trigger deposits_guard before update on deposits for each row execute function guard_deposit();
    create trigger deposit_lines_keep before delete on deposit_lines
      for each row execute function refuse_change();
    create trigger deposits_keep before delete on deposits for each row execute function refuse_change();
    create trigger deposit_lines_keep_all before truncate on deposit_lines
      for each statement execute function refuse_change();
    create trigger deposits_keep_all before truncate on deposits for each statement execute function refuse_change();
    alter table deposit_lines enable always trigger deposit_lines_guard;
    alter table deposits enable always trigger deposits_guard;
    alter table deposit_lines enable always trigger deposit_lines_keep;
    alter table deposits enable always trigger deposits_keep;
    alter table deposit_lines enable always trigger deposit_lines_keep_all;
    alter table deposits enable always trigger deposits_keep_all;

    insert into deposit_lines (transaction_id, practice_id, location_id, business_on, gross_cents, fee_cents)
      select id, practice_id, location_id, business_on,
        case kind when 'sale' then amount_cents else -amount_cents end, case kind when 'sale' then fee_cents else -fee_cents end
      from transactions;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger transactions_leave_lines on transactions;
    drop table deposit_lines, deposits;
    drop function leave_deposit_lines, guard_deposit_line, guard_deposit;
  `);
}
