import { randomUUIDv7 } from "node:crypto";
import { afterAll, inject } from "vitest";
import { checkBooks } from "../../src/accounts/check-books.ts";
import { openAccount } from "../../src/accounts/open-account.ts";
import { recordPayment } from "../../src/accounts/record-payment.ts";
import { type PlanId, planIds } from "../../src/credit/plans.ts";
import { checkDeposits } from "../../src/deposits/check-deposits.ts";
import type { PracticeViewer } from "../../src/identity/viewer.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import type { IsoDate } from "../../src/lib/dates.ts";
import type { Cents } from "../../src/lib/money.ts";
import { portalItself } from "../../src/platform/audit.ts";
import type { Clock } from "../../src/platform/clock.ts";
import { type Config, readConfig } from "../../src/platform/config.ts";
import { type Db, openDb } from "../../src/platform/db.ts";
import { openLog } from "../../src/platform/log.ts";
import { openVault, type Vault } from "../../src/platform/secrets.ts";
import { checkDays } from "../../src/reports/check-days.ts";
import { recordSale, reviewSale } from "../../src/transactions/record-sale.ts";
import { addressOf, asAdministrator, copyTemplate } from "../support/database.ts";

/** What letters to patients say of the program. */
type Told = Pick<Config, "program" | "publicUrl">;

/** A database of accounts with a clock that is set by hand; no server before it. */
export type Books = {
  db: Db;
  url: string;
  clock: Clock & { set(date: IsoDate): void };
  viewer: PracticeViewer;
  vault: Vault;
  config: Told;
};

/** Empty books with one practice that offers every plan. */
export async function openBooks(): Promise<Books> {
  const copy = await copyTemplate();
  const db = openDb(async () => copy.url, openLog("silent"));
  afterAll(async () => {
    await db.destroy();
    await copy.drop();
  });
  const viewer = await foundPractice(db);
  const secrets = { SESSION_SECRET: "x".repeat(32), DATA_KEY: Buffer.alloc(32, "test").toString("base64") };
  const config = readConfig({ ...secrets, NODE_ENV: "test", PUBLIC_URL: "http://127.0.0.1:3000" });
  return { db, url: copy.url, clock: handClock(), viewer, vault: openVault(config.dataKey), config };
}

function handClock() {
  let today: IsoDate = "2025-01-01";
  return {
    now: () => new Date(`${today}T16:00:00Z`),
    today: () => today,
    set: (date: IsoDate) => {
      today = date;
    },
  };
}

async function foundPractice(db: Db): Promise<PracticeViewer> {
  const [id, locationId, userId] = [randomUUIDv7(), randomUUIDv7(), randomUUIDv7()];
  const at = new Date("2025-01-01T12:00:00Z");
  const practice = { id, name: "Juniper Dental", specialty: "Dentistry", state: "TX", time_zone: "America/Chicago" };
  await db("practices").insert({ ...practice, phone: "5125550100", joined_at: at });
  const address = { street: "1 Main St", city: "Austin", state: "TX", zip: "78701", phone: "5125550100" };
  await db("locations").insert({ id: locationId, practice_id: id, name: "Main Street", ...address });
  await db("practice_plans").insert(planIds.map((planId) => ({ practice_id: id, plan_id: planId })));
  const person = { id: userId, practice_id: id, user_id: "bob", name: "Bob Baker", email: "bob@example.com" };
  await db("users").insert({ ...person, phone: "2025550143", role: "clerk", password_hash: "", created_at: at });
  return {
    id: userId,
    loginId: "",
    name: "Bob Baker",
    userId: "bob",
    role: "clerk",
    confirmedAt: at,
    endsAt: new Date(0),
    heldBack: false,
    mustAddFactor: false,
    actor: portalItself,
    practice: { id, name: practice.name, timeZone: practice.time_zone, state: "TX", homeLocationId: locationId },
  };
}

const vault = openVault(Buffer.alloc(32, "test"));
let patients = 0;

