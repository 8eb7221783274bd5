import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What is left of each promotional sale, kept with the engine's state and proven equal to it: whoever asks which
    -- balances end soon would otherwise add up the entries of every sale.
    alter table promotions set (fillfactor = 70), -- a payment changes what is left, and no index: room for it on the page
      add column practice_id uuid, add column location_id uuid, add column plan_id text, add column left_cents bigint;
    update promotions p
      set practice_id = t.practice_id, location_id = t.location_id, plan_id = t.plan_id, left_cents = b."balanceCents"
      from transactions t, account_states s, jsonb_to_recordset(s.state -> 'balances') as b (id text, "balanceCents" bigint)
      where t.id = p.sale_id and s.account_id = p.account_id and b.id = p.sale_id::text;
    alter table promotions
      alter column practice_id set not null, alter column location_id set not null, alter column plan_id set not null,
      alter column left_cents set not null, add check (left_cents >= 0);
    create index promotions_ending on promotions (practice_id, ends_on, sale_id);

    -- The same by the days on which promotions end.
    create table promotion_days (
      practice_id uuid not null,
      ends_on date not null,
      location_id uuid not null,
      plan_id text not null,
      balances bigint not null, -- with something left
      left_cents bigint not null,
      primary key (practice_id, ends_on, location_id, plan_id)
    ) with (fillfactor = 70);
    insert into promotion_days
      select practice_id, ends_on, location_id, plan_id, count(*), sum(left_cents) from promotions
        where left_cents > 0 group by 1, 2, 3, 4;

    -- At the commit, like the days of sales: rows that many accounts share are held for as short as can be.
    create function add_to_promotion_days() returns trigger language plpgsql set search_path = pg_catalog, public, pg_temp as $$
    declare
      before bigint := case tg_op when 'INSERT' then 0 else old.left_cents end;
    begin
      insert into promotion_days values (new.practice_id, new.ends_on, new.location_id, new.plan_id,
          (new.left_cents > 0)::int - (before > 0)::int, new.left_cents - before)
        on conflict on constraint promotion_days_pkey do update set
          balances = promotion_days.balances + excluded.balances, left_cents = promotion_days.left_cents + excluded.left_cents;
      return null;
    end $$;
    create constraint trigger promotions_add_to_days after insert or update of left_cents on promotions
      deferrable initially deferred for each row execute function add_to_promotion_days();
    alter table promotions enable always trigger promotions_add_to_days;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop trigger promotions_add_to_days on promotions;
    drop function add_to_promotion_days;
    drop table promotion_days;
    drop index promotions_ending;
    alter table promotions drop column practice_id, drop column location_id, drop column plan_id, drop column left_cents,
      reset (fillfactor);
  `);
}
