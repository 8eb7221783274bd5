import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What the program's people did, or asked to do, with a patient's money: the id is the form's key, and of what it
    -- posts. Up to the program's limit it is done at once; above it, by a second person.
    create table payment_acts (
      id uuid primary key,
      kind text not null check (kind in ('payment', 'return', 'credit refund')),
      account_id uuid not null references accounts,
      amount_cents bigint not null check (amount_cents > 0),
      received_on date,
      method text,
      reference text not null,
      payment_id uuid references payments, -- which one goes back
      reason text not null,
      needs_second boolean not null,
      asked_by uuid not null references users,
      asked_at timestamptz not null,
      outcome text check (outcome in ('done', 'refused')),
      decided_by uuid references users,
      decided_at timestamptz,
      decided_because text, -- why it was refused
      check (decided_by <> asked_by),
      check ((outcome is null) = (decided_at is null)),
      check ((outcome is not null and needs_second) = (decided_by is not null)),
      check (needs_second or outcome = 'done'),
      check ((outcome is not distinct from 'refused') = (decided_because is not null)),
      check ((kind = 'payment') = (received_on is not null and method is not null)),
      check ((kind = 'return') = (payment_id is not null))
    );
    create index payment_acts_account on payment_acts (account_id, asked_at desc);
    create index payment_acts_waiting on payment_acts (asked_at) where outcome is null;
    create unique index payment_acts_one_return on payment_acts (payment_id) where outcome is null;
    create unique index payment_acts_one_refund on payment_acts (account_id)
      where outcome is null and kind = 'credit refund';

    -- What was asked for stays, and is decided once.
    create trigger payment_acts_keep before delete or update of id, kind, account_id, amount_cents, received_on, method,
      reference, payment_id, reason, needs_second, asked_by, asked_at on payment_acts
      for each row execute function refuse_change();
    create trigger payment_acts_decided before update on payment_acts
      for each row when (old.outcome is not null) execute function refuse_change();
    create trigger payment_acts_keep_all before truncate on payment_acts
      for each statement execute function refuse_change();
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table payment_acts");
}
