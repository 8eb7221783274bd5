import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- What the portal measured of its parts: how each is since when, and for how long it was so on each day.
    create table part_states (
      part text primary key,
      state text not null check (state in ('works', 'slow', 'down')),
      since timestamptz not null,
      measured_at timestamptz not null
    );
    create table part_days (
      part text not null,
      day date not null,
      works_seconds int not null,
      slow_seconds int not null,
      down_seconds int not null,
      primary key (part, day)
    );
    create index part_days_by_day on part_days (day);

    -- What administrators write for everybody to read. An update, once written, stays.
    create table incidents (
      id uuid primary key, -- the key of the form, so that sending it twice makes one
      title text not null,
      parts text[] not null,
      began_at timestamptz not null,
      resolved_at timestamptz
    );
    create index incidents_by_time on incidents (began_at desc);
    create table incident_updates (
      id uuid primary key, -- as above
      incident_id uuid not null references incidents,
      at timestamptz not null,
      stage text not null check (stage in ('investigating', 'identified', 'monitoring', 'resolved')),
      body text not null,
      written_by uuid not null references users
    );
    create index incident_updates_of on incident_updates (incident_id, at);
    create trigger incident_updates_keep before update or delete on incident_updates
      for each row execute function refuse_change();
    create trigger incident_updates_keep_all before truncate on incident_updates
      for each statement execute function refuse_change();
    alter table incident_updates enable always trigger incident_updates_keep;
    alter table incident_updates enable always trigger incident_updates_keep_all;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table incident_updates, incidents, part_days, part_states");
}
