import { randomUUIDv7 } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { merchantFee, merchantFeeGivenBack } from "../../src/credit/fees.ts";
import { planIds, planTerms } from "../../src/credit/plans.ts";
import { receivableBySale, receivableCents } from "../../src/ledger/balances.ts";
import type { Cents } from "../../src/lib/money.ts";
import { formatDecimal } from "../../src/lib/money.ts";
import { refundReasons } from "../../src/transactions/refund-sale.ts";
import { atOnce } from "../support/at-once.ts";
import { payableCents } from "../support/books.ts";
import type { Browser, Sending } from "../support/browser.ts";
import {
  foundMallorys,
  foundPractice,
  logIn,
  openAccountFor,
  type Practice,
  payOn,
  reviewRefundOf,
  sellTo,
  type TestAccount,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const node = await portal.anotherNode();
const onAccounts = "select from accounts for update";

test("a biller refunds a part of a sale: the form, its review, the receipt, the books", async () => {
  const { bea, account, practice, saleId } = await aSale({ amountCents: 120_000, planId: "deferred-12" });
  const receipt = await bea.get(`/transactions/${saleId}`);
  const form = await receipt.click("Refund");
  expect(form).toMatchObject({ heading: "Refund", status: 200 });
  expect(form.text).toContain("Up to $1,200.00 can be refunded");
  const review = await form.press("Review refund", { Amount: "$200", Reason: "Service not given" });
  expect(review).toMatchObject({ status: 200, heading: "Review refund" });
  expect(review.text).toContain("$200.00");
  expect(await receivableCents(portal.db, account.id)).toBe(120_000); // nothing is refunded by looking
  const refund = await review.press("Refund $200.00");
  expect(refund).toMatchObject({ status: 200, title: "Refund receipt – Caraway" });
  expect(refund.fact("Reason")).toBe("Service not given");
  expect(await receivableBySale(portal.db, account.id)).toEqual(new Map([[saleId, 100_000]]));
  expect(await payableCents(portal.db, practice.id)).toBe(100_000 - 9_900);
  const sale = await refund.click("The sale that was refunded");
  expect(sale.fact("Refunded")).toBe("$200.00 $1,000.00 is left");
  expect((await bea.get(account.path)).text).toContain("Left of $1,200.00 $1,000.00");
  const audited = await portal.db("audit_events").where({ action: "sale refunded", subject_id: saleId }).first();
  expect(audited).toMatchObject({ user_id: practice.bea.id });
});

test("a sale is refunded in full, and then offers no refund", async () => {
  const { bea, account, practice, saleId } = await aSale({ amountCents: 30_000 });
  await (await reviewRefundOf(bea, saleId, "300")).press("Refund");
  expect(await receivableCents(portal.db, account.id)).toBe(0);
  expect(await payable(practice)).toBe(0);
  const receipt = await bea.get(`/transactions/${saleId}`);
  expect(receipt.links).not.toContain("Refund");
  expect(receipt.fact("Refunded")).toBe("$300.00 in full");
  expect((await bea.get(`/transactions/${saleId}/refund`)).text).toContain("This sale has been refunded in full");
});

test.each(refundReasons)("the reason may be “%s”, and needs no more", async (reason) => {
  const { bea, saleId } = await aSale({ amountCents: 30_000 });
  const refund = await (await reviewRefundOf(bea, saleId, "1", reason)).press("Refund");
  expect(refund.fact("Reason")).toBe(reason);
});

test.each([
  ["", "Enter the amount to refund"],
  ["0", "Enter an amount of at least $0.01"],
  ["-1", "Enter an amount in dollars and cents, like 1,200.00"],
  ["some", "Enter an amount in dollars and cents, like 1,200.00"],
  ["300.01", "$300.00 of this sale is left to refund. Enter an amount up to that."],
])("a refund of “%s” is declined: %s", async (amount, sentence) => {
  const { bea, saleId } = await aSale({ amountCents: 30_000 });
  const page = await reviewRefundOf(bea, saleId, amount);
  expect(page).toMatchObject({ status: 422, heading: "Refund", errors: [sentence] });
  expect(page.errorAt("Amount")).toBe(sentence);
  expect([page.valueOf("Amount"), page.valueOf("Reason")]).toEqual([amount, "Other"]);
});

test("a refund without a reason, or for one that is not offered, is declined", async () => {
  const { bea, saleId } = await aSale({ amountCents: 30_000 });
  const form = await bea.get(`/transactions/${saleId}/refund`);
  expect((await form.press("Review refund", { Amount: "1" })).errors).toEqual(["Choose a reason"]);
  const sending = form.sending("Review refund", { Amount: "1", Reason: "Other" });
  const fields = sending.fields.map(([name, value]): [string, string] => [name, name === "reason" ? "Because" : value]);
  expect((await bea.send({ ...sending, fields })).errors).toEqual(["Choose a reason"]);
});

test("what is left is what earlier refunds left, at the review and at the button alike", async () => {
  const { bea, saleId } = await aSale({ amountCents: 30_000 });
  const reviewed = await reviewRefundOf(bea, saleId, "200");
  await (await reviewRefundOf(bea, saleId, "150")).press("Refund");
  const sentence = "$150.00 of this sale is left to refund. Enter an amount up to that.";
  expect(await reviewed.press("Refund $200.00")).toMatchObject({ status: 422, errors: [sentence] });
  expect((await reviewRefundOf(bea, saleId, "150.01")).errors).toEqual([sentence]);
  await (await reviewRefundOf(bea, saleId, "150")).press("Refund");
  expect((await reviewed.press("Refund $200.00")).errors).toEqual([
    "This sale has been refunded in full. Nothing is left to refund.",
  ]);
});

test("pressing Refund twice, or five times at once on two nodes, refunds once", async () => {
  const { bea, account, saleId } = await aSale({ amountCents: 30_000 });
  const form = (await reviewRefundOf(bea, saleId, "100")).sending("Refund");
  const pages = await atOnce(portal.db, onAccounts, [1, 2, 3, 4, 5], (press) =>
    bea.copy(press % 2 ? portal.server : node.server).send(form),
  );
  const again = await bea.send(form);
  expect(new Set([...pages, again].map((page) => `${page.status} ${page.path}`)).size).toBe(1);
  expect(again.status).toBe(200);
  expect(await receivableCents(portal.db, account.id)).toBe(20_000);
});

test("going back and sending the form again says that it was made; with another amount it is declined", async () => {
  const { bea, account, saleId } = await aSale({ amountCents: 30_000 });
  const form = await bea.get(`/transactions/${saleId}/refund`);
  const filled = form.sending("Review refund", { Amount: "100", Reason: "Other" });
  const receipt = await (await bea.send(filled)).press("Refund");
  const again = await bea.send(filled);
  expect(again.text).toContain("This refund has been made already");
  expect((await again.press("Refund")).path).toBe(receipt.path);
  const more = await form.press("Review refund", { Amount: "120" });
  expect(more).toMatchObject({ status: 422 });
  expect(more.errors.join()).toContain("This form has already made a refund of $100.00");
  expect(await receivableCents(portal.db, account.id)).toBe(20_000);
});

test.each(["100.01", "1", "0", "", "all"])(
  "the amount of the Refund button cannot be meddled with: %s",
  async (amount) => {
    const { bea, account, saleId } = await aSale({ amountCents: 30_000 });
    const form = (await reviewRefundOf(bea, saleId, "100")).sending("Refund");
    expect((await bea.post(form.action, { ...without(form, "_csrf"), amount })).status).toBe(422);
    expect(await receivableCents(portal.db, account.id)).toBe(30_000);
  },
);

test("what was changed in another window is not refunded by this one's button", async () => {
  const { bea, saleId } = await aSale({ amountCents: 30_000 });
  const window = await reviewRefundOf(bea, saleId, "100");
  await (await window.click("Change reason")).press("Review refund", { Amount: "200" });
  const page = await window.press("Refund $100.00");
  expect(page.status).toBe(422);
  expect(page.errors.join()).toContain("changed in another window");
  expect(page.buttons).toContain("Refund $200.00");
});

test("eight refunds at once of more than is left never go beyond the sale", async () => {
  const { bea, account, practice, saleId } = await aSale({ amountCents: 100_000 });
  const forms: Sending[] = [];
  for (let count = 0; count < 8; count += 1) forms.push((await reviewRefundOf(bea, saleId, "300")).sending("Refund"));
  const pages = await atOnce(portal.db, onAccounts, forms, (form, index) =>
    bea.copy(index % 2 ? portal.server : node.server).send(form),
  );
  expect(pages.map((page) => page.status).sort()).toEqual([200, 200, 200, 422, 422, 422, 422, 422]);
  expect(await receivableCents(portal.db, account.id)).toBe(10_000);
  expect(await payableCents(portal.db, practice.id)).toBe(10_000 - 190);
});

test("a refund and new sales at once leave account and books in order", async () => {
  const { bea, account, practice, saleId } = await aSale({ amountCents: 100_000 });
  const form = (await reviewRefundOf(bea, saleId, "1000")).sending("Refund");
  await Promise.all([
    bea.send(form),
    ...[1, 2, 3, 4].map(() => sellTo(portal, practice, account, { amountCents: 10_000 })),
  ]);
  expect(await receivableCents(portal.db, account.id)).toBe(40_000);
});

test("what a refund exceeds its sale's balance by is a credit of the patient", async () => {
  const { bea, account, saleId } = await aSale({ amountCents: 60_000, planId: "deferred-6" });
  await payOn(portal, account, 45_000);
  await (await reviewRefundOf(bea, saleId, "600")).press("Refund");
  expect(await receivableCents(portal.db, account.id)).toBe(-45_000);
  expect((await bea.get(account.path)).text).toContain("Credit of the patient $450.00");
});

test("a refund itself cannot be refunded", async () => {
  const { bea, saleId } = await aSale({ amountCents: 30_000 });
  const refund = await (await reviewRefundOf(bea, saleId, "100")).press("Refund");
  expect(refund.links).not.toContain("Refund");
  expect((await bea.post(`${refund.path}/refund`, { key: randomUUIDv7(), amount: "1", reason: "Other" })).status).toBe(
    404,
  );
  expect((await bea.post(`${refund.path}/refunds`, { key: randomUUIDv7(), amount: "1" })).status).toBe(404);
  expect((await bea.get(`${refund.path}/refund`)).status).toBe(404);
});

test("the desk may not refund: not see the form, not review, not press the button", async () => {
  const { bea, practice, account, saleId } = await aSale({ amountCents: 30_000 });
  const review = await reviewRefundOf(bea, saleId, "100");
  const bob = await logIn(portal, practice.bob);
  expect((await bob.get(`/transactions/${saleId}`)).links).not.toContain("Refund");
  expect((await bob.get(`/transactions/${saleId}/refund`)).status).toBe(403);
  expect((await bob.get(review.path)).status).toBe(403);
  expect(
    (await bob.post(`/transactions/${saleId}/refund`, { key: randomUUIDv7(), amount: "1", reason: "Other" })).status,
  ).toBe(403);
  expect((await bob.post(`/transactions/${saleId}/refunds`, without(review.sending("Refund"), "_csrf"))).status).toBe(
    403,
  );
  expect(await receivableCents(portal.db, account.id)).toBe(30_000);
});

test("Mallory is told that there is no such sale, review or refund", async () => {
  const { bea, account, saleId } = await aSale({ amountCents: 30_000 });
  const review = await reviewRefundOf(bea, saleId, "100");
  const mallorys = await foundMallorys(portal);
  await openAccountFor(portal, mallorys, { person: account.person }); // even as a patient of hers
  const mallory = await logIn(portal, mallorys.mallory);
  const key = review.path.split("/").at(-1) ?? "";
  for (const path of [`/transactions/${saleId}`, `/transactions/${saleId}/refund`, review.path]) {
    expect([path, (await mallory.get(path)).status]).toEqual([path, 404]);
  }
  expect(
    (await mallory.post(`/transactions/${saleId}/refund`, { key: randomUUIDv7(), amount: "1", reason: "Other" }))
      .status,
  ).toBe(404);
  expect((await mallory.post(`/transactions/${saleId}/refund`, { key: randomUUIDv7() })).status).toBe(404);
  expect((await mallory.post(`/transactions/${saleId}/refunds`, { key, amount: "100.00" })).status).toBe(404);
  expect(await receivableCents(portal.db, account.id)).toBe(30_000);
  expect((await mallory.get("/transactions")).html).not.toContain(saleId);
});

test("a key of a review of one sale refunds no other sale", async () => {
  const { bea, practice, account, saleId } = await aSale({ amountCents: 30_000 });
  const other = await sellTo(portal, practice, account, { amountCents: 20_000 });
  const form = (await reviewRefundOf(bea, saleId, "100")).sending("Refund");
  expect((await bea.post(`/transactions/${other}/refunds`, without(form, "_csrf"))).status).toBe(404);
  expect(await receivableCents(portal.db, account.id)).toBe(50_000);
});

test("a closed account's sales can still be refunded", async () => {
  const { bea, account, saleId } = await aSale({ amountCents: 30_000 });
  await payOn(portal, account, 30_000);
  await portal.db("accounts").where({ id: account.id }).update({ closed_on: portal.clock.today() });
  expect((await (await reviewRefundOf(bea, saleId, "300")).press("Refund")).title).toContain("Refund receipt");
});

test("whatever the parts of a full refund, the fee given back is the fee that was taken", () => {
  const split = fc.tuple(
    fc.constantFrom(...planIds),
    fc.integer({ min: 1, max: 999_999_999 }),
    fc.array(fc.nat(), { maxLength: 12 }),
  );
  fc.assert(
    fc.property(split, ([planId, amountCents, cuts]) => {
      const points = [...new Set(cuts.map((cut) => cut % amountCents))].filter(Boolean).sort((a, b) => a - b);
      let refundedBeforeCents = 0;
      let feeCents = 0;
      for (const until of [...points, amountCents]) {
        const refundCents = until - refundedBeforeCents;
        const given = merchantFeeGivenBack(planTerms(planId), { amountCents, refundedBeforeCents, refundCents });
        expect(given).toBeGreaterThanOrEqual(0);
        expect(given).toBeLessThanOrEqual(refundCents);
        feeCents += given;
        refundedBeforeCents = until;
      }
      expect(feeCents).toBe(merchantFee(planTerms(planId), amountCents));
    }),
    { numRuns: 500 },
  );
});

test.each<[Cents, Cents[]]>([
  // Rounded part by part, these would give back nothing, a cent too much, and two cents too little.
  [100, [25, 25, 25, 25]],
  [20_003, [6, 19_997]],
  [100_000, [5, 5, 5, 5, 99_980]],
])("a sale of %i cents given back as %j costs the practice nothing", async (amountCents, parts) => {
  const { bea, account, practice, saleId } = await aSale({
    amountCents,
    planId: amountCents < 20_000 ? "standard" : "deferred-12",
  });
  for (const part of parts) {
    const refund = await (await reviewRefundOf(bea, saleId, formatDecimal(part))).press("Refund");
    expect(refund.status).toBe(200);
  }
  expect(await payable(practice)).toBe(0);
  expect(await receivableCents(portal.db, account.id)).toBe(0);
  const income = await portal
    .db("ledger_entries as e")
    .join("ledger_accounts as a", "a.id", "e.account_id")
    .join("transactions as t", "t.id", "e.transaction_id")
    .where({ "a.kind": "merchant_fee_income", "t.account_id": account.id })
    .sum("e.amount_cents as cents");
  expect(Number(income[0]?.cents)).toBe(0);
});

async function aSale(
  sale: Parameters<typeof sellTo>[3],
): Promise<{ practice: Practice; account: TestAccount; saleId: string; bea: Browser }> {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, sale);
  return { practice, account, saleId, bea: await logIn(portal, practice.bea) };
}

/** What the program owes the practice; an account at zero is minus zero from its other side. */
const payable = async (practice: Practice) => (await payableCents(portal.db, practice.id)) + 0;

const without = ({ fields }: Sending, name: string) => Object.fromEntries(fields.filter(([one]) => one !== name));
