import { randomUUIDv7 } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { PlanId } from "../../src/credit/plans.ts";
import { formatDate } from "../../src/lib/dates.ts";
import { formatMoney } from "../../src/lib/money.ts";
import { runNightly } from "../../src/nightly.ts";
import { allReports } from "../../src/reports/all-reports.ts";
import { checkDays } from "../../src/reports/check-days.ts";
import { linesOf } from "../../src/reports/lines.ts";
import type { Ask, Column, Filter, Report, Row, Value } from "../../src/reports/report.ts";
import { refundSale, reviewRefund } from "../../src/transactions/refund-sale.ts";
import {
  foundMallorys,
  foundPractice,
  logIn,
  openAccountFor,
  type Practice,
  payOn,
  sellTo,
} from "../support/people.ts";
import { openPortal, type Portal } from "../support/portal.ts";

const cents = (cell: string | undefined) => Math.round(Number(cell || 0) * 100);
const portal = await openPortal();
const chance = drawn(20_261_123);
const practice = await foundPractice(portal, { locations: ["Uptown", "Downtown"] });
const mallorys = await foundMallorys(portal);
await randomBooks(portal, practice);
await randomBooks(portal, mallorys);

const demo = await openPortal({ demo: true });

/** Both books, and every way to look at each. */
const riverside = await practiceIn(demo, "Riverside Dental");
const books = [
  { name: "random books", at: portal, who: await askerOf(portal, practice.id), from: "2026-11-01", to: "2027-01-31" },
  { name: "the demo’s books", at: demo, who: riverside, from: "2025-05-01", to: "2026-11-30" },
];

