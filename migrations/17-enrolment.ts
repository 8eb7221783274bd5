import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    alter table practices
      add column legal_name text,
      add column tax_id_sealed bytea,
      add column tax_id_last4 char(4),
      add column tax_id_digest bytea, -- keyed: to see that a practice enrolls twice, without reading anybody's
      add check ((tax_id_sealed is null) = (tax_id_last4 is null));
    create index practices_tax_id on practices (tax_id_digest);

    alter table locations add column closed_at timestamptz;

    -- Where a practice's deposits go: the open one, and the ones before it.
    create table deposit_accounts (
      id uuid primary key,
      practice_id uuid not null references practices,
      holder text not null,
      kind text not null check (kind in ('checking', 'savings')),
      routing_number char(9) not null,
      number_sealed bytea not null,
      last4 char(4) not null,
      since timestamptz not null,
      ended_at timestamptz
    );
    create unique index deposit_accounts_open on deposit_accounts (practice_id) where ended_at is null;

    alter table users
      add column removed_at timestamptz, -- from the practice or the program; their history stays
      add column removed_by uuid references users;

    -- An invitation makes a person when it is accepted; for one who has a User ID already it only takes a password.
    create table invitations (
      id uuid primary key,
      practice_id uuid references practices,
      home_location_id uuid,
      person_id uuid references users,
      name text not null,
      email text not null,
      role text not null check (role in ('clerk', 'biller', 'owner', 'support', 'administrator')),
      invited_by uuid references users,
      token_hash bytea not null unique, -- sending again replaces it, and the link before is dead
      sent_at timestamptz not null,
      expires_at timestamptz not null,
      accepted_at timestamptz,
      withdrawn_at timestamptz,
      check ((practice_id is null) = (role in ('support', 'administrator'))),
      check (accepted_at is null or withdrawn_at is null),
      foreign key (practice_id, home_location_id) references locations (practice_id, id)
    );
    create index invitations_practice on invitations (practice_id);
    create unique index invitations_open_once
      on invitations (coalesce(practice_id, '00000000-0000-0000-0000-000000000000'), lower(email))
      where accepted_at is null and withdrawn_at is null;

    create table enrollments (
      id uuid primary key,
      reference text not null unique,
      state text not null check (state in ('filling', 'waiting', 'asked', 'approved', 'declined')),
      email text not null, -- the owner's: links to come back go there
      answers jsonb not null default '{}', -- as typed, by step; never the tax ID or the account number
      tax_id_sealed bytea,
      tax_id_last4 char(4),
      tax_id_digest bytea,
      account_holder text,
      account_kind text,
      routing_number char(9),
      account_sealed bytea,
      account_last4 char(4),
      began_at timestamptz not null,
      changed_at timestamptz not null,
      sent_at timestamptz,
      signature text, -- the name that was typed under the agreement, and from where
      signed_from text,
      agreement text, -- its version
      decided_at timestamptz,
      decided_by uuid references users,
      reason text,
      practice_id uuid unique references practices,
      check ((state in ('approved', 'declined')) = (decided_at is not null)),
      check ((state = 'approved') = (practice_id is not null)),
      check (state <> 'waiting' or signature is not null)
    );
    create index enrollments_state on enrollments (state, changed_at desc);
    create index enrollments_email on enrollments (lower(email));
    create index enrollments_tax_id on enrollments (tax_id_digest);

    -- What leads an applicant back to what they filled in.
    create table enrollment_links (
      token_hash bytea primary key,
      enrollment_id uuid not null references enrollments on delete cascade,
      expires_at timestamptz not null
    );
    create index enrollment_links_of on enrollment_links (enrollment_id);

    create table enrollment_questions (
      id uuid primary key,
      enrollment_id uuid not null references enrollments,
      question text not null,
      asked_by uuid not null references users,
      asked_at timestamptz not null,
      answer text,
      answered_at timestamptz,
      check ((answer is null) = (answered_at is null))
    );
    create index enrollment_questions_of on enrollment_questions (enrollment_id, asked_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table enrollment_questions, enrollment_links, enrollments, invitations, deposit_accounts;
    alter table users drop column removed_by, drop column removed_at;
    alter table locations drop column closed_at;
    alter table practices drop column tax_id_digest, drop column tax_id_last4, drop column tax_id_sealed, drop column legal_name;
  `);
}
