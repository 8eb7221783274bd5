import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- For tables that only ever grow. ENABLE ALWAYS, or session_replication_role would switch the guard off.
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
    end $$;

    create table web_sessions (
      sid_hash bytea primary key,
      data jsonb not null,
      touched_at timestamptz not null,
      expires_at timestamptz not null
    );
    create index web_sessions_expiry on web_sessions (expires_at);

    create table messages (
      id uuid primary key,
      written bigint generated always as identity,
      at timestamptz not null,
      channel text not null check (channel in ('email', 'sms')),
      recipient text not null,
      subject text not null,
      body text not null,
      -- How the delivery goes. In the demo's outbox, where nothing is delivered, it stays as it is here.
      useful_until timestamptz, -- of a code: it is not delivered afterwards
      attempts int not null default 0,
      last_error text, -- a code such as EENVELOPE 550; what servers say may repeat addresses and content
      sent_at timestamptz,
      failed_at timestamptz,
      check (sent_at is null or failed_at is null)
    );
    create unique index messages_newest on messages (written desc);

    create table audit_events (
      id uuid primary key,
      at timestamptz not null,
      user_id uuid,
      practice_id uuid,
      address text not null,
      request_id uuid,
      action text not null,
      subject_id uuid,
      details jsonb not null
    );
    create index audit_events_subject on audit_events (subject_id, at);
    create trigger audit_events_keep before update or delete on audit_events
      for each row execute function refuse_change();
    create trigger audit_events_keep_all before truncate on audit_events
      for each statement execute function refuse_change();
    alter table audit_events enable always trigger audit_events_keep;
    alter table audit_events enable always trigger audit_events_keep_all;
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table audit_events, messages, web_sessions; drop function refuse_change()");
}
