import { describe, expect, test } from "vitest";
import { hasPart, partOf } from "../../src/platform/find-text.ts";
import type { Browser, Page } from "../support/browser.ts";
import { foundMallorys, foundPractice, logIn, openAccountFor } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

describe("an account is found by", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  await openAccountFor(portal, practice, {
    person: {
      firstName: "Beatriz",
      lastName: "O’Connor-Núñez",
      ssn: "900112345",
      phone: "5125550199",
      bornOn: "1971-03-09",
    },
    number: "6011223344556677",
  });
  await openAccountFor(portal, practice, {
    person: { firstName: "Sam", lastName: "Percent%Under_Score\\Slash" },
    number: "6011223344550001",
  });
  await openAccountFor(portal, practice, {
    person: { firstName: "Søren", lastName: "Łukasz D'Angelo" },
    number: "6011223344550002",
  });

  test.each([
    ["a part of the first name", "eatri"],
    ["a part of the last name", "connor"],
    ["capitals", "BEATRIZ"],
    ["small letters with an accent", "núñez"],
    ["letters without their accents", "nunez"],
    ["an accent that the name does not have", "Béatriz"],
    ["an accent that is a sign of its own", "nu\u0301n\u0303ez"],
    ["the apostrophe of the keyboard", "o'connor-nunez"],
    ["both names", "Beatriz Connor"],
    ["both names the other way round, with a comma", "Connor, Beatriz"],
    ["spaces around it", "  beatriz   "],
    ["the last four of the account", "6677"],
    ["the last four of the SSN", "2345"],
    ["the phone in digits", "5125550199"],
    ["the phone with hyphens", "512-555-0199"],
    ["the phone as it is written", "(512) 555-0199"],
    ["the phone with dots", "512.555.0199"],
    ["the phone with the country", "+1 512 555 0199"],
    ["the phone with the country and no plus", "1 (512) 555-0199"],
    ["the number of the account", "6011 2233 4455 6677"],
    ["name and phone", "Beatriz (512) 555-0199"],
    ["phone and name", "512 555 0199, Connor"],
    ["the last four of the SSN and the date of birth", "2345 03/09/1971"],
    ["the date of birth", "3/9/1971"],
    ["the date of birth as a machine writes it, and the name", "1971-03-09 Beatriz"],
    ["the last four of the SSN and the phone", "2345 512 555 0199"],
    ["the phone and the last four of the account", "512-555-0199 6677"],
  ])("%s: %s", async (_words, typed) => {
    expect(names(await find(bob, typed))).toEqual(["Beatriz O’Connor-Núñez"]);
  });

  test.each([
    ["another name", "Beatrice"],
    ["a name of which only one word fits", "Beatriz Smith"],
    ["the first four of the account", "6011"],
    ["the middle of the SSN", "1123"],
    ["another phone", "5125550198"],
    ["the name and another phone", "Beatriz 5125550198"],
    ["the last four of the SSN and another date of birth", "2345 03/10/1971"],
    ["a day that does not exist", "2345 02/30/1971"],
  ])("but not by %s: %s", async (_words, typed) => {
    const page = await find(bob, typed);
    expect(names(page)).toEqual([]);
    expect(page.text).toContain(`No account found for “${typed === "900112345" ? "•••-••-2345" : typed}”`);
  });

  test.each(["%", "_", "\\", "%Under_", "Score\\S"])(
    "a sign that means something to a database means itself: %s",
    async (typed) => {
      expect(names(await find(bob, typed))).toEqual(["Sam Percent%Under_Score\\Slash"]);
    },
  );

  test.each(["%%%", "S_m", "Beatri_", "' or 1=1 --", "-", "()", "...", "\\%"])(
    "and finds nothing that is not there: %s",
    async (typed) => {
      const page = await find(bob, typed);
      expect([page.status, names(page)]).toEqual([200, []]);
    },
  );

  test.each(["900112345", "900-11-2345"])("a whole SSN finds nobody and is not repeated: %s", async (typed) => {
    const page = await find(bob, typed);
    expect([page.status, names(page)]).toEqual([200, []]);
    expect(page.html).not.toContain(typed);
  });

  test.each(["soren", "Lukasz", "SØREN", "d’angelo"])(
    "a letter that is no accented one is found as it is typed: %s",
    async (typed) => {
      expect(names(await find(bob, typed))).toEqual(["Søren Łukasz D'Angelo"]);
    },
  );

  test("the part of a name, from an index", async () => {
    const trx = await portal.db.transaction();
    await trx.raw("set local enable_seqscan = off");
    const { rows } = await trx.raw(
      `explain select id from patients where ${hasPart("first_name || ' ' || last_name")}`,
      partOf("nunez"),
    );
    await trx.rollback();
    expect(JSON.stringify(rows)).toContain("patients_name_part");
  });

  test("with nothing typed the newest accounts are listed", async () => {
    const page = await bob.get("/accounts");
    expect(page.status).toBe(200);
    expect(names(page).sort()).toEqual([
      "Beatriz O’Connor-Núñez",
      "Sam Percent%Under_Score\\Slash",
      "Søren Łukasz D'Angelo",
    ]);
  });
});

test("each name leads to the account's page, for one hit too", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const hits = await find(bob, account.last4);
  const page = await hits.click(`${account.person.firstName} ${account.person.lastName}`);
  expect(page).toMatchObject({ path: account.path, status: 200, heading: `Nora ${account.person.lastName}` });
});

test("HTMX gets the list alone, the same rows as the page", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const page = await find(bob, account.last4);
  const fragment = await bob.get(`/accounts?q=${account.last4}`, { "HX-Request": "true" });
  expect(fragment.html).not.toContain("<html");
  expect(fragment.rows()).toEqual(page.rows());
  expect(page.header("vary")).toContain("HX-Request");
  expect(fragment.header("vary")).toContain("HX-Request");
});

test("of many hits the first are shown, with a word that there are more", async () => {
  const practice = await foundPractice(portal);
  for (let count = 0; count < 27; count += 1)
    await openAccountFor(portal, practice, { person: { firstName: "Manifold" } });
  const bob = await logIn(portal, practice.bob);
  const page = await find(bob, "manifold");
  expect(names(page)).toHaveLength(25);
  expect(page.text).toContain("type more to narrow them down");
});

test("Mallory finds none of Alice's patients, however she asks", async () => {
  const practice = await foundPractice(portal);
  const { person, last4 } = await openAccountFor(portal, practice);
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  for (const typed of ["", person.lastName, person.phone, last4, person.ssn.slice(-4), "%"]) {
    const page = await find(mallory, typed);
    expect([typed, names(page)]).toEqual([typed, []]);
    expect(page.html).not.toContain("Nora");
  }
});

test("a patient of two practices is found by both", async () => {
  const [first, second] = [await foundPractice(portal), await foundMallorys(portal)];
  const account = await openAccountFor(portal, first);
  const again = await openAccountFor(portal, second, { person: account.person });
  expect(again.id).toBe(account.id);
  for (const person of [first.bob, second.mallory]) {
    const browser = await logIn(portal, person);
    expect(names(await find(browser, account.person.lastName))).toHaveLength(1);
  }
});

test("what was typed is never logged", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  await find(bob, "Unmistakable Name");
  expect(portal.logged()).toContain('"path":"/accounts"');
  expect(portal.logged()).not.toMatch(/Unmistakable/i);
});

async function find(browser: Browser, typed: string): Promise<Page> {
  const search = await browser.get("/accounts");
  return search.press("Search accounts", { "Name, phone, or last four of the account or SSN": typed });
}

const names = (page: Page) => page.rows().map(([name]) => name);
