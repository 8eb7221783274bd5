import { browserName } from "../identity/logins.ts";
import type { IsoDate } from "../lib/dates.ts";
import { formatMoney } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { newestFirst } from "../platform/pages.ts";

/** What of the audit log is asked for; whatever is left out is not asked. */
export type AuditFilter = {
  person?: string | undefined;
  subject?: string | undefined;
  action?: string | undefined;
  from?: IsoDate | undefined;
  to?: IsoDate | undefined;
  /** The last line of the page before. */
  before?: string | undefined;
};

export type AuditLine = {
  id: string;
  at: Date;
  /** The User ID of whoever did it; null: nobody that the portal knows, or the portal itself. */
  who: string | null;
  whoId: string | null;
  practiceName: string | null;
  action: string;
  subject: { words: string; href: string | null } | null;
  details: [name: string, value: string][];
  address: string;
  browser: string;
};

/** A page of the audit log, the newest line first; the days are the program's. */
export async function searchAudit(
  db: Db,
  filter: AuditFilter,
  timeZone: string,
): Promise<{ lines: AuditLine[]; older: string | undefined }> {
  const list = db("audit_events as e")
    .leftJoin("users as u", "u.id", "e.user_id")
    .leftJoin("practices as p", "p.id", "e.practice_id")
    .leftJoin("users as su", "su.id", "e.subject_id")
    .leftJoin("practices as sp", "sp.id", "e.subject_id")
    .leftJoin("accounts as sa", "sa.id", "e.subject_id")
    .leftJoin("transactions as st", "st.id", "e.subject_id")
    .leftJoin("support_cases as sc", "sc.id", "e.subject_id")
    .leftJoin("chats as sh", "sh.id", "e.subject_id")
    .leftJoin("applications as sl", "sl.id", "e.subject_id")
    .select(
      "e.*",
      "u.user_id as who",
      "p.name as practice_name",
      "su.user_id as subject_user",
      "sp.name as subject_name",
      "st.kind as subject_kind",
      "sc.number as subject_case",
      "sh.id as subject_chat",
      "sl.id as subject_application",
      db.raw("right(sa.number, 4) as subject_last4"),
    );
  if (filter.person) list.where("e.user_id", filter.person);
  if (filter.subject) list.where("e.subject_id", filter.subject);
  if (filter.action) list.where("e.action", filter.action);
  if (filter.from) list.whereRaw("e.at >= ?::date::timestamp at time zone ?", [filter.from, timeZone]);
  if (filter.to) list.whereRaw("e.at < (?::date + 1)::timestamp at time zone ?", [filter.to, timeZone]);
  const after = filter.before ? db("audit_events").where({ id: filter.before }).select("at", "id") : undefined;
  const { rows, older } = await newestFirst(list, { time: "e.at", id: "e.id", after });
  return { lines: rows.map(asLine), older };
}

// biome-ignore lint/suspicious/noExplicitAny: the shape of a row is the select above
function asLine(row: any): AuditLine {
  return {
    id: row.id,
    at: row.at,
    who: row.who,
    whoId: row.user_id,
    practiceName: row.practice_name,
    action: row.action,
    subject: subjectOf(row),
    address: row.address,
    browser: row.browser && browserName(row.browser),
    details: Object.entries(row.details).map(detailOf),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: see above
function subjectOf(row: any): AuditLine["subject"] {
  const id = row.subject_id;
  if (!id) return null;
  if (row.subject_user) return { words: row.subject_user, href: `/console/people/${id}` };
  if (row.subject_name) return { words: row.subject_name, href: `/console/practices/${id}` };
  if (row.subject_last4) return { words: `Account ending ${row.subject_last4}`, href: `/console/accounts/${id}` };
  if (row.subject_kind) return { words: `The ${row.subject_kind}`, href: `/console/transactions/${id}` };
  if (row.subject_case) return { words: `Case ${row.subject_case}`, href: `/console/cases/${id}` };
  if (row.subject_chat) return { words: "The chat", href: `/console/chats/${id}` };
  if (row.subject_application) return { words: "The application", href: `/console/applications/${id}` };
  return { words: id, href: null };
}

/** "amountCents" 22400 reads "amount" $224.00. */
function detailOf([name, value]: [string, unknown]): [string, string] {
  if (name.endsWith("Cents")) return [wordsOf(name.slice(0, -5)), formatMoney(Number(value))];
  return [wordsOf(name), String(value)];
}

/** "provedBy" reads "proved by". */
const wordsOf = (name: string) => name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);

/** Everything that the log tells of, each action once: by jumps over the index, whatever the length of the log. */
export async function auditActions(db: Db): Promise<string[]> {
  const { rows } = await db.raw(
    `with recursive each (action) as (
       (select action from audit_events order by action limit 1)
       union all
       select (select e.action from audit_events e where e.action > each.action order by e.action limit 1)
         from each where each.action is not null
     ) select action from each where action is not null`,
  );
  return rows.map(({ action }: { action: string }) => action);
}

/** The id behind what was typed as somebody or something: a User ID, or an id as it stands. Null: there is none. */
export async function idOf(db: Db, typed: string): Promise<string | null> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(typed)) return typed.toLowerCase();
  const user = await db("users").where({ user_id: typed.toLowerCase() }).first("id");
  return user?.id ?? null;
}
