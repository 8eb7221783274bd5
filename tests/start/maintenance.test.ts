import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Browser } from "../support/browser.ts";
import { type Checkout, Command, databaseServers, makeCheckout, type RunningPortal, startPortal } from "./support.ts";

const password = "orchard-lantern-2026";
const slow = 180_000; // on a machine that is busy with other tests
let checkout: Checkout;
let portal: RunningPortal | undefined;
beforeAll(() => {
  checkout = makeCheckout();
});
afterAll(async () => {
  await portal?.stop();
  checkout.remove();
});

test(
  "maintenance outlives a portal that is stopped, and one that is killed; an administrator ends it, or whoever runs it by a command",
  async () => {
    const first = await startPortal(checkout);
    portal = first;
    const page = await (await logIn(first, "admin.ada")).get("/admin/maintenance");
    const saved = await page.press("Save", { Mode: "Full", Message: "We move house.", Starts: "", Ends: "" });
    expect(saved.text).toContain("Closed for maintenance");
    await expectClosed(first);
    await first.stop();

    const second = await startPortal(checkout);
    portal = second;
    await expectClosed(second);
    process.kill(second.portalPid, "SIGKILL");
    await second.ended;

    const third = await startPortal(checkout);
    portal = third;
    await expectClosed(third);
    const again = await (await logIn(third, "admin.ada")).get("/admin/maintenance");
    expect(again.valueOf("Message")).toBe("We move house.");
    await again.press("Save", { Mode: "Off" });
    expect((await third.browser().ask("GET", "/")).status).toBe(303);

    await (await logIn(third, "admin.ada"))
      .get("/admin/maintenance")
      .then((one) => one.press("Save", { Mode: "Full" }));
    const saying = new Command(checkout, ["run", "maintenance"]);
    expect([await saying.ended, saying.said()]).toEqual([0, expect.stringContaining("Closed for maintenance.")]);
    const ending = new Command(checkout, ["run", "maintenance", "--", "off"]);
    expect([await ending.ended, ending.said()]).toEqual([0, expect.stringContaining("The portal is open")]);
    expect((await third.browser().ask("GET", "/")).status).toBe(303);
  },
  slow,
);

test(
  "the database ends by itself: the status page answers and says so, and a while later everything works again",
  async () => {
    const running = portal ?? (await startPortal(checkout));
    portal = running;
    const [database] = databaseServers(checkout);
    process.kill(database?.pid ?? 0, "SIGKILL");
    await running.says("It is started again in 10 seconds.");
    const status = () => running.browser().ask("GET", "/status");
    while (!(await status()).text.includes("The database does not answer.")) await setTimeout(200); // it measures now and then
    expect((await status()).status).toBe(200);
    expect((await fetch(`${running.url}/readyz`)).status).toBe(503);
    while ((await fetch(`${running.url}/readyz`)).status !== 200) await setTimeout(100);
    const ada = await logIn(running, "admin.ada"); // with a mail that a job carries
    while (!(await ada.get("/status")).text.includes("Everything works.")) await setTimeout(500); // as soon as it has measured
  },
  slow,
);

async function expectClosed({ browser, url }: RunningPortal): Promise<void> {
  const page = await browser().ask("GET", "/");
  expect([page.status, page.heading]).toEqual([503, "Closed for maintenance"]);
  expect(page.text).toContain("We move house.");
  for (const path of ["/healthz", "/readyz", "/status"]) expect((await fetch(url + path)).status).toBe(200);
}

/** Of the demo's people, with the code that the outbox shows. */
async function logIn(running: RunningPortal, userId: string): Promise<Browser> {
  const browser = running.browser();
  const asked = await (await browser.get("/login")).press("Log in", { "User ID": userId, Password: password });
  const [message] = (await (await fetch(`${running.url}/dev/outbox.json`)).json()) as { text: string }[];
  const code = /\b\d{6}\b/.exec(message?.text ?? "")?.[0] ?? "";
  const page = await asked.press("Verify", { "Verification code": code });
  expect(page.buttons).toContain("Log out");
  return browser;
}
