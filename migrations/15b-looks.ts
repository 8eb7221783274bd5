import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- Why support looks at somebody or something: asked once, then good for some minutes of the same log-in.
    create table looks (
      id uuid primary key,
      login_id uuid not null references logins,
      user_id uuid not null references users,
      subject_kind text not null check (subject_kind in ('person', 'practice', 'account', 'application')),
      subject_id uuid not null,
      occasion text not null,
      reason text not null,
      case_number text not null,
      began_at timestamptz not null,
      ends_at timestamptz not null
    );
    create index looks_current on looks (login_id, subject_id, ends_at);
    create index looks_at on looks (subject_id, began_at desc);
    create trigger looks_keep before update or delete on looks for each row execute function refuse_change();
    create trigger looks_keep_all before truncate on looks for each statement execute function refuse_change();

    -- The console searches everybody's patients, so it needs more than the index of one practice's accounts.
    create index accounts_last4 on accounts (right(number, 4));
    create index patients_ssn_last4 on patients (ssn_last4);
    create index patients_phone on patients (right(regexp_replace(phone, '\\D', '', 'g'), 10));
    create index transactions_reference on transactions (lower(reference) text_pattern_ops);

    -- Any part of a name. Where the server does not bring pg_trgm, the search reads through the table instead.
    do $$ begin
      if exists (select from pg_available_extensions where name = 'pg_trgm') then
        create extension if not exists pg_trgm;
        create index patients_name_part on patients using gin (lower(first_name || ' ' || last_name) gin_trgm_ops);
        create index applications_name_part on applications using gin (lower(first_name || ' ' || last_name) gin_trgm_ops);
        create index practices_name_part on practices using gin (lower(name) gin_trgm_ops);
      end if;
    end $$;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop index if exists practices_name_part, applications_name_part, patients_name_part;
    drop index transactions_reference, patients_phone, patients_ssn_last4, accounts_last4;
    drop table looks;
  `);
}
