import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What was carried is added up as well: from the index alone, as all of the funding report.
    create index deposits_arriving_carried on deposits (practice_id, arrives_on, id)
      include (location_id, gross_cents, fee_cents, carried_in_cents, paid_cents, posted_at);
    drop index deposits_arriving;
    alter index deposits_arriving_carried rename to deposits_arriving;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    create index deposits_arriving_before on deposits (practice_id, arrives_on, id)
      include (location_id, gross_cents, fee_cents, paid_cents, posted_at);
    drop index deposits_arriving;
    alter index deposits_arriving_before rename to deposits_arriving;
  `);
}
