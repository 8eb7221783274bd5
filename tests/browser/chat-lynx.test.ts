import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lynx } from "./lynx.ts";
import { type DemoPortal, latestCode, program, startDemoPortal } from "./support.ts";

let portal: DemoPortal;
const open: Lynx[] = [];

describe.skipIf(!program("lynx"))("chat in lynx (skipped where there is none)", () => {
  beforeAll(async () => {
    portal = await startDemoPortal();
  }, 120_000); // the demo history is made for the first file that asks
  afterAll(async () => {
    for (const lynx of open) await lynx.close();
    await portal?.stop();
  });
  const browse = (path: string) => {
    const lynx = new Lynx(`${portal.url}${path}`);
    open.push(lynx);
    return lynx;
  };

  test("a stranger starts a chat, an agent joins and answers, each reads what the other said, and it ends", async () => {
    const nell = browse("/support");
    await nell.sees("Write to us");
    await nell.type("Your name", "Nell Fox");
    await nell.type("E-mail", "nell@example.org");
    await nell.type("Message", "I am locked out, my number is 219-09-9999");
    await nell.press("Start a chat");
    await nell.sees("You are next.");
    await nell.sees("I am locked out, my number is •••-••-9999");

    const sam = browse("/login");
    await sam.sees("Password");
    await sam.type("User ID", "support.sam");
    await sam.type("Password", "orchard-lantern-2026");
    await sam.press("Log in");
    await sam.sees("We sent a code of six digits");
    await sam.type("Verification code", await latestCode(portal, "support.sam@example.com"));
    await sam.press("Verify");
    await sam.press("Chats");
    await sam.sees("1 waiting, 0 with you, 0 with others");
    await sam.press("Nell Fox");
    await sam.press("Join this chat");
    await sam.type("Message", "Your lock ends in three minutes");
    await sam.press("Send");
    await sam.sees(/Sam Ortega[\s\S]*Your lock ends in three minutes/g);

    await nell.press("Show new messages");
    await nell.sees("You are talking with Sam Ortega of support.");
    await nell.sees("Your lock ends in three minutes");
    await nell.type("Message", "Thank you");
    await nell.press("BUTTON) Send"); // and not the box "Send me the transcript"
    await nell.sees(/You · [^\n]*\s+Thank you/g);
    await sam.press("Show new messages");
    await sam.sees("Thank you");
    await sam.press("End chat");
    await sam.sees("Sam Ortega ended the chat.");
    await nell.press("Show new messages");
    await nell.sees("This chat has ended.");
    await nell.press("Send me the transcript by e-mail");
    await nell.sees("We sent what was said to nell@example.org.");
    expect(nell.page).not.toContain("[INLINE]");
  }, 90_000);
});
