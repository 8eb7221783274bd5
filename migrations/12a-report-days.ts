import type { Knex } from "knex";

/** What a day's rows come to; the same for the trigger, for the rows that are there already, and for the proof. */
const sums = /* sql */ `
  count(*) filter (where kind = 'sale'), coalesce(sum(amount_cents) filter (where kind = 'sale'), 0),
  coalesce(sum(fee_cents) filter (where kind = 'sale'), 0),
  count(*) filter (where kind = 'refund'), coalesce(sum(amount_cents) filter (where kind = 'refund'), 0),
  coalesce(sum(fee_cents) filter (where kind = 'refund'), 0)`;

const columns = /* sql */ `
  sales bigint not null,
  sales_cents bigint not null,
  sales_fee_cents bigint not null,
  refunds bigint not null,
  refunds_cents bigint not null,
  refunds_fee_cents bigint not null`;

const added = (table: string) => /* sql */ `
  on conflict on constraint ${table}_pkey do update set
    sales = ${table}.sales + excluded.sales, sales_cents = ${table}.sales_cents + excluded.sales_cents,
    sales_fee_cents = ${table}.sales_fee_cents + excluded.sales_fee_cents,
    refunds = ${table}.refunds + excluded.refunds, refunds_cents = ${table}.refunds_cents + excluded.refunds_cents,
    refunds_fee_cents = ${table}.refunds_fee_cents + excluded.refunds_fee_cents`;

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What each day came to, so that no report reads millions of rows. Kept in the transaction of the sale or refund.
    create table sales_days (
      practice_id uuid not null,
      day date not null,
      location_id uuid not null,
      plan_id text not null,
      ${columns},
      primary key (practice_id, day, location_id, plan_id)
    );
    -- The same by who recorded it: apart, or every report would read a row for each person.
    create table user_days (
      practice_id uuid not null,
      day date not null,
      user_id uuid not null,
      location_id uuid not null,
      plan_id text not null,
      ${columns},
      primary key (practice_id, day, user_id, location_id, plan_id)
    );

    create function add_to_days() returns trigger language plpgsql as $$
    begin
      insert into sales_days
        select practice_id, business_on, location_id, plan_id, ${sums} from added group by 1, 2, 3, 4 order by 1, 2, 3, 4
        ${added("sales_days")};
      insert into user_days
        select practice_id, business_on, recorded_by, location_id, plan_id, ${sums} from added
          group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
        ${added("user_days")};
      return null;
    end $$;
    create trigger transactions_add_to_days after insert on transactions
      referencing new table as added for each statement execute function add_to_days();
    alter table transactions enable always trigger transactions_add_to_days;

    insert into sales_days
      select practice_id, business_on, location_id, plan_id, ${sums} from transactions group by 1, 2, 3, 4;
    insert into user_days
      select practice_id, business_on, recorded_by, location_id, plan_id, ${sums} from transactions group by 1, 2, 3, 4, 5;

    -- A text that a spreadsheet would run as a formula gets an apostrophe in front, as in src/lib/csv.ts.
    create function spreadsheet_safe(cell text) returns text language sql immutable parallel safe as $$
      select case when left(cell, 1) in ('=', '+', '-', '@', chr(9), chr(13)) and cell !~ '^-?\\d+(\\.\\d+)?$'
        then '''' || cell else cell end
    $$;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger transactions_add_to_days on transactions;
    drop function add_to_days, spreadsheet_safe;
    drop table sales_days, user_days;
  `);
}