/** Opens an account on the clock's day; its cycle closes on that day of the month. */
export async function open({ db, clock, viewer }: Books, limitCents: Cents = 800_000): Promise<string> {
  patients += 1;
  const four = String(1000 + patients);
  const person = {
    firstName: "Nora",
    lastName: `Quill${four}`,
    bornOn: "1985-04-09",
    ssn: `95001${four}`,
    phone: `512666${four}`,
    email: `quill${four}@example.com`,
    street: "9 Elm St",
    city: "Austin",
    state: "TX",
    zip: "78704",
  };
  const given = { person, practiceId: viewer.practice.id, limitCents, standardApr: "32.99" };
  const opened = await db.transaction((trx) => openAccount(trx, { clock, vault }, portalItself, given));
  return opened.accountId;
}

export async function sell(books: Books, accountId: string, planId: PlanId, amountCents: Cents): Promise<string> {
  const { clock, viewer } = books;
  const id = randomUUIDv7();
  const locationId = viewer.practice.homeLocationId ?? "";
  const sale = { amountCents, planId, serviceOn: clock.today(), reference: "", locationId };
  await reviewSale(books, viewer, { id, accountId, sale });
  await recordSale(books, viewer, { id, accountId, shown: { amountCents, planId } });
  return id;
}

export async function pay(books: Books, accountId: string, amountCents: Cents, receivedOn?: IsoDate): Promise<string> {
  const id = randomUUIDv7();
  const payment = { id, accountId, amountCents, receivedOn: receivedOn ?? books.clock.today() };
  await recordPayment(books, portalItself, payment);
  return id;
}

/** The same books once more, to have another night with; nobody may be connected to the first. */
export async function copyOf(url: string): Promise<{ url: string; db: Db }> {
  const server = inject("postgresUrl");
  const source = new URL(url).pathname.slice(1);
  const name = `caraway_test_${randomUUIDv7().replaceAll("-", "")}`;
  await asAdministrator(server, (sql) => sql(`create database ${name} template ${source}`));
  const copy = addressOf(server, name);
  const db = openDb(async () => copy, openLog("silent"));
  afterAll(async () => {
    await db.destroy();
    await asAdministrator(server, (sql) => sql(`drop database ${name} with (force)`));
  });
  return { url: copy, db };
}

/** All that the books say, but for when it was written. */
export async function wholeBooks(db: Db): Promise<Record<string, unknown[]>> {
  const questions = {
    entries: `select t.id, t.kind, t.effective_on, e.line, a.kind as account, a.owner_id, e.sale_id, e.amount_cents
      from ledger_transactions t join ledger_entries e on e.transaction_id = t.id
      join ledger_accounts a on a.id = e.account_id order by t.id, e.line`,
    balances: "select kind, owner_id, balance_cents from ledger_accounts order by 1, 2",
    states: "select * from account_states order by account_id",
    deposits: `select d.*, null as made_at, d.posted_at is not null as posted_at from deposits d order by id`,
    lines: "select transaction_id, deposit_id from deposit_lines order by 1",
    statements: "select * from statements order by account_id, number",
    told: "select account_id, number from statement_letters order by 1, 2",
    letters: `select recipient, subject, count(*) from messages where subject like '%statement%' group by 1, 2 order by 1`,
    reminders: "select sale_id, days from reminders order by 1, 2",
    promotions: "select * from promotions order by sale_id",
    promotionDays:
      "select * from promotion_days where balances > 0 order by practice_id, ends_on, location_id, plan_id",
  };
  const answers = await Promise.all(
    Object.entries(questions).map(async ([name, sql]) => [name, (await db.raw(sql)).rows] as const),
  );
  return Object.fromEntries(answers);
}

/** What is wrong with the books: nothing. */
export const findings = async (db: Db) => [
  ...(await checkLedger(db)),
  ...(await checkBooks(db)),
  ...(await checkDeposits(db)),
  ...(await checkDays(db)),
];
