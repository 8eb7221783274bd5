import { expect, test } from "vitest";
import { someone } from "../identity/support.ts";
import { hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

const portal = await openPortal();
const sam = await hireSam(portal);

test("support's day begins with what waits, and one search over everything", async () => {
  const bob = await someone(portal, { name: "Barnabas Quist", factors: ["totp"] });
  await (await (await logIn(portal, await someone(portal))).get("/support")).press("Send message", {
    Subject: "Deposit of Friday",
    Message: "Where is it?",
  });
  const asked = await lookAt(await logIn(portal, await hireSam(portal)), `/console/people/${bob.id}`);
  await asked.press("Reset second factors", {
    "I called back on a number that we had before": true,
    "They named the practice’s address and who else works there": true,
    "Reason for the reset": "Phone stolen",
  });
  const page = await (await logIn(portal, sam)).get("/");
  expect(page.heading).toBe("Support");
  expect(page.text).toMatch(/Chats waiting 0.*Cases waiting 1.*0 open cases are yours/);
  expect(page.text).toContain(`Barnabas Quist (${bob.userId}) due Nov 24, 2026`);
  expect(page.text).toContain("you can approve it sooner");
  expect(page.links).not.toContain("Enrollments waiting");
  const found = await page.press("Search", { "Name, User ID, e-mail, phone, practice or number": "quist" });
  expect(found.links).toContain("Barnabas Quist");
});

test("an administrator's day also has the practices that want to join", async () => {
  const ada = await someone(portal, { role: "administrator" });
  expect((await (await logIn(portal, ada)).get("/")).links).toContain("Enrollments waiting");
});
