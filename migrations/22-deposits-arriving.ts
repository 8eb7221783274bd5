import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- The funding report adds up years of deposits from the index alone.
    create index deposits_arriving on deposits (practice_id, arrives_on, id)
      include (location_id, gross_cents, fee_cents, paid_cents, posted_at);
    drop index deposits_practice;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    create index deposits_practice on deposits (practice_id, arrives_on, id);
    drop index deposits_arriving;
  `);
}
