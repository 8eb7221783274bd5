import type { AddressInfo } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { foundPractice, openAccountFor, password, type TestAccount } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { chromiumPath, openChromium, openWindow } from "./support.ts";

const portal = await openPortal();
const url = `http://127.0.0.1:${(portal.server.address() as AddressInfo).port}`;

describe.skipIf(!chromiumPath)("by keyboard alone, in Chromium (skipped where there is none)", () => {
  let chromium: Browser;
  let page: Page;
  let account: TestAccount;

  beforeAll(async () => {
    chromium = await openChromium();
    page = (await openWindow(chromium, url)).page;
    const practice = await foundPractice(portal, { locations: ["Main Street", "Oak Hill"] });
    account = await openAccountFor(portal, practice);
    await page.goto("/login");
    expect(await reachableByTab(page), "the log-in page").toEqual([]);
    await page.keyboard.type(practice.bob.userId); // the focus is in the first field from the start
    await page.keyboard.press("Tab");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Log out" }).waitFor();
  }, 120_000);
  afterAll(() => chromium?.close());

  const reached = [
    { name: "New sale", path: () => `${account.path}/sale` },
    { name: "New application", path: () => "/applications/new" },
    { name: "Accounts", path: () => "/accounts" },
  ];
  test.each(reached)("Tab reaches every control of “$name”, and the focus is always seen", async ({ path }) => {
    await page.goto(path());
    expect(await reachableByTab(page)).toEqual([]);
  });

  test.each(reached)(
    "where the system forces its colours, “$name” has an edge around all that is typed in or pressed, and the focus is seen",
    async ({ path }) => {
      await page.emulateMedia({ forcedColors: "active" });
      await page.goto(path());
      expect(await page.evaluate(withoutEdge)).toEqual([]);
      expect(await reachableByTab(page)).toEqual([]);
      await page.emulateMedia({ forcedColors: "none" });
    },
  );

  test.each([
    { name: "New sale", path: () => `${account.path}/sale`, button: "Review sale", field: "amount" },
    { name: "New application", path: () => "/applications/new", button: "Submit application", field: "firstName" },
  ])(
    "“$name” sent empty: the focus goes to what is wrong, and from there to the field",
    async ({ path, button, field }) => {
      await page.goto(path());
      await page.getByRole("button", { name: button }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "There is a problem" }).waitFor();
      await expect.poll(() => page.evaluate("document.activeElement.className")).toBe("errors");
      expect(await page.title()).toMatch(/^Error: /);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await expect.poll(() => page.evaluate("document.activeElement.id")).toBe(field);
    },
  );

  test("Enter on a plan reviews the sale; Back finds the form as it was sent, with no question whether to send it again", async () => {
    await page.goto(`${account.path}/sale`);
    await page.keyboard.type("0");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "There is a problem" }).waitFor();
    await page.getByLabel("Amount").fill("40");
    await page.getByLabel("Standard account").focus();
    await page.keyboard.press("Space");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Charge $40.00" }).waitFor();
    await page.goBack();
    await expect.poll(() => page.getByLabel("Amount").inputValue()).toBe("40.00");
    expect(await page.getByLabel("Standard account").isChecked()).toBe(true);
  });

  test("accounts are found while typing: the list changes in place, and the focus stays in the box", async () => {
    await page.goto("/accounts");
    await page.keyboard.type(account.person.lastName.slice(0, 8).toLowerCase());
    await page.getByText("1 account", { exact: true }).waitFor();
    expect(await page.evaluate("document.activeElement.id")).toBe("q");
    expect(page.url()).toBe(`${url}/accounts`);
  });

  test("the skip link is the first stop, and leads into the page", async () => {
    await page.goto("/transactions");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate("document.activeElement.id")).toBe("main");
  });

  test("the menu of a narrow page opens and closes by keys", async () => {
    await page.setViewportSize({ width: 360, height: 800 });
    await page.goto("/transactions");
    const link = page.getByRole("link", { name: "Applications", exact: true });
    expect(await link.isVisible()).toBe(false);
    await page.getByText("Menu", { exact: true }).focus();
    await page.keyboard.press("Enter");
    await link.waitFor();
    await page.keyboard.press("Escape");
    expect(await link.isVisible()).toBe(false);
  });
});

/** Goes once around by Tab, from wherever the focus is. Returns the controls not reached, and those where it is not seen. */
async function reachableByTab(page: Page): Promise<string[]> {
  const controls = await page.evaluate<string[]>(numberControls);
  const found = new Map<string, string>();
  for (let presses = 0; presses < 2 * controls.length && found.size < controls.length; presses += 1) {
    await page.keyboard.press("Tab");
    const [number, trouble] = await page.evaluate<[string, string]>(whereFocusIs);
    if (number) found.set(number, trouble);
  }
  return controls
    .map((control, number) => `${control} ${found.get(String(number)) ?? "is not reached"}`)
    .filter((line) => !line.endsWith(" "));
}

/** Of radio buttons in a group, one is a stop of the keyboard; the arrow keys do the rest. */
const numberControls = `(() => {
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((one) => one.checkVisibility() && one.type !== "hidden" && !one.disabled)
    .filter((one) => one.type !== "radio" || (!groups.has(one.name) && groups.add(one.name)))
    .map((one, number) => {
      one.dataset.number = number;
      return one.outerHTML.replace(/>[^]*/, ">");
    });
})()`;

/** Backgrounds and shadows are gone with forced colours: a control that had nothing else is not seen. */
const withoutEdge = `[...document.querySelectorAll("button, select, textarea, input, a.button")]
  .filter((one) => one.checkVisibility() && !["hidden", "checkbox", "radio"].includes(one.type))
  .filter((one) => {
    const { borderStyle, borderWidth, textDecorationLine } = getComputedStyle(one);
    return (borderStyle === "none" || parseFloat(borderWidth) < 1) && textDecorationLine !== "underline";
  })
  .map((one) => one.outerHTML.slice(0, 100))`;

const whereFocusIs = `(() => {
  const one = document.activeElement;
  if (!one || one === document.body) return ["", ""];
  const radio = one.type === "radio" && document.querySelector("[data-number][name='" + one.name + "']");
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const seen = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  const troubles = [
    (outlineStyle === "none" || parseFloat(outlineWidth) < 2 || /, 0\\)$/.test(outlineColor)) && "has no outline",
    !(seen && (one.contains(seen) || seen.contains(one) || one.closest("label")?.contains(seen))) && "is covered, or out of sight",
  ];
  return [(radio || one).dataset.number ?? "", troubles.filter(Boolean).join(" and ")];
})()`;
