import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    alter table audit_events add browser text not null default '';
    create index audit_events_newest on audit_events (at desc, id desc);
    create index audit_events_user on audit_events (user_id, at desc, id desc);
    create index audit_events_action on audit_events (action, at desc, id desc);

    -- Lines that no seal is on yet. They are written beside the line, by its own transaction: nobody waits for the chain.
    create table audit_unsealed (event_id uuid primary key);
    insert into audit_unsealed select id from audit_events;

    -- The chain: each hash is over the one before it and the line, keyed, so that nobody can make one without DATA_KEY.
    create table audit_seals (
      place bigint primary key check (place > 0),
      event_id uuid not null unique,
      hash bytea not null,
      sealed_at timestamptz not null
    );
    create trigger audit_seals_keep before update or delete on audit_seals
      for each row execute function refuse_change();
    create trigger audit_seals_keep_all before truncate on audit_seals
      for each statement execute function refuse_change();
    alter table audit_seals enable always trigger audit_seals_keep;
    alter table audit_seals enable always trigger audit_seals_keep_all;

    -- Where the chain ends, signed: without it a chain that was cut would look whole. Its row is the lock of sealing.
    create table audit_head (
      only_one boolean primary key default true check (only_one),
      place bigint not null,
      hash bytea not null,
      signature bytea not null
    );
    insert into audit_head (place, hash, signature) values (0, '', '');
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(`
    drop table audit_head, audit_seals, audit_unsealed;
    drop index audit_events_newest, audit_events_user, audit_events_action;
    alter table audit_events drop browser;
  `);
}
