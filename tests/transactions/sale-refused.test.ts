import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { closeAccount } from "../../src/accounts/close-account.ts";
import { formatTypedDate } from "../../src/lib/dates.ts";
import { formatDecimal } from "../../src/lib/money.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { saveDraft } from "../../src/transactions/drafts.ts";
import type { Sale } from "../../src/transactions/record-sale.ts";
import type { Browser, Page } from "../support/browser.ts";
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

const portal = await openPortal(); // it is the 23rd of November 2026

type World = { practice: Practice; account: TestAccount };
type Refusal = {
  what: string;
  field: string;
  sentence: string;
  /** What is typed, and what happened to make it wrong. */
  sale: (world: World) => Partial<Sale> | Promise<Partial<Sale>>;
};

const refusals: Refusal[] = [
  {
    what: "more than the available credit",
    field: "amount",
    sentence: "The available credit is $2,000.00. Enter an amount up to that.",
    sale: () => ({ amountCents: 200_001 }),
  },
  {
    what: "more than an earlier sale left",
    field: "amount",
    sentence: "The available credit is $0.01. Enter an amount up to that.",
    sale: async ({ practice, account }) => {
      await sellTo(portal, practice, account, { amountCents: 199_999 });
      return { amountCents: 2 };
    },
  },
  {
    what: "less than the plan takes",
    field: "plan",
    sentence: "“No interest if paid in full within 6 months” takes sales of $200.00 or more. Choose another plan.",
    sale: () => ({ amountCents: 19_999, planId: "deferred-6" }),
  },
  {
    what: "less than the practice narrowed the plan to",
    field: "plan",
    sentence: "“Reduced APR, 24 months” takes sales of $1,500.00 or more. Choose another plan.",
    sale: () => ({ amountCents: 149_999, planId: "fixed-24" }),
  },
  {
    what: "more than the practice narrowed the plan to",
    field: "plan",
    sentence: "“Reduced APR, 24 months” takes sales up to $1,800.00. Choose another plan.",
    sale: () => ({ amountCents: 180_001, planId: "fixed-24" }),
  },
  {
    what: "a plan that the practice does not offer",
    field: "plan",
    sentence: "Your practice does not offer this plan. Choose another one.",
    sale: () => ({ amountCents: 150_000, planId: "deferred-24" }),
  },
  {
    what: "care that is not given yet",
    field: "serviceDate",
    sentence: "Charge care on the day it is given: enter today’s date or an earlier one.",
    sale: () => ({ serviceOn: "2026-11-24" }),
  },
  {
    what: "care of more than 180 days ago",
    field: "serviceDate",
    sentence: "Enter a date within the last 180 days.",
    sale: () => ({ serviceOn: "2026-05-26" }),
  },
  {
    what: "a location of another practice",
    field: "location",
    sentence: "Choose one of your locations.",
    sale: async () => ({ locationId: (await foundMallorys(portal)).locations[0]?.id ?? "" }),
  },
  {
    what: "a sale on a closed account",
    field: "form",
    sentence: "This account is closed. It takes no new sales.",
    sale: async ({ account }) => {
      await closeAccount(portal, portalItself, account.id);
      return {};
    },
  },
];

test.each(refusals)(
  "$what is refused at the review and at the charge, in the same words",
  async ({ field, sentence, sale: given }) => {
    const world = await aWorld();
    const { bob, account, practice } = world;
    const form = await bob.get(`${account.path}/sale`); // opened while all was well
    const sale: Sale = {
      amountCents: 30_000,
      planId: "standard",
      serviceOn: "2026-11-23",
      reference: "",
      locationId: practice.locations[0]?.id ?? "",
      ...(await given(world)),
    };
    const salesBefore = await salesOf(account);

    const { fields, ...sending } = form.sending("Review sale");
    const typed: Record<string, string> = {
      amount: formatDecimal(sale.amountCents),
      plan: sale.planId,
      location: sale.locationId,
      serviceDate: formatTypedDate(sale.serviceOn),
      reference: sale.reference,
      key: randomUUIDv7(),
    };
    const kept = fields.filter(([name]) => !(name in typed));
    const review = await bob.send({ ...sending, fields: [...kept, ...Object.entries(typed)] });
    expect(review).toMatchObject({ status: 422, heading: "New sale", errors: [sentence] });
    if (field !== "form" && field !== "location") expect(besideField(review, field)).toBe(sentence);

    const id = randomUUIDv7(); // as if it had been reviewed before it became wrong
    await saveDraft(portal, practice.bob.viewer, { id, kind: "sale", subjectId: account.id, typed: sale });
    const charge = await bob.post(`${account.path}/sales`, {
      key: id,
      amount: formatDecimal(sale.amountCents),
      plan: sale.planId,
    });
    expect(charge).toMatchObject({ status: 422, heading: "Review sale", errors: [sentence] });
    expect(await salesOf(account)).toBe(salesBefore);
  },
);

