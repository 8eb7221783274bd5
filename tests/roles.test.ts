import { randomUUIDv7 } from "node:crypto";
import { describe, expect, test } from "vitest";
import { endDays } from "../src/accounts/end-days.ts";
import { allPermissions, type Permission, roleMay } from "../src/identity/permissions.ts";
import { reportIncident } from "../src/status/report-incident.ts";
import { saveDraft } from "../src/transactions/drafts.ts";
import { orderFor } from "./resources/support.ts";
import { apply } from "./support/applications.ts";
import type { Browser, Page } from "./support/browser.ts";
import {
  addPerson,
  foundMallorys,
  foundPractice,
  hireSam,
  logIn,
  openAccountFor,
  payOn,
  sellTo,
  type TestPerson,
} from "./support/people.ts";
import { openPortal } from "./support/portal.ts";
import { type Route, routesOf } from "./support/routes.ts";
import { writeToSupport } from "./support/writing.ts";
import { certify } from "./training/support.ts";

/*
 * Every route that the portal has, as everybody who could ask for it. The routes are read from the portal itself, so
 * that a new one is covered the moment it exists.
 */
const portal = await openPortal();

const routes = routesOf(portal.app);

/** Open to all: getting in, health, files, the demo's own pages. */
const isPublic = ({ path }: Route) =>
  /^\/(my-statement|apply|login|recover|trouble|resources\/articles|enroll|invitations|dev|status(?:\.json)?|healthz|readyz|metrics|assets|support(?!\/cases))(\/|$)/.test(
    path,
  );
/** Open to all who are logged in: one's way out, the page one comes to, and what is one's own by its nature. */
const everybodys = ["POST /logout", "GET /", "POST /session"];
const isEverybodys = ({ method, path }: Route) =>
  everybodys.includes(`${method} ${path}`) || path.startsWith("/confirm/");
const named = routes.filter((route) => !isPublic(route) && !isEverybodys(route));

const practice = await foundPractice(portal);
const mallorys = await foundMallorys(portal);
const staff = {
  admin: await addPerson(portal, { name: "Ada Stone", role: "administrator", practice: null }),
  sam: await hireSam(portal),
};
const people: Record<string, TestPerson> = {
  "the clerk": practice.bob,
  "the biller": practice.bea,
  "the owner": practice.alice,
  "the program's support": staff.sam,
  "the program's administrator": staff.admin,
};
const browsers = new Map<TestPerson, Browser>();
const there = await realIds();

test("there are routes, and each names its permission, but for getting in and out and the page one comes to", () => {
  expect(routes.length).toBeGreaterThan(20);
  expect(named.length).toBeGreaterThan(12);
  expect(named.filter(({ permission }) => !permission)).toEqual([]);
  expect(routes.filter((route) => isPublic(route) && route.permission)).toEqual([]);
});

test("the roles differ: nobody may do everything, and everything may be done by somebody", () => {
  const used = new Set(named.map(({ permission }) => permission));
  for (const permission of used) expect(allPermissions).toContain(permission);
  expect(roleMay("clerk", "refund sales")).toBe(false);
  expect(roleMay("biller", "refund sales")).toBe(true);
  expect(roleMay("support", "record sales")).toBe(false);
});

describe.each(named.map((route) => ({ ...route, name: `${route.method} ${route.path}` })))("$name", (route) => {
  test("sends strangers to the log-in, with and without HTMX", async () => {
    const page = await ask(portal.browser(), route);
    expect([page.status, page.header("location")]).toEqual([303, "/login"]);
    const htmx = await ask(portal.browser(), route, { "HX-Request": "true" });
    expect([htmx.status, htmx.header("hx-redirect"), htmx.html]).toEqual([401, "/login", ""]);
  });

  test("and in large letters too, which routes take for the same", async () => {
    const path = route.path.replaceAll(/\/[a-z]+/g, (part) => part.toUpperCase());
    const page = await ask(portal.browser(), { ...route, path });
    expect([page.status, page.header("location")]).toEqual([303, "/login"]);
  });

  const mayOrNot = Object.entries(people).map(([who, person]) => {
    const may = roleMay(person.role, route.permission as Permission);
    return { who: `${who} ${may ? "may" : "may not"}`, may, person };
  });
  test.each(mayOrNot)("$who", async ({ may, person }) => {
    const page = await askAs(person, route);
    if (may) {
      expect(page.status).not.toBe(403);
      expect(page.status).toBeLessThan(500);
      if (route.method === "GET") expect(page.status).toBe(200);
    } else {
      expect(page.status).toBe(403);
      expect((await askAs(person, route, { "HX-Request": "true" })).status).toBe(403);
    }
  });
});

