import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- How a patient is written to.
    alter table patients
      add column language text not null default 'en' check (language in ('en', 'es')),
      add column reached_by text not null default 'email' check (reached_by in ('email', 'sms'));

    -- Since when a credit stands on an account: after six months it is refunded (12 CFR 1026.11).
    alter table account_states add column credit_since text generated always as (state ->> 'creditSince') stored;
    create index account_states_credit on account_states (credit_since) where credit_since is not null;

    -- What an account was on the evening of each close, before it: every figure of its statement follows from this.
    alter table statements add column account jsonb;

    -- The promotional sales that end on a day, so that a night finds those it has to remind of.
    create table promotions (
      sale_id uuid primary key,
      account_id uuid not null references accounts,
      ends_on date not null
    );
    create index promotions_end on promotions (ends_on);
    insert into promotions
      select b.id::uuid, s.account_id, b."promotionEndsOn"
        from account_states s, jsonb_to_recordset(s.state -> 'balances') as b (id text, "promotionEndsOn" date)
        where b."promotionEndsOn" is not null;

    create table reminders (
      sale_id uuid not null references promotions,
      days int not null, -- before the promotion ends
      sent_at timestamptz not null,
      primary key (sale_id, days)
    );

    -- The letters that told of statements, and what opens the link in each.
    create table statement_letters (
      account_id uuid not null,
      number int not null,
      token_hash bytea not null unique,
      sent_at timestamptz not null,
      tries_left int not null default 5 check (tries_left >= 0), -- wrong dates of birth
      opened_at timestamptz,
      primary key (account_id, number),
      foreign key (account_id, number) references statements
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table statement_letters, reminders, promotions;
    alter table statements drop column account;
    alter table account_states drop column credit_since;
    alter table patients drop column language, drop column reached_by;
  `);
}
