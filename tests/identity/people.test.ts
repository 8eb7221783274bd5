import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { linkTo } from "../enrolment/support.ts";
import type { Browser } from "../support/browser.ts";
import {
  addPerson,
  enterPassword,
  foundMallorys,
  foundPractice,
  hireSam,
  logIn,
  type Practice,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const fresh = "seven gentle herons fishing";
let guests = 0;

const ownerOf = (practice: Practice, name = "Olga Orr") =>
  addPerson(portal, {
    name,
    role: "owner",
    practice: { id: practice.id, name: practice.name, homeLocationId: practice.locations[0]?.id ?? null },
  });

/** Invites somebody new; returns the address they were invited at. */
async function inviteTo(
  browser: Browser,
  given: { name?: string; role?: string; base?: string } = {},
): Promise<string> {
  guests += 1;
  const email = `guest${guests}@example.com`;
  const form = await (await browser.get(given.base ?? "/settings/people")).click("Invite a person");
  const { name = "Gina Guest", role = "Front desk" } = given;
  const page = await form.press("Send invitation", { "Full name": name, "E-mail": email, Role: role });
  expect(page.text).toContain(`Invited: ${name}`);
  return email;
}
const join = async (email: string, filling = {}) =>
  (await portal.browser().get(await linkTo(portal, email, "/invitations/"))).press("Join", {
    "Mobile phone": "202-555-0188",
    "New password": fresh,
    ...filling,
  });

test("the owner invites; the link lets a person choose User ID and password, and they log in with the role", async () => {
  const practice = await foundPractice(portal, { name: "Hazel Dental" });
  const alice = await logIn(portal, practice.alice);
  const email = await inviteTo(alice, { name: "Gina Guest", role: "Biller" });
  const mail = (await portal.messages()).find(({ to }) => to === email);
  expect(mail?.text).toContain("Alice Archer invites you");
  const link = await linkTo(portal, email, "/invitations/");
  const welcome = await portal.browser().get(link);
  expect(welcome.text).toContain("Hazel Dental");
  expect(welcome.text).toContain("refund sales");
  expect(welcome.valueOf("User ID")).toBe("g.guest");
  const done = await welcome.press("Join", {
    "User ID": "Gina.Hazel",
    "Mobile phone": "2025550188",
    "New password": fresh,
  });
  expect([done.path, done.text]).toEqual(["/login", expect.stringContaining("gina.hazel")]);
  const inside = portal.browser();
  expect((await enterPassword(inside, { userId: "gina.hazel" }, fresh)).path).toBe("/");
  expect((await inside.get("/reports")).status).toBe(200);
  expect((await inside.get("/settings/people")).status).toBe(403);
  expect((await portal.browser().get(link)).heading).toBe("This link no longer works");
});

test("each role says in words what it may do", async () => {
  const practice = await foundPractice(portal);
  const form = await (await logIn(portal, practice.alice)).get("/settings/people/invitations/new");
  expect(form.text).toMatch(/Front desk May look up accounts, take applications, record sales/);
  expect(form.text).not.toContain("Administrator");
});

test("sent again, the old link is dead; withdrawn, the new one is too", async () => {
  const alice = await logIn(portal, (await foundPractice(portal)).alice);
  const email = await inviteTo(alice);
  const first = await linkTo(portal, email, "/invitations/");
  const people = await (await alice.get("/settings/people")).press("Send again");
  const second = await linkTo(portal, email, "/invitations/");
  expect(second).not.toBe(first);
  expect((await portal.browser().get(first)).heading).toBe("This link no longer works");
  expect((await portal.browser().get(second)).heading).toBe("Welcome");
  const after = await people.press("Withdraw");
  expect(after.text).not.toContain(email);
  expect((await portal.browser().get(second)).heading).toBe("This link no longer works");
});

test("after seven days a link is dead, and can be sent again", async () => {
  const practice = await foundPractice(portal);
  const email = await inviteTo(await logIn(portal, practice.alice));
  const link = await linkTo(portal, email, "/invitations/");
  portal.clock.advance({ days: 7, seconds: 1 });
  expect((await portal.browser().get(link)).heading).toBe("This link no longer works");
  const people = await (await logIn(portal, practice.alice)).get("/settings/people");
  expect(people.text).toContain("Too old");
  await people.press("Send again");
  expect((await join(email, { "User ID": "late.guest" })).path).toBe("/login");
});

test("an address is invited once at a time, and pressing twice invites once", async () => {
  const alice = await logIn(portal, (await foundPractice(portal)).alice);
  const form = await alice.get("/settings/people/invitations/new");
  const filling = { "Full name": "Gus Guest", "E-mail": "gus@example.com", Role: "Biller" };
  await Promise.all([1, 2, 3].map(() => form.press("Send invitation", filling)));
  expect(await portal.db("invitations").where({ email: "gus@example.com" })).toHaveLength(1);
  expect((await portal.messages()).filter(({ to }) => to === "gus@example.com")).toHaveLength(1);
  const again = await (await alice.get("/settings/people/invitations/new")).press("Send invitation", {
    ...filling,
    "E-mail": "GUS@example.com",
  });
  expect([again.status, again.errorAt("E-mail")]).toEqual([422, expect.stringContaining("open invitation")]);
});

test("the key of a form that has invited somebody invites nobody else, of this practice or another", async () => {
  const key = randomUUIDv7();
  const [alice, other] = [await foundPractice(portal), await foundPractice(portal)];
  const send = async (person: TestPerson, email: string) =>
    (await logIn(portal, person)).post("/settings/people/invitations", {
      key,
      name: "Gil Guest",
      email,
      role: "clerk",
    });
  expect((await send(alice.alice, "gil@example.com")).status).toBe(200);
  for (const person of [alice.alice, other.alice])
    expect((await send(person, "else@example.com")).errors.join()).toContain("This form has invited somebody already");
  expect(await portal.db("invitations").where({ email: "else@example.com" })).toEqual([]);
});

test("five who accept one link at once: one person is made", async () => {
  const alice = await logIn(portal, (await foundPractice(portal)).alice);
  const email = await inviteTo(alice);
  const page = await portal.browser().get(await linkTo(portal, email, "/invitations/"));
  const pages = await Promise.all(
    [1, 2, 3, 4, 5].map((n) =>
      page.press("Join", { "User ID": `race.guest${n}`, "Mobile phone": "2025550188", "New password": fresh }),
    ),
  );
  expect(pages.filter(({ path }) => path === "/login")).toHaveLength(1);
  expect(await portal.db("users").where({ email })).toHaveLength(1);
});

test("a User ID that is taken, too short, or a weak password is said beside the field, and the link still works", async () => {
  const practice = await foundPractice(portal);
  const email = await inviteTo(await logIn(portal, practice.alice));
  const taken = await join(email, { "User ID": practice.bob.userId });
  expect([taken.status, taken.errorAt("User ID")]).toEqual([422, "That User ID is taken. Choose another one."]);
  expect((await join(email, { "User ID": "a b" })).errorAt("User ID")).toContain("4 to 40");
  expect((await join(email, { "User ID": "fine.guest", "New password": "short" })).errorAt("New password")).toContain(
    "15",
  );
  expect((await join(email, { "User ID": "fine.guest" })).path).toBe("/login");
});

// Changing people

const personPage = (browser: Browser, person: TestPerson) => browser.get(`/settings/people/${person.id}`);

test("a new role holds from the next click, and the person is told", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  expect((await bob.get("/reports")).status).toBe(403);
  const page = await personPage(await logIn(portal, practice.alice), practice.bob);
  expect((await page.press("Save role", { Role: "Biller" })).fact("Role")).toBe("Biller");
  expect((await bob.get("/reports")).status).toBe(200);
  expect((await portal.messages()).find(({ to }) => to === practice.bob.email)?.text).toContain("now: Biller");
  expect(await portal.db("audit_events").where({ subject_id: practice.bob.id, action: "role changed" })).toMatchObject([
    { user_id: practice.alice.id, details: { from: "clerk", to: "biller" } },
  ]);
});

