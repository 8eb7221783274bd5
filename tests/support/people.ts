import { randomUUIDv7 } from "node:crypto";
import { generate } from "otplib";
import { openAccount, type Person } from "../../src/accounts/open-account.ts";
import { recordPayment } from "../../src/accounts/record-payment.ts";
import { type PlanId, planIds } from "../../src/credit/plans.ts";
import type { Role } from "../../src/identity/permissions.ts";
import type { PracticeViewer } from "../../src/identity/viewer.ts";
import type { IsoDate } from "../../src/lib/dates.ts";
import type { Cents } from "../../src/lib/money.ts";
import { type Actor, portalItself } from "../../src/platform/audit.ts";
import { recordSale, reviewSale, type Sale } from "../../src/transactions/record-sale.ts";
import type { Browser, Filling, Page } from "./browser.ts";
import type { Portal } from "./portal.ts";

/** The password of everybody in the tests. */
export const password = "quiet-harbor-lantern";

/** A secret of an authenticator app, in Base32. */
export const totpSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

export type CodeFactor = "email" | "sms" | "totp";

export type TestPerson = {
  id: string;
  name: string;
  userId: string;
  email: string;
  phone: string;
  role: Role;
  factor: CodeFactor | undefined;
  /** As the verbs know this person. */
  viewer: PracticeViewer;
  actor: Actor;
};

export type Practice = {
  id: string;
  name: string;
  locations: { id: string; name: string }[];
  /** The owner, her clerk and her biller. */
  alice: TestPerson;
  bob: TestPerson;
  bea: TestPerson;
};

let founded = 0;
const passwordHashes = new WeakMap<Portal, Promise<string>>();

/** Founds a practice with its people, for one test alone. */
export async function foundPractice(
  portal: Portal,
  given: {
    name?: string;
    plans?: readonly (PlanId | { planId: PlanId; leastCents?: Cents; mostCents?: Cents })[];
    locations?: string[];
    owner?: string;
  } = {},
): Promise<Practice> {
  const { db, clock } = portal;
  founded += 1;
  const id = randomUUIDv7();
  const name = given.name ?? `Juniper Dental ${founded}`;
  await db("practices").insert({
    id,
    name,
    specialty: "Dentistry",
    state: "TX",
    time_zone: "America/Chicago",
    phone: "5125550100",
    joined_at: clock.now(),
  });
  const locations = (given.locations ?? ["Main Street"]).map((locationName) => ({
    id: randomUUIDv7(),
    name: locationName,
  }));
  const address = {
    practice_id: id,
    street: "1 Main St",
    city: "Austin",
    state: "TX",
    zip: "78701",
    phone: "5125550100",
  };
  await db("locations").insert(locations.map((location) => ({ ...location, ...address })));
  const plans = (given.plans ?? planIds).map((plan) => (typeof plan === "string" ? { planId: plan } : plan));
  await db("practice_plans").insert(
    plans.map(({ planId, leastCents, mostCents }: { planId: PlanId; leastCents?: Cents; mostCents?: Cents }) => ({
      practice_id: id,
      plan_id: planId,
      least_cents: leastCents ?? null,
      most_cents: mostCents ?? null,
    })),
  );
  const practice = { id, name, homeLocationId: locations[0]?.id ?? null };
  return {
    id,
    name,
    locations,
    alice: await addPerson(portal, { name: given.owner ?? "Alice Archer", role: "owner", practice }),
    bob: await addPerson(portal, { name: "Bob Baker", role: "clerk", practice }),
    bea: await addPerson(portal, { name: "Bea Bishop", role: "biller", practice }),
  };
}

/** Another practice, and Mallory, who owns it. */
export async function foundMallorys(portal: Portal): Promise<Practice & { mallory: TestPerson }> {
  const practice = await foundPractice(portal, { name: "Larkspur Veterinary", owner: "Mallory Marsh" });
  return { ...practice, mallory: practice.alice };
}

/** Sam, who works at the program and at no practice. */
export const hireSam = (portal: Portal) => addPerson(portal, { name: "Sam Stone", role: "support", practice: null });

/** Adds a person, with a second factor if one is named. */
export async function addPerson(
  portal: Portal,
  given: {
    name: string;
    role: Role;
    practice: { id: string; name: string; homeLocationId: string | null } | null;
    factor?: CodeFactor;
  },
): Promise<TestPerson> {
  const { db, clock, parts } = portal;
  const id = randomUUIDv7();
  const userId = `${given.name.split(" ")[0]?.toLowerCase()}.${id.slice(-10)}`;
  const person = {
    id,
    name: given.name,
    userId,
    email: `${userId}@example.com`,
    phone: "2025550143",
    role: given.role,
  };
  const hash = passwordHashes.get(portal) ?? parts.passwords.hash(password);
  passwordHashes.set(portal, hash);
  await db("users").insert({
    id,
    practice_id: given.practice?.id ?? null,
    home_location_id: given.practice?.homeLocationId ?? null,
    user_id: userId,
    name: person.name,
    role: person.role,
    email: person.email,
    phone: person.phone,
    password_hash: await hash,
    created_at: clock.now(),
  });
  if (given.factor) await addFactor(portal, id, given.factor);
  const practice = given.practice && { ...given.practice, timeZone: "America/Chicago", state: "TX" };
  const actor = { userId: id, practiceId: practice?.id ?? null, address: "127.0.0.1", requestId: null };
  const viewer = {
    id,
    loginId: "",
    name: person.name,
    userId,
    role: person.role,
    practice,
    actor,
  } as PracticeViewer;
  return { ...person, factor: given.factor, viewer, actor };
}

