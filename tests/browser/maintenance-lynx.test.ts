import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Lynx } from "./lynx.ts";
import { type DemoPortal, latestCode, program, startDemoPortal } from "./support.ts";

const password = "orchard-lantern-2026";
const slow = 90_000;
let portal: DemoPortal;
const open: Lynx[] = [];

describe.skipIf(!program("lynx"))("maintenance and status in lynx (skipped where there is none)", () => {
  beforeAll(async () => {
    portal = await startDemoPortal();
  }, 120_000); // the demo history is made for the first file that asks
  afterEach(async () => {
    for (const lynx of open.splice(0)) await lynx.close();
  });
  afterAll(async () => {
    await portal?.stop();
  });

  test(
    "anybody reads what works, what is planned and what happened",
    async () => {
      const stranger = browse("/status");
      await stranger.sees("Everything works.");
      await stranger.sees(/Database\s+Works/g);
      await stranger.sees("No maintenance is planned");
      expect(stranger.page).not.toContain("[INLINE]");
    },
    slow,
  );

  test(
    "an administrator begins and ends maintenance; a clerk's half filled form waits, and goes through afterwards",
    async () => {
      const ada = browse("/login");
      await ada.sees("Password");
      await ada.type("User ID", "admin.ada");
      await ada.type("Password", password);
      await ada.press("Log in");
      await ada.sees("Check your e-mail");
      await ada.type("Verification code", await latestCode(portal, "admin.ada@example.com"));
      await ada.press("Verify");
      await ada.press("Maintenance");

      const desk = browse("/login");
      await desk.sees("Password");
      await desk.type("User ID", "riverside.desk");
      await desk.type("Password", password);
      await desk.press("Log in");
      await desk.press("Accounts");
      await desk.press("Priya Nair");
      await desk.press("New sale");
      await desk.type("Amount", "41.50");
      await desk.tick("Standard account");

      await ada.sees("no maintenance is planned");
      await ada.tick("Read-only");
      await ada.type("Message", "New disks.");
      await ada.press("Save");
      await ada.sees("Read-only for maintenance");

      await desk.press("Review sale");
      await desk.sees("Not during maintenance");
      await desk.sees("no money has moved");
      await desk.sees("New disks.");

      await ada.tick("Full");
      await ada.press("Save");
      await ada.sees("Closed for maintenance");
      const stranger = browse("/");
      await stranger.sees("Closed for maintenance");
      await stranger.press("What works at the moment");
      await stranger.sees("Maintenance is under way.");

      await ada.tick("Off");
      await ada.press("Save");
      await ada.sees("no maintenance is planned");
      await desk.press("Send it again");
      await desk.sees("Charge $41.50");
    },
    slow,
  );
});

function browse(path: string): Lynx {
  const lynx = new Lynx(portal.url + path);
  open.push(lynx);
  return lynx;
}
