import { describe, expect, test } from "vitest";
import { readBooks } from "../../src/accounts/books.ts";
import { answerBy } from "../../src/accounts/dispute-sale.ts";
import { returnPayment } from "../../src/accounts/return-payment.ts";
import { receivableBySale } from "../../src/ledger/balances.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { auditOf } from "../identity/support.ts";
import { atOnce } from "../support/at-once.ts";
import type { Browser, Page } from "../support/browser.ts";
import { foundPractice, hireSam, logIn, openAccountFor, payOn, sellTo, type TestAccount } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

// After each test the books balance: see `openPortal`.
const portal = await openPortal();
const { db, clock } = portal;
const practice = await foundPractice(portal);
const sam = await hireSam(portal);
const filled = { "Date of the notice": "11/23/2026", "What the patient says": "The crown was never fitted" };

/** An account with $400 on the standard balance, in two sales, and $1,000 on a fixed plan. */
async function sold() {
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  const small = await sellTo(portal, practice, account, { amountCents: 15_000, reference: "Cleaning" });
  const large = await sellTo(portal, practice, account, { amountCents: 25_000 });
  const fixed = await sellTo(portal, practice, account, { amountCents: 100_000, planId: "fixed-24" });
  return { account, small, large, fixed, path: `/console/accounts/${account.id}/disputes` };
}
const disputed = async ({ id }: TestAccount) =>
  (await readBooks(db, id)).balances.map((each) => [each.plan, each.disputedCents]);
const take = async (desk: Browser, path: string, sale: string, amount: string, given = {}): Promise<Page> => {
  const form = await (await lookAt(desk, path)).click("Take a dispute");
  const option = form.root.querySelector(`option[value="${sale}"]`)?.text ?? "";
  return form.press("Take the dispute", { Sale: option, Amount: amount, ...filled, ...given });
};
const lettersTo = async ({ person }: TestAccount) =>
  (await portal.messages()).filter(({ to }) => to === person.email).map(({ subject }) => subject);

