import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  answeredRequests,
  chromiumPath,
  type DemoPortal,
  latestCode,
  openChromium,
  openWindow,
  shiftsOnLoad,
  startDemoPortal,
  type Window,
} from "./support.ts";

const password = "orchard-lantern-2026";
const slow = 120_000; // a whole journey, on a machine that is busy with other tests
let portal: DemoPortal;
let chromium: Browser;

describe.skipIf(!chromiumPath)("the first sale in Chromium (skipped where there is none)", () => {
  beforeAll(async () => {
    [portal, chromium] = await Promise.all([startDemoPortal(), openChromium(chromiumPath)]);
  }, slow);
  afterAll(async () => {
    await chromium?.close();
    await portal?.stop();
  });

  describe.each([
    { how: "with script", script: true, patient: { first: "Nadia", last: "Rahman" } },
    { how: "without script", script: false, patient: { first: "Theo", last: "Lindgren" } },
  ])("$how", ({ script, patient }) => {
    const open = () => openWindow(chromium, portal.url, { javaScriptEnabled: script });

    test(
      "application, sale and receipt by the clerk, refund and report by the owner, and nothing to complain of",
      async () => {
        const window = await open();
        const { page } = window;
        const takes = counting(window);
        const patientName = `${patient.first} ${patient.last}`;

        await takes(script ? 4 : 3, "Log in", () => page.goto("/login"));
        await typeLogIn(page, "riverside.desk");
        await takes(2, "Today at Riverside Dental", () => press(page, "Log in"));

        await takes(1, "New application", () => page.getByRole("link", { name: "New application" }).click());
        await typeApplication(page, patient);
        await takes(2, "Approved for $8,000.00", () => press(page, "Submit application"));

        await takes(1, "New sale", () => page.getByRole("link", { name: "New sale" }).click());
        const form = page.url();
        await page.getByLabel("Amount").fill("1,200");
        if (script) await takes(1, "New sale", () => page.getByText("Monthly payment $109.10").first().waitFor());
        else await takes(1, "New sale", () => press(page, "Show payments"));
        expect(page.url(), "the figures appear in place").toBe(form);
        expect(await page.getByLabel("Amount").inputValue()).toBe("1,200");
        expect(await page.getByText("Cost to the practice $118.80").isVisible()).toBe(true);

        await page.getByLabel("No interest if paid in full within 12 months").check();
        await page.getByLabel("Reference").fill("Crown 14");
        await takes(2, "Review sale", () => press(page, "Review sale"));
        await takes(2, "Sale", () => press(page, "Charge $1,200.00"));
        expect(await page.getByRole("main").textContent()).toContain(patientName);
        await seesHowToPrint(page, script);
        expect(pagesIn(await page.pdf({ format: "Letter" })), "sheets of paper that a receipt takes").toBe(1);

        await takes(2, "Log in", () => press(page, "Log out"));
        await typeLogIn(page, "riverside.owner");
        await takes(2, "Check your e-mail", () => press(page, "Log in"));
        await page.getByLabel("Verification code").fill(await latestCode(portal, "riverside.owner@example.com"));
        await takes(2, "Today at Riverside Dental", () => press(page, "Verify"));
        await takes(1, "Transactions", () => page.getByRole("link", { name: "Transactions", exact: true }).click());
        await takes(1, "Sale", () => page.getByRole("link", { name: patientName }).click());
        await takes(1, "Refund", () => page.getByRole("link", { name: "Refund", exact: true }).click());
        await page.getByLabel("Amount", { exact: true }).fill("450");
        await page.getByLabel("Service not given").check();
        await takes(2, "Review refund", () => press(page, "Review refund"));
        await takes(2, "Refund", () => press(page, "Refund $450.00"));

        await takes(1, "Reports", () => page.getByRole("link", { name: "Reports", exact: true }).click());
        await takes(1, "Sales and refunds", () => page.getByRole("link", { name: "Sales and refunds" }).click());
        expect(await page.getByRole("row").filter({ hasText: patientName }).allInnerTexts()).toEqual([
          expect.stringMatching(/Sale.*\$1,200\.00\s+\$118\.80\s+\$1,081\.20$/s),
          expect.stringMatching(/Refund.*−\$450\.00\s+−\$44\.55\s+−\$405\.45$/s),
        ]);
        await takes(2, "Log in", () => press(page, "Log out"));

        expect(await page.evaluate("localStorage.length + sessionStorage.length")).toBe(0);
        expect(window.complaints).toEqual([]);
        await window.close();
      },
      slow,
    );

    test(
      "Charge pressed twice, and again after going back, makes one sale; after Log out, Back shows nothing",
      async () => {
        const window = await open();
        const { page } = window;
        const amount = script ? "$31.10" : "$31.20";
        await page.goto("/login");
        await typeLogIn(page, "riverside.desk");
        await press(page, "Log in");
        await page.getByLabel("Find an account").fill("7751");
        await press(page, "Search accounts");
        await page.getByRole("link", { name: "Priya Nair" }).click();
        await page.getByRole("link", { name: "New sale" }).click();
        await page.getByLabel("Amount").fill(amount);
        await page.getByLabel("Standard account").check();
        await press(page, "Review sale");
        await page.getByRole("button", { name: `Charge ${amount}` }).dblclick();
        await heading(page, "Sale").waitFor();
        const receipt = page.url();

        await page.goBack();
        await page.getByText("This sale has been recorded already").waitFor();
        await press(page, `Charge ${amount}`);
        await heading(page, "Sale").waitFor();
        expect(page.url()).toBe(receipt);

        await page.getByRole("link", { name: "Back to the account" }).click();
        await heading(page, "Priya Nair").waitFor();
        expect(await page.getByRole("row").filter({ hasText: amount }).count()).toBe(1);
        await press(page, "Log out");
        await heading(page, "Log in").waitFor();
        await page.goBack();
        await heading(page, "Log in").waitFor();
        expect(window.complaints).toEqual([]);
        await window.close();
      },
      slow,
    );
  });

  test(
    "nothing on a page moves while it loads",
    async () => {
      const window = await openWindow(chromium, portal.url);
      await window.page.goto("/login");
      await typeLogIn(window.page, "riverside.desk");
      await press(window.page, "Log in");
      await heading(window.page, "Today at Riverside Dental").waitFor();
      await window.page.goto("/accounts?q=4417");
      const path = (await window.page.getByRole("link", { name: "Maria Alvarez" }).getAttribute("href")) ?? "";
      for (const place of [
        "/",
        "/accounts",
        path,
        `${path}/sale`,
        "/applications/new",
        "/applications",
        "/transactions",
      ]) {
        expect(await shiftsOnLoad(window, place), place).toEqual([]);
      }
      await window.close();
    },
    slow,
  );
});

