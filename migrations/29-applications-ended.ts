import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    alter table applications drop constraint applications_outcome_check;
    alter table applications add constraint applications_outcome_check
      check (outcome in ('approved', 'declined', 'pending', 'withdrawn', 'expired'));
    alter table applications
      add column lapses_on date, -- of a pending one: the last day on which its patient is waited for
      add column reminded_at timestamptz, -- when the patient was told that this day is near
      add column confirmed_at timestamptz; -- when support knew who the patient is, and had the bureau asked again
    -- These patients were given no date: they are written to a week before it.
    update applications set lapses_on = current_date + 30 where outcome = 'pending' and answered_at is not null;
    create index applications_lapsing on applications (lapses_on) where outcome = 'pending' and lapses_on is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    update applications set outcome = 'pending' where outcome in ('withdrawn', 'expired');
    alter table applications drop column lapses_on, drop column reminded_at, drop column confirmed_at;
    alter table applications drop constraint applications_outcome_check;
    alter table applications add constraint applications_outcome_check check (outcome in ('approved', 'declined', 'pending'));
  `);
}