async function addFactor({ db, clock, parts }: Portal, personId: string, kind: CodeFactor): Promise<void> {
  const id = randomUUIDv7();
  const secret = kind === "totp" ? parts.vault.seal(totpSecret, id) : null;
  await db("second_factors").insert({
    id,
    user_id: personId,
    kind,
    label: kind,
    secret_sealed: secret,
    added_at: clock.now(),
  });
}

/** Types User ID and password, and goes wherever that leads. */
export async function enterPassword(browser: Browser, person: { userId: string }, typed = password): Promise<Page> {
  const page = await browser.get("/login");
  return page.press("Log in", { "User ID": person.userId, Password: typed });
}

/** Logs a person in, second factor and all, in a fresh browser. */
export async function logIn(portal: Portal, person: TestPerson): Promise<Browser> {
  const browser = portal.browser();
  let page = await enterPassword(browser, person);
  if (person.factor) page = await page.press("Verify", { "Verification code": await codeFor(portal, person) });
  if (page.status !== 200 || !page.buttons.includes("Log out"))
    throw new Error(`${person.userId} did not get in: ${page.text}`);
  return browser;
}

/** The code that was sent last to a person, or that their app shows. */
export async function codeFor(portal: Portal, person: TestPerson): Promise<string> {
  if (person.factor === "totp") return generate({ secret: totpSecret });
  const to = person.factor === "sms" ? person.phone : person.email;
  const message = (await portal.messages()).find((one) => one.to === to);
  return /\b\d{6}\b/.exec(message?.text ?? "")?.[0] ?? "";
}

/** A code that is certainly not this one. */
export const otherThan = (code: string) => ((Number(code) + 1) % 1_000_000).toString().padStart(6, "0");

// Patients and their accounts.

export type TestAccount = { id: string; last4: string; person: Person; path: string };

let patients = 0;

/** 12 is "bc": names that differ in figures alone are one name. */
const inLetters = (count: number) => String(count).replace(/\d/g, (digit) => "abcdefghij".charAt(Number(digit)));

/** A patient whom nobody else resembles; the SSN can belong to nobody. */
export function somePatient(given: Partial<Person> = {}): Person {
  patients += 1;
  const four = String(1000 + patients);
  return {
    firstName: "Nora",
    lastName: `Quill${inLetters(patients)}`,
    bornOn: "1985-04-09",
    ssn: `95001${four}`,
    phone: `512666${four}`,
    email: `nora.quill${four}@example.com`,
    street: "9 Elm St",
    city: "Austin",
    state: "TX",
    zip: "78704",
    ...given,
  };
}

/** Opens an account for a patient, known to the practice. */
export async function openAccountFor(
  portal: Portal,
  practice: { id: string },
  given: { limitCents?: Cents; person?: Partial<Person>; number?: string } = {},
): Promise<TestAccount> {
  const { db, clock, parts } = portal;
  const person = somePatient(given.person);
  const { number } = given;
  const { accountId } = await db.transaction((trx) =>
    openAccount(trx, { clock, vault: parts.vault, drawNumber: number ? () => number : undefined }, portalItself, {
      person,
      practiceId: practice.id,
      limitCents: given.limitCents ?? 500_000,
      standardApr: "32.99",
    }),
  );
  const row = await db("accounts").where({ id: accountId }).first("number");
  return { id: accountId, last4: row.number.slice(-4), person, path: `/accounts/${accountId}` };
}

/** A sale by the verbs, for tests about what comes after it. Returns its id. */
export async function sellTo(
  portal: Portal,
  practice: Practice,
  account: { id: string },
  given: Partial<Sale> & { by?: TestPerson } = {},
): Promise<string> {
  const { by = practice.bob, ...sale } = given;
  const id = randomUUIDv7();
  const full: Sale = {
    amountCents: 30_000,
    planId: "standard",
    serviceOn: portal.clock.today(),
    reference: "",
    locationId: practice.locations[0]?.id ?? "",
    ...sale,
  };
  await reviewSale(portal, by.viewer, { id, accountId: account.id, sale: full });
  await recordSale(portal, by.viewer, { id, accountId: account.id, shown: full });
  return id;
}

/** A payment by the patient. */
export function payOn(
  portal: Portal,
  account: { id: string },
  amountCents: Cents,
  receivedOn: IsoDate = portal.clock.today(),
): Promise<boolean> {
  return recordPayment(portal, portalItself, { id: randomUUIDv7(), accountId: account.id, amountCents, receivedOn });
}

// What people do on the pages.

/** From the account to the review of a sale. */
export async function reviewSaleOf(browser: Browser, account: { path: string }, filling: Filling): Promise<Page> {
  const form = await (await browser.get(account.path)).click("New sale");
  return form.press("Review sale", { Plan: "Standard account", ...filling });
}

/** A whole sale, to its receipt. */
export async function charge(browser: Browser, account: { path: string }, filling: Filling): Promise<Page> {
  return (await reviewSaleOf(browser, account, filling)).press("Charge");
}

/** From the receipt of a sale to the review of a refund. */
export async function reviewRefundOf(
  browser: Browser,
  saleId: string,
  amount: string,
  reason = "Other",
): Promise<Page> {
  const form = await browser.get(`/transactions/${saleId}/refund`);
  return form.press("Review refund", { Amount: amount, Reason: reason });
}
