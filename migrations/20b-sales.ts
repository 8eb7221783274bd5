import type { Knex } from "knex";

/** What a sale costs: a table of rows for a single row, and a lock on the practice that its location says already. */
export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    alter table transactions drop constraint transactions_practice_id_fkey; -- its location is one of the practice's

    drop trigger transactions_leave_lines on transactions;
    create or replace function leave_deposit_lines() returns trigger language plpgsql as $$
    declare
      direction int := case new.kind when 'sale' then 1 else -1 end;
    begin
      insert into deposit_lines (transaction_id, practice_id, location_id, business_on, gross_cents, fee_cents)
        values (new.id, new.practice_id, new.location_id, new.business_on, direction * new.amount_cents, direction * new.fee_cents);
      return null;
    end $$;
    create trigger transactions_leave_lines after insert on transactions
      for each row execute function leave_deposit_lines();
    alter table transactions enable always trigger transactions_leave_lines;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    drop trigger transactions_leave_lines on transactions;
    create or replace function leave_deposit_lines() returns trigger language plpgsql as $$
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
    alter table transactions add constraint transactions_practice_id_fkey foreign key (practice_id) references practices;
  `);
}