const heading = (page: Page, words: string) => page.getByRole("heading", { level: 1, name: words, exact: true });
const press = (page: Page, words: string) => page.getByRole("button", { name: words, exact: true }).click();

/** Does something, waits for the heading it leads to, and counts the requests that the portal had to answer for it. */
function counting({ page }: Window) {
  return async (requests: number, leadsTo: string, act: () => Promise<unknown>) => {
    const before = await answeredRequests(portal);
    await act();
    await heading(page, leadsTo).waitFor();
    await page.waitForLoadState("domcontentloaded"); // until then no script helps with what is typed
    const answered = async () => (await answeredRequests(portal)) - before;
    await expect
      .poll(answered, { message: `requests for "${leadsTo}"`, interval: 10 })
      .toBeGreaterThanOrEqual(requests);
    expect(await answered(), `requests for "${leadsTo}"`).toBe(requests);
  };
}

async function typeLogIn(page: Page, userId: string): Promise<void> {
  await page.getByLabel("User ID").fill(userId);
  await page.getByLabel("Password").fill(password);
}

async function typeApplication(page: Page, { first, last }: { first: string; last: string }): Promise<void> {
  const typed = {
    "First name": first,
    "Last name": last,
    "Date of birth": "04/05/1988",
    "Social Security number": "987-65-4320",
    "Street address": "12 Pecan St",
    City: "Austin",
    "ZIP code": "78701",
    "Monthly housing cost": "1,450",
    "Mobile phone": "(512) 555-0199",
    "E-mail": `${first}@example.com`,
    "Annual income": "$64,000",
  };
  for (const [label, text] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(text);
  const chosen = { State: "TX", Housing: "Rent", "Income source": "Employment" };
  for (const [label, text] of Object.entries(chosen)) await page.getByLabel(label, { exact: true }).selectOption(text);
  for (const box of await page.getByRole("checkbox").all()) await box.check();
}

async function seesHowToPrint(page: Page, script: boolean): Promise<void> {
  if (script) await page.evaluate("window.print = () => { document.body.dataset.printed = 'yes' }");
  await page.getByRole("link", { name: "Print", exact: true }).click();
  if (script) expect(await page.evaluate("document.body.dataset.printed")).toBe("yes");
  else await page.getByText("choose Print in your browser’s menu").waitFor();
}

const pagesIn = (pdf: Buffer) => pdf.toString("latin1").match(/\/Type \/Page\b/g)?.length;
