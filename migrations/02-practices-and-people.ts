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
      created_at timestamptz not null,
      check ((practice_id is null) = (role in ('support', 'administrator'))),
      foreign key (practice_id, home_location_id) references locations (practice_id, id)
    );
    create unique index users_user_id on users (user_id);

    create table second_factors (
      id uuid primary key,
      user_id uuid not null references users,
      kind text not null check (kind in ('email', 'sms', 'totp')),
      secret_sealed bytea check ((secret_sealed is not null) = (kind = 'totp')),
      last_step bigint not null default 0, -- of a time-based code: none is taken twice
      added_at timestamptz not null,
      unique (user_id, kind)
    );

    -- A log-in that has shown its password and waits for its code.
    create table challenges (
      id uuid primary key,
      user_id uuid not null references users,
      factor_id uuid not null references second_factors,
      code_digest bytea,
      sent_at timestamptz,
      expires_at timestamptz not null,
      tries int not null default 0,
      used_at timestamptz
    );

    create table logins (
      id uuid primary key,
      user_id uuid not null references users,
      began_at timestamptz not null,
      ended_at timestamptz,
      proved_by text not null check (proved_by in ('password', 'email', 'sms', 'totp')),
      address text not null,
      browser text not null
    );
    create index logins_user on logins (user_id, began_at desc);

    -- Failed log-ins in a row, for known and unknown User IDs alike; the key is a digest.
    create table log_in_failures (
      key bytea primary key,
      failures int not null,
      first_at timestamptz not null,
      last_try uuid not null,
      locked_until timestamptz
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(
    "drop table log_in_failures, logins, challenges, second_factors, users, practice_plans, locations, practices",
  );
}
