import { randomUUIDv7 } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PlanId } from "../../src/credit/plans.ts";
import { parseCents } from "../../src/lib/money.ts";
import { refundSale, reviewRefund } from "../../src/transactions/refund-sale.ts";
import type { Browser, Page } from "../support/browser.ts";
import { foundMallorys, foundPractice, logIn, openAccountFor, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal(); // it begins on the 23rd of November 2026

describe("on sales and refunds of two weeks", async () => {
  // What is sold is drawn by chance, always the same: a report is right for whatever was sold.
  let state = 20_261_123;
  const chance = (least: number, most: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return least + (state % (most - least + 1));
  };
  const plans: PlanId[] = ["standard", "deferred-6", "deferred-24", "convert-12"];
  const practice = await foundPractice(portal, { locations: ["Uptown", "Downtown"] });
  const other = await foundMallorys(portal);
  const account = await openAccountFor(portal, practice, { limitCents: 90_000_000 });
  await openAccountFor(portal, other, { person: account.person });
  for (let day = 0; day < 14; day += 1) {
    for (let count = chance(0, 3); count > 0; count -= 1) {
      const sale = {
        amountCents: chance(20_000, 300_000),
        planId: plans[chance(0, 3)] ?? "standard",
        locationId: practice.locations[chance(0, 1)]?.id ?? "",
      };
      const saleId = await sellTo(portal, practice, account, { ...sale, serviceOn: portal.clock.today() });
      if (chance(0, 2) === 0) await refundOf(saleId, chance(1, sale.amountCents));
    }
    if (day % 5 === 0) await sellTo(portal, other, account, { amountCents: 77_777, reference: "Not ours" });
    portal.clock.advance({ days: 1 });
  }

  test("the totals are the sums of the ledger, to the cent", async () => {
    const page = await show(await logIn(portal, practice.bea), "11/23/2026", "12/06/2026");
    const ledger = await ledgerOf(practice.id, "2026-11-23", "2026-12-06");
    expect(page.status).toBe(200);
    expect(ledger.sales).toBeGreaterThan(8);
    expect(ledger.refunds).toBeGreaterThan(2);
    expect(stat(page, "Sales")).toEqual([ledger.salesCents, `${ledger.sales} sales`]);
    expect(stat(page, "Refunds")).toEqual([ledger.refundsCents, `${ledger.refunds} refunds`]);
    expect(stat(page, "Fees")[0]).toBe(ledger.feeCents);
    expect(stat(page, "You receive")[0]).toBe(ledger.netCents);
    expect(linesOf(page)).toHaveLength(ledger.sales + ledger.refunds);
    const foot = page.rows("tfoot tr")[0]?.slice(1, 5).map(cents);
    expect(foot).toEqual([ledger.salesCents, ledger.refundsCents, ledger.feeCents, ledger.netCents]);
  });

  test("each line adds up, and the lines add up to the totals", async () => {
    const page = await show(await logIn(portal, practice.bea), "11/23/2026", "12/06/2026");
    const sums = [0, 0, 0];
    for (const row of linesOf(page)) {
      const [gross = 0, fee = 0, net = 0] = row.slice(-3).map(cents);
      expect(net).toBe(gross - fee);
      for (const [index, figure] of [gross, fee, net].entries()) sums[index] = (sums[index] ?? 0) + figure;
    }
    const [salesCents = 0, refundsCents = 0, ...rest] = page.rows("tfoot tr")[0]?.slice(1, 5).map(cents) ?? [];
    expect([salesCents - refundsCents, ...rest]).toEqual(sums);
  });

  test("a part of the period is that part of the ledger, both ends included", async () => {
    const browser = await logIn(portal, practice.alice);
    for (const [from, to] of [
      ["2026-11-25", "2026-11-25"],
      ["2026-11-28", "2026-12-02"],
      ["2026-11-20", "2026-11-22"],
    ] as const) {
      const page = await show(browser, from, to);
      const ledger = await ledgerOf(practice.id, from, to);
      expect([from, linesOf(page).length, stat(page, "You receive")[0]]).toEqual([
        from,
        ledger.sales + ledger.refunds,
        ledger.netCents,
      ]);
    }
  });

  test("the CSV is the page, line by line", async () => {
    const browser = await logIn(portal, practice.bea);
    const page = await show(browser, "11/23/2026", "12/06/2026");
    const csv = await page.click("Download CSV");
    expect(csv.status).toBe(200);
    expect(csv.header("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.header("content-disposition")).toBe("attachment; filename=sales-2026-11-23-to-2026-12-06.csv");
    const [headings, ...lines] = csv.html
      .replace(/^\ufeff/, "")
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(","));
    expect(headings?.slice(-3)).toEqual(["Gross", "Fee", "Net"]);
    expect(csv.html.startsWith("\ufeff")).toBe(true);
    const figures = (cells: string[]) => cells.slice(-3).map((cell) => Math.round(Number(cell) * 100));
    const rows = linesOf(page);
    expect(lines.map((cells) => cells[2])).toEqual(rows.map((row) => row[2]?.split(" ")[0]));
    expect(lines.map(figures)).toEqual(rows.map((row) => row.slice(-3).map(cents)));
  });

  test("another practice's sales to the same patient never appear", async () => {
    const browser = await logIn(portal, practice.bea);
    const page = await show(browser, "2020-01-01", "2030-01-01");
    const csv = await page.click("Download CSV");
    for (const { html } of [page, csv]) {
      expect(html).not.toContain("777.77");
      expect(html).not.toContain("Not ours");
    }
    const mallorys = await show(await logIn(portal, other.mallory), "2020-01-01", "2030-01-01");
    expect(linesOf(mallorys)).toHaveLength(3);
    expect(stat(mallorys, "Sales")).toEqual([3 * 77_777, "3 sales"]);
  });

  async function refundOf(saleId: string, amountCents: number): Promise<void> {
    const id = randomUUIDv7();
    await reviewRefund(portal, practice.bea.viewer, { id, saleId, refund: { amountCents, reason: "Other" } });
    await refundSale(portal, practice.bea.viewer, { id, saleId, shownCents: amountCents });
  }
});

test("the list of reports leads to the report, which begins with this month so far", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { amountCents: 12_345, serviceOn: portal.clock.today() });
  const bea = await logIn(portal, practice.bea);
  const page = await (await bea.get("/reports")).click("Sales and refunds");
  expect([page.valueOf("From"), page.valueOf("To")]).toEqual(["12/01/2026", "12/07/2026"]);
  expect(linesOf(page)).toHaveLength(1);
  expect(page.links).toContain("Download CSV");
});

