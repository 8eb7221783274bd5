import { expect, test } from "vitest";
import { applicationOf } from "../support/applications.ts";
import type { Browser, Page, Sending } from "../support/browser.ts";
import { foundPractice, logIn, openAccountFor, password, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();

test("a form that came after the log-in had ended is kept, and can be sent once one is in again", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  portal.clock.advance({ minutes: 20 });
  const login = await form.press("Review sale", { Amount: "123.45", Plan: "Standard account", Reference: "Crown 17" });
  expect(login.path).toBe("/login");
  const kept = await enter(login, practice.bob);
  expect(kept).toMatchObject({ path: "/login/continue", heading: "Go on where you were" });
  expect(await portal.db("drafts").where({ practice_id: practice.id })).toEqual([]); // nothing of it was done
  const review = await kept.press("Send it again");
  expect(review.buttons).toContain("Charge $123.45");
  expect(review.fact("Reference")).toMatch(/^Crown 17/);
  expect((await bob.get("/login/continue")).path).toBe("/"); // it is kept once
});

test("a form of an earlier log-in, sent after logging in again in another tab, is offered to be sent again", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  portal.clock.advance({ minutes: 20 });
  await enter(await bob.get("/accounts"), practice.bob); // in the other tab
  const typed = { Amount: "123.45", Plan: "Standard account", Reference: "Crown 17" };
  const sending = form.sending("Review sale", typed);
  const kept = await bob.send(sending, { "Sec-Fetch-Site": "same-origin" });
  expect(kept).toMatchObject({ path: "/login/continue", heading: "Go on where you were" });
  expect(await portal.db("drafts").where({ practice_id: practice.id })).toEqual([]);
  expect((await kept.press("Send it again")).buttons).toContain("Charge $123.45");

  for (const headers of [{}, { "Sec-Fetch-Site": "cross-site" }, { Origin: "https://elsewhere.example" }]) {
    expect((await bob.send(sending, headers)).status).toBe(403);
  }
});

test("the log-in form of a second tab leads in where the first one has logged in already", async () => {
  const { bob } = await foundPractice(portal);
  const browser = portal.browser();
  const second = await browser.get("/login");
  expect((await enter(await browser.get("/login"), bob)).path).toBe("/");
  const sending = second.sending("Log in", { "User ID": bob.userId, Password: password });
  expect(await browser.send(sending, { "Sec-Fetch-Site": "same-origin" })).toMatchObject({ path: "/", status: 200 });
});

test("what must not be written down is not kept: of an application, neither the SSN nor the token", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const form = await applicationOf(bob, { "Social Security number": "931-28-4716", "Annual income": "73,519.46" });
  portal.clock.advance({ minutes: 20 });
  const kept = await enter(await bob.send(form), practice.bob);
  expect(kept.html).not.toMatch(/931-?28-?4716/);
  const { rows } = await portal.db.raw("select k::text as row from kept_forms k");
  expect(JSON.stringify(rows)).not.toMatch(/73,?519|Quill/);
  const again = await kept.press("Send it again");
  expect(again).toMatchObject({ status: 422, errors: ["Enter the nine digits of the Social Security number"] });
  const sent = await again.press("Submit application", { "Social Security number": "987-65-4321" });
  expect(sent.heading).toBe("Approved for $2,500.00");
});

test("somebody else who logs in at that browser is not shown it", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  portal.clock.advance({ minutes: 20 });
  const login = await form.press("Review sale", { Amount: "123.45", Reference: "Crown 17" });
  const page = await enter(login, practice.alice);
  expect(page.html).not.toContain("Crown 17");
  expect(page.heading).not.toBe("Go on where you were");
});

test("a form for an address elsewhere is never offered to be sent", async () => {
  const practice = await foundPractice(portal);
  const bob: Browser = await logIn(portal, practice.bob);
  const token = await bob.token();
  portal.clock.advance({ minutes: 20 });
  const forged: Sending = {
    action: "//elsewhere.example/steal",
    method: "post",
    fields: [
      ["_csrf", token],
      ["amount", "1"],
    ],
  };
  const page = await enter(await bob.send(forged), practice.bob);
  for (const form of page.root.querySelectorAll("form")) expect(form.getAttribute("action")).toMatch(/^\/(?!\/)/);
});

test("a form that another site made the browser send is not kept", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  portal.clock.advance({ minutes: 20 });
  const forged: Sending = { action: `${account.path}/sale`, method: "post", fields: [["amount", "66.60"]] };
  const login = await bob.send(forged, { "Sec-Fetch-Site": "cross-site", Origin: "https://elsewhere.example" });
  const page = await enter(login.path === "/login" ? login : await bob.get("/login"), practice.bob);
  expect(page.html).not.toContain("66.60");
});

const enter = (login: Page, person: TestPerson) =>
  login.press("Log in", { "User ID": person.userId, Password: password });
