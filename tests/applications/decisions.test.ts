import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { sandboxBureau } from "../../src/applications/sandbox-bureau.ts";
import { apply, filledApplication } from "../support/applications.ts";
import { foundPractice, logIn, somePatient } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

// Begun before all other tests and looked at after them: it takes eight seconds, which nobody should sit through.
const slow = (async () => {
  const browser = await logIn(portal, (await foundPractice(portal)).bob);
  const began = performance.now();
  const page = await apply(browser, { "Social Security number": "987-65-4327" });
  return { browser, page, began, waited: performance.now() - began };
})();

test.each([
  ["987-65-4320", "$8,000.00"],
  ["987-65-4321", "$2,500.00"],
  ["987-65-4322", "$500.00"],
])("SSN %s is approved for %s, and the account is open at once", async (ssn, limit) => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const page = await apply(browser, { "Social Security number": ssn, "E-mail": `${ssn}@patient.example` });
  expect(page).toMatchObject({ status: 200, heading: `Approved for ${limit}` });
  expect(page.text).toContain("at a standard APR of 32.99%");
  const account = await page.click("See the account");
  expect(account.text).toContain(`Available credit ${limit}`);
  expect((await page.click("New sale")).heading).toBe("New sale");
  const [notice] = await sentTo(`${ssn}@patient.example`);
  expect(notice?.text).toContain(`Your credit limit is ${limit}`);
});

test.each([
  ["987-65-4323", ["Number of established accounts", "Proportion of balances to credit limits is too high"]],
  ["987-65-4324", ["Delinquent past or present credit obligations with others"]],
  ["987-65-4329", ["No credit file"]],
])("SSN %s is declined, and the patient alone is told why", async (ssn, reasons) => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.bob);
  const page = await apply(browser, { "Social Security number": ssn, "E-mail": `${ssn}@patient.example` });
  expect(page).toMatchObject({ status: 200, heading: "Not approved this time" });
  expect(page.fact("Status")).toBe("Declined");

  const [notice, ...more] = await sentTo(`${ssn}@patient.example`);
  expect(more).toEqual([]);
  for (const reason of reasons) expect(notice?.text).toContain(`  - ${reason}`);
  expect(notice?.text).toContain("Equal Credit Opportunity Act");
  expect(notice?.text).toContain("free copy of your report");

  const owner = await logIn(portal, practice.alice);
  const pages = [
    page,
    await browser.get(page.path),
    await browser.get("/applications"),
    await browser.get("/"),
    await owner.get(page.path),
    await owner.get("/applications?state=declined"),
  ];
  for (const { html, status, path } of pages) {
    for (const reason of reasons) expect([path, status, html.includes(reason)]).toEqual([path, 200, false]);
  }
  expect(
    await portal
      .db("accounts as a")
      .join("practice_accounts as pa", "pa.account_id", "a.id")
      .where({ practice_id: practice.id }),
  ).toEqual([]);
});

test.each([
  ["987-65-4325", "The patient’s identity has to be confirmed."],
  ["987-65-4328", "We are looking at some details."],
])(
  "SSN %s is pending, with what is missing; the patient is asked to call, and not told what is suspected",
  async (ssn, words) => {
    const { bob } = await foundPractice(portal);
    const browser = await logIn(portal, bob);
    const page = await apply(browser, { "Social Security number": ssn, "E-mail": `${ssn}@patient.example` });
    expect(page).toMatchObject({ status: 200, heading: "Pending" });
    expect(page.text).toContain(words);
    expect(page.html).not.toMatch(/fraud/i);
    const [letter, ...others] = await sentTo(`${ssn}@patient.example`);
    expect([letter?.text.includes("we need to confirm who you are"), others]).toEqual([true, []]);
    expect(letter?.text).not.toMatch(/fraud|identity/i);
    expect((await browser.get("/")).text).toContain("Application of Nora");
  },
);

describe("with SSNs of an area from 900 and a middle of 01 to 49, the last four decide", () => {
  test.each([
    ["900-01-0000", "Not approved this time"], // 500
    ["999-49-0139", "Not approved this time"], // 639
    ["950-25-0140", "Approved for $1,500.00"], // 640
    ["950-25-0179", "Approved for $1,500.00"], // 679
    ["950-25-0180", "Approved for $3,500.00"], // 680
    ["950-25-0220", "Approved for $6,000.00"], // 720
    ["950-25-0350", "Approved for $6,000.00"], // 850
    ["950-25-0351", "Not approved this time"], // 500 again
  ])("%s: %s", async (ssn, heading) => {
    const { bob } = await foundPractice(portal);
    expect((await apply(await logIn(portal, bob), { "Social Security number": ssn })).heading).toBe(heading);
  });
});

test.each(["123-45-6789", "899-01-1234", "900-00-1234", "900-50-1234", "987-65-4330", "987-65-4319"])(
  "in the demo an SSN that may be somebody's is refused: %s",
  async (ssn) => {
    const { bob } = await foundPractice(portal);
    const page = await apply(await logIn(portal, bob), { "Social Security number": ssn });
    expect(page.status).toBe(422);
    expect(page.errorAt("Social Security number")).toContain("use a made-up number");
    expect(page.html).not.toContain(ssn);
    expect(page.html).not.toContain(ssn.replaceAll("-", ""));
  },
);

test("SSN 987-65-4326 is never answered about, and gives up when told to", async () => {
  const asked = sandboxBureau.decide(inquiry("987654326"), AbortSignal.timeout(50));
  await expect(asked).rejects.toThrow(/abort/i);
});