test("both ways of writing a date are taken, and kept as they were typed", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  await sellTo(portal, practice, account, { serviceOn: portal.clock.today() });
  const bea = await logIn(portal, practice.bea);
  for (const [from, to] of [
    ["12/07/2026", "12/07/2026"],
    ["2026-12-07", "2026-12-07"],
    ["12/7/2026", "2026-12-08"],
  ] as const) {
    const page = await show(bea, from, to);
    expect([page.status, linesOf(page).length, page.valueOf("From"), page.valueOf("To")]).toEqual([200, 1, from, to]);
    expect((await page.click("Download CSV")).html.trim().split("\r\n")).toHaveLength(2);
  }
});

describe.each([
  ["12/08/2026", "12/07/2026", "The last day lies before the first. Enter the earlier day under From."],
  ["", "12/07/2026", "Enter the first day"],
  ["12/01/2026", "", "Enter the last day"],
  ["12/01/2026", "13/01/2026", "Enter the last day as month, day and four-digit year, like 03/31/2026"],
  ["yesterday", "12/07/2026", "Enter the first day as month, day and four-digit year, like 03/12/2026"],
])("From “%s” To “%s” is declined", (from, to, sentence) => {
  const query = new URLSearchParams({ from, to });

  test("on the page, beside the dates as they were typed", async () => {
    const page = await show(await logIn(portal, (await foundPractice(portal)).bea), from, to);
    expect(page).toMatchObject({ status: 422, errors: [sentence] });
    expect([page.valueOf("From"), page.valueOf("To")]).toEqual([from, to]);
    expect(page.links).not.toContain("Download CSV");
  });

  test("for HTMX", async () => {
    const bea = await logIn(portal, (await foundPractice(portal)).bea);
    expect((await bea.get(`/reports/sales?${query}`, { "HX-Request": "true" })).status).toBe(422);
  });

  test("as a file", async () => {
    const bea = await logIn(portal, (await foundPractice(portal)).bea);
    expect((await bea.get(`/reports/sales.csv?${query}`)).status).toBe(422);
  });
});

