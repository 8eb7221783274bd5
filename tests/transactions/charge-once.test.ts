import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { receivableCents } from "../../src/ledger/balances.ts";
import { recordSale, reviewSale } from "../../src/transactions/record-sale.ts";
import { atOnce } from "../support/at-once.ts";
import type { Browser, Sending } from "../support/browser.ts";
import {
  foundMallorys,
  foundPractice,
  logIn,
  openAccountFor,
  type Practice,
  reviewSaleOf,
  sellTo,
  type TestAccount,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const node = await portal.anotherNode();
const onAccounts = "select from accounts for update";

test("pressing Charge five times at once, on two nodes, charges once and shows one receipt", async () => {
  const { bob, account } = await aClinic();
  const form = (await reviewSaleOf(bob, account, { Amount: "300" })).sending("Charge");
  const pages = await atOnce(portal.db, onAccounts, [1, 2, 3, 4, 5], (press) =>
    bob.copy(press % 2 ? portal.server : node.server).send(form),
  );
  expect(new Set(pages.map((page) => page.path)).size).toBe(1);
  expect(pages.map((page) => page.status)).toEqual([200, 200, 200, 200, 200]);
  expect(await owed(account)).toBe(30_000);
  expect(await sales(account)).toBe(1);
});

test("the same press sent again, today or tomorrow, leads to the same receipt", async () => {
  const { bob, account, practice } = await aClinic();
  const form = (await reviewSaleOf(bob, account, { Amount: "300" })).sending("Charge");
  const receipt = await bob.send(form);
  expect((await bob.send(form)).path).toBe(receipt.path);
  portal.clock.advance({ days: 1 });
  const tomorrow = await logIn(portal, practice.bob);
  expect((await tomorrow.post(form.action, without(form, "_csrf"))).path).toBe(receipt.path);
  expect(await owed(account)).toBe(30_000);
});

test("going back to the form and sending it again says that it was recorded, and charges nothing more", async () => {
  const { bob, account } = await aClinic();
  const form = await bob.get(`${account.path}/sale`);
  const filled = form.sending("Review sale", { Amount: "300", Plan: "Standard account" });
  const receipt = await (await bob.send(filled)).press("Charge");
  const again = await bob.send(filled);
  expect(again.status).toBe(200);
  expect(again.text).toContain("This sale has been recorded already");
  expect((await again.click("See its receipt")).path).toBe(receipt.path);
  expect((await again.press("Charge")).path).toBe(receipt.path);
  expect(await owed(account)).toBe(30_000);
});

test.each([
  ["amount", { Amount: "301" }],
  ["plan", { Plan: "No interest if paid in full within 6 months" }],
])("a form that was charged and is then sent with another %s is declined", async (_what, change) => {
  const { bob, account } = await aClinic();
  const form = await bob.get(`${account.path}/sale`);
  await (await form.press("Review sale", { Amount: "300", Plan: "Standard account" })).press("Charge");
  const again = await form.press("Review sale", change);
  expect(again.status).toBe(422);
  expect(again.errors.join()).toContain("This form has already recorded a sale of $300.00");
  expect(await owed(account)).toBe(30_000);
});

test.each(["300.01", "0.01", "30000", "0", "-300", "", "three hundred"])(
  "the amount of the Charge button cannot be meddled with: %s",
  async (amount) => {
    const { bob, account } = await aClinic();
    const form = (await reviewSaleOf(bob, account, { Amount: "300" })).sending("Charge");
    const page = await bob.post(form.action, { ...without(form, "_csrf"), amount });
    expect(page.status).toBe(422);
    expect(page.errors).toHaveLength(1);
    expect(await owed(account)).toBe(0);
    expect((await bob.send(form)).status).toBe(200);
    expect((await bob.post(form.action, { ...without(form, "_csrf"), amount: "299" })).status).toBe(422);
    expect(await owed(account)).toBe(30_000);
  },
);

test("what was changed in another window is not charged by this one's button", async () => {
  const { bob, account } = await aClinic();
  const window = await reviewSaleOf(bob, account, { Amount: "300" });
  await (await window.click("Change plan")).press("Review sale", { Amount: "450" });
  const page = await window.press("Charge $300.00");
  expect(page.status).toBe(422);
  expect(page.errors.join()).toContain("changed in another window");
  expect(page.buttons).toContain("Charge $450.00");
  expect(await owed(account)).toBe(0);
});

test("a plan changed in another window is not charged by a button beside which another plan stands", async () => {
  const { bob, account } = await aClinic();
  const window = await reviewSaleOf(bob, account, { Amount: "1,500", Plan: "Reduced APR, 24 months" });
  await (await window.click("Change plan")).press("Review sale", {
    Plan: "No interest if paid in full within 24 months",
  });
  const page = await window.press("Charge $1,500.00");
  expect([page.status, await sales(account)]).toEqual([422, 0]);
});

test("Charge with a key that was never reviewed charges nothing", async () => {
  const { bob, account } = await aClinic();
  expect((await bob.post(`${account.path}/sales`, { key: randomUUIDv7(), amount: "10.00" })).status).toBe(404);
  expect((await bob.post(`${account.path}/sales`, { key: "", amount: "10.00" })).status).toBe(400);
  expect((await bob.post(`${account.path}/sales`, { amount: "10.00" })).status).toBe(400);
  expect(await sales(account)).toBe(0);
});

test("a key of another account's review charges neither account", async () => {
  const { bob, account, practice } = await aClinic();
  const other = await openAccountFor(portal, practice);
  const form = (await reviewSaleOf(bob, account, { Amount: "300" })).sending("Charge");
  const page = await bob.post(`${other.path}/sales`, without(form, "_csrf"));
  expect(page.status).toBe(404);
  expect([await owed(account), await owed(other)]).toEqual([0, 0]);
});

test("a key of another practice's review is no key here, and its review stays as it was", async () => {
  const { bob, account } = await aClinic();
  const review = await reviewSaleOf(bob, account, { Amount: "300" });
  const key = review.path.split("/").at(-1) ?? "";
  const mallorys = await foundMallorys(portal);
  const own = await openAccountFor(portal, mallorys);
  const shared = await openAccountFor(portal, mallorys, { person: account.person });
  expect(shared.id).toBe(account.id);
  const mallory = await logIn(portal, mallorys.mallory);
  for (const path of [own.path, shared.path]) {
    expect((await mallory.get(`${path}/sale/${key}`)).status).toBe(404);
    expect((await mallory.post(`${path}/sales`, { key, amount: "300.00" })).status).toBe(404);
    const { fields, ...form } = (await mallory.get(`${path}/sale`)).sending("Review sale", {
      Amount: "1",
      Plan: "Standard account",
    });
    const taken = await mallory.send({
      ...form,
      fields: fields.map(([name, value]) => [name, name === "key" ? key : value]),
    });
    expect([path, taken.status, taken.errors.join()]).toEqual([
      path,
      422,
      expect.stringContaining("no longer current"),
    ]);
  }
  expect((await review.press("Charge $300.00")).status).toBe(200);
  expect([await owed(account), await owed(own)]).toEqual([30_000, 0]);
});

test("ten sales at once of ten forms never go beyond the limit", async () => {
  const { bob, account } = await aClinic(100_000);
  const forms: Sending[] = [];
  for (let count = 0; count < 10; count += 1)
    forms.push((await reviewSaleOf(bob, account, { Amount: "300" })).sending("Charge"));
  const pages = await atOnce(portal.db, onAccounts, forms, (form, index) =>
    bob.copy(index % 2 ? portal.server : node.server).send(form),
  );
  expect(pages.map((page) => page.status).sort()).toEqual([200, 200, 200, ...Array(7).fill(422)]);
  const refused = pages.find((page) => page.status === 422);
  expect(refused?.errors).toEqual(["The available credit is $100.00. Enter an amount up to that."]);
  expect(await owed(account)).toBe(90_000);
});

test("sales of two practices at once to one account never go beyond its limit", async () => {
  const [first, second] = [await foundPractice(portal), await foundPractice(portal)];
  const account = await openAccountFor(portal, first, { limitCents: 100_000 });
  await openAccountFor(portal, second, { person: account.person });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, (_, index) =>
      sellTo(portal, index % 2 ? first : second, account, { amountCents: 30_000 }),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(3);
  expect(await owed(account)).toBe(90_000);
});

test("the very first sales of a program, ten accounts at once, all succeed", async () => {
  const fresh = await openPortal();
  const practices = [await foundPractice(fresh), await foundPractice(fresh)];
  const accounts = await Promise.all(
    Array.from({ length: 10 }, (_, index) => openAccountFor(fresh, practices[index % 2] as Practice)),
  );
  await Promise.all(
    accounts.map((account, index) => sellTo(fresh, practices[index % 2] as Practice, account, { amountCents: 5_000 })),
  );
  const { rows } = await fresh.db.raw(
    "select sum(balance_cents)::int as owed from ledger_accounts where kind = 'receivable'",
  );
  expect(rows[0].owed).toBe(50_000);
});

test("a sale and the closing of its account at once: one of them is too late", async () => {
  const { practice, account } = await aClinic();
  const { closeAccount } = await import("../../src/accounts/close-account.ts");
  const id = randomUUIDv7();
  const sale = {
    amountCents: 5_000,
    planId: "standard",
    serviceOn: portal.clock.today(),
    reference: "",
    locationId: practice.locations[0]?.id ?? "",
  } as const;
  await reviewSale(portal, practice.bob.viewer, { id, accountId: account.id, sale });
  const outcomes = await Promise.allSettled([
    recordSale(portal, practice.bob.viewer, {
      id,
      accountId: account.id,
      shown: { amountCents: 5_000, planId: "standard" },
    }),
    closeAccount(portal, practice.alice.actor, account.id),
  ]);
  expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
});

async function aClinic(limitCents = 500_000): Promise<{ practice: Practice; account: TestAccount; bob: Browser }> {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { limitCents });
  return { practice, account, bob: await logIn(portal, practice.bob) };
}

const owed = (account: TestAccount) => receivableCents(portal.db, account.id);
const sales = async (account: TestAccount) =>
  (await portal.db("transactions").where({ account_id: account.id })).length;

const without = ({ fields }: Sending, name: string) => Object.fromEntries(fields.filter(([one]) => one !== name));
