import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lynx } from "./lynx.ts";
import { type DemoPortal, latestCode, program, startDemoPortal } from "./support.ts";

let portal: DemoPortal;
let lynx: Lynx | undefined;

describe.skipIf(!program("lynx"))("the console with lynx (skipped where there is none)", () => {
  beforeAll(async () => {
    portal = await startDemoPortal();
  }, 120_000); // the demo history is made for the first file that asks
  afterAll(async () => {
    await lynx?.close();
    await portal?.stop();
  });

  test("support looks a patient up, says why, and reads the account and no more", async () => {
    lynx = new Lynx(`${portal.url}/login`);
    await lynx.sees("Password");
    await lynx.type("User ID", "support.sam");
    await lynx.type("Password", "orchard-lantern-2026");
    await lynx.press("Log in");
    await lynx.sees("We sent a code of six digits");
    await lynx.type("Verification code", await latestCode(portal, "support.sam@example.com"));
    await lynx.press("Verify");
    await lynx.sees("Cases waiting");
    await lynx.type("Name, User ID, e-mail, phone, practice or number", "4417");
    await lynx.press("Search");
    await lynx.sees("Account ending 4417");
    await lynx.press("Maria Alvarez");
    await lynx.sees("Why do you look?");
    await lynx.type("Reason", "Asks about a payment");
    await lynx.press("Open");
    await lynx.sees("Read-only: support view, as Riverside Dental reads it");
    await lynx.sees("Reason: They called or wrote. Asks about a payment");
    await lynx.sees(/Available credit \$[\d,.]+/g);
    expect(lynx.page).not.toContain("New sale");
  }, 60_000);
});
