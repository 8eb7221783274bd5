import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A text as it is looked for: small letters without their accents, those that are a letter of their own as the plain
    -- one they are typed as, and one kind of apostrophe. Peña is found as Pena, and O’Connor as O'Connor. It is made of
    -- what every server brings, so that an index can hold it and no extension is needed.
    create function folded(words text) returns text language sql immutable parallel safe as $$
      select translate(lower(regexp_replace(normalize(words, nfd), '[\\u0300-\\u036f]', '', 'g')), 'øłđı‘’ʼʻ\`´', 'oldi''''''''''''')
    $$;

    do $$ begin
      if exists (select from pg_extension where extname = 'pg_trgm') then
        drop index patients_name_part, applications_name_part, practices_name_part;
        create index patients_name_part on patients using gin (folded(first_name || ' ' || last_name) gin_trgm_ops);
        create index applications_name_part on applications using gin (folded(first_name || ' ' || last_name) gin_trgm_ops);
        create index practices_name_part on practices using gin (folded(name) gin_trgm_ops);
      end if;
    end $$;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    do $$ begin
      if exists (select from pg_extension where extname = 'pg_trgm') then
        drop index patients_name_part, applications_name_part, practices_name_part;
        create index patients_name_part on patients using gin (lower(first_name || ' ' || last_name) gin_trgm_ops);
        create index applications_name_part on applications using gin (lower(first_name || ' ' || last_name) gin_trgm_ops);
        create index practices_name_part on practices using gin (lower(name) gin_trgm_ops);
      end if;
    end $$;
    drop function folded;
  `);
}