test.each([
  ["Amount", "", "Enter the amount of the sale"],
  ["Amount", "0.00", "Enter an amount of at least $0.01"],
  ["Amount", "a lot", "Enter an amount in dollars and cents, like 1,200.00"],
  ["Amount", "-50", "Enter an amount in dollars and cents, like 1,200.00"],
  ["Amount", "1,20", "Enter an amount in dollars and cents, like 1,200.00"],
  ["Amount", "1.234", "Enter an amount in dollars and cents, like 1,200.00"],
  ["Amount", "12345678", "Enter an amount in dollars and cents, like 1,200.00"],
  ["Date of service", "", "Enter the date of service"],
  ["Date of service", "02/30/2026", "Enter the date as month, day and four-digit year, like 03/12/1984"],
  ["Date of service", "23.11.2026", "Enter the date as month, day and four-digit year, like 03/12/1984"],
  ["Reference", "x".repeat(41), "Use 40 characters or fewer"],
  ["Reference", "A-17\u202e", "Leave out line breaks and invisible characters"],
])("%s “%s” is declined, and what was typed is kept", async (label, typed, sentence) => {
  const { bob, account } = await aWorld();
  const filling = { Amount: "120.50", Reference: "A-17", "Date of service": "11/20/2026", [label]: typed };
  const page = await reviewSaleOf(bob, account, filling);
  expect(page).toMatchObject({ status: 422, errors: [sentence] });
  expect(page.title).toMatch(/^Error: /);
  expect(page.errorAt(label)).toBe(sentence);
  for (const [kept, value] of Object.entries(filling)) expect([kept, page.valueOf(kept)]).toEqual([kept, value]);
  expect(page.valueOf("Plan")).toBe("standard");
});

test("a sale without a plan asks for one", async () => {
  const { bob, account } = await aWorld();
  const page = await (await bob.get(`${account.path}/sale`)).press("Review sale", { Amount: "100" });
  expect(page).toMatchObject({ status: 422, errors: ["Choose a plan"] });
});

test("everything that is wrong is said at once", async () => {
  const { bob, account } = await aWorld();
  const page = await reviewSaleOf(bob, account, {
    Amount: "5,000",
    Plan: "Reduced APR, 24 months",
    "Date of service": "12/24/2026",
  });
  expect(page.errors).toEqual([
    "The available credit is $2,000.00. Enter an amount up to that.",
    "“Reduced APR, 24 months” takes sales up to $1,800.00. Choose another plan.",
    "Charge care on the day it is given: enter today’s date or an earlier one.",
  ]);
});

test("the links of the error summary lead to something on the page, on the form and on the review", async () => {
  const { bob, account, practice } = await aWorld();
  const form = await reviewSaleOf(bob, account, { Amount: "5,000" });
  const review = await reviewSaleOf(bob, account, { Amount: "2,000" });
  await sellTo(portal, practice, account, { amountCents: 50_000 });
  const refused = await review.press("Charge");
  expect(refused.status).toBe(422);
  for (const page of [form, refused]) {
    const links = page.root.querySelectorAll(".errors a").map((link) => link.getAttribute("href") ?? "");
    const dead = links.filter((href) => href.startsWith("#") && !page.root.querySelector(href));
    expect([page.heading, dead]).toEqual([page.heading, []]);
  }
});

test.each([
  ["key", 400],
  ["plan", 422],
  ["location", 422],
])("a form whose %s was meddled with is refused", async (field, status) => {
  const { bob, account } = await aWorld();
  const form = (await bob.get(`${account.path}/sale`)).sending("Review sale", {
    Amount: "50",
    Plan: "Standard account",
  });
  const fields = form.fields.map(([name, value]): [string, string] => [
    name,
    name === field ? "<x>'; drop table" : value,
  ]);
  const page = await bob.send({ ...form, fields });
  expect(page.status).toBe(status);
  expect(page.html).not.toContain("<x>");
});

test("the 180th day back is early enough, and today is late enough", async () => {
  const { bob, account } = await aWorld();
  for (const day of ["05/27/2026", "11/23/2026"]) {
    expect((await reviewSaleOf(bob, account, { Amount: "10", "Date of service": day })).status).toBe(200);
  }
});

test("today is the program's day, not Greenwich's", async () => {
  portal.clock.advance({ minutes: 11 * 60 }); // ten in the evening in New York, the 24th in Greenwich
  const { bob, account } = await aWorld();
  expect((await reviewSaleOf(bob, account, { Amount: "10", "Date of service": "11/24/2026" })).errors).toEqual([
    "Charge care on the day it is given: enter today’s date or an earlier one.",
  ]);
});

/** A clinic with few plans, an account of $2,000, and Bob at the desk. */
async function aWorld(): Promise<World & { bob: Browser }> {
  const plans = ["standard", "deferred-6", { planId: "fixed-24", leastCents: 150_000, mostCents: 180_000 }] as const;
  const practice = await foundPractice(portal, { plans, locations: ["Uptown", "Downtown"] });
  const account = await openAccountFor(portal, practice, { limitCents: 200_000 });
  return { practice, account, bob: await logIn(portal, practice.bob) };
}

const salesOf = async (account: TestAccount) =>
  (await portal.db("transactions").where({ account_id: account.id })).length;

const besideField = (page: Page, name: string) => page.root.querySelector(`#${name}-error`)?.text.trim();
