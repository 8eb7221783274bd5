import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    create table practices (
      id uuid primary key,
      name text not null,
      specialty text not null,
      state char(2) not null,
      time_zone text not null,
      phone text not null,
      needs_factor boolean not null default false, -- of everybody there
      joined_at timestamptz not null
    );

    create table locations (
      id uuid primary key,
      practice_id uuid not null references practices,
      name text not null,
      street text not null,
      city text not null,
      state char(2) not null,
      zip text not null,
      phone text not null,
      unique (practice_id, id)
    );

    -- The plans a practice offers; it may narrow a plan to a range of amounts, never widen it.
    create table practice_plans (
      practice_id uuid not null references practices,
      plan_id text not null,
      least_cents bigint check (least_cents > 0),
      most_cents bigint check (most_cents >= least_cents),
      primary key (practice_id, plan_id)
    );

    create table users (
      id uuid primary key,
      practice_id uuid references practices,
      home_location_id uuid,
      user_id text not null check (user_id = lower(user_id)),
      name text not null,
      email text not null,
      phone text not null,
      role text not null check (role in ('clerk', 'biller', 'owner', 'support', 'administrator')),
      password_hash text not null,
      needs_factor boolean not null default false, -- asked by the practice; see practices.needs_factor
      reset_by_mail_at timestamptz, -- held back until stronger proof is given
      created_at timestamptz not null,
      check ((practice_id is null) = (role in ('support', 'administrator'))),
      foreign key (practice_id, home_location_id) references locations (practice_id, id)
    );
    create unique index users_user_id on users (user_id);
    create index users_email on users (lower(email));
    create index users_practice on users (practice_id);

    create table second_factors (
      id uuid primary key,
      user_id uuid not null references users,
      kind text not null check (kind in ('passkey', 'totp', 'sms', 'email')),
      label text not null,
      secret_sealed bytea check ((secret_sealed is not null) = (kind = 'totp')),
      last_step bigint not null default 0, -- of a time-based code: none is taken twice
      credential_id text unique check ((credential_id is not null) = (kind = 'passkey')),
      public_key bytea,
      uses bigint not null default 0, -- the passkey's own counter: it only rises, or the key was copied
      added_at timestamptz not null
    );
    create index second_factors_user on second_factors (user_id);
    create unique index second_factors_one_address on second_factors (user_id, kind) where kind in ('sms', 'email');

    create table recovery_codes (
      id uuid primary key,
      user_id uuid not null references users,
      code_digest bytea not null, -- keyed; of 80 random bits, which need no slow hash
      made_at timestamptz not null,
      used_at timestamptz
    );
    create index recovery_codes_user on recovery_codes (user_id);

    -- Whoever may go without a second factor in production: by name, with the reason and who allowed it.
    create table factor_exceptions (
      user_id uuid primary key references users,
      reason text not null,
      allowed_by text not null,
      allowed_at timestamptz not null
    );

    -- Something that waits for its second factor: a log-in, a changed password, a confirmation.
    create table challenges (
      id uuid primary key,
      user_id uuid not null references users,
      purpose text not null check (purpose in ('log in', 'reset password', 'confirm')),
      factor_id uuid references second_factors on delete cascade,
      code_digest bytea,
      passkey_challenge text,
      detail text, -- of a reset: the hash of the password to be
      opened_at timestamptz not null,
      sent_at timestamptz,
      expires_at timestamptz not null, -- a new code lengthens it, to 30 minutes in all
      tries int not null default 0,
      used_at timestamptz
    );

    create table code_sendings (
      user_id uuid not null references users,
      kind text not null,
      at timestamptz not null,
      on_request boolean not null -- "Send a new code"; not the one that a right password sends
    );
    create index code_sendings_user on code_sendings (user_id, at desc);

    -- A code sent to an address or number that is to be used from now on: one try for each.
    create table address_codes (
      id uuid primary key,
      user_id uuid not null references users,
      code_digest bytea not null,
      expires_at timestamptz not null,
      used_at timestamptz
    );

    create table logins (
      id uuid primary key,
      user_id uuid not null references users,
      began_at timestamptz not null,
      seen_at timestamptz not null,
      confirmed_at timestamptz not null, -- when the person last proved who they are
      ended_at timestamptz,
      ended_because text,
      proved_by text not null check (proved_by in ('password', 'email', 'sms', 'totp', 'passkey', 'recovery code')),
      address text not null,
      browser text not null
    );
    create index logins_user on logins (user_id, began_at desc);

    -- Failed tries in a row, for known and unknown User IDs, browsers and addresses alike; the key is a digest.
    create table log_in_failures (
      key bytea primary key,
      about bytea not null default '', -- the User ID, so that support finds the rows of every browser
      failures int not null,
      in_all int not null, -- with no success between: at 100 the log-in is off until support has checked the person
      first_at timestamptz not null,
      last_try uuid not null,
      locked_until timestamptz
    );

    create index log_in_failures_about on log_in_failures (about);

    create table password_resets (
      token_hash bytea primary key,
      user_id uuid not null references users,
      expires_at timestamptz not null,
      used_at timestamptz
    );
    create index password_resets_user on password_resets (user_id);

    -- What was typed into a form that came after the log-in had ended; for the same person, once logged in again.
    create table kept_forms (
      id uuid primary key,
      user_id uuid not null references users,
      path text not null,
      fields_sealed bytea not null,
      kept_at timestamptz not null
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(
    `drop table kept_forms, password_resets, log_in_failures, logins, address_codes, code_sendings, challenges, factor_exceptions,
      recovery_codes, second_factors, users, practice_plans, locations, practices`,
  );
}
