import type { Knex } from "knex";

const figures = ["sales", "sales_cents", "sales_fee_cents", "refunds", "refunds_cents", "refunds_fee_cents"];

/** What one sale or refund brings, in the order of the figures. */
const brought = ["sale", "refund"]
  .flatMap((kind) => ["1", "new.amount_cents", "new.fee_cents"].map((of) => ({ kind, of })))
  .map(({ kind, of }) => `case new.kind when '${kind}' then ${of} else 0 end`);

/** The same of many rows of transactions. */
const sums = ["sale", "refund"]
  .flatMap((kind) => ["1", "amount_cents", "fee_cents"].map((of) => ({ kind, of })))
  .map(({ kind, of }) => `coalesce(sum(${of}) filter (where kind = '${kind}'), 0)`);

/** Adds what came in to a table's row, or begins it. */
const upsert = (table: string, key: string) => /* sql */ `
  insert into ${table} values (${key}, ${brought.join(", ")})
    on conflict on constraint ${table}_pkey do update set
      ${figures.map((figure) => `${figure} = ${table}.${figure} + excluded.${figure}`).join(", ")};`;

const month = (day: string) => `date_trunc('month', ${day})::date`;

const table = (name: string, key: string) => /* sql */ `
  create table ${name} (
    practice_id uuid not null,
    month date not null check (month = ${month("month")}),
    ${key},
    ${figures.map((figure) => `${figure} bigint not null`).join(",\n    ")},
    primary key (practice_id, month, ${key.replaceAll(" uuid not null", "").replaceAll(" text not null", "")})
  ) with (fillfactor = 70);`;

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What each month came to: a report of years reads some hundred rows of it, and single days only where it begins or
    -- ends within a month.
    ${table("sales_months", "location_id uuid not null, plan_id text not null")}
    -- The same by who recorded it. By days that would be nearly a row for each sale: so there are months alone.
    ${table("user_months", "user_id uuid not null, location_id uuid not null, plan_id text not null")}

    insert into sales_months
      select practice_id, ${month("business_on")}, location_id, plan_id, ${sums.join(", ")}
        from transactions group by 1, 2, 3, 4;
    insert into user_months
      select practice_id, ${month("business_on")}, recorded_by, location_id, plan_id, ${sums.join(", ")}
        from transactions group by 1, 2, 3, 4, 5;
    drop table user_days;

    -- At the commit of the sale or refund, so that the rows which many sales share are held for as short as can be. All
    -- of them are the practice's own, and so is its payable in the ledger, for which its sales take turns anyway.
    drop trigger transactions_add_to_days on transactions;
    drop function add_to_days;
    create function add_to_days() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
    begin
      ${upsert("sales_days", "new.practice_id, new.business_on, new.location_id, new.plan_id")}
      ${upsert("sales_months", `new.practice_id, ${month("new.business_on")}, new.location_id, new.plan_id`)}
      ${upsert("user_months", `new.practice_id, ${month("new.business_on")}, new.recorded_by, new.location_id, new.plan_id`)}
      return null;
    end $$;
    create constraint trigger transactions_add_to_days after insert on transactions
      deferrable initially deferred for each row execute function add_to_days();
    alter table transactions enable always trigger transactions_add_to_days;
  `);
}

export async function down(): Promise<void> {
  throw new Error("The days of each user are not kept any more: restore a backup instead.");
}
