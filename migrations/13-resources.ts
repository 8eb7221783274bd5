import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- The support articles, for the search alone: filled from the files at each start.
    create table articles (
      slug text primary key,
      title text not null,
      summary text not null,
      words text not null, -- other words that people use for it
      body text not null,
      search tsvector not null generated always as (
        setweight(to_tsvector('english', title || ' ' || words), 'A') ||
        setweight(to_tsvector('english', summary), 'B') ||
        setweight(to_tsvector('english', body), 'D')
      ) stored
    );
    create index articles_search on articles using gin (search);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table articles");
}
