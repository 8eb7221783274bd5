import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  // A night tells of its own statements: without this it would read all that there ever were, for each batch.
  await db.raw("create index statements_of_a_night on statements (closed_on, account_id)");
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop index statements_of_a_night");
}
