import { randomUUIDv7 } from "node:crypto";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import type { Typed } from "../platform/forms.ts";
import type { Vault } from "../platform/secrets.ts";

type Parts = { db: Db; clock: Clock; vault: Vault };

/** Never kept: what must not be written down, and the token, which is the ended log-in's. */
const secretFields = [
  "_csrf",
  "_kept",
  "ssn",
  "taxId",
  "accountNumber",
  "accountAgain",
  "password",
  "newPassword",
  "code",
  "recoveryCode",
];

/** What of a form may be kept, and shown again. */
export const keptFields = (typed: Typed): Typed =>
  Object.fromEntries(Object.entries(typed).filter(([name]) => !secretFields.includes(name)));

/** A patient's form, which somebody's browser may be lent for, is not theirs to find again. */
const isPatients = (path: string) => /^\/(apply|my-statement)\//.test(path);

/** Keeps a form that came after its log-in had ended, for the same person. Returns its id, or undefined for a stranger. */
export async function keepForm(
  { db, clock, vault }: Parts,
  late: { loginId: string; path: string; fields: Typed },
): Promise<string | undefined> {
  const login = await db("logins").where({ id: late.loginId }).first("user_id");
  if (!login || ["/logout", "/session"].includes(late.path) || isPatients(late.path)) return undefined;
  const id = randomUUIDv7();
  const sealed = vault.seal(JSON.stringify(keptFields(late.fields)), id);
  await db("kept_forms").insert({
    id,
    user_id: login.user_id,
    path: late.path,
    fields_sealed: sealed,
    kept_at: clock.now(),
  });
  return id;
}

/** The kept form, if it is this person's and not a day old. */
export async function findKeptForm(
  { db, clock, vault }: Parts,
  person: { id: string },
  id: string,
): Promise<{ id: string; path: string; fields: Typed } | null> {
  const row = await db("kept_forms")
    .where({ id, user_id: person.id })
    .where("kept_at", ">", new Date(clock.now().getTime() - 24 * 3_600_000))
    .first();
  return row ? { id, path: row.path, fields: JSON.parse(vault.open(row.fields_sealed, id)) } : null;
}

/** Forgets it, once it was sent again or declined. */
export async function dropKeptForm(db: Db, person: { id: string }, id: string): Promise<void> {
  await db("kept_forms").where({ id, user_id: person.id }).delete();
}

/** Forgets those that can no longer be sent again. */
export async function forgetKeptForms({ db, clock }: { db: Db; clock: Clock }): Promise<void> {
  await db("kept_forms")
    .where("kept_at", "<=", new Date(clock.now().getTime() - 24 * 3_600_000))
    .delete();
}