describe.each(books)("on $name,", ({ at, who, from, to }) => {
  const whole = { from, to };
  const half = { from: addMonth(from), to: addMonth(addMonth(from)) };
  const filters: { name: string; filter: Filter }[] = [
    { name: "all of it", filter: whole },
    { name: "a month", filter: half },
    { name: "one location", filter: { ...whole, locationId: who.locationId } },
    { name: "one plan", filter: { ...whole, planId: "deferred-12" } },
    { name: "one location, one plan, a month", filter: { ...half, locationId: who.locationId, planId: "deferred-6" } },
  ];
  const asked = (filter: Filter): Ask => ({
    db: at.db,
    viewer: who.viewer,
    today: at.clock.today(),
    timeZone: "America/New_York",
    filter,
  });

  describe.each(filters)("$name:", ({ filter }) => {
    const ask = asked(filter);

    test("sales, refunds, fees and net are the ledger’s", async () => {
      const ledger = await ledgerOf(ask);
      const report = await everythingOf("sales", ask);
      expect(report.total).toMatchObject(ledger);
      expect(report.sums).toMatchObject({ gross: ledger.grossCents, fee: ledger.feeCents, net: ledger.netCents });
      expect(sum(report.rows, "netCents")).toBe(ledger.netCents);
    });

    test("the plans add up to the same", async () => {
      const ledger = await ledgerOf(ask);
      const report = await everythingOf("plans", ask);
      expect(report.total).toMatchObject({ grossCents: ledger.grossCents, feeCents: ledger.feeCents });
      expect(report.sums).toMatchObject({ gross: ledger.grossCents, fee: ledger.feeCents, net: ledger.netCents });
      const shares = report.rows.reduce((all, { share }) => all + Number(share), 0);
      if (ledger.grossCents > 0) expect(shares).toBeCloseTo(1, 9);
    });

    test("what each person sold and refunded adds up to the same", async () => {
      const ledger = await ledgerOf(ask);
      const report = await everythingOf("people", ask);
      expect(report.total).toMatchObject({ sold: ledger.salesCents, refunded: ledger.refundsCents });
      expect(report.sums).toMatchObject({ sold: ledger.salesCents, refunded: ledger.refundsCents });
    });

    test("the deposits are those that the ledger paid, and their lines add up to them", async () => {
      const report = await everythingOf("funding", ask);
      const { rows } = await at.db.raw(
        `select coalesce(sum(e.amount_cents), 0)::bigint as cents from ledger_transactions t
         join ledger_entries e on e.transaction_id = t.id join ledger_accounts a on a.id = e.account_id
         join deposits d on d.id = t.id
         where t.kind = 'deposit' and a.kind = 'payable' and a.owner_id = :practice and t.effective_on between :from and :to
           and (:location::uuid is null or d.location_id = :location)`,
        { practice: who.viewer.practice.id, from: filter.from, to: filter.to, location: filter.locationId ?? null },
      );
      const total = report.total as Record<string, number>;
      if (!filter.planId) expect(Number(total.paidCents) - Number(total.dueCents)).toBe(rows[0].cents);
      expect(report.sums).toMatchObject({ gross: total.grossCents, fee: total.feeCents, net: total.netCents });
    });

    test("the statement goes from what the ledger owed to what it owes", async () => {
      const report = await everythingOf("statement", ask);
      const ledger = await ledgerOf(ask);
      expect(report.total).toMatchObject({
        salesCents: ledger.salesCents,
        refundsCents: ledger.refundsCents,
        feeCents: ledger.feeCents,
      });
      const total = report.total as Record<string, number>;
      if (!filter.planId && !filter.locationId) {
        expect(total.openingCents).toBe(await owed(at, who.viewer.practice.id, "<", filter.from));
        expect(total.closingCents).toBe(await owed(at, who.viewer.practice.id, "<=", filter.to));
      }
      if (!filter.planId)
        expect(Number(report.sums.plus) - Number(report.sums.minus)).toBe(
          Number(total.closingCents) - Number(total.openingCents),
        );
    });

    test("promotional balances are those of the ledger", async () => {
      const report = await everythingOf("promotions", ask);
      const { rows } = await at.db.raw(
        `select coalesce(sum(b.cents), 0)::bigint as cents, count(*) as balances from transactions t
         join (select sale_id, sum(amount_cents) as cents from ledger_entries where sale_id is not null group by 1) b on b.sale_id = t.id
         where t.practice_id = :practice and b.cents > 0 and t.plan_id ~ '^(deferred|convert)'
           and (t.business_on + (substring(t.plan_id from '[0-9]+') || ' months')::interval)::date between :from and :to
           and (:location::uuid is null or t.location_id = :location) and (:plan::text is null or t.plan_id = :plan)`,
        named(ask),
      );
      expect(report.total).toMatchObject({ leftCents: rows[0].cents, balances: rows[0].balances });
      expect(report.sums.left).toBe(rows[0].cents);
    });

    test("the credit that is left is the lines of credit less what the ledger says is owed", async () => {
      const report = await everythingOf("unused-credit", ask);
      expect(report.sums.available).toBe((report.total as Record<string, number>).availableCents);
      if (filter.planId || filter.locationId) return;
      const { rows } = await at.db.raw(
        `select coalesce(sum(a.limit_cents - greatest(coalesce(l.cents, 0), 0)), 0)::bigint as cents
         from practice_accounts pa join accounts a on a.id = pa.account_id
         left join (select g.owner_id, sum(e.amount_cents) as cents from ledger_entries e join ledger_accounts g on g.id = e.account_id
           where g.kind = 'receivable' group by 1) l on l.owner_id = a.id
         where pa.practice_id = :practice and a.closed_on is null and a.opened_on between :from and :to
           and a.limit_cents > coalesce(l.cents, 0)`,
        named(ask),
      );
      expect(report.sums.available).toBe(rows[0].cents);
    });

    test("applications are counted as they are", async () => {
      const report = await everythingOf("applications", ask);
      expect(report.total).toMatchObject({ made: report.lines.length });
      if (filter.planId || filter.locationId) return;
      const { rows } = await at.db.raw(
        `select count(*) as made, count(distinct account_id) as approved from applications
         where practice_id = :practice and (submitted_at at time zone 'America/New_York')::date between :from and :to`,
        named(ask),
      );
      expect(report.total).toMatchObject(rows[0]);
    });
  });

  test("something is in every report, so that the sums above are not all nothing", async () => {
    for (const report of allReports) {
      if (report.slug === "applications" && at === portal) continue;
      const { lines } = await everythingOf(report.slug, asked({ from, to: "2028-12-31" }));
      expect([report.slug, lines.length > 3]).toEqual([report.slug, true]);
    }
  });
});

