import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openPortal } from "../support/portal.ts";
import { chromiumPath, openChromium, openWindow, shiftsOnLoad } from "./support.ts";

const portal = await openPortal({ env: { PROGRAM_HOURS: "Mon-Fri 08:00-20:00; Sat 09:00-17:00" } });
const url = `http://127.0.0.1:${(portal.server.address() as AddressInfo).port}`;

test.skipIf(!chromiumPath)(
  "a stranger with script is told in the time zone of their browser when somebody answers (skipped without Chromium)",
  async () => {
    const chromium = await openChromium();
    const window = await openWindow(chromium, url, { timezoneId: "America/Los_Angeles" });
    const { page, complaints } = window;
    await page.goto("/support");
    await page.getByText("until 5:00 PM PST").waitFor();
    expect(await page.locator("[data-zone]").textContent()).toContain(
      "Monday to Friday, 5 AM to 5 PM; Saturday, 6 AM to 2 PM Pacific",
    );
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 800 });
      expect([width, await shiftsOnLoad(window, "/support")]).toEqual([width, []]);
      await page.getByText("until 5:00 PM PST").waitFor();
      await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))");
      expect([width, window.shifts]).toEqual([width, []]);
    }
    expect(complaints).toEqual([]);
    await chromium.close();
  },
  60_000,
);