test("cells that a spreadsheet would run as a formula are made harmless", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice, { person: { firstName: "=Nora", lastName: "+Quill" } });
  for (const reference of [
    `=HYPERLINK("http://x.example","y")`,
    "@SUM(A1)",
    "-2+3",
    "+1",
    "＝1+1",
    "a,b",
    'say "ah"',
  ]) {
    await sellTo(portal, practice, account, { reference, serviceOn: portal.clock.today() });
  }
  const bea = await logIn(portal, practice.bea);
  const csv = await bea.get("/reports/sales.csv?from=2026-12-07&to=2026-12-07");
  const lines = csv.html.trim().split("\r\n").slice(1);
  expect(lines).toHaveLength(7);
  for (const line of lines) expect(line).toContain(",'=Nora +Quill,");
  const cells = [
    `,"'=HYPERLINK(""http://x.example"",""y"")",`,
    ",'@SUM(A1),",
    ",'-2+3,",
    ",'+1,",
    ",'＝1+1,",
    ',"a,b",',
    ',"say ""ah""",',
  ];
  for (const [index, cell] of cells.entries()) expect(lines[index]).toContain(cell);
});

test("the desk sees no reports", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  for (const path of ["/reports", "/reports/sales", "/reports/sales.csv"]) {
    expect([path, (await bob.get(path)).status]).toEqual([path, 403]);
  }
  expect((await bob.get("/")).links).not.toContain("Reports");
});

/** The report's lines: its last table, the first being the figures of the chart. */
const linesOf = (page: Page) => page.rows("table:last-of-type tbody tr").filter((row) => row.length === 7);

const show = async (browser: Browser, from: string, to: string): Promise<Page> =>
  (await browser.get("/reports/sales")).press("Show", { From: from, To: to });

function stat(page: Page, label: string): [cents: number | null, note: string] {
  const found = page.root
    .querySelectorAll(".stat")
    .find((one) => one.querySelector(".stat-label")?.text.trim() === label);
  return [
    cents(found?.querySelector(".stat-value")?.text.trim() ?? ""),
    found?.querySelector(".hint")?.text.trim().split(". ")[0] ?? "",
  ];
}

/** `−$1,234.56` to cents. */
function cents(text: string): number {
  const parsed = parseCents(text.replace("−", ""));
  if (parsed === null) throw new Error(`No amount: "${text}"`);
  return text.startsWith("−") ? -parsed : parsed + 0;
}

/** What the ledger says of a practice's period: from its payable and from the income, not from the table of sales. */
async function ledgerOf(practiceId: string, from: string, to: string) {
  const { rows } = await portal.db.raw(
    `with posted as (
       select l.id, l.kind,
         -sum(e.amount_cents) filter (where a.kind = 'payable') as net,
         -coalesce(sum(e.amount_cents) filter (where a.kind = 'merchant_fee_income'), 0) as fee,
         sum(e.amount_cents) filter (where a.kind = 'receivable') as gross
       from ledger_transactions l join ledger_entries e on e.transaction_id = l.id join ledger_accounts a on a.id = e.account_id
       where l.effective_on between :from and :to
         and l.id in (select p.transaction_id from ledger_entries p join ledger_accounts o on o.id = p.account_id where o.owner_id = :practiceId)
       group by l.id)
     select count(*) filter (where kind = 'sale')::int as "sales", count(*) filter (where kind = 'refund')::int as "refunds",
       coalesce(sum(gross) filter (where kind = 'sale'), 0)::bigint as "salesCents",
       coalesce(-sum(gross) filter (where kind = 'refund'), 0)::bigint as "refundsCents",
       coalesce(sum(fee), 0)::bigint as "feeCents", coalesce(sum(net), 0)::bigint as "netCents" from posted`,
    { practiceId, from, to },
  );
  return rows[0];
}
