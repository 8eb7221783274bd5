import { randomUUIDv7 } from "node:crypto";
import { describe, expect, test } from "vitest";
import { closeAccount } from "../../src/accounts/close-account.ts";
import { receivableBySale } from "../../src/ledger/balances.ts";
import { portalItself } from "../../src/platform/audit.ts";
import { auditOf } from "../identity/support.ts";
import { atOnce } from "../support/at-once.ts";
import type { Browser, Page } from "../support/browser.ts";
import { foundMallorys, foundPractice, hireSam, logIn, openAccountFor, payOn, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

// After each test the books balance: see `openPortal`.
const portal = await openPortal();
const { db, clock } = portal;
const practice = await foundPractice(portal);
const sam = await hireSam(portal);
const nina = await hireSam(portal);
const filled = {
  "Date received": "11/23/2026",
  "How it was paid": "Check",
  Reference: "Check 1042",
  Reason: "Came by post",
};

/** An account that owes $3,000. */
async function owing(): Promise<{ id: string; path: string }> {
  const account = await openAccountFor(portal, practice, { limitCents: 800_000 });
  await sellTo(portal, practice, account, { amountCents: 300_000 });
  return { id: account.id, path: `/console/accounts/${account.id}/payments` };
}
const owed = async ({ id }: { id: string }): Promise<number> =>
  (await db("ledger_accounts").where({ owner_id: id, kind: "receivable" }).first()).balance_cents;
const actsOf = ({ id }: { id: string }) => db("payment_acts").where({ account_id: id }).orderBy("asked_at");

async function review(desk: Browser, { path }: { path: string }, amount: string, given = {}): Promise<Page> {
  const page = await (await lookAt(desk, path)).click("Record a payment");
  return page.press("Review payment", { Amount: amount, ...filled, ...given });
}
/** Sam asks for a payment above the limit; returns the address at which it is decided. */
async function proposed(account: { id: string; path: string }, amount = "1,500.00"): Promise<string> {
  await (await review(await logIn(portal, sam), account, amount)).press("Ask for approval");
  const [act] = await actsOf(account);
  return `/console/payments/${act.id}`;
}

describe("a payment up to the limit", () => {
  test("is reviewed, then recorded at once, with method, reference and reason", async () => {
    const account = await owing();
    const seen = await review(await logIn(portal, sam), account, "250.00");
    expect([seen.status, seen.fact("Reference"), await owed(account)]).toEqual([200, "Check 1042", 300_000]);
    const done = await seen.press("Record $250.00");
    expect([done.path, done.rows()[0]?.slice(0, 3)]).toEqual([
      account.path,
      ["Nov 23, 2026", `Check · Check 1042 · ${sam.userId}`, "$250.00"],
    ]);
    expect(await owed(account)).toBe(275_000);
    expect(await auditOf(portal, account, "payment recorded")).toMatchObject([
      { user_id: sam.id, details: { amountCents: 25_000, reason: "Came by post" } },
    ]);
  });

  test("goes to the balance that the patient asked for, and to no other first", async () => {
    const account = await owing();
    const sale = await sellTo(portal, practice, account, { amountCents: 50_000, planId: "deferred-12" });
    const desk = await logIn(portal, sam);
    const form = await (await lookAt(desk, account.path)).click("Record a payment");
    const choices = form.root.querySelectorAll("select[name=toward] option").map((option) => option.text);
    expect(choices).toEqual([
      "As the law says",
      "Standard purchases: $3,000.00 left",
      "No interest if paid in full within 12 months, sold Nov 23, 2026: $500.00 left",
    ]);
    const seen = await form.press("Review payment", {
      Amount: "250.00",
      ...filled,
      "What it goes to": choices[2] ?? "",
    });
    expect(seen.fact("The patient asked for")).toBe("No interest if paid in full within 12 months, sold Nov 23, 2026");
    const { action, fields } = seen.sending("Record $250.00");
    await seen.press("Record $250.00");
    expect((await receivableBySale(db, account.id)).get(sale)).toBe(25_000);
    expect((await desk.get(account.path)).rows()[0]?.[1]).toContain("to the balance the patient asked for");
    const other = { ...Object.fromEntries(fields), toward: "standard" };
    expect((await desk.post(action, other)).text).toContain("This form was sent before, with other figures");
  });

  test("goes to no balance that the account does not have", async () => {
    const [account, other] = [await owing(), await owing()];
    const theirs = await sellTo(portal, practice, other, { amountCents: 50_000, planId: "deferred-12" });
    const desk = await logIn(portal, sam);
    const form = await (await lookAt(desk, account.path)).click("Record a payment");
    const { action, fields } = form.sending("Review payment");
    const typed = { amount: "250.00", receivedOn: "2026-11-23", method: "Check", reason: "Came by post" };
    const post = (toward: string) => desk.post(action, { ...Object.fromEntries(fields), ...typed, toward });
    for (const toward of [theirs, "' or 1=1"]) {
      const page = await post(toward);
      const told = page.errorAt("What it goes to (optional)");
      expect([page.status, told]).toEqual([422, "There was no such balance on that day"]);
    }
    expect(await owed(account)).toBe(300_000);
  });

  test("is one payment when the form is sent twice, and at once on two nodes", async () => {
    const account = await owing();
    const desk = await logIn(portal, sam);
    const { action, fields } = (await review(desk, account, "250.00")).sending("Record $250.00");
    const other = desk.copy((await portal.anotherNode()).server);
    const lock = `select from accounts where id = '${account.id}' for update`;
    await atOnce(db, lock, [desk, other], (browser) => browser.post(action, Object.fromEntries(fields)));
    await desk.post(action, Object.fromEntries(fields));
    expect([await owed(account), (await actsOf(account)).length]).toEqual([275_000, 1]);
  });

  test("can be changed at the review, and its key takes no other amount", async () => {
    const account = await owing();
    const desk = await logIn(portal, sam);
    const seen = await review(desk, account, "250.00");
    const changed = await seen.press("Change");
    expect(changed.sending("Review payment").fields).toContainEqual(["amount", "250.00"]);
    await seen.press("Record $250.00");
    const again = await (await changed.press("Review payment", { Amount: "260" })).press("Record $260.00");
    expect([again.status, again.text]).toEqual([422, expect.stringContaining("This form was sent before")]);
    expect(await owed(account)).toBe(275_000);
  });

  test.each([
    ["from tomorrow", { "Date received": "11/24/2026" }, "Date received", "That day is still to come"],
    [
      "from before the account",
      { "Date received": "11/22/2026" },
      "Date received",
      "The account was not open on that day",
    ],
    ["of nothing", { Amount: "0" }, "Amount", "Enter an amount of at least $0.01"],
    ["without a reason", { Reason: " " }, "Reason", "Enter the reason: it stands in the audit log"],
    ["without a method", { "How it was paid": "" }, "How it was paid", "Choose how it was paid"],
  ])("%s is declined beside its field", async (_, given, label, sentence) => {
    const page = await review(await logIn(portal, sam), await owing(), "250.00", given);
    expect([page.status, page.errorAt(label)]).toEqual([422, sentence]);
  });

  test("goes to the cent of the limit: one cent more waits", async () => {
    const [at, above] = [await owing(), await owing()];
    const desk = await logIn(portal, sam);
    await (await review(desk, at, "1,000.00")).press("Record $1,000.00");
    const page = await (await review(desk, above, "1,000.01")).press("Ask for approval");
    expect(page.text).toContain("It waits now for a second person.");
    expect([await owed(at), await owed(above)]).toEqual([200_000, 300_000]);
  });
});

describe("an amount in parts", () => {
  test("gets no further than the whole: what one did alone on the account in a day counts with it", async () => {
    const account = await owing();
    const desk = await logIn(portal, sam);
    await (await review(desk, account, "600.00")).press("Record $600.00");
    const second = await review(desk, account, "400.01");
    expect(second.text).toContain("above $400.00 (you did $600.00 of it on this account in the last 24 hours)");
    await second.press("Ask for approval");
    expect(await owed(account)).toBe(240_000);
    await (await review(desk, account, "400.00")).press("Record $400.00");
    expect(await owed(account)).toBe(200_000);
  });

  test("sent at once on two nodes gets no further either", async () => {
    const account = await owing();
    const desk = await logIn(portal, sam);
    const other = desk.copy((await portal.anotherNode()).server);
    const [one, two] = [await review(desk, account, "600.00"), await review(desk, account, "600.00")];
    const sendings = [one.sending("Record $600.00"), two.sending("Record $600.00")];
    await Promise.all(sendings.map((sending, index) => (index ? other : desk).send(sending)));
    expect(await owed(account)).toBe(240_000);
    expect((await actsOf(account)).map((act) => act.needs_second).sort()).toEqual([false, true]);
  });
});

test("what one records and then refunds counts together: nobody alone turns a made-up payment into money out", async () => {
  const account = await owing();
  await payOn(portal, account, 300_000);
  const desk = await logIn(portal, sam);
  await (await review(desk, account, "600.00")).press("Record $600.00");
  const form = await (await lookAt(desk, account.path)).click("Refund the credit");
  const page = await form.press("Refund credit", { Amount: "600.00", Reason: "Asked by phone" });
  expect(page.text).toContain("It waits now for a second person.");
  expect(await owed(account)).toBe(-60_000);
});

describe("a payment above the limit", () => {
  test("is posted when a second person approves, and never by who asked", async () => {
    const account = await owing();
    const path = await proposed(account);
    const own = await lookAt(await logIn(portal, sam), path);
    expect(own.buttons).not.toContain("Approve $1,500.00");
    const forced = await (await logIn(portal, sam)).post(`${path}/approval`, {});
    expect(forced.path).toBe(path);
    expect(await owed(account)).toBe(300_000);
    await expect(
      db("payment_acts")
        .where({ account_id: account.id })
        .update({ outcome: "done", decided_at: clock.now(), decided_by: sam.id }),
    ).rejects.toThrow("check constraint");

    const desk = await logIn(portal, nina);
    const list = await desk.get("/console/payments");
    expect(list.text).not.toContain("Quill"); // a name needs a reason first
    const page = await lookAt(desk, path);
    expect(page.fact("Because")).toBe("Came by post");
    expect((await page.press("Approve $1,500.00")).path).toBe("/console/payments");
    expect(await owed(account)).toBe(150_000);
    expect((await auditOf(portal, account)).map(({ action, user_id }) => [action, user_id])).toEqual(
      expect.arrayContaining([
        ["payment proposed", sam.id],
        ["payment approved", nina.id],
        ["payment recorded", nina.id],
      ]),
    );
  });

  test("is refused with a reason, and then not approved", async () => {
    const account = await owing();
    const page = await lookAt(await logIn(portal, nina), await proposed(account));
    expect((await page.press("Refuse it")).errorAt("Reason")).toBe("Enter the reason: it stands in the audit log");
    await page.press("Refuse it", { Reason: "The check is another patient's" });
    const late = await page.press("Approve $1,500.00");
    expect([late.status, late.text]).toEqual([422, expect.stringContaining("it is decided")]);
    expect(await owed(account)).toBe(300_000);
    expect(await auditOf(portal, account, "payment refused")).toMatchObject([
      { user_id: nina.id, details: { reason: "The check is another patient's" } },
    ]);
  });

  test("is decided once, however many decide at once on two nodes", async () => {
    const node = await portal.anotherNode();
    const third = await hireSam(portal);
    for (const last of ["approval", "refusal"]) {
      const account = await owing();
      const path = await proposed(account);
      const [first, second] = [await logIn(portal, nina), (await logIn(portal, third)).copy(node.server)];
      for (const desk of [first, second]) await lookAt(desk, path);
      const lock = `select from payment_acts where account_id = '${account.id}' for update`;
      const pages = await atOnce(db, lock, [first, second], (desk, at) =>
        desk.post(`${path}/${at ? last : "approval"}`, { reason: "Another's" }),
      );
      expect(pages.map(({ status }) => status).sort()).toEqual([200, 422]);
      const [act] = await actsOf(account);
      expect(await owed(account)).toBe(act.outcome === "done" ? 150_000 : 300_000);
      expect((await db("payments").where({ account_id: account.id })).length).toBe(act.outcome === "done" ? 1 : 0);
    }
  });

  test("stays undecided when the account was closed meanwhile", async () => {
    const account = await owing();
    const path = await proposed(account);
    await payOn(portal, account, 300_000);
    await closeAccount(portal, portalItself, account.id);
    const page = await (await lookAt(await logIn(portal, nina), path)).press("Approve $1,500.00");
    expect([page.status, page.text]).toEqual([422, expect.stringContaining("This account was closed on Nov 23, 2026")]);
    expect((await actsOf(account))[0]).toMatchObject({ outcome: null, decided_by: null });
    expect(await auditOf(portal, account, "payment approved")).toEqual([]);
  });
});

describe("a payment that comes back", () => {
  test("is returned at once up to the limit, and once", async () => {
    const account = await owing();
    await payOn(portal, account, 100_000);
    const form = await (await lookAt(await logIn(portal, sam), account.path)).click(
      "Return the payment of Nov 23, 2026",
    );
    expect(form.text).toMatch(/Interest \$0\.00 Late fees \$0\.00 Owed afterwards \$3,000\.00/);
    expect((await form.press("Return $1,000.00")).errorAt("Reason")).toBe(
      "Enter the reason: it stands in the audit log",
    );
    const done = await form.press("Return $1,000.00", { Reason: "Returned by the bank" });
    await form.press("Return $1,000.00", { Reason: "Returned by the bank" });
    expect(done.rows()[0]?.slice(0, 2).join()).toMatch(/Returned.*Returned by the bank/);
    expect([await owed(account), (await actsOf(account)).length]).toEqual([300_000, 1]);
  });

  test("above the limit waits, once, and is posted by a second person", async () => {
    const account = await owing();
    await payOn(portal, account, 100_001);
    const desk = await logIn(portal, sam);
    const form = await (await lookAt(desk, account.path)).click("Return the payment of Nov 23, 2026");
    const other = await desk.get(form.path);
    await form.press("Ask for approval", { Reason: "Returned by the bank" });
    const twice = await other.press("Ask for approval", { Reason: "Returned by the bank" });
    expect([twice.status, twice.text]).toEqual([422, expect.stringContaining("waits for a second person already")]);
    expect(await owed(account)).toBe(199_999);
    const [act] = await actsOf(account);
    await (await lookAt(await logIn(portal, nina), `/console/payments/${act.id}`)).press("Approve $1,000.01");
    expect(await owed(account)).toBe(300_000);
  });

  test("of another account is not there", async () => {
    const [account, other] = [await owing(), await owing()];
    await payOn(portal, other, 1_000);
    const { id } = await db("payments").where({ account_id: other.id }).first("id");
    const desk = await logIn(portal, sam);
    await lookAt(desk, account.path);
    expect((await desk.get(`${account.path}/${id}/return`)).status).toBe(404);
    const posted = await desk.post(`${account.path}/${id}/return`, { key: randomUUIDv7(), reason: "x" });
    expect([posted.status, await owed(other)]).toEqual([404, 299_000]);
  });
});

describe("a credit", () => {
  test("is refunded on request, up to what it is", async () => {
    const account = await owing();
    await payOn(portal, account, 350_000);
    const form = await (await lookAt(await logIn(portal, sam), account.path)).click("Refund the credit");
    const more = await form.press("Refund credit", { Amount: "500.01", Reason: "Asked by phone" });
    expect(more.errorAt("Amount")).toBe("The credit is $500.00. Enter an amount up to that.");
    await form.press("Refund credit", { Amount: "500.00", Reason: "Asked by phone" });
    expect(await owed(account)).toBe(0);
  });

  test("above the limit waits, and stays undecided when it is gone meanwhile", async () => {
    const account = await owing();
    await payOn(portal, account, 450_000);
    const form = await (await lookAt(await logIn(portal, sam), account.path)).click("Refund the credit");
    await form.press("Refund credit", { Amount: "1,500.00", Reason: "Asked by phone" });
    const [act] = await actsOf(account);
    expect(await owed(account)).toBe(-150_000);
    await sellTo(portal, practice, account, { amountCents: 100_000 });
    const desk = await logIn(portal, nina);
    const page = await (await lookAt(desk, `/console/payments/${act.id}`)).press("Approve $1,500.00");
    expect([page.status, page.text]).toEqual([422, expect.stringContaining("The credit is $500.00")]);
    expect((await actsOf(account))[0]).toMatchObject({ outcome: null });
    expect(await owed(account)).toBe(-50_000);
  });
});

test("nobody of a practice comes near it, their own patients' or another's", async () => {
  const account = await owing();
  const path = await proposed(account);
  const { mallory } = await foundMallorys(portal);
  for (const person of [practice.bob, practice.bea, practice.alice, mallory]) {
    const desk = await logIn(portal, person);
    for (const page of [account.path, `${account.path}/new`, path, "/console/payments"])
      expect([page, (await desk.get(page)).status]).toEqual([page, 403]);
    expect((await desk.post(`${path}/approval`, {})).status).toBe(403);
    expect((await desk.post(account.path, { key: randomUUIDv7() })).status).toBe(403);
  }
  expect(await owed(account)).toBe(300_000);
});

test("another person, another account and the next day have a limit of their own", async () => {
  const [account, elsewhere] = [await owing(), await owing()];
  await (await review(await logIn(portal, sam), account, "1,000.00")).press("Record $1,000.00");
  await (await review(await logIn(portal, sam), elsewhere, "1,000.00")).press("Record $1,000.00");
  await (await review(await logIn(portal, nina), account, "700.00")).press("Record $700.00");
  expect([await owed(account), await owed(elsewhere)]).toEqual([130_000, 200_000]);
  clock.advance({ days: 1 });
  await (await review(await logIn(portal, sam), account, "300.00")).press("Record $300.00");
  expect(await owed(account)).toBe(100_000);
});
