import type { Knex } from "knex";
import { stateSql } from "../applications/queries.ts";
import { type ApplicationState, applicationStates } from "../applications/states.ts";
import { formatDate } from "../lib/dates.ts";
import { formatMoney } from "../lib/money.ts";
import type { Db } from "../platform/db.ts";
import { hasPart, partOf } from "../platform/find-text.ts";
import { findCases } from "../support/queries.ts";
import { searchPeople } from "./queries.ts";

/** One hit: where it leads, what it is, and whether it is exactly what was typed. */
export type Hit = {
  href: string;
  name: string;
  note: string;
  badge: { text: string; kind: "good" | "bad" | "wait" | "plain" } | null;
  isExact: boolean;
};
export type HitGroup = { heading: string; hits: Hit[]; more: boolean };

/** What is typed, and what of it can be looked for: an id, a long number, words. */
type Sought = { text: string; id: string | null; digits: string; words: string[] };

const most = 10;

/**
 * Practices, users, patients' accounts, applications, transactions and cases, in one search: by name or any part of it,
 * User ID, e-mail, phone, last four, number or id. A kind with an exact hit stands before the others.
 */
export async function searchEverything(db: Db, typed: string): Promise<HitGroup[]> {
  const text = typed.trim();
  if (!text) return [];
  const sought: Sought = {
    text,
    id: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) ? text.toLowerCase() : null,
    digits: /^[\d\s().+-]+$/.test(text) ? text.replace(/\D/g, "") : "",
    words: text.split(/[\s,]+/),
  };
  const groups = await Promise.all(
    Object.entries(searches).map(async ([heading, search]) => {
      const hits = await search(db, sought);
      hits.sort((one, other) => Number(other.isExact) - Number(one.isExact));
      return { heading, hits: hits.slice(0, most), more: hits.length > most };
    }),
  );
  const hasExact = (group: HitGroup) => Number(group.hits.some(({ isExact }) => isExact));
  return groups.filter(({ hits }) => hits.length).sort((one, other) => hasExact(other) - hasExact(one));
}

const searches: Record<string, (db: Db, sought: Sought) => Promise<Hit[]>> = {
  Practices: searchPractices,
  People: searchUsers,
  "Patients’ accounts": searchAccounts,
  Applications: searchApplications,
  Transactions: searchTransactions,
  Cases: searchCases,
};

async function searchPractices(db: Db, { text, id }: Sought): Promise<Hit[]> {
  const found = db("practices as p")
    .orderBy("p.name")
    .limit(most + 1);
  if (id) found.where("p.id", id);
  else found.whereRaw(hasPart("p.name"), [partOf(text)]);
  const suspended = "exists (select from suspensions s where s.practice_id = p.id and s.lifted_at is null)";
  const rows = await found.select("p.id", "p.name", "p.specialty", "p.state", db.raw(`${suspended} as is_suspended`));
  return rows.map((row) => ({
    href: `/console/practices/${row.id}`,
    name: row.name,
    note: `${row.specialty}, ${row.state}`,
    badge: row.is_suspended ? suspendedBadge : null,
    isExact: row.id === id || row.name.toLowerCase() === text.toLowerCase(),
  }));
}

const suspendedBadge = { text: "Suspended", kind: "bad" } as const;
const roles = {
  clerk: "Front desk",
  biller: "Biller",
  owner: "Owner",
  support: "Support",
  administrator: "Administrator",
};

async function searchUsers(db: Db, { text, id }: Sought): Promise<Hit[]> {
  const found = await searchPeople(db, id ?? text, most + 1);
  return found.map((one) => ({
    href: `/console/people/${one.id}`,
    name: one.name,
    note: `${one.userId} · ${roles[one.role]} · ${one.practiceName ?? "The program"} · ${one.email}`,
    badge: one.isSuspended ? suspendedBadge : null,
    isExact: one.id === id || [one.userId, one.email.toLowerCase()].includes(text.toLowerCase()),
  }));
}

const nameHas = (found: Knex.QueryBuilder, table: string, words: string[]) => {
  for (const word of words) found.whereRaw(hasPart(`${table}.first_name || ' ' || ${table}.last_name`), [partOf(word)]);
};

