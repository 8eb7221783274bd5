import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    create table applications (
      id uuid primary key, -- the key of the form, so that sending it twice makes one
      practice_id uuid not null references practices,
      location_id uuid not null,
      submitted_by uuid not null references users,
      submitted_at timestamptz not null,
      first_name text not null,
      last_name text not null,
      born_on date not null,
      ssn_last4 char(4) not null,
      ssn_sealed bytea not null,
      ssn_digest bytea not null,
      street text not null,
      city text not null,
      state char(2) not null,
      zip text not null,
      phone text not null,
      email text not null,
      housing text not null,
      housing_cost_sealed bytea not null,
      income_sealed bytea not null,
      income_source text not null,
      consents jsonb not null, -- each document agreed to: version, language, digest of its text
      outcome text check (outcome in ('approved', 'declined', 'pending')), -- null: being decided
      decided_at timestamptz,
      limit_cents bigint,
      standard_apr numeric(5, 2),
      reasons text[], -- of a decline, for the patient's notice alone
      missing text, -- of a pending one: what is still to come
      answered_at timestamptz, -- when the bureau answered; until then a job asks it
      notice_sent_at timestamptz,
      account_id uuid references accounts,
      foreign key (practice_id, location_id) references locations (practice_id, id),
      check ((outcome = 'approved') = (account_id is not null)),
      check (answered_at is not null or outcome is null or outcome = 'pending')
    );
    create index applications_account on applications (account_id, decided_at);
    create index applications_waiting on applications (practice_id) where outcome is null or outcome = 'pending';
    create index applications_decided on applications (practice_id, decided_at);
    create index applications_practice on applications (practice_id, submitted_at desc, id desc);
    create index applications_unanswered on applications (submitted_at) where answered_at is null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table applications");
}
