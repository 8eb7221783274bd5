import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What administrators said about maintenance. The last row is what holds; the others are what was.
    create table maintenance_plans (
      number bigint generated always as identity primary key,
      mode text not null check (mode in ('off', 'read-only', 'full')),
      message text not null,
      starts_at timestamptz, -- null: from the moment it was saved
      ends_at timestamptz, -- null: until an administrator ends it
      saved_at timestamptz not null,
      saved_by uuid not null references users,
      check (ends_at > coalesce(starts_at, saved_at))
    );
    create trigger maintenance_plans_keep before update or delete on maintenance_plans
      for each row execute function refuse_change();
    create trigger maintenance_plans_keep_all before truncate on maintenance_plans
      for each statement execute function refuse_change();
    alter table maintenance_plans enable always trigger maintenance_plans_keep;
    alter table maintenance_plans enable always trigger maintenance_plans_keep_all;
  `);
  await db.raw(waiting);
}

/** Taken over by 20-postings, which goes back to it. */
export const waiting = /* sql */ `
    -- No money moves during maintenance, whatever a node believed. Who saves a plan holds the lock alone: once that is
    -- committed, every posting is either committed before it or sees it here, and fails whole.
    create function money_waits_for_maintenance() returns trigger language plpgsql as $$
    declare plan maintenance_plans;
    begin
      perform pg_advisory_xact_lock_shared(hashtext('caraway maintenance'));
      select * into plan from maintenance_plans order by number desc limit 1; -- a statement of its own: it sees what was waited for
      if plan.mode in ('read-only', 'full') and exists (
        select from posted p
        where (plan.starts_at is null or plan.starts_at <= p.posted_at) and (plan.ends_at is null or p.posted_at < plan.ends_at)
      ) then
        raise exception 'no money moves during maintenance' using errcode = 'CA503';
      end if;
      return null;
    end $$;
    create trigger ledger_transactions_wait after insert on ledger_transactions
      referencing new table as posted for each statement execute function money_waits_for_maintenance();
    alter table ledger_transactions enable always trigger ledger_transactions_wait;
`;

export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    drop trigger ledger_transactions_wait on ledger_transactions;
    drop function money_waits_for_maintenance();
    drop table maintenance_plans;
  `);
}