async function searchAccounts(db: Db, { id, digits, words }: Sought): Promise<Hit[]> {
  const found = db("accounts as a")
    .join("patients as p", "p.id", "a.patient_id")
    .limit(most + 1);
  if (id) found.where((or) => or.where("a.id", id).orWhere("p.id", id));
  else if (digits.length === 16) found.where("a.number", digits);
  else if (digits.length === 4)
    found.whereIn(
      "a.id",
      db("accounts")
        .whereRaw("right(number, 4) = ?", [digits])
        .select("id")
        .unionAll(
          db("accounts as x").join("patients as y", "y.id", "x.patient_id").where("y.ssn_last4", digits).select("x.id"),
        ),
    );
  else if (digits) found.whereRaw("right(regexp_replace(p.phone, '\\D', '', 'g'), 10) = ?", [digits.slice(-10)]);
  else nameHas(found, "p", words);
  const rows = await found
    .orderBy(["p.last_name", "p.first_name", "a.id"])
    .select(
      "a.id",
      "a.number",
      "p.id as patient_id",
      "p.first_name",
      "p.last_name",
      "p.city",
      "p.state",
      "a.closed_on",
    );
  return rows.map((row) => ({
    href: `/console/accounts/${row.id}`,
    name: `${row.first_name} ${row.last_name}`,
    note: `Account ending ${row.number.slice(-4)} · ${row.city}, ${row.state}`,
    badge: row.closed_on ? { text: "Closed", kind: "plain" } : { text: "Open", kind: "good" },
    isExact: [row.id, row.patient_id].includes(id) || row.number === digits,
  }));
}

async function searchApplications(db: Db, { id, digits, words }: Sought): Promise<Hit[]> {
  const found = db("applications as ap")
    .join("practices as p", "p.id", "ap.practice_id")
    .limit(most + 1);
  if (id) found.where("ap.id", id);
  else if (digits) return [];
  else nameHas(found, "ap", words);
  const rows = await found
    .orderBy("ap.submitted_at", "desc")
    .select("ap.id", "ap.first_name", "ap.last_name", db.raw(`${stateSql} as state`), "p.name", "ap.submitted_at");
  return rows.map((row) => ({
    href: `/console/applications/${row.id}`,
    name: `${row.first_name} ${row.last_name}`,
    note: `${row.name} · ${formatDate(row.submitted_at.toISOString().slice(0, 10))}`,
    badge: applicationStates[row.state as ApplicationState],
    isExact: row.id === id,
  }));
}

async function searchTransactions(db: Db, { id, text }: Sought): Promise<Hit[]> {
  const found = db("transactions as t")
    .join("practices as p", "p.id", "t.practice_id")
    .limit(most + 1);
  if (id) found.where("t.id", id);
  else found.whereRaw("lower(t.reference) like ?", [partOf(text.toLowerCase()).slice(1)]);
  const rows = await found
    .orderBy("t.recorded_at", "desc")
    .select("t.id", "t.kind", "t.amount_cents", "t.business_on", "t.reference", "p.name");
  return rows.map((row) => ({
    href: `/console/transactions/${row.id}`,
    name: `${row.kind === "sale" ? "Sale" : "Refund"} of ${formatMoney(row.amount_cents)}`,
    note: [row.name, formatDate(row.business_on), row.reference].filter(Boolean).join(" · "),
    badge: null,
    isExact: row.id === id,
  }));
}

async function searchCases(db: Db, { text, id }: Sought): Promise<Hit[]> {
  if (id) return [];
  const found = await findCases(db, text, most + 1);
  return found.map((one) => ({
    href: `/console/cases/${one.id}`,
    name: `Case ${one.number}: ${one.subject}`,
    note: [one.name, one.practiceName].filter(Boolean).join(" · "),
    badge: one.closedAt ? { text: "Closed", kind: "plain" } : { text: "Open", kind: "wait" },
    isExact: String(one.number) === text.replace(/^(case\s*)?#?/i, ""),
  }));
}