describe("a notice of a billing error", () => {
  test("is taken: payments leave its amount to the last, patient and practice are told, the days to answer count", async () => {
    const { account, fixed, small, path } = await sold();
    const desk = await logIn(portal, sam);
    const list = await take(desk, path, fixed, "600.00");
    expect([list.path, list.rows()]).toEqual([
      path,
      [["Reduced APR, 24 months, Nov 23, 2026", "Nov 23, 2026", "by Jan 23, 2027", "$600.00"]],
    ]);
    expect(await disputed(account)).toEqual([
      ["standard", 0],
      ["fixed-24", 60_000],
    ]);
    expect(await lettersTo(account)).toContain("We received your billing dispute");
    await payOn(portal, account, 80_000);
    expect(Object.fromEntries(await receivableBySale(db, account.id))).toEqual({ null: 0, [fixed]: 60_000 });
    const bob = await logIn(portal, practice.bob);
    expect((await bob.get(`/transactions/${fixed}`)).text).toContain(
      "The patient says that $600.00 of this sale is wrong",
    );
    expect((await bob.get(`/transactions/${small}`)).text).not.toContain("is wrong");
    expect(await auditOf(portal, account, "dispute opened")).toMatchObject([
      { user_id: sam.id, details: { saleId: fixed, amountCents: 60_000 } },
    ]);
  });

  test("is taken once, however often and at once the form is sent; with another amount it is refused", async () => {
    const { account, fixed, path } = await sold();
    const desk = await logIn(portal, sam);
    const form = await (await lookAt(desk, path)).click("Take a dispute");
    const option = form.root.querySelector(`option[value="${fixed}"]`)?.text ?? "";
    const { action, fields } = form.sending("Take the dispute", { Sale: option, Amount: "600", ...filled });
    const other = desk.copy((await portal.anotherNode()).server);
    const lock = `select from accounts where id = '${account.id}' for update`;
    await atOnce(db, lock, [desk, other], (browser) => browser.post(action, Object.fromEntries(fields)));
    await desk.post(action, Object.fromEntries(fields));
    expect(await db("disputes").where({ account_id: account.id })).toHaveLength(1);
    expect((await lettersTo(account)).filter((subject) => subject.includes("dispute"))).toHaveLength(1);
    const again = await desk.post(action, { ...Object.fromEntries(fields), amount: "500" });
    expect(again.text).toContain("This form was sent before, with other figures");
  });

  test.each([
    ["more than is left of the sale", { Amount: "1,000.01" }, "Amount", "Enter an amount up to $1,000.00"],
    ["nothing", { Amount: "0" }, "Amount", "Enter an amount of at least $0.01"],
    ["from tomorrow", { "Date of the notice": "11/24/2026" }, "Date of the notice", "That day is still to come"],
    [
      "before the sale",
      { "Date of the notice": "11/22/2026" },
      "Date of the notice",
      "The sale was made after that day",
    ],
    ["of no sale", { Sale: "Choose the sale" }, "Sale", "Choose the sale"],
    [
      "without a word",
      { "What the patient says": "" },
      "What the patient says",
      "Enter what the patient says is wrong",
    ],
  ])("that cannot be is declined beside its field, and what was typed stays: %s", async (_, given, label, told) => {
    const { account, fixed, path } = await sold();
    const page = await take(await logIn(portal, sam), path, fixed, "600", given);
    expect([page.status, page.errorAt(label)]).toEqual([422, told]);
    const kept = Object.fromEntries(page.sending("Take the dispute").fields);
    if (label !== "Amount") expect(kept.amount).toBe("600");
    expect(await disputed(account)).toEqual([
      ["standard", 0],
      ["fixed-24", 0],
    ]);
  });

  test("of two sales on one balance adds up, and one answered leaves the other", async () => {
    const { account, small, large, path } = await sold();
    const desk = await logIn(portal, sam);
    await take(desk, path, small, "150");
    const list = await take(desk, path, large, "200");
    expect((await disputed(account))[0]).toEqual(["standard", 35_000]);
    expect(
      (await (await list.click("Take a dispute")).press("Take the dispute")).root.querySelectorAll("option"),
    ).toHaveLength(2);
    const [dispute] = await db("disputes").where({ sale_id: small });
    const page = await desk.get(`${path}/${dispute.id}`);
    const done = await page.press("Answer the patient", {
      "What did you find?": "The charge stands",
      Why: "The practice sent its notes of the day",
    });
    expect(done.rows().map((row) => row[2])).toEqual(["by Jan 23, 2027", "The charge stands"]);
    expect((await disputed(account))[0]).toEqual(["standard", 20_000]);
    expect(await lettersTo(account)).toContain("What we found about your billing dispute");
    expect((await (await logIn(portal, practice.bob)).get(`/transactions/${small}`)).text).not.toContain("is wrong");
  });

  test("is answered once: the same again changes nothing, another answer is refused", async () => {
    const { account, fixed, path } = await sold();
    const [desk, hers] = [await logIn(portal, sam), await logIn(portal, await hireSam(portal))];
    await take(desk, path, fixed, "600");
    const [dispute] = await db("disputes").where({ sale_id: fixed });
    const answer = { "What did you find?": "The patient was right", Why: "It was charged twice" };
    const page = await desk.get(`${path}/${dispute.id}`);
    expect((await page.press("Answer the patient", { Why: "" })).errorAt("Why")).toContain("the patient reads it");
    const other = await lookAt(hers, `${path}/${dispute.id}`);
    await page.press("Answer the patient", answer);
    await page.press("Answer the patient", answer);
    const late = await other.press("Answer the patient", { ...answer, "What did you find?": "The charge stands" });
    expect(late.text).toContain(`${sam.userId} was quicker: it is answered.`);
    const letters = (await lettersTo(account)).filter(
      (subject) => subject === "What we found about your billing dispute",
    );
    expect(letters).toHaveLength(1);
  });

  test("a payment that is returned later finds the dispute where it was", async () => {
    const { account, fixed, path } = await sold();
    await take(await logIn(portal, sam), path, fixed, "600");
    await payOn(portal, account, 110_000); // $300 of it had to go to what is disputed
    expect((await disputed(account))[1]).toEqual(["fixed-24", 30_000]);
    const { id } = await db("payments").where({ account_id: account.id }).first();
    await returnPayment(portal, portalItself, { id: crypto.randomUUID(), paymentId: id, reason: "No funds" });
    expect((await disputed(account))[1]).toEqual(["fixed-24", 60_000]);
  });

  test("stands in the list of what is to be answered, overdue after its day; no practice sees that list", async () => {
    const { account, fixed, path } = await sold();
    await take(await logIn(portal, sam), path, fixed, "600");
    const row = async () => {
      const list = await (await logIn(portal, sam)).get("/console/disputes");
      return list.rows().find(([who]) => who?.includes(account.last4));
    };
    expect(await row()).toEqual([expect.stringContaining(account.last4), "Nov 23, 2026", "by Jan 23, 2027", "$600.00"]);
    clock.advance({ days: 62 });
    expect((await row())?.[2]).toBe("by Jan 23, 2027 Overdue");
    const bob = await logIn(portal, practice.bob);
    for (const address of ["/console/disputes", path]) expect((await bob.get(address)).status).toBe(403);
  });
});

test.each([
  ["2026-11-23", 23, "2027-01-23"], // the cycle that ends on the day itself is not a complete one after it
  ["2026-11-24", 23, "2027-02-22"], // 90 days
  ["2026-11-10", 15, "2027-01-15"],
  ["2027-01-16", 15, "2027-04-15"],
  ["2027-02-16", 15, "2027-05-15"],
  ["2027-03-16", 15, "2027-06-14"], // 90 days
])("a notice of %s on an account that closes on day %d is answered by %s", (noticedOn, cycleDay, expected) => {
  expect(answerBy(noticedOn, cycleDay)).toBe(expected);
});
