import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- The day on which a patient was told of a statement first; sent again, the letter gets another time and not this one.
    -- Null for letters of before: they went out in time.
    alter table statement_letters add column sent_on date;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("alter table statement_letters drop column sent_on");
}
