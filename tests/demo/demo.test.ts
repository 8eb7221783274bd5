import { generate } from "otplib";
import { describe, expect, test } from "vitest";
import { openAccount } from "../../src/credit/account.ts";
import { applyAll } from "../../src/credit/engine.ts";
import { planTerms, promotionEnd } from "../../src/credit/plans.ts";
import { fixedPatients, randomPatients } from "../../src/demo/patients.ts";
import { demoPeople, password } from "../../src/demo/people.ts";
import { seededRandom } from "../../src/demo/random.ts";
import { seedDemo } from "../../src/demo/seed.ts";
import { checkLedger } from "../../src/ledger/check.ts";
import { addDays, dayOfMonth, daysBetween } from "../../src/lib/calendar.ts";
import type { Browser, Page } from "../support/browser.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal({ demo: true });
const { db, clock } = portal;
const tables = [
  "practices",
  "locations",
  "users",
  "second_factors",
  "patients",
  "accounts",
  "applications",
  "transactions",
  "payments",
  "ledger_transactions",
  "ledger_entries",
  "messages",
  "audit_events",
];
const seeded = await counts();

test("seeding again adds nothing", async () => {
  const before = await counts();
  await seedDemo(portal.parts);
  expect(await counts()).toEqual(before);
});

test("the books balance after it", async () => {
  expect(seeded.ledger_entries).toBeGreaterThan(1_000);
  expect(await checkLedger(db)).toEqual([]);
});

describe("the demo people are those of the contract:", () => {
  test.each([
    ["riverside.owner", "owner", "Riverside Dental", "TX", 2, "email"],
    ["riverside.desk", "clerk", "Riverside Dental", "TX", 2, undefined],
    ["riverside.billing", "biller", "Riverside Dental", "TX", 2, "totp"],
    ["lakeside.owner", "owner", "Lakeside Veterinary", "CA", 1, undefined],
    ["hudson.owner", "owner", "Hudson Dermatology", "NY", 1, "sms"],
    ["support.sam", "support", undefined, undefined, 0, "email"],
    ["admin.ada", "administrator", undefined, undefined, 0, "email"],
  ])("%s", async (userId, role, practice, state, locations, factor) => {
    const [row] = await db("users as u")
      .leftJoin("practices as p", "p.id", "u.practice_id")
      .leftJoin("second_factors as f", "f.user_id", "u.id")
      .where("u.user_id", userId)
      .select(
        "u.role",
        "u.email",
        "u.phone",
        "p.name",
        "p.state",
        "f.kind",
        db.raw("(select count(*)::int from locations l where l.practice_id = p.id) as locations"),
      );
    expect(row).toEqual({
      role,
      name: practice ?? null,
      state: state ?? null,
      locations,
      kind: factor ?? null,
      email: `${userId}@example.com`,
      phone: expect.stringMatching(/^20255501\d\d$/),
    });
    const page = await enter(userId);
    expect(page.buttons).toContain("Log out");
  });

  test("and no others", async () => {
    expect(await db("users").pluck("user_id")).toHaveLength(demoPeople.length);
  });
});

test("Riverside offers every plan", async () => {
  const desk = await deskOfRiverside();
  const priya = await open(desk, "Priya Nair");
  expect((await priya.click("New sale")).root.querySelectorAll("input[name=plan]")).toHaveLength(10);
});

describe("four patients are fixed:", async () => {
  const desk = await deskOfRiverside();

  test("Maria Alvarez, with 40 days left of twelve months on $1,200", async () => {
    const page = await open(desk, "Maria Alvarez");
    expect(page.text).toContain("Account ending 4417 · Born Mar 12, 1984 · Open");
    expect(page.text).toContain("of a limit of $8,000.00");
    expect(page.text).toContain("No interest if paid in full within 12 months 40 days left");
    expect(page.text).toContain("Left of $1,200.00");
    expect(page.rows().filter((row) => row[1] === "Sale")).toHaveLength(1);
  });

  test("James Whitfield, with a sale over 24 months and one late payment", async () => {
    const page = await open(desk, "James Whitfield");
    expect(page.text).toContain("Account ending 2093 · Born Nov 2, 1961 · Open");
    expect(page.text).toContain("of a limit of $5,000.00");
    expect(page.text.match(/Late fee \$30\.00/g)).toHaveLength(1);
    expect(
      page
        .rows()
        .filter((row) => row[1] === "Sale")
        .map((row) => row[2]),
    ).toEqual(["Reduced APR, 24 months"]);
  });

  test("Priya Nair, who owes nothing", async () => {
    const page = await open(desk, "Priya Nair");
    expect(page.text).toContain("Account ending 7751 · Born Jul 25, 1990 · Open");
    expect(page.text).toContain("Available credit $3,000.00 of a limit of $3,000.00");
    expect(page.text).toContain("Owed in all $0.00");
  });

  test("Walter Boone, whose account is closed", async () => {
    const page = await open(desk, "Walter Boone");
    expect(page.text).toMatch(/Account ending 6608 · Born Jan 30, 1947 · Opened \w+ \d+, \d{4} · Closed/);
    expect(page.links).not.toContain("New sale");
  });

  test.each(["Maria Alvarez", "James Whitfield", "Priya Nair", "Walter Boone"])(
    "no other patient bears the name of %s",
    async (name) => {
      expect(await db("patients").whereRaw("first_name || ' ' || last_name = ?", [name])).toHaveLength(1);
    },
  );

  test.each(["4417", "2093", "7751", "6608"])("and the last four %s find one account", async (four) => {
    expect((await desk.get(`/accounts?q=${four}`)).rows()).toHaveLength(1);
  });
});

