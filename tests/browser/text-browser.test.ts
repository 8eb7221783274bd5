import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lynx } from "./lynx.ts";
import { type DemoPortal, latestCode, program, startDemoPortal } from "./support.ts";

const password = "orchard-lantern-2026";
let portal: DemoPortal;
let lynx: Lynx;

describe.skipIf(!program("lynx"))("the portal in lynx (skipped where there is none)", () => {
  beforeAll(async () => {
    portal = await startDemoPortal();
  }, 120_000);
  afterAll(async () => {
    await lynx?.close();
    await portal?.stop();
  });

  test("the whole work of a day: log-in with a code, application, look-up, sale, receipt, refund, report, log out", async () => {
    lynx = new Lynx(portal.url);
    await lynx.sees("Password");
    await lynx.type("User ID", "riverside.owner");
    await lynx.type("Password", "not-the-password");
    await lynx.press("Log in");
    await lynx.sees("The User ID or the password is not right");
    expect(lynx.title).toContain("Error: Log in");
    await lynx.type("Password", password);
    await lynx.press("Log in");
    await lynx.sees("Check your e-mail");
    await lynx.type("Verification code", await latestCode(portal, "riverside.owner@example.com"));
    await lynx.press("Verify");
    await lynx.sees("Today at Riverside Dental");

    await lynx.press("New application");
    await lynx.sees("Submit application");
    await lynx.type("First name", "Rosa");
    await lynx.type("Last name", "Delgado-Reyes");
    await lynx.type("Date of birth", "04/05/1988");
    await lynx.type("Social Security number", "987-65-4321");
    await lynx.type("Street address", "12 Pecan St");
    await lynx.type("City", "Austin");
    await lynx.tick("TX");
    await lynx.tick("Rent");
    await lynx.type("Monthly housing cost", "1,450");
    await lynx.type("Mobile phone", "(512) 555-0198");
    await lynx.type("E-mail", "rosa@example.com");
    await lynx.type("Annual income", "64,000");
    await lynx.tick("Employment");
    await lynx.tick("The patient agrees that their credit report");
    await lynx.tick("The patient agrees to receive");
    await lynx.press("Submit application");
    await lynx.sees("There is a problem");
    expect(lynx.page, "what was typed is kept").toContain("Delgado-Reyes");
    expect(lynx.page, "what is wrong is named").toContain("Enter a ZIP code of five digits");
    await lynx.type("ZIP code", "78701");
    await lynx.tick("The patient has seen");
    await lynx.type("Social Security number", "987-65-4321");
    await lynx.press("Submit application");
    await lynx.sees("Approved for $2,500.00");

    await lynx.press("Accounts");
    await lynx.sees("The newest accounts");
    await lynx.type("Name, phone, or last four of the account or SSN", "delgado-reyes");
    await lynx.press("Search accounts");
    await lynx.sees("1 account");
    await lynx.press("Rosa Delgado-Reyes");
    await lynx.sees("Available credit $2,500.00");
    await lynx.press("New sale");
    await lynx.sees("Type the amount to see what each plan costs");
    await lynx.type("Amount", "1200");
    await lynx.press("Show payments");
    await lynx.sees("Monthly payment $109.10");
    await lynx.tick("No interest if paid in full within 12 months");
    await lynx.press("Review sale");
    await lynx.sees("No interest if paid in full by");
    await lynx.press("Charge $1,200.00");
    await lynx.sees("Signature of the patient");
    expect(lynx.page).toContain("Rosa Delgado-Reyes");

    await lynx.press("Refund");
    await lynx.sees("Up to $1,200.00 can be refunded");
    await lynx.type("Amount", "450");
    await lynx.tick("Service not given");
    await lynx.press("Review refund");
    await lynx.sees("A refund cannot be taken back");
    await lynx.press("Refund $450.00");
    await lynx.sees("This amount was taken off the balance");

    await lynx.press("Reports");
    await lynx.sees("Each can be printed");
    await lynx.press("Sales and refunds");
    await lynx.sees(/Rosa Delgado-Reyes Sale .* \$1,200\.00 \$118\.80 \$1,081\.20/g);
    await lynx.sees(/Rosa Delgado-Reyes Refund .* −\$450\.00 −\$44\.55 −\$405\.45/g);
    await lynx.press("Log out");
    await lynx.sees("Password");
  }, 120_000);
});
