import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { courses } from "../../src/training/courses.ts";
import { Lynx } from "./lynx.ts";
import { type DemoPortal, latestCode, program, startDemoPortal } from "./support.ts";

let portal: DemoPortal;
let lynx: Lynx;

describe.skipIf(!program("lynx"))("reports and resources in lynx (skipped where there is none)", () => {
  beforeAll(async () => {
    portal = await startDemoPortal();
    lynx = new Lynx(portal.url);
    await lynx.sees("Password");
    await lynx.type("User ID", "riverside.owner");
    await lynx.type("Password", "orchard-lantern-2026");
    await lynx.press("Log in");
    await lynx.sees("Check your e-mail");
    await lynx.type("Verification code", await latestCode(portal, "riverside.owner@example.com"));
    await lynx.press("Verify");
    await lynx.sees("Today at Riverside Dental");
  }, 180_000); // the demo history is made for the first file that asks
  afterAll(async () => {
    await lynx?.close();
    await portal?.stop();
  });

  test("a report: days typed either way, one location, its table, the deposits’ lines, and the file", async () => {
    await lynx.press("Reports");
    await lynx.sees("Each can be printed");
    await lynx.press("Funding");
    await lynx.sees("two banking days after the business day");
    await lynx.type("From", "02/30/2026");
    await lynx.press("Show");
    await lynx.sees("There is a problem");
    expect(lynx.page, "what was typed is kept").toContain("02/30/2026");
    await lynx.type("From", "06/01/2026");
    await lynx.type("To", "2026-06-30");
    await lynx.press("Show");
    await lynx.sees("Jun 1 to Jun 30, 2026");
    await lynx.sees(/Together\s+\$[\d,]+\.\d\d\s+\$[\d,]+\.\d\d/g);
    await lynx.sees("Line by line, Jun 1 to Jun 30, 2026");
    const csv = await lynx.download("Download CSV");
    expect(csv.split("\r\n")[0]).toContain("Arrives,Business day,Patient,Type");
    expect(csv.split("\r\n").length).toBeGreaterThan(10);
  }, 60_000);

  test("an article is found by words that people use, and leads to the page where it is done", async () => {
    await lynx.press("Resources");
    await lynx.press("Support articles");
    await lynx.sees("Search");
    await lynx.type("Search the articles", "two factor phone lost");
    await lynx.press("Search");
    await lynx.press("I have a new phone or number");
    await lynx.sees("The old phone is gone");
    await lynx.press("recovery codes");
    await lynx.sees("Ten codes on paper");
  }, 60_000);

  test("a material with a line of the practice’s own; one that the law does not allow is refused", async () => {
    await lynx.press("Resources");
    await lynx.press("Marketing materials");
    await lynx.press("Poster “Care now”");
    await lynx.type("A line of your own", "No interest here");
    await lynx.press("Show it");
    await lynx.sees("if paid in full");
    expect(lynx.page).toContain("No interest here");
    await lynx.type("A line of your own", "Open on Saturdays, 9 to 1");
    await lynx.press("Show it");
    await lynx.sees("Download PDF");
    expect(lynx.page).not.toContain("There is a problem");
  }, 60_000);

  test("a course: read, ten questions answered, the certificate", async () => {
    const course = courses.find(({ slug }) => slug === "safe-log-in");
    await lynx.press("Resources");
    await lynx.press("Training");
    await lynx.press("Safe log-in");
    await lynx.sees("The shared desk");
    await lynx.press("Take the questions");
    await lynx.sees("10.");
    for (const { answers } of course?.questions ?? []) await lynx.tick(answers.find(({ right }) => right)?.text ?? "");
    await lynx.press("Send the answers");
    await lynx.sees("Certificate of training");
    expect(lynx.page).toMatch(/10 of 10/);
  }, 120_000);
});