test("days that were spoiled are found", async () => {
  for (const [table, span] of Object.entries({ sales_days: "day", sales_months: "month", user_months: "month" })) {
    const trx = await portal.db.transaction();
    await trx(table).increment("sales_cents", 1);
    expect((await checkDays(trx)).join("\n")).toContain(`each ${span} in ${table}`);
    await trx.rollback();
    const other = await portal.db.transaction();
    await other(table).where({ practice_id: practice.id }).delete();
    expect((await checkDays(other)).length).toBeGreaterThan(2);
    await other.rollback();
  }
  const trx = await portal.db.transaction();
  await trx("promotion_days").increment("left_cents", 1);
  expect((await checkDays(trx)).join("\n")).toContain("each day in promotion_days");
  await trx.rollback();
});

describe.each(allReports.map((report) => ({ name: report.title, report })))("$name", ({ report }) => {
  const query = "from=2026-11-01&to=2028-12-31";

  test("has its place in the list, its fields and its file", async () => {
    const bea = await logIn(portal, practice.bea);
    const page = await (await bea.get("/reports")).click(report.title);
    expect([page.status, page.heading]).toEqual([200, report.title]);
    const shown = await page.press("Show", { From: "11/01/2026", To: "12/31/2028" });
    expect([shown.status, shown.valueOf("Location"), shown.valueOf("Plan")]).toEqual([200, "", ""]);
    const csv = await shown.click("Download CSV");
    const headings = csv.html.replace("\ufeff", "").split("\r\n")[0]?.split(",");
    expect(headings).toEqual(report.columns.map(({ name }: Column) => name));
  });

  test("shows nothing of another practice, on the page and in the file", async () => {
    const mallory = await logIn(portal, mallorys.mallory);
    for (const path of [`/reports/${report.slug}`, `/reports/${report.slug}.csv`]) {
      const { status, html } = await mallory.get(`${path}?${query}`);
      expect(status).toBe(200);
      expect(html).not.toMatch(/Uptown|Downtown|Ours alone/);
      const foreign = await mallory.get(`${path}?${query}&location=${practice.locations[0]?.id}`);
      expect(foreign).toMatchObject({ status: 422, errors: ["Choose one of your locations."] });
    }
  });

  test("is not for the desk", async () => {
    const bob = await logIn(portal, practice.bob);
    expect((await bob.get(`/reports/${report.slug}`)).status).toBe(403);
    expect((await bob.get(`/reports/${report.slug}.csv`)).status).toBe(403);
  });

  test("keeps its file back after a password reset by e-mail", async () => {
    await portal.db("users").where({ id: practice.alice.id }).update({ reset_by_mail_at: portal.clock.now() });
    const alice = await logIn(portal, practice.alice);
    expect((await alice.get(`/reports/${report.slug}?${query}`)).status).toBe(200);
    expect((await alice.get(`/reports/${report.slug}.csv?${query}`)).status).toBe(403);
    await portal.db("users").where({ id: practice.alice.id }).update({ reset_by_mail_at: null });
  });
});

