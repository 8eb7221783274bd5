import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- Of one person, or of a whole practice and everybody there; open until it is lifted.
    create table suspensions (
      id uuid primary key,
      user_id uuid references users,
      practice_id uuid references practices,
      why text not null check (why in ('policy', 'request', 'inactivity')),
      reason text not null,
      suspended_at timestamptz not null,
      suspended_by uuid references users, -- null: the portal itself
      lifted_at timestamptz,
      lifted_by uuid references users,
      lifted_because text,
      check (num_nonnulls(user_id, practice_id) = 1),
      check ((suspended_by is null) = (why = 'inactivity')),
      check (num_nonnulls(lifted_at, lifted_by, lifted_because) in (0, 3))
    );
    create unique index suspensions_of_user on suspensions (user_id) where lifted_at is null;
    create unique index suspensions_of_practice on suspensions (practice_id) where lifted_at is null;
    create index suspensions_before on suspensions (user_id, lifted_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table suspensions");
}
