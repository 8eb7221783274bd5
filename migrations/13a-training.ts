import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A course that somebody passed. Renewing makes another; the one that is good for longest counts.
    create table certificates (
      id uuid primary key, -- the key of the form with the answers
      user_id uuid not null references users,
      course text not null,
      right_answers int not null check (right_answers >= 0),
      earned_on date not null,
      valid_until date not null check (valid_until > earned_on) -- the last day
    );
    create index certificates_user on certificates (user_id, course, valid_until desc);
    create index certificates_lapsing on certificates (valid_until);

    -- That a person was told so many days before a certificate lapses: once each.
    create table training_reminders (
      certificate_id uuid not null references certificates,
      days int not null,
      sent_at timestamptz not null,
      primary key (certificate_id, days)
    );

    -- What a practice asks of its people; without a row, nothing.
    create table training_rules (
      practice_id uuid primary key references practices,
      charging_needs_training boolean not null
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table training_rules, training_reminders, certificates");
}
