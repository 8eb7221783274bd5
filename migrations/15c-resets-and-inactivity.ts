import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- Second factors that support was asked to take away: it waits, so that whoever owns them can call it off.
    create table factor_resets (
      id uuid primary key,
      user_id uuid not null references users,
      asked_by uuid not null references users,
      asked_at timestamptz not null,
      checks text[] not null check (cardinality(checks) >= 2),
      reason text not null,
      due_at timestamptz not null,
      approved_by uuid references users check (approved_by <> asked_by),
      done_at timestamptz,
      called_off_at timestamptz,
      called_off_because text,
      check (num_nonnulls(done_at, called_off_at) < 2)
    );
    create unique index factor_resets_waiting on factor_resets (user_id) where done_at is null and called_off_at is null;

    -- What a person who does not log in was told, counted from the last day on which they were there.
    create table inactivity_notices (
      user_id uuid not null references users,
      since date not null,
      suspends_on date not null,
      reminded_on date,
      primary key (user_id, since)
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table inactivity_notices, factor_resets");
}
