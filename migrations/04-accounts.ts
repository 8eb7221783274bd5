import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    create table patients (
      id uuid primary key,
      first_name text not null,
      last_name text not null,
      last_name_key text not null,
      born_on date not null,
      ssn_last4 char(4) not null,
      ssn_sealed bytea not null,
      ssn_digest bytea not null,
      phone text not null,
      email text not null,
      street text not null,
      city text not null,
      state char(2) not null,
      zip text not null,
      created_at timestamptz not null
    );
    create unique index patients_person on patients (ssn_digest, born_on, last_name_key);

    create table accounts (
      id uuid primary key,
      patient_id uuid not null references patients,
      number text not null unique check (number ~ '^[0-9]{16}$'),
      limit_cents bigint not null check (limit_cents > 0),
      standard_apr numeric(5, 2) not null,
      cycle_day int not null check (cycle_day between 1 and 28),
      opened_on date not null,
      closed_on date
    );
    create unique index accounts_one_open on accounts (patient_id) where closed_on is null;

    -- A patient's account may serve several practices; a practice finds the accounts it has dealt with.
    create table practice_accounts (
      practice_id uuid not null references practices,
      account_id uuid not null references accounts,
      since timestamptz not null,
      primary key (practice_id, account_id)
    );

    create index practice_accounts_newest on practice_accounts (practice_id, since desc);

    create table payments (
      id uuid primary key,
      account_id uuid not null references accounts,
      amount_cents bigint not null check (amount_cents > 0),
      received_on date not null,
      recorded_at timestamptz not null
    );
    create index payments_account on payments (account_id, received_on desc);
    create trigger payments_keep before update or delete on payments
      for each row execute function refuse_change();
    create trigger payments_keep_all before truncate on payments
      for each statement execute function refuse_change();
    alter table payments enable always trigger payments_keep;
    alter table payments enable always trigger payments_keep_all;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table payments, practice_accounts, accounts, patients");
}