test("journals balance entry by entry, and their bank lines are the deposits that arrived", async () => {
  const bea = await logIn(portal, practice.bea);
  const page = await bea.get("/reports/funding?from=2026-11-01&to=2027-12-31");
  const cells = (text: string) =>
    text
      .trim()
      .split("\r\n")
      .slice(1)
      .map((line) => line.split(","));
  const paid = await portal
    .db("deposits")
    .where({ practice_id: practice.id })
    .whereNotNull("posted_at")
    .sum("paid_cents as c")
    .first();

  const quickbooksFile = (await page.click("QuickBooks journal")).html;
  expect(quickbooksFile.split("\r\n")[0]).toBe(
    "Journal No,Journal Date,Account Name,Debits,Credits,Description,Location",
  );
  const quickbooks = cells(quickbooksFile);
  const entries = Map.groupBy(quickbooks, ([number]) => number);
  expect(entries.size).toBeGreaterThan(5);
  for (const lines of entries.values())
    expect(lines.reduce((sum, line) => sum + cents(line[3]) - cents(line[4]), 0)).toBe(0);
  const bank = quickbooks.filter((line) => line[2] === "Bank").reduce((sum, line) => sum + cents(line[3]), 0);
  expect(bank).toBe(Number(paid?.c));
  expect(quickbooks[0]?.[1]).toMatch(/^\d\d\/\d\d\/\d{4}$/);

  const xeroFile = (await page.click("Xero journal")).html;
  expect(xeroFile.split("\r\n")[0]).toBe("*Narration,*Date,Description,*AccountCode,*TaxRate,*Amount");
  const xero = cells(xeroFile);
  expect(xero[0]?.[1]).toMatch(/^\d{1,2} [A-Z][a-z]{2} \d{4}$/);
  expect(xero.length).toBe(quickbooks.length);
  for (const lines of Map.groupBy(xero, ([narration]) => narration).values())
    expect(lines.reduce((sum, line) => sum + cents(line.at(-1)), 0)).toBe(0);
});

test("a deposit is found by the amount on the bank statement, and its day leads to its own lines", async () => {
  const paid = await portal.db("deposits").where({ practice_id: practice.id }).where("paid_cents", ">", 0);
  const [one] = paid.filter(({ paid_cents }) => paid.filter((each) => each.paid_cents === paid_cents).length === 1);
  const amount = formatMoney(one.paid_cents);
  const bea = await logIn(portal, practice.bea);
  const page = await bea.get("/reports/funding?from=2026-11-01&to=2027-12-31");
  const wrong = await page.press("Show", { "Amount on your bank statement": "a lot" });
  expect(wrong).toMatchObject({ status: 422, errors: ["Enter an amount in dollars and cents, like 1,200.00"] });
  const found = await wrong.press("Show", { "Amount on your bank statement": amount });
  expect(found.text).toContain(`Deposits ${amount} 1 deposit`);
  const missed = await wrong.press("Show", { "Amount on your bank statement": formatMoney(one.paid_cents + 1) });
  expect(missed.text).toContain(
    `No deposit from Nov 1, 2026 to Dec 31, 2027 is exactly ${formatMoney(one.paid_cents + 1)}. These come nearest`,
  );
  expect(missed.rows()[0]?.slice(-2)).toEqual(["−$0.01", amount]);
  expect((await missed.click(formatDate(one.arrives_on))).text).toContain(amount);
  const elsewhere = await bea.get(`/reports/funding?from=2027-12-31&to=2027-12-31&amount=${one.paid_cents / 100}`);
  expect(elsewhere.rows()[0]).toEqual([formatDate(one.arrives_on), expect.any(String), "$0.00", amount]);
  expect(elsewhere.links).not.toContain("Download CSV");
  const none = await bea.get("/reports/funding?from=2026-11-01&to=2027-12-31&amount=0.00");
  expect(none.errors).toEqual(["Enter an amount of at least $0.01"]);
  const alone = await found.click(formatDate(one.arrives_on));
  const lines = await portal.db("deposit_lines").where({ deposit_id: one.id }).pluck("transaction_id");
  for (const id of lines) expect(alone.html).toContain(`/transactions/${id}`);
  const mallory = await logIn(portal, mallorys.mallory);
  const others = await mallory.get(`/reports/funding?from=2026-11-01&to=2027-12-31&amount=${one.paid_cents / 100}`);
  expect(others.text).toContain("Nothing from");
});