/** What has an address of its own, and an owner: a practice. One's own settings are found by who one is instead, and the program's own texts (`:slug`) are everybody's. */
const ofThePractice = named.filter(
  ({ path, permission }) =>
    path.includes(":") &&
    !path.includes(":slug") &&
    permission &&
    permission !== "change own settings" &&
    roleMay("owner", permission),
);
test.each(ofThePractice.map((route) => ({ ...route, name: `${route.method} ${route.path}` })))(
  "$name tells Mallory, who owns another practice, that there is no such thing",
  async (route) => {
    for (const headers of [{}, { "HX-Request": "true" }]) {
      const page = await askAs(mallorys.mallory, route, headers);
      expect(page.status).toBe(404);
      expect(page.html).not.toMatch(/Quill|Crown 17/);
    }
  },
);

/** Asks as somebody who is logged in; some routes end log-ins, which is what they are for. */
async function askAs(person: TestPerson, route: Route, headers = {}): Promise<Page> {
  const browser = browsers.get(person) ?? (await logIn(portal, person));
  browsers.set(person, browser);
  const page = await ask(browser, route, headers);
  const isOut = [page.header("location"), page.header("hx-redirect")].includes("/login");
  if (!isOut) return page;
  browsers.delete(person);
  return ask(await logIn(portal, person), route, headers);
}

/** Asks for a route, about things of Alice's that are really there. Forms are sent empty, with a good token and a key. */
async function ask(browser: Browser, { method, path }: Route, headers = {}): Promise<Page> {
  const address = path.replaceAll(
    /:(\w+)/g,
    (_, name: string) => there[`${path.split(":")[0]}:${name}`] ?? there[path] ?? randomUUIDv7(),
  );
  if (method === "GET") return browser.ask("GET", address, { headers });
  return browser.ask("POST", address, {
    headers,
    fields: [
      ["_csrf", await browser.token()],
      ["key", randomUUIDv7()],
    ],
  });
}

