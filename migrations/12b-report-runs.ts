import type { Knex } from "knex";

export async function up(db: Knex): Promise<void> {
  await db.raw(/* sql */ `
    -- A file too long to wait for: asked for by a person, written by a job, kept for a week.
    create table report_runs (
      id uuid primary key, -- the key of the form
      practice_id uuid not null references practices,
      user_id uuid not null references users,
      report text not null,
      filter jsonb not null,
      asked_at timestamptz not null,
      lines bigint not null default 0, -- written so far
      reached_on date, -- the day of the last of them: how far it is
      finished_at timestamptz
    );
    create index report_runs_user on report_runs (user_id, asked_at desc);
    create index report_runs_old on report_runs (asked_at);
    create table report_run_parts (
      run_id uuid not null references report_runs on delete cascade,
      part int not null,
      bytes bytea not null,
      primary key (run_id, part)
    );
  `);
}

export async function down(db: Knex): Promise<void> {
  await db.raw("drop table report_run_parts, report_runs");
}