test("what several deposits of a day come to together is found too, as a bank may show them", async () => {
  const [day] = (
    await portal.db.raw(
      `select arrives_on as "on", sum(paid_cents)::bigint as cents, count(*)::int as count from deposits
       where practice_id = ? and paid_cents > 0 group by 1 having count(*) > 1 limit 1`,
      [practice.id],
    )
  ).rows;
  const bea = await logIn(portal, practice.bea);
  const page = await bea.get(`/reports/funding?from=2026-11-01&to=2027-12-31&amount=${day.cents / 100}`);
  expect(page.rows()[0]).toEqual([
    formatDate(day.on),
    `${day.count} deposits together`,
    "$0.00",
    formatMoney(day.cents),
  ]);
  const both = await page.click(formatDate(day.on));
  expect(both.text).toContain(`Deposits ${formatMoney(day.cents)} ${day.count} deposits`);
});

test("a deposit has one number, on the page, in the lines and in the journals; the journal goes where no plan is chosen", async () => {
  const bea = await logIn(portal, practice.bea);
  const page = await bea.get("/reports/funding?from=2026-11-01&to=2027-12-31");
  const [number = ""] = /CW-\d{8}-[0-9a-f]{8}/.exec(page.text) ?? [];
  for (const name of ["Download CSV", "QuickBooks journal", "Xero journal"]) {
    expect((await page.click(name)).html).toContain(number);
  }
  expect((await page.click("Xero journal")).html).not.toMatch(/,1000,/);
  const narrowed = await page.press("Show", { Plan: "Standard account" });
  expect(narrowed.links).not.toContain("QuickBooks journal");
  const wrong = await page.press("Show", { From: "soon", To: "later" });
  expect(wrong.errors.map((error) => error.split(" as ")[0])).toEqual(["Enter the first day", "Enter the last day"]);
});

test("the row of all deposits adds up as each of them: net and carried in, less what goes to the next, is paid", async () => {
  const bea = await logIn(portal, practice.bea);
  const page = await bea.get("/reports/funding?from=2026-11-01&to=2027-12-31");
  const table = page.root.querySelectorAll("table").find((each) => each.text.includes("Carried in"));
  const rows =
    table?.querySelectorAll("tbody tr, tfoot tr").map((row) => row.querySelectorAll("th, td").slice(-3)) ?? [];
  const amountsIn = (text = "") =>
    (text.match(/−?\$[\d,.]+/g) ?? []).map((each) => cents(each.replace("−", "-").replace(/[$,]/g, "")));
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.at(-1)?.[2]?.text).toContain("to the next");
  for (const [net, carried, last] of rows) {
    const [paid = 0, left = 0] = amountsIn(last?.text);
    expect((amountsIn(net?.text)[0] ?? 0) + (amountsIn(carried?.text)[0] ?? 0) - left).toBe(paid);
  }
});

test("a page says which location and plan it is of, for on paper its fields are gone, and names every figure", async () => {
  const bea = await logIn(portal, practice.bea);
  const page = await bea.get("/reports/sales?from=2026-11-01&to=2028-12-31");
  expect(page.text).toContain("Nov 1, 2026 to Dec 31, 2028, compared with");
  const narrowed = await page.press("Show", { Location: "Downtown", Plan: "Standard account" });
  expect(narrowed.text).toContain("Nov 1, 2026 to Dec 31, 2028, Downtown, Standard account, compared with");
  const figures = narrowed.root.querySelectorAll("tbody td.num");
  expect(figures.length).toBeGreaterThan(10);
  for (const figure of figures) if (figure.text) expect(figure.getAttribute("data-label")).toBeTruthy();
});

