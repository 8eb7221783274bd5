import type { Knex } from "knex";

/** The indexes of names, on what a function makes of them. */
const indexesOf = (made: string) => /* sql */ `
    do $$ begin
      if exists (select from pg_extension where extname = 'pg_trgm') then
        drop index patients_name_part, applications_name_part, practices_name_part;
        create index patients_name_part on patients using gin (${made}(first_name || ' ' || last_name) gin_trgm_ops);
        create index applications_name_part on applications using gin (${made}(first_name || ' ' || last_name) gin_trgm_ops);
        create index practices_name_part on practices using gin (${made}(name) gin_trgm_ops);
      end if;
    end $$;`;

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A text as it is looked for: small letters without their accents, those that are a letter of their own as the plain
    -- one they are typed as, and one kind of apostrophe. Peña is found as Pena, and O’Connor as O'Connor. It is made of
    -- what every server brings, so that an index can hold it and no extension is needed.
    create function folded(words text) returns text language sql immutable parallel safe as $$
      select translate(lower(regexp_replace(normalize(words, nfd), '[\\u0300-\\u036f]', '', 'g')), 'øłđı‘’ʼʻ\`´', 'oldi''''''''''''')
    $$;

    ${indexesOf("folded")}
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    ${indexesOf("lower")}
    drop function folded;
  `);
}
