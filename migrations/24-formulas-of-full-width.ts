import type { Knex } from "knex";

const safe = (signs: string) => `
  create or replace function spreadsheet_safe(cell text) returns text language sql immutable parallel safe as $$
    select case when left(cell, 1) in (${signs}) and cell !~ '^-?\\d+(\\.\\d+)?$' then '''' || cell else cell end
  $$;
`;
const signs = "'=', '+', '-', '@', chr(9), chr(13)";

/** Where East Asian languages are set, a spreadsheet runs what begins with a sign of full width, too. */
export async function up(db: Knex): Promise<void> {
  await db.raw(safe(`${signs}, chr(10), '＝', '＋', '－', '＠'`));
}

export async function down(db: Knex): Promise<void> {
  await db.raw(safe(signs));
}
