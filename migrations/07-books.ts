import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- Where the credit engine stands with each account: its plain data, whole, after everything that is posted.
    create table account_states (
      account_id uuid primary key references accounts,
      state jsonb not null,
      next_work_on date not null -- the next day whose end changes the account; until then the night leaves it alone
    );
    create index account_states_due on account_states (next_work_on, account_id);

    -- What happened on each account, as the engine was told: run again from the opening it gives the state.
    create table account_events (
      account_id uuid not null references accounts,
      place bigint generated always as identity, -- within a day, the order in which they came
      event_id uuid not null,
      happened_on date not null,
      event jsonb not null,
      taken_back_by uuid, -- of a payment that was returned
      primary key (account_id, place),
      unique (account_id, event_id)
    );
    -- What happened stays; a payment can be taken back, once.
    create trigger account_events_keep before delete or update of account_id, place, event_id, happened_on, event
      on account_events for each row execute function refuse_change();
    create trigger account_events_taken_back before update on account_events
      for each row when (old.taken_back_by is not null) execute function refuse_change();
    create trigger account_events_keep_all before truncate on account_events
      for each statement execute function refuse_change();
    alter table account_events enable always trigger account_events_keep;
    alter table account_events enable always trigger account_events_taken_back;
    alter table account_events enable always trigger account_events_keep_all;

    create table statements (
      account_id uuid not null references accounts,
      number int not null check (number > 0),
      closed_on date not null,
      due_on date not null check (due_on - closed_on between 21 and 31),
      opening_balance_cents bigint not null,
      new_balance_cents bigint not null,
      minimum_payment_cents bigint not null check (minimum_payment_cents >= 0),
      interest_cents bigint not null check (interest_cents >= 0),
      fees_cents bigint not null check (fees_cents >= 0),
      figures jsonb not null, -- the whole statement of the engine
      primary key (account_id, number),
      unique (account_id, closed_on)
    );
    create trigger statements_keep before update or delete on statements
      for each row execute function refuse_change();
    create trigger statements_keep_all before truncate on statements
      for each statement execute function refuse_change();
    alter table statements enable always trigger statements_keep;
    alter table statements enable always trigger statements_keep_all;

    -- The nights that are over: on each of these days every account's day has ended.
    create table nights (
      night date primary key,
      ended_at timestamptz not null
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table nights, statements, account_events, account_states");
}
