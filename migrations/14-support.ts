import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    create table chats (
      id uuid primary key, -- the key of the form that began it
      practice_id uuid references practices,
      person_id uuid references users, -- null: a stranger
      name text not null,
      email text not null,
      began_at timestamptz not null,
      seen_at timestamptz not null, -- when the person's browser was last there
      agent_id uuid references users,
      joined_at timestamptz,
      ended_at timestamptz,
      ended_because text check (ended_because in ('person', 'agent', 'unanswered', 'left')),
      transcript_at timestamptz, -- when the person asked for it by e-mail
      last_seq int not null default 0,
      check ((agent_id is null) = (joined_at is null)),
      check ((ended_at is null) = (ended_because is null))
    );
    create index chats_open on chats (began_at) where ended_at is null;
    create index chats_newest on chats (began_at desc);

    -- Numbered without a gap under the lock of their chat, so that who has read up to a number has missed nothing.
    create table chat_messages (
      chat_id uuid not null references chats,
      seq int not null,
      key uuid not null unique, -- of the form: said once however often it is sent
      said_by text not null check (said_by in ('person', 'agent', 'portal', 'note')), -- a note is between agents
      author_id uuid references users,
      author_name text not null,
      body text not null,
      was_masked boolean not null default false,
      at timestamptz not null,
      primary key (chat_id, seq)
    );

    create table support_cases (
      id uuid primary key, -- the key of the form that opened it
      number int generated always as identity (start with 10001) unique,
      practice_id uuid references practices,
      person_id uuid references users, -- null: a stranger, who is answered by e-mail with a link
      chat_id uuid unique references chats,
      name text not null,
      email text not null,
      subject text not null,
      opened_at timestamptz not null,
      touched_at timestamptz not null,
      waits_for text not null check (waits_for in ('support', 'person')),
      agent_id uuid references users,
      closed_at timestamptz
    );
    create index support_cases_practice on support_cases (practice_id, touched_at desc);
    create index support_cases_person on support_cases (person_id, touched_at desc);
    create index support_cases_open on support_cases (touched_at) where closed_at is null;
    create index support_cases_newest on support_cases (touched_at desc);

    create table case_messages (
      id uuid primary key, -- the key of the form
      case_id uuid not null references support_cases,
      written bigint generated always as identity,
      said_by text not null check (said_by in ('person', 'agent', 'portal')),
      author_id uuid references users,
      author_name text not null,
      body text not null,
      was_masked boolean not null default false,
      at timestamptz not null
    );
    create index case_messages_thread on case_messages (case_id, written);

    create trigger chat_messages_keep before update or delete on chat_messages
      for each row execute function refuse_change();
    create trigger chat_messages_keep_all before truncate on chat_messages
      for each statement execute function refuse_change();
    alter table chat_messages enable always trigger chat_messages_keep;
    alter table chat_messages enable always trigger chat_messages_keep_all;
    create trigger case_messages_keep before update or delete on case_messages
      for each row execute function refuse_change();
    create trigger case_messages_keep_all before truncate on case_messages
      for each statement execute function refuse_change();
    alter table case_messages enable always trigger case_messages_keep;
    alter table case_messages enable always trigger case_messages_keep_all;

    -- How often an address, or a person, wrote within the last quarter of an hour.
    create table support_counts (
      key bytea primary key,
      first_at timestamptz not null,
      count int not null
    );
    create index support_counts_age on support_counts (first_at);
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table support_counts, case_messages, support_cases, chat_messages, chats");
}