test("whoever is removed is out at once, learns why only with the right password, and is restored with all they had", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const alice = await logIn(portal, practice.alice);
  const removed = await (await personPage(alice, practice.bob)).press("Remove");
  expect(removed.text).toContain("Every log-in was ended");
  expect((await bob.get("/accounts")).path).toBe("/login");
  expect((await enterPassword(portal.browser(), practice.bob)).text).toContain("was removed");
  expect((await enterPassword(portal.browser(), practice.bob, "wrong")).text).not.toContain("removed");
  expect((await alice.get("/settings/people")).text).toContain("Removed Bob Baker");
  await (await personPage(alice, practice.bob)).press("Restore");
  expect((await bob.get("/accounts")).path).toBe("/login");
  expect((await enterPassword(portal.browser(), practice.bob)).path).toBe("/");
});

test("nobody changes or removes themselves, so the last owner stays", async () => {
  const practice = await foundPractice(portal);
  const alice = await logIn(portal, practice.alice);
  const page = await personPage(alice, practice.alice);
  expect(page.buttons).not.toContain("Remove");
  for (const [noun, fields] of [
    ["removal", {}],
    ["role", { role: "clerk" }],
  ] as const) {
    const answer = await alice.post(`/settings/people/${practice.alice.id}/${noun}`, fields);
    expect([noun, answer.status]).toEqual([noun, 422]);
  }
  expect(await portal.db("users").where({ id: practice.alice.id }).first("role", "removed_at")).toEqual({
    role: "owner",
    removed_at: null,
  });
});

