import { randomUUIDv7 } from "node:crypto";
import { generate } from "otplib";
import type { Role } from "../../src/identity/permissions.ts";
import type { Message } from "../../src/platform/messages.ts";
import type { Browser, Page } from "../support/browser.ts";
import {
  addPerson,
  type CodeFactor,
  enterPassword,
  foundPractice,
  type Practice,
  type TestPerson,
  totpSecret,
} from "../support/people.ts";
import type { Portal } from "../support/portal.ts";

/** Long enough, in no list, and nobody's name. */
export const newPassword = "four brown owls at noon";
export const wrongPassword = "not the password";

let phones = 1000;

/** A new person at a practice of their own, with any number of second factors and a phone that nobody else has. */
export async function someone(
  portal: Portal,
  given: { factors?: CodeFactor[]; role?: Role; name?: string; practice?: Practice } = {},
): Promise<TestPerson> {
  const { role = "biller", factors = [], name = "Bea Bishop" } = given;
  const atProgram = role === "support" || role === "administrator";
  const practice = atProgram ? null : (given.practice ?? (await foundPractice(portal)));
  const at = practice && { id: practice.id, name: practice.name, homeLocationId: practice.locations[0]?.id ?? null };
  const [first] = factors;
  const person = await addPerson(portal, { name, role, practice: at, ...(first && { factor: first }) });
  phones += 1;
  const phone = `202777${phones}`;
  await portal.db("users").where({ id: person.id }).update({ phone });
  for (const kind of factors.slice(1)) await giveFactor(portal, person, kind);
  return { ...person, phone };
}

/** Gives a person one more second factor. */
export async function giveFactor(portal: Portal, person: { id: string }, kind: CodeFactor): Promise<void> {
  const id = randomUUIDv7();
  const sealed = kind === "totp" ? portal.parts.vault.seal(totpSecret, id) : null;
  await portal.db("second_factors").insert({
    id,
    user_id: person.id,
    kind,
    label: kind,
    secret_sealed: sealed,
    added_at: portal.clock.now(),
  });
}

/** What was sent to an address or a number, newest first. */
export async function sentTo(portal: Portal, to: string): Promise<Message[]> {
  const rows = await portal.db("messages").where({ recipient: to }).orderBy("written", "desc");
  return rows.map(({ channel, recipient, subject, body }) => ({ channel, to: recipient, subject, text: body }));
}

/** The code that was sent last to an address or a number. */
export async function codeTo(portal: Portal, to: string): Promise<string> {
  for (const { text } of await sentTo(portal, to)) {
    const code = /\b\d{6}\b/.exec(text)?.[0];
    if (code) return code;
  }
  throw new Error(`No code went to ${to}`);
}

/** The messages with a code among those sent. */
export const withCode = (messages: Message[]) => messages.filter(({ text }) => /\b\d{6}\b/.test(text));

/** What an authenticator app shows, so many steps of half a minute from now. */
export const appCode = (stepsFromNow = 0, secret = totpSecret) =>
  generate({ secret, epoch: Math.floor(Date.now() / 1000) + stepsFromNow * 30 });

export const verify = (page: Page, code: string) => page.press("Verify", { "Verification code": code });

export const isIn = (page: Page) => page.status === 200 && page.buttons.includes("Log out");

/** How many times a person has got in. */
export async function logInsOf(portal: Portal, person: { id: string }): Promise<number> {
  const [row] = await portal.db("logins").where({ user_id: person.id }).count("* as count");
  return Number(row?.count);
}

/** What the audit log says of a person: the newest last. */
export async function auditOf(portal: Portal, person: { id: string }, action?: string) {
  const rows = portal.db("audit_events").where({ subject_id: person.id }).orderBy("id");
  return action ? rows.where({ action }) : rows;
}

/** Makes browsers at an address of their own each, for portals that trust one proxy. */
export function strangersTo(portal: Portal): () => Browser {
  let made = 0;
  return () => {
    made += 1;
    return portal.browser({ headers: { "X-Forwarded-For": `198.51.${made >> 8}.${made & 255}` } });
  };
}

/** The time of the locks is the database's, which no test can set: the rows grow older instead. */
export async function minutesPass(portal: Portal, minutes: number): Promise<void> {
  await portal.db.raw(
    `update log_in_failures set first_at = first_at - make_interval(mins => :minutes),
       locked_until = locked_until - make_interval(mins => :minutes)`,
    { minutes },
  );
}

/** Wrong passwords, each in a fresh browser. */
export async function wrongPasswords(
  browser: () => Browser,
  person: { userId: string },
  times: number,
): Promise<Page | undefined> {
  let last: Page | undefined;
  for (let time = 0; time < times; time += 1) last = await enterPassword(browser(), person, wrongPassword);
  return last;
}

/** The address that the last link in a person's mail leads to. */
export async function linkTo(portal: Portal, person: { email: string }): Promise<string> {
  for (const { text } of await sentTo(portal, person.email)) {
    const path = /(\/recover\/password\/\S+)/.exec(text)?.[1];
    if (path) return path;
  }
  throw new Error(`No link went to ${person.email}`);
}

/** "Forgot User ID/Password?", from the page of the log-in. */
export async function forgot(
  browser: Browser,
  what: "User ID" | "Password",
  given: { email: string; userId?: string },
): Promise<Page> {
  const form = await (await browser.get("/login")).click("Forgot User ID/Password?");
  const userId = given.userId === undefined ? {} : { "User ID": given.userId };
  return form.press("Send", { "What did you forget?": what, "E-mail": given.email, ...userId });
}

/** Everything that the database holds, as text, save for some tables; bytes as hexadecimal digits. */
export async function everythingKept(portal: Portal, except: string[] = []): Promise<string> {
  const { rows } = await portal.db.raw(
    "select table_schema || '.' || table_name as name, table_name from information_schema.tables where table_schema in ('public', 'graphile_worker') and table_type = 'BASE TABLE'",
  );
  const parts: string[] = [];
  for (const { name, table_name } of rows as { name: string; table_name: string }[]) {
    if (except.includes(table_name)) continue;
    const kept = await portal.db.raw(`select t::text as row from ${name} t`);
    parts.push(...kept.rows.map(({ row }: { row: string }) => row));
  }
  return parts.join("\n");
}

/** Digits or letters that stand by themselves, and not by chance in a longer number or id. */
export const alone = (text: string) => new RegExp(`(?<![0-9A-Za-z])${text}(?![0-9A-Za-z])`);
