import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Lynx } from "./lynx.ts";
import { type DemoPortal, latestCode, program, startDemoPortal } from "./support.ts";

const password = "orchard-lantern-2026";
const newPassword = "four brown owls at noon";
const slow = 60_000;
let portal: DemoPortal;
let lynx: Lynx | undefined;

describe.skipIf(!program("lynx"))("getting in with lynx (skipped where there is none)", () => {
  beforeAll(async () => {
    portal = await startDemoPortal();
  }, 120_000); // the demo history is made for the first file that asks
  afterEach(async () => {
    await lynx?.close();
    lynx = undefined;
  });
  afterAll(async () => {
    await portal?.stop();
  });

  test(
    "with a code: a wrong one is declined in words, a new one too soon as well, and the right one leads in",
    async () => {
      const browser = open("/login");
      await browser.sees("Password");
      await browser.type("User ID", "riverside.owner");
      await browser.type("Password", password);
      await browser.press("Log in");
      await browser.sees("We sent a code of six digits to r•••@example.com");
      await browser.type("Verification code", "000000");
      await browser.press("Verify");
      await browser.sees("That code is not right");
      expect(browser.title).toContain("Error: Verification code");
      await browser.press("Send a new code");
      await browser.sees("A new code is on its way");
      await browser.press("Send a new code");
      await browser.sees("Wait half a minute before you ask for a new one");
      await browser.type("Verification code", await latestCode(portal, "riverside.owner@example.com"));
      await browser.press("Verify");
      await browser.sees("Today at Riverside Dental");
      expect(browser.page, "the note about the log-in's end").toMatch(/You will be logged out at \d+:\d\d [AP]M/);
      await browser.press("Log out");
      await browser.sees("Forgot User ID/Password?");
    },
    slow,
  );

  test(
    "locked: the page says so, for how long, and whom to call",
    async () => {
      const browser = open("/login");
      await browser.sees("Password");
      await browser.type("User ID", "lakeside.owner");
      for (let time = 1; time <= 5; time += 1) {
        await browser.type("Password", `wrong one number ${time}`);
        await browser.press("Log in");
        await browser.sees(
          time < 5 ? "The User ID or the password is not right" : "is locked after several wrong tries",
        );
      }
      await browser.type("Password", password);
      await browser.press("Log in");
      await browser.sees("This User ID is locked after several wrong tries");
      await browser.sees("It unlocks by itself in 5 minutes");
      await browser.sees("call support");
      await browser.sees("(800) 555-0142");
    },
    slow,
  );

  test(
    "forgotten: the link from the mail sets a new password, which leads in",
    async () => {
      const browser = open("/login");
      await browser.sees("Password");
      await browser.press("Forgot User ID/Password?");
      await browser.sees("What did you forget?");
      await browser.tick("Password");
      await browser.type("E-mail", "riverside.desk@example.com");
      await browser.type("User ID", "riverside.desk");
      await browser.press("Send");
      await browser.sees("a message is on its way");
      await browser.close();

      const fromMail = open(await linkInOutbox("riverside.desk@example.com"));
      await fromMail.sees("New password");
      await fromMail.type("New password", "too short");
      await fromMail.press("Change password");
      await fromMail.sees("Use at least 15 characters");
      await fromMail.type("New password", newPassword);
      await fromMail.press("Change password");
      await fromMail.sees("Your password is changed");
      await fromMail.type("User ID", "riverside.desk");
      await fromMail.type("Password", newPassword);
      await fromMail.press("Log in");
      await fromMail.sees("Today at Riverside Dental");
    },
    slow,
  );
});

function open(path: string): Lynx {
  lynx = new Lynx(portal.url + path);
  return lynx;
}

/** The path of the link that was mailed last. */
async function linkInOutbox(to: string): Promise<string> {
  const messages = (await (await fetch(`${portal.url}/dev/outbox.json`)).json()) as { to: string; text: string }[];
  const text = messages.find((one) => one.to === to)?.text ?? "";
  return /\/recover\/password\/\S+/.exec(text)?.[0] ?? "/no-link-was-sent";
}