test("of a time with nothing in it there is no chart of zeros and no table of them, but what one can do", async () => {
  const fresh = await foundPractice(portal);
  const bea = await logIn(portal, fresh.bea);
  for (const { slug } of allReports.filter(({ slug }) => slug !== "people")) {
    const page = await bea.get(`/reports/${slug}?from=2026-11-01&to=2026-11-30`);
    expect([slug, page.root.querySelectorAll("main svg, main table").length]).toEqual([slug, 0]);
    expect(page.text).toContain("Choose other days above.");
  }
});

test("a deposit says what of it goes on to the next, so that its line adds up", async () => {
  const carried = await portal.db("deposits").where({ practice_id: practice.id }).where("carried_out_cents", "<", 0);
  expect(carried.length).toBeGreaterThan(0);
  const bea = await logIn(portal, practice.bea);
  for (const one of carried) {
    const page = await bea.get(
      `/reports/funding?from=${one.arrives_on}&to=${one.arrives_on}&location=${one.location_id}`,
    );
    expect(page.text).toContain(`$0.00 ${formatMoney(one.carried_out_cents)} to the next`);
    expect(page.text).toContain(`${formatDate(one.arrives_on)} Carried over`);
  }
});

test("a long list goes on page by page, each line once", async () => {
  const bea = await logIn(portal, practice.bea);
  const ids: string[] = [];
  let page = await bea.get("/reports/sales?from=2026-11-01&to=2027-12-31");
  for (;;) {
    ids.push(
      ...page.root.querySelectorAll("table:last-of-type tbody th a").map((link) => link.getAttribute("href") ?? ""),
    );
    if (!page.links.includes("More lines")) break;
    page = await page.click("More lines");
  }
  const count = await portal.db("transactions").where({ practice_id: practice.id }).count("* as all").first();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBe(Number(count?.all));
  expect(ids.length).toBeGreaterThan(50);
});

/** A report, with all of its lines and the sums of their figures. */
async function everythingOf(slug: string, ask: Ask) {
  const report = allReports.find((each) => each.slug === slug) as Report;
  const [{ table }, { rows: lines }] = await Promise.all([
    report.summary(ask),
    linesOf(report, ask, { most: 100_000 }),
  ]);
  const figures = report.columns.filter(({ as }) => as === "money" || as === "count");
  return {
    lines,
    rows: table.rows,
    total: table.total as Row,
    sums: Object.fromEntries(figures.map(({ key }) => [key, sum(lines, key)])),
  };
}

function sum(rows: Row[], key: string): number {
  return rows.reduce((total, row) => total + Number(row[key] ?? 0), 0);
}

function named({ viewer, filter }: Ask): Record<string, Value> {
  const { from, to, locationId = null, planId = null } = filter;
  return { practice: viewer.practice.id, from, to, location: locationId, plan: planId };
}

/** What the ledger says: from the entries, the table of sales telling only where and on which plan. */
async function ledgerOf(ask: Ask) {
  const { rows } = await ask.db.raw(
    `with posted as (
       select l.id, l.kind, -sum(e.amount_cents) filter (where a.kind = 'payable') as net,
         coalesce(sum(e.amount_cents) filter (where a.kind = 'receivable'), 0) as gross
       from ledger_transactions l join ledger_entries e on e.transaction_id = l.id
       join ledger_accounts a on a.id = e.account_id join transactions t on t.id = l.id
       where l.kind in ('sale', 'refund') and l.effective_on between :from and :to
         and l.id in (select p.transaction_id from ledger_entries p join ledger_accounts o on o.id = p.account_id
           where o.kind = 'payable' and o.owner_id = :practice)
         and (:location::uuid is null or t.location_id = :location) and (:plan::text is null or t.plan_id = :plan)
       group by l.id)
     select coalesce(sum(gross) filter (where kind = 'sale'), 0)::bigint as "salesCents",
       coalesce(-sum(gross) filter (where kind = 'refund'), 0)::bigint as "refundsCents",
       coalesce(sum(gross), 0)::bigint as "grossCents", coalesce(sum(gross - net), 0)::bigint as "feeCents",
       coalesce(sum(net), 0)::bigint as "netCents" from posted`,
    named(ask),
  );
  return rows[0] as Record<"salesCents" | "refundsCents" | "grossCents" | "feeCents" | "netCents", number>;
}

