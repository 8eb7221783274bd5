import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    create table material_orders (
      id uuid primary key, -- the key of the form
      practice_id uuid not null references practices,
      material text not null,
      language text not null,
      line text not null, -- the practice's own; may be empty
      copies int not null check (copies > 0),
      recipient text not null,
      street text not null,
      city text not null,
      state text not null,
      zip text not null,
      status text not null check (status in ('ordered', 'printed', 'sent', 'cancelled')),
      ordered_at timestamptz not null
    );
    create index material_orders_practice on material_orders (practice_id, ordered_at desc);
    create index material_orders_open on material_orders (ordered_at) where status in ('ordered', 'printed');

    -- Who moved it on, and when: each status once.
    create table material_order_steps (
      order_id uuid not null references material_orders,
      status text not null,
      moved_by uuid not null references users,
      moved_at timestamptz not null,
      primary key (order_id, status)
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table material_order_steps, material_orders");
}
