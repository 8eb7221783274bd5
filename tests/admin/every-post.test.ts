import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { roleMay } from "../../src/identity/permissions.ts";
import type { Browser } from "../support/browser.ts";
import { foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { routesOf } from "../support/routes.ts";
import { adaOf } from "./support.ts";

const portal = await openPortal();
const practice = await foundPractice(portal);
const posts = routesOf(portal.app).filter(({ method }) => method === "POST");
/** What may be done during read-only maintenance, besides getting in and out. */
const taken = [
  "change own settings",
  "ask support",
  "answer support",
  "use the console",
  "except from second factors",
  "run maintenance",
  "write incidents",
];

test("read-only: every post there is waits, but for those that let people in or run the portal", async () => {
  const { ada, set } = await adaOf(portal);
  const people = [
    { role: "owner", browser: await logIn(portal, practice.alice) },
    { role: "support", browser: await logIn(portal, await hireSam(portal)) },
    { role: "administrator", browser: ada },
  ] as const;
  await set({ Mode: "Read-only" });
  const waiting = posts.filter(({ permission }) => permission && !taken.includes(permission));
  expect(waiting.length).toBeGreaterThan(3);
  for (const { path, permission } of waiting) {
    for (const { role, browser } of people) {
      const page = await post(browser, path);
      const expected = permission && roleMay(role, permission) ? 503 : 403;
      expect([role, path, page.status]).toEqual([role, path, expected]);
      if (expected === 503) expect(page.text).toContain("maintenance");
    }
  }
});

test("read-only: the forms of strangers wait, for those who are logged in as well", async () => {
  const { ada, set } = await adaOf(portal);
  const people = [portal.browser(), await logIn(portal, practice.alice), ada];
  await set({ Mode: "Read-only" });
  const open = /^\/(login|recover|confirm|logout|session|trouble|support)(\/|$)/;
  const strangers = posts.filter(({ path, permission }) => !permission && !open.test(path));
  expect(strangers.map(({ path }) => path)).toContain("/enroll");
  for (const { path } of strangers)
    for (const browser of people) expect([path, (await post(browser, path)).status]).toEqual([path, 503]);
});

async function post(browser: Browser, path: string) {
  const address = path.replaceAll(/:\w+/g, () => randomUUIDv7());
  const fields: [string, string][] = [
    ["_csrf", await browser.token()],
    ["key", randomUUIDv7()],
  ];
  return browser.ask("POST", address, { fields });
}