describe("on whatever day the demo is seeded,", () => {
  const days = Array.from({ length: 5 * 366 }, (_, index) => addDays("2024-01-01", index));

  test("Maria has 40 days left", () => {
    const left = (day: string) => {
      const [sale] = fixedPatients(day)[0]?.sales ?? [];
      return sale && daysBetween(day, promotionEnd(planTerms(sale.planId), sale.on) ?? day);
    };
    // No twelve months end on a leap day: where the 40th day is one, it is the 39th.
    expect(days.filter((day) => left(day) !== (addDays(day, 40).endsWith("-02-29") ? 39 : 40))).toEqual([]);
  });

  test("nothing lies in the future, nor before its account", () => {
    const wrong = days.filter((day) =>
      fixedPatients(day).some(
        ({ openedOn, closedOn = "", sales }) =>
          openedOn >= day || closedOn >= day || sales.some(({ on }) => on >= day || on < openedOn),
      ),
    );
    expect(wrong).toEqual([]);
  });

  // What the credit engine makes of their sales and payments: late fees, and what is owed in the end.
  test.each(["2026-11-23", "2026-01-05", "2026-03-31", "2026-07-15", "2028-02-29"])(
    "James paid late once and the others never, and Walter closed at zero: %s",
    (today) => {
      const told = fixedPatients(today).map((patient) => {
        const { openedOn, closedOn, limitCents, lastName } = patient;
        const cycleDay = Math.min(dayOfMonth(openedOn), 28);
        const events = patient.sales.flatMap(({ planId, amountCents, on, payments }, sale) => [
          { type: "sale", date: on, id: `sale-${sale}`, plan: planId, amountCents } as const,
          ...payments
            .filter((payment) => payment.on < today)
            .map(
              (payment, count) =>
                ({
                  type: "payment",
                  date: payment.on,
                  id: `${sale}-${count}`,
                  amountCents: payment.amountCents,
                }) as const,
            ),
        ]);
        events.sort((a, b) => (a.date < b.date ? -1 : 1));
        const opened = openAccount({ openedOn, cycleDay, standardApr: "32.99", limitCents });
        const { account, postings } = applyAll(opened, { events, through: closedOn ?? addDays(today, -1) });
        const owed = account.balances.reduce((sum, { balanceCents }) => sum + balanceCents, 0);
        return [lastName, postings.filter(({ kind }) => kind === "late-fee").length, closedOn ? owed : "open"];
      });
      expect(told).toEqual([
        ["Alvarez", 0, "open"],
        ["Whitfield", 1, "open"],
        ["Nair", 0, "open"],
        ["Boone", 0, 0],
      ]);
    },
  );
});

test("Riverside has sixty patients and eighteen months behind it, ending yesterday", async () => {
  const riverside = await db("practices").where({ name: "Riverside Dental" }).first("id");
  const people = await db("applications")
    .where({ practice_id: riverside.id })
    .distinct("first_name", "last_name", "born_on");
  expect(people).toHaveLength(60);
  const { rows } = await db.raw(
    "select min(business_on) as first, max(business_on) as last from transactions where practice_id = ?",
    [riverside.id],
  );
  expect(daysBetween(rows[0].first, clock.today())).toBeGreaterThan(500);
  expect(rows[0].last < clock.today()).toBe(true);
  expect(daysBetween(rows[0].last, clock.today())).toBeLessThan(14);
  const late = await db.raw("select count(*)::int as count from payments where received_on >= ? or recorded_at > ?", [
    clock.today(),
    clock.now(),
  ]);
  expect(late.rows[0].count).toBe(0);
  const outcomes = await db("applications").where({ practice_id: riverside.id }).distinct("outcome").pluck("outcome");
  expect(outcomes.sort()).toEqual(["approved", "declined"]);
  for (const kind of ["sale", "refund"])
    expect((await db("transactions").where({ practice_id: riverside.id, kind })).length).toBeGreaterThan(5);
});

test("the same seed makes the same patients, and another one others", () => {
  const drawn = (seed: number) => randomPatients(seededRandom(seed), 56);
  expect(drawn(20_261_123)).toEqual(drawn(20_261_123));
  expect(drawn(20_261_123)).not.toEqual(drawn(20_261_124));
});

test("the demo's pages open for the owner, whatever is in them", async () => {
  const owner = (await enter("riverside.owner")).links;
  const browser = await deskOfRiverside();
  expect(owner).toContain("Reports");
  for (const path of [
    "/",
    "/applications",
    "/applications?state=declined",
    "/accounts",
    "/transactions",
    "/transactions?kind=refund",
  ]) {
    expect([path, (await browser.get(path)).status]).toEqual([path, 200]);
  }
});

async function counts(): Promise<Record<string, number>> {
  const found = await Promise.all(
    tables.map(async (table) => [
      table,
      (await db.raw("select count(*)::int as count from ??", [table])).rows[0].count,
    ]),
  );
  return Object.fromEntries(found);
}

async function enter(userId: string): Promise<Page> {
  const browser = portal.browser();
  const page = await (await browser.get("/login")).press("Log in", { "User ID": userId, Password: password });
  if (page.path !== "/login/code") return page;
  const [newest] = await portal.messages();
  const isApp = page.heading.includes("authenticator");
  const code = isApp
    ? await generate({ secret: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP" })
    : (/\b\d{6}\b/.exec(newest?.text ?? "")?.[0] ?? "");
  return page.press("Verify", { "Verification code": code });
}

async function deskOfRiverside(): Promise<Browser> {
  const browser = portal.browser();
  await (await browser.get("/login")).press("Log in", { "User ID": "riverside.desk", Password: password });
  return browser;
}

async function open(browser: Browser, name: string): Promise<Page> {
  return (await browser.get(`/accounts?q=${encodeURIComponent(name)}`)).click(name);
}
