import { expect, test } from "vitest";
import { lookAt } from "../console/support.ts";
import type { Browser } from "../support/browser.ts";
import { enterPassword, foundPractice, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal, type Portal } from "../support/portal.ts";
import { appCode, auditOf, codeTo, giveFactor, isIn, sentTo, someone, verify } from "./support.ts";

const production = await openPortal({
  env: {
    NODE_ENV: "production",
    PUBLIC_URL: "https://portal.example",
    TRUSTED_PROXIES: "1",
    DEMO: "0",
    SMTP_URL: "smtp://mail.example",
    BUREAU_URL: "https://bureau.example",
  },
});
const withoutMail = await openPortal({ env: { PROGRAM_EMAIL_CODES: "0" } });
const strict = await openPortal({ env: { PROGRAM_NEEDS_FACTOR: "1" } });

// In production

test("in production everyone needs a second factor: without one nothing opens but the page to add it", async () => {
  const { alice } = await foundPractice(production);
  const browser = overTls();
  expect((await enterPassword(browser, alice)).path).toBe("/settings/factors");
  for (const path of ["/", "/accounts", "/reports/sales.csv", "/settings"])
    expect([path, (await browser.get(path)).path]).toEqual([path, "/settings/factors"]);
  const bea = await someone(production, { factors: ["email"] });
  const page = await verify(await enterPassword(overTls(), bea), await codeTo(production, bea.email));
  expect(page.path, "any factor will do for a practice").toBe("/");
});

test.each(["support", "administrator"] as const)(
  "in production %s needs an app or a passkey: a code is not enough",
  async (role) => {
    for (const kind of ["email", "sms"] as const) {
      const person = await someone(production, { role, name: "Sam Stone", factors: [kind] });
      const browser = overTls();
      const code = async () => codeTo(production, kind === "email" ? person.email : person.phone);
      const page = await verify(await enterPassword(browser, person), await code());
      expect([kind, page.path]).toEqual([kind, "/settings/factors"]);
      expect((await browser.get("/console")).path).toBe("/settings/factors");
    }
    const strong = await someone(production, { role, name: "Sam Stone", factors: ["totp"] });
    const browser = overTls();
    await verify(await enterPassword(browser, strong), await appCode());
    expect((await browser.get("/console")).heading).toBe("Console");
  },
);

test("an exception by name lets one person in without, says who allowed it and why, and no second person", async () => {
  const { alice, bob } = await foundPractice(production);
  const ada = await someone(production, { role: "administrator", name: "Ada Ames", factors: ["totp"] });
  const desk = overTls();
  await verify(await enterPassword(desk, ada), await appCode());
  const page = await lookAt(desk, `/console/people/${bob.id}`);
  const reason = { "Reason for the exception": "Kiosk without a phone, until June" };
  expect((await page.press("Allow without second factor", reason)).fact("Exception")).toContain("until June");
  expect((await enterPassword(overTls(), bob)).path).toBe("/");
  expect((await enterPassword(overTls(), alice)).path).toBe("/settings/factors");
  expect(await auditOf(production, bob, "second factor excepted")).toMatchObject([
    { user_id: ada.id, details: { reason: "Kiosk without a phone, until June" } },
  ]);
  expect(await production.db("factor_exceptions").where({ user_id: bob.id })).toMatchObject([
    { allowed_by: ada.userId },
  ]);
});

test("over plain http nobody gets into production: the browser is given no session at all", async () => {
  const { bob } = await foundPractice(production);
  const browser = production.browser();
  const login = await browser.get("/login");
  const { action, fields } = login.sending("Log in", { "User ID": bob.userId, Password: "quiet-harbor-lantern" });
  const answer = await browser.ask("POST", action, { fields });
  expect(answer.setCookies.filter((cookie) => cookie.includes("sid="))).toEqual([]);
  expect((await browser.get("/accounts")).path).toBe("/login");
});

// Everyone, by a setting

test("the program may ask a factor of everyone, and then the last one stays", async () => {
  const { bob } = await foundPractice(strict);
  expect((await enterPassword(strict.browser(), bob)).path).toBe("/settings/factors");
  const bea = await someone(strict, { factors: ["sms"] });
  const browser = await logIn(strict, bea);
  const answer = await (await browser.get("/settings/factors")).press("Remove Code by text message");
  expect(answer.status).toBe(422);
  expect(await strict.db("second_factors").where({ user_id: bea.id })).toHaveLength(1);
});

// Codes by e-mail switched off

test("with codes by e-mail switched off, they are not offered, and cannot be added behind the page's back", async () => {
  const { bob } = await foundPractice(withoutMail);
  const browser = await logIn(withoutMail, bob);
  const page = await browser.get("/settings/factors");
  expect(page.links).not.toContain("Code by e-mail");
  expect(page.links).toContain("Code by text message");
  await addByMail(withoutMail, browser, bob);
  expect(await withoutMail.db("second_factors").where({ user_id: bob.id })).toEqual([]);
});

test("who has e-mail alone must add another factor first, and who has none is not asked", async () => {
  const { bob } = await foundPractice(withoutMail);
  expect((await enterPassword(withoutMail.browser(), bob)).path).toBe("/");
  const bea = await someone(withoutMail, { factors: ["email"] });
  const browser = withoutMail.browser();
  const page = await verify(await enterPassword(browser, bea), await codeTo(withoutMail, bea.email));
  expect(page).toMatchObject({ path: "/settings/factors", status: 200 });
  const sent = await (await browser.get("/settings/factors/sms")).press("Send a code");
  await verify(sent, await codeTo(withoutMail, bea.phone));
  expect((await browser.get("/accounts")).path).toBe("/accounts");
});

test("who has another factor besides cannot fall back on e-mail", async () => {
  const bea = await someone(withoutMail, { factors: ["totp"] });
  await giveFactor(withoutMail, bea, "email");
  const browser = withoutMail.browser();
  const page = await enterPassword(browser, bea);
  expect(page.buttons).not.toContain("Code by e-mail");
  const factor = await withoutMail.db("second_factors").where({ user_id: bea.id, kind: "email" }).first();
  expect((await browser.post("/login/code/factor", { factor: factor.id })).status).toBe(422);
  expect(await sentTo(withoutMail, bea.email)).toEqual([]);
});

test("the program's people are asked like everyone else outside production", async () => {
  const sam = await hireSam(strict);
  expect((await enterPassword(strict.browser(), sam)).path).toBe("/settings/factors");
  expect(isIn(await enterPassword(withoutMail.browser(), await hireSam(withoutMail)))).toBe(true);
});

const overTls = (): Browser => production.browser({ headers: { "X-Forwarded-Proto": "https" } });

async function addByMail(portal: Portal, browser: Browser, person: TestPerson): Promise<void> {
  await browser.post("/settings/factors/email");
  const code = /\b\d{6}\b/.exec((await sentTo(portal, person.email))[0]?.text ?? "")?.[0];
  if (code) await browser.post("/settings/factors/email/code", { code });
}
