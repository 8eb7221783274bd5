import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What patients say is wrong with a sale on their statement (12 CFR 1026.13): the id is the form's key, and the
    -- event's that told the engine of it. One at a time for a sale.
    create table disputes (
      id uuid primary key,
      account_id uuid not null references accounts,
      sale_id uuid not null references transactions,
      amount_cents bigint not null check (amount_cents > 0),
      noticed_on date not null, -- the day on which the patient's notice came
      answer_by date not null,
      said text not null,
      opened_by uuid not null references users,
      opened_at timestamptz not null,
      outcome text check (outcome in ('corrected', 'stands')),
      ended_because text,
      ended_by uuid references users,
      ended_at timestamptz,
      check ((outcome is null) = (ended_at is null)),
      check ((outcome is null) = (ended_by is null)),
      check ((outcome is null) = (ended_because is null))
    );
    create index disputes_account on disputes (account_id, opened_at desc);
    create index disputes_open on disputes (answer_by) where outcome is null;
    create unique index disputes_one on disputes (sale_id) where outcome is null;

    -- What was said stays, and is answered once.
    create trigger disputes_keep before delete or update of id, account_id, sale_id, amount_cents, noticed_on, answer_by,
      said, opened_by, opened_at on disputes for each row execute function refuse_change();
    create trigger disputes_ended before update on disputes
      for each row when (old.outcome is not null) execute function refuse_change();
    create trigger disputes_keep_all before truncate on disputes
      for each statement execute function refuse_change();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table disputes");
}
