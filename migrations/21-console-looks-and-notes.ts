import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A case and a chat are looked at as well, and are the reason themselves.
    alter table looks drop constraint looks_subject_kind_check;
    alter table looks add constraint looks_subject_kind_check
      check (subject_kind in ('person', 'practice', 'account', 'application', 'case', 'chat'));
    create index looks_of_agent on looks (user_id, began_at);

    -- Whoever runs the portal ends maintenance by a command, when no administrator gets in.
    alter table maintenance_plans alter column saved_by drop not null;
    alter table maintenance_plans add constraint maintenance_plans_saved_by_check check (saved_by is not null or mode = 'off');

    -- A note is between agents.
    alter table case_messages drop constraint case_messages_said_by_check;
    alter table case_messages add constraint case_messages_said_by_check
      check (said_by in ('person', 'agent', 'portal', 'note'));
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    drop index looks_of_agent;
    alter table maintenance_plans drop constraint maintenance_plans_saved_by_check;
    alter table looks drop constraint looks_subject_kind_check;
    alter table looks add constraint looks_subject_kind_check
      check (subject_kind in ('person', 'practice', 'account', 'application')) not valid;
    alter table case_messages drop constraint case_messages_said_by_check;
    alter table case_messages add constraint case_messages_said_by_check
      check (said_by in ('person', 'agent', 'portal')) not valid;
  `);
}
