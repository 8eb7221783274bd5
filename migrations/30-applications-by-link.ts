import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A practice's invitation to a patient to apply on a device of their own.
    create table application_links (
      id uuid primary key, -- the key of the form that sent it
      application_id uuid not null unique, -- the id of the application that comes of it
      practice_id uuid not null references practices,
      location_id uuid not null,
      sent_by uuid not null references users,
      sent_at timestamptz not null,
      sent_to text not null,
      channel text not null check (channel in ('email', 'sms')),
      language text not null check (language in ('en', 'es')),
      token_hash bytea not null unique,
      expires_at timestamptz not null,
      tries_left smallint not null default 5, -- at the date of birth, once there is an application
      foreign key (practice_id, location_id) references locations (practice_id, id)
    );
    create index application_links_sent on application_links (practice_id, sent_at desc, id desc);

    alter table applications
      add column link_id uuid unique references application_links,
      add column language text not null default 'en' check (language in ('en', 'es')),
      add column acceptance jsonb, -- of the agreement, by a patient who applied by link: its words, their digest, version, language, when, from where
      add column account_was_open boolean; -- of one with an account: the patient had it before
    update applications ap set account_was_open = exists (
        select from applications e where e.account_id = ap.account_id and e.decided_at < ap.decided_at)
      where account_id is not null;
    -- An account opens with the approval, or once its patient has accepted the agreement, until lapses_on.
    alter table applications drop constraint applications_check;
    alter table applications
      add constraint applications_account_when_approved check (account_id is null or outcome = 'approved'),
      add constraint applications_approved_or_offered check (outcome <> 'approved' or account_id is not null or link_id is not null);
    create index applications_offered on applications (practice_id) where outcome = 'approved' and account_id is null;
    drop index applications_lapsing;
    create index applications_lapsing on applications (lapses_on) where outcome in ('pending', 'approved') and lapses_on is not null;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    update applications set outcome = 'expired' where outcome = 'approved' and account_id is null;
    alter table applications
      drop constraint applications_account_when_approved,
      drop constraint applications_approved_or_offered,
      drop column link_id, drop column language, drop column acceptance, drop column account_was_open;
    drop index if exists applications_offered;
    alter table applications add constraint applications_check check ((outcome = 'approved') = (account_id is not null));
    drop index applications_lapsing;
    create index applications_lapsing on applications (lapses_on) where outcome = 'pending' and lapses_on is not null;
    drop table application_links;
  `);
}