/** What the ledger owed a practice before a day, or at its end. */
async function owed({ db }: Portal, practiceId: string, before: "<" | "<=", day: string): Promise<number> {
  const { rows } = await db.raw(
    `select -coalesce(sum(e.amount_cents), 0)::bigint as cents from ledger_entries e
     join ledger_accounts a on a.id = e.account_id join ledger_transactions t on t.id = e.transaction_id
     where a.kind = 'payable' and a.owner_id = ? and t.effective_on ${before} ?`,
    [practiceId, day],
  );
  return 0 + rows[0].cents;
}

/** Two months of sales on every kind of plan, refunds in part and whole, payments, and the nights after them. */
async function randomBooks(at: Portal, of: Practice): Promise<void> {
  const plans: PlanId[] = ["standard", "deferred-6", "deferred-12", "fixed-24", "convert-12"];
  const accounts = [];
  for (let count = 0; count < 4; count += 1) accounts.push(await openAccountFor(at, of, { limitCents: 9_000_000 }));
  const sold: { id: string; cents: number }[] = [];
  for (let day = 0; day < 20; day += 1) {
    for (let count = chance(0, 5); count > 0; count -= 1) {
      const account = accounts[chance(0, 3)] ?? accounts[0];
      const amountCents = chance(100_000, 300_000);
      const sale = {
        amountCents,
        planId: plans[chance(0, 4)] ?? "standard",
        by: chance(0, 1) ? of.bob : of.bea,
        locationId: of.locations[chance(0, of.locations.length - 1)]?.id ?? "",
        serviceOn: at.clock.today(),
        reference: of === practice ? "Ours alone" : "",
      };
      if (account) sold.push({ id: await sellTo(at, of, account, sale), cents: amountCents });
    }
    const back = sold[chance(0, sold.length)];
    if (back) {
      sold.splice(sold.indexOf(back), 1);
      const id = randomUUIDv7();
      const refund = { amountCents: chance(1, back.cents), reason: "Other" } as const;
      await reviewRefund(at, of.bea.viewer, { id, saleId: back.id, refund });
      await refundSale(at, of.bea.viewer, { id, saleId: back.id, shownCents: refund.amountCents });
    }
    const payer = accounts[chance(0, 3)];
    if (payer && day % 4 === 3) await payOn(at, payer, chance(1_000, 90_000));
    at.clock.advance({ days: of === practice ? 1 : 0 });
    if (of === practice) await runNightly(at.parts);
  }
}

function drawn(seed: number) {
  let state = seed;
  return (least: number, most: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return least + ((state >> 8) % (most - least + 1));
  };
}

function addMonth(day: string): string {
  const [year = 0, month = 0] = day.split("-").map(Number);
  return month === 12 ? `${year + 1}-01-01` : `${year}-${String(month + 1).padStart(2, "0")}-01`;
}

async function practiceIn(at: Portal, name: string) {
  const row = await at.db("practices").where({ name }).first("id");
  return askerOf(at, row.id);
}

async function askerOf({ db }: Portal, practiceId: string) {
  const owner = await db("users").where({ practice_id: practiceId, role: "owner" }).first();
  const location = await db("locations").where({ practice_id: practiceId }).first("id");
  return {
    locationId: location.id as string,
    viewer: { ...owner, practice: { id: practiceId } } as Ask["viewer"],
  };
}