test.each(["removal", "role"])("two owners who each do it to the other at once (%s): one owner stays", async (noun) => {
  for (let round = 0; round < 5; round += 1) {
    const practice = await foundPractice(portal);
    const olga = await ownerOf(practice);
    const [alices, olgas] = [await logIn(portal, practice.alice), await logIn(portal, olga)];
    await Promise.all([
      alices.post(`/settings/people/${olga.id}/${noun}`, { role: "clerk" }),
      olgas.post(`/settings/people/${practice.alice.id}/${noun}`, { role: "clerk" }),
    ]);
    const owners = await portal.db("users").where({ practice_id: practice.id, role: "owner" }).whereNull("removed_at");
    expect(owners).toHaveLength(1);
  }
});

test("all of it asks for a fresh proof, and is held back after a reset by e-mail", async () => {
  const practice = await foundPractice(portal);
  const alice = await logIn(portal, practice.alice);
  const page = await personPage(alice, practice.bob);
  await portal.db("users").where({ id: practice.alice.id }).update({ reset_by_mail_at: portal.clock.now() });
  expect((await page.press("Remove")).status).toBe(403);
  expect(
    (
      await alice.post("/settings/people/invitations", {
        key: practice.id,
        name: "G",
        email: "g@example.com",
        role: "clerk",
      })
    ).status,
  ).toBe(403);
  await portal.db("users").where({ id: practice.alice.id }).update({ reset_by_mail_at: null });
  portal.clock.advance({ minutes: 6 });
  expect((await page.press("Remove")).path).toBe("/confirm");
  expect(await portal.db("users").where({ id: practice.bob.id }).first("removed_at")).toEqual({ removed_at: null });
});

// Others

test("Mallory sees, invites, changes and withdraws nothing of Alice's", async () => {
  const practice = await foundPractice(portal);
  const email = await inviteTo(await logIn(portal, practice.alice), { name: "Secret Guest" });
  const { id } = await portal.db("invitations").where({ email }).first("id");
  const { mallory } = await foundMallorys(portal);
  const browser = await logIn(portal, mallory);
  expect((await browser.get("/settings/people")).text).not.toContain("Secret Guest");
  expect((await personPage(browser, practice.bob)).status).toBe(404);
  for (const path of [
    `${practice.bob.id}/removal`,
    `${practice.bob.id}/role`,
    `invitations/${id}/sending`,
    `invitations/${id}/withdrawal`,
  ])
    expect([path, (await browser.post(`/settings/people/${path}`, { role: "biller" })).status]).toEqual([path, 404]);
  const location = practice.locations[0]?.id ?? "";
  await browser.post("/settings/people/invitations", {
    key: mallory.id,
    name: "Mo",
    email: "mo@example.com",
    role: "clerk",
    location,
  });
  expect(await portal.db("invitations").where({ email: "mo@example.com" }).first("home_location_id")).toEqual({
    home_location_id: null,
  });
});

test("Bob and Bea may not; Sam and an administrator are no people of a practice", async () => {
  const practice = await foundPractice(portal);
  for (const person of [practice.bob, practice.bea, await hireSam(portal)]) {
    const browser = await logIn(portal, person);
    expect((await browser.get("/settings/people")).status).toBe(403);
    expect((await browser.post(`/settings/people/${practice.bob.id}/removal`)).status).toBe(403);
    expect((await browser.get("/admin/staff")).status).toBe(403);
  }
});

test("an owner makes nobody an administrator", async () => {
  const practice = await foundPractice(portal);
  const alice = await logIn(portal, practice.alice);
  expect((await alice.post(`/settings/people/${practice.bob.id}/role`, { role: "administrator" })).status).toBe(422);
  const fields = { key: practice.id, name: "Eve", email: "eve@example.com", role: "administrator" };
  expect((await alice.post("/settings/people/invitations", fields)).status).toBe(422);
  expect(await portal.db("invitations").where({ email: "eve@example.com" })).toEqual([]);
});

test("an administrator invites an agent, who joins the program's staff; owners and agents are not among the staff's roles", async () => {
  const ada = await addPerson(portal, { name: "Ada Ames", role: "administrator", practice: null });
  const browser = await logIn(portal, ada);
  const email = await inviteTo(browser, { name: "Sia Support", role: "Support", base: "/admin/staff" });
  expect((await join(email, { "User ID": "sia.support" })).path).toBe("/login");
  const inside = portal.browser();
  await enterPassword(inside, { userId: "sia.support" }, fresh);
  expect((await inside.get("/console")).status).toBe(200);
  expect((await inside.get("/admin/staff")).status).toBe(403);
  const { bob } = await foundPractice(portal);
  expect((await browser.get(`/admin/staff/${bob.id}`)).status).toBe(404);
  const sia = await portal.db("users").where({ user_id: "sia.support" }).first("id");
  await (await browser.get(`/admin/staff/${sia.id}`)).press("Remove");
  expect((await inside.get("/console")).path).toBe("/login");
});