test("the same form sent twice, or five times at once, is one application, one account and one notice", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.bob);
  const email = "pressed.five.times@patient.example";
  const form = (await browser.get("/applications/new")).sending(
    "Submit application",
    filledApplication({ "E-mail": email }),
  );
  const pages = await Promise.all([1, 2, 3, 4, 5].map(() => browser.send(form)));
  const again = await browser.send(form);
  expect(new Set([...pages, again].map((page) => page.path)).size).toBe(1);
  expect(again.heading).toBe("Approved for $2,500.00");
  expect(await portal.db("applications").where({ practice_id: practice.id })).toHaveLength(1);
  expect(await portal.db("practice_accounts").where({ practice_id: practice.id })).toHaveLength(1);
  expect(await sentTo(email)).toHaveLength(1);
});

test("a form that was sent, gone back to and filled in for somebody else is declined", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const form = await browser.get("/applications/new");
  await browser.send(form.sending("Submit application", filledApplication()));
  const page = await form.press("Submit application", { "Social Security number": "987-65-4320" });
  expect(page.status).toBe(422);
  expect(page.errors.join()).toContain("already sent another application");
});

test("another practice's form key is declined, and its application is left alone", async () => {
  const [practice, other] = [await foundPractice(portal), await foundPractice(portal)];
  const first = (await (await logIn(portal, practice.bob)).get("/applications/new")).sending(
    "Submit application",
    filledApplication(),
  );
  const browser = await logIn(portal, practice.bob);
  await browser.send({ ...first, fields: first.fields.map(([name, value]) => [name, name === "_csrf" ? "" : value]) });
  const sent = await browser.post(
    "/applications",
    Object.fromEntries(first.fields.filter(([name]) => name !== "_csrf")),
  );
  expect(sent.heading).toBe("Approved for $2,500.00");
  const thief = await logIn(portal, other.bob);
  const page = await thief.post("/applications", {
    ...Object.fromEntries(first.fields.filter(([name]) => name !== "_csrf")),
    location: other.locations[0]?.id ?? "",
  });
  expect(page.status).toBe(422);
  expect(await portal.db("applications").where({ practice_id: other.id })).toEqual([]);
});

test("the same person approved twice has one account, whose limit stays", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.bob);
  const person = {
    "First name": "Twice",
    "Last name": "Seen",
    "Social Security number": "987-65-4320",
    "Date of birth": "1/2/1970",
  };
  const first = await apply(browser, { ...person, "E-mail": "twice@patient.example" });
  expect(first.heading).toBe("Approved for $8,000.00");
  portal.clock.advance({ minutes: 1 });
  const second = await apply(browser, { ...person, "Last name": "SEEN", "E-mail": "twice@patient.example" });
  expect(second.heading).toBe("Approved: an account is open");
  expect(second.href("See the account")).toBe(first.href("See the account"));
  const [notice] = await sentTo("twice@patient.example");
  expect(notice?.text).toContain("No second one was opened");
  expect(await portal.db("practice_accounts").where({ practice_id: practice.id })).toHaveLength(1);
});

test("the same person approved at two practices at once has one account, known to both", async () => {
  const practices = [await foundPractice(portal), await foundPractice(portal), await foundPractice(portal)];
  const person = { "Last name": "Everywhere", "Social Security number": "987-65-4320", "Date of birth": "1971-02-03" };
  const browsers = await Promise.all(practices.map(({ bob }) => logIn(portal, bob)));
  const pages = await Promise.all(browsers.map((browser) => apply(browser, person)));
  expect(new Set(pages.map((page) => page.href("See the account"))).size).toBe(1);
});

test("a person whose account was closed gets a new one", async () => {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.bob);
  const person = { "Last name": "Returning", "Social Security number": "987-65-4321", "Date of birth": "1972-02-03" };
  const first = await apply(browser, person);
  const accountId = first.href("See the account").split("/").at(-1);
  await portal.db("accounts").where({ id: accountId }).update({ closed_on: portal.clock.today() });
  const second = await apply(browser, person);
  expect(second.heading).toBe("Approved for $2,500.00");
  expect(second.href("See the account")).not.toBe(first.href("See the account"));
});

test("the consents are kept with each application: which words, which version, when", async () => {
  const practice = await foundPractice(portal);
  await apply(await logIn(portal, practice.bob));
  const { consents } = await portal.db("applications").where({ practice_id: practice.id }).first("consents");
  expect(consents).toHaveLength(3);
  for (const consent of consents) {
    expect(consent).toMatchObject({ language: "en", agreedAt: portal.clock.now().toISOString() });
    expect(consent.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(consent.version).toBeTruthy();
  }
});

test("SSN 987-65-4327 is approved after eight seconds, and the page says meanwhile that it is being decided", async () => {
  const { browser, page, began, waited } = await slow;
  expect(page).toMatchObject({ status: 200, heading: "Being decided" });
  expect(page.fact("Status")).toContain("Pending");
  expect(page.header("refresh")).toBe(`3;url=${page.path}?waiting`);
  expect(waited).toBeLessThan(7_000);
  while ((await browser.get(page.path)).heading === "Being decided") await setTimeout(100);
  expect((await browser.get(page.path)).heading).toBe("Approved for $3,000.00");
  expect(performance.now() - began).toBeGreaterThan(8_000);
});

const sentTo = async (email: string) => (await portal.messages()).filter((message) => message.to === email);

const inquiry = (ssn: string) => ({
  applicationId: "one",
  firstName: "Nora",
  lastName: somePatient().lastName,
  bornOn: "1985-04-09",
  ssn,
  identityConfirmedAt: null,
  annualIncomeCents: 5_000_000,
  monthlyHousingCents: 100_000,
});
