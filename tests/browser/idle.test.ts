import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foundPractice, password, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { chromiumPath, openChromium, openWindow } from "./support.ts";

const portal = await openPortal({ env: { PROGRAM_IDLE_MINUTES: "5" } });
const url = `http://127.0.0.1:${(portal.server.address() as AddressInfo).port}`;

/** Both clocks go on: the portal's, and the one by which the page waits. */
async function minutesPass(page: Page, minutes: number): Promise<void> {
  portal.clock.advance({ minutes });
  await page.clock.fastForward(minutes * 60_000);
}

const warning = (page: Page) => page.getByRole("alert").getByText("You will be logged out at");
const stay = (page: Page) => page.getByRole("button", { name: "Stay logged in" });

describe.skipIf(!chromiumPath)("a log-in about to end, in Chromium (skipped where there is none)", () => {
  let chromium: Browser;
  let bob: TestPerson;

  beforeAll(async () => {
    chromium = await openChromium();
    bob = (await foundPractice(portal)).bob;
  }, 60_000);
  afterAll(() => chromium?.close());

  const logInAs = async (script: boolean): Promise<Page> => {
    const { page } = await openWindow(chromium, url, { javaScriptEnabled: script });
    if (script) await page.clock.install();
    await page.goto("/login");
    await page.getByLabel("User ID").fill(bob.userId);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: "Log out" }).waitFor();
    return page;
  };

  test("two minutes before the end it warns, and its button goes on", { timeout: 60_000 }, async () => {
    const page = await logInAs(true);
    await minutesPass(page, 2);
    expect(await warning(page).isVisible()).toBe(false);
    expect(await stay(page).isVisible()).toBe(false);
    await minutesPass(page, 1);
    await warning(page).waitFor();

    const answered = page.waitForResponse((response) => response.url().endsWith("/session"));
    await stay(page).click();
    expect((await answered).status()).toBe(204);
    await warning(page).waitFor({ state: "hidden" });
    await minutesPass(page, 3); // past the first end: the button did lengthen it
    await page.reload();
    expect(new URL(page.url()).pathname).toBe("/");
    await page.close();
  });

  test("left alone it ends, and the page asked for next is the log-in", { timeout: 60_000 }, async () => {
    const page = await logInAs(true);
    await minutesPass(page, 3);
    await warning(page).waitFor();
    await minutesPass(page, 3);
    await stay(page).click();
    await page.getByLabel("User ID").waitFor();
    expect(new URL(page.url()).pathname).toBe("/login");
    await page.close();
  });

  test("without script the note is plain and names the time", { timeout: 60_000 }, async () => {
    const page = await logInAs(false);
    await page.getByText(/You will be logged out at \d+:\d\d [AP]M/).waitFor();
    await page.close();
  });
});