/** What stands behind each parameter: an id of the practice, by the address up to it, or by the whole route. */
async function realIds(): Promise<Record<string, string>> {
  const bob = practice.bob.viewer;
  const account = await openAccountFor(portal, practice);
  const saleId = await sellTo(portal, practice, account, { amountCents: 30_000, reference: "Crown 17" });
  const orderId = await orderFor(portal, practice);
  for (const person of [practice.bob, practice.bea, practice.alice]) await certify(portal, person, "fair-credit");
  const application = await apply(await logIn(portal, practice.bob), { "Last name": "Quill" });
  const sale = {
    amountCents: 1_000,
    planId: "standard",
    serviceOn: portal.clock.today(),
    reference: "Crown 17",
    locationId: practice.locations[0]?.id,
  };
  const [saleKey, refundKey] = [randomUUIDv7(), randomUUIDv7()];
  await saveDraft(portal, bob, { id: saleKey, kind: "sale", subjectId: account.id, typed: sale });
  await saveDraft(portal, bob, {
    id: refundKey,
    kind: "refund",
    subjectId: saleId,
    typed: { amountCents: 100, reason: "Other" },
  });
  const supportCase = await writeToSupport(await logIn(portal, practice.bob), { Subject: "Crown 17" });
  const home = { id: practice.id, name: practice.name, homeLocationId: practice.locations[0]?.id ?? null };
  const cy = await addPerson(portal, { name: "Cy Quill", role: "clerk", practice: home });
  const sky = await addPerson(portal, { name: "Sky Quill", role: "support", practice: null });
  const invitation = {
    name: "Di Quill",
    email: "di.quill@example.com",
    sent_at: portal.clock.now(),
    expires_at: portal.clock.now(),
  };
  const [invitedId, hiredId] = [randomUUIDv7(), randomUUIDv7()];
  await portal.db("invitations").insert([
    { ...invitation, id: invitedId, practice_id: practice.id, role: "clerk", token_hash: Buffer.from("a") },
    { ...invitation, id: hiredId, practice_id: null, role: "support", token_hash: Buffer.from("b") },
  ]);
  const enrollmentId = randomUUIDv7();
  await portal.db("enrollments").insert({
    id: enrollmentId,
    reference: "EN-ROLES",
    state: "waiting",
    email: "owner@example.com",
    signature: "Olive Owens",
    began_at: portal.clock.now(),
    changed_at: portal.clock.now(),
    sent_at: portal.clock.now(),
  });
  const incidentId = randomUUIDv7();
  await reportIncident(portal, staff.admin.viewer, {
    id: incidentId,
    title: "E-mail is late",
    parts: [],
    stage: "investigating",
    body: "We look into it.",
  });
  const chat = await (await (await logIn(portal, practice.bob)).get("/support")).press("Start a chat");
  await chat.press("End chat"); // the stream of one that goes on would not end
  await endDays(portal, portal.clock.today()); // closes the account's first cycle
  const actId = randomUUIDv7();
  await payOn(portal, account, 1_000);
  const { id: paymentId } = await portal.db("payments").where({ account_id: account.id }).first("id");
  await portal.db("payment_acts").insert({
    id: actId,
    kind: "credit refund",
    account_id: account.id,
    amount_cents: 200_000,
    reference: "",
    reason: "Asked",
    needs_second: true,
    asked_by: sky.id,
    asked_at: portal.clock.now(),
  });
  const runId = randomUUIDv7();
  const filter = { from: "2026-11-01", to: "2026-11-30" };
  await portal.db("report_runs").insert({
    id: runId,
    practice_id: practice.id,
    user_id: practice.bea.id,
    report: "sales",
    filter,
    asked_at: portal.clock.now(),
    finished_at: portal.clock.now(),
  });
  await portal.db("report_run_parts").insert({ run_id: runId, part: 0, bytes: Buffer.from("a file") });
  return {
    "/console/accounts/:number": "1",
    "/console/accounts/:paymentId": paymentId,
    "/console/payments/:id": actId,
    "/reports/runs/:id": runId,
    "/resources/materials/:slug": "poster-care-now",
    "/resources/orders/:id": orderId,
    "/admin/orders/:id": orderId,
    "/admin/enrollments/:id": enrollmentId,
    "/resources/training/:slug": "fair-credit",
    "/settings/people/:id": cy.id,
    "/settings/practice/locations/:id": practice.locations[0]?.id ?? "",
    "/settings/people/invitations/:id": invitedId,
    "/admin/staff/:id": sky.id,
    "/admin/staff/invitations/:id": hiredId,
    "/console/people/:id": practice.bob.id,
    "/admin/incidents/:id": incidentId,
    "/console/practices/:id": practice.id,
    "/console/accounts/:id": account.id,
    "/console/transactions/:id": saleId,
    "/console/applications/:id": application.path.split("/").at(-1) ?? "",
    "/support/cases/:id": supportCase.id,
    "/console/cases/:id": supportCase.id,
    "/console/chats/:id": chat.path.split("/").at(-1) ?? "",
    "/accounts/:id": account.id,
    "/accounts/:key": saleKey,
    "/transactions/:id": saleId,
    "/transactions/:key": refundKey,
    "/applications/:id": application.path.split("/").at(-1) ?? "",
  };
}
