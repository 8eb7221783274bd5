import { expect, test } from "vitest";
import {
  addPerson,
  enterPassword,
  foundMallorys,
  foundPractice,
  logIn,
  password,
  type TestPerson,
} from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const fresh = "seven gentle herons fishing";

test("changing the password ends every other log-in, and tells the person", async () => {
  const { bob } = await foundPractice(portal);
  const [here, there] = [await logIn(portal, bob), await logIn(portal, bob)];
  const form = await (await here.get("/settings")).click("Change password");
  expect((await form.press("Change password", { "Password now": "wrong", "New password": fresh })).errors).toEqual([
    "That is not your password now.",
  ]);
  expect((await form.press("Change password", { "Password now": password, "New password": "too short" })).status).toBe(
    422,
  );
  const done = await form.press("Change password", { "Password now": password, "New password": fresh });
  expect(done.path).toBe("/settings");
  expect((await here.get("/accounts")).path).toBe("/accounts");
  expect((await there.get("/accounts")).path).toBe("/login");
  expect((await enterPassword(portal.browser(), bob, fresh)).path).toBe("/");
  expect((await portal.messages()).find(({ to }) => to === bob.email)?.text).toContain("The password was changed");
});

test("five minutes after the log-in, what protects it asks again who one is", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  portal.clock.advance({ minutes: 6 });
  const confirm = await browser.get("/settings/password");
  expect(confirm).toMatchObject({ path: "/confirm", heading: "Confirm that it is you" });
  expect((await confirm.press("Continue", { Password: "wrong" })).status).toBe(422);
  expect((await confirm.press("Continue", { Password: password })).path).toBe("/settings/password");
});

test("what is sent without a fresh proof changes nothing, and the proof is asked for", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  portal.clock.advance({ minutes: 6 });
  expect((await browser.post("/settings/password", { password, newPassword: fresh })).path).toBe("/confirm");
  expect((await enterPassword(portal.browser(), bob, fresh)).status).toBe(422);
});

test("one person who logs in at four browsers at once comes to the code in each of them", async () => {
  const person = await someone();
  const pages = await Promise.all([1, 2, 3, 4].map(() => enterPassword(portal.browser(), person)));
  expect(pages.map(({ status, path }) => `${status} ${path}`)).toEqual(pages.map(() => "200 /login/code"));
});

test.each(
  ["app", "email/code", "sms/code"]
    .map((step) => `/settings/factors/${step}`)
    .concat(["/settings/contact/email/code", "/settings/contact/sms/code"]),
)("a code for nothing that is under way is declined, and is no bug: %s", async (path) => {
  const browser = await logIn(portal, (await foundPractice(portal)).bob);
  const page = await browser.post(path, { code: "123456" });
  expect([400, 404, 409, 422]).toContain(page.status);
  expect(page.text).not.toContain("went wrong on our side");
});

test("Mallory ends none of Alice's log-ins and removes none of her factors", async () => {
  const alice = await someone();
  const working = await logIn(portal, alice);
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  const login = await portal.db("logins").where({ user_id: alice.id }).first("id");
  const factor = await portal.db("second_factors").where({ user_id: alice.id }).first("id");
  await mallory.post(`/settings/log-ins/${login.id}/end`);
  await mallory.post(`/settings/factors/${factor.id}/removal`);
  expect((await working.get("/accounts")).path).toBe("/accounts");
  expect(await portal.db("second_factors").where({ id: factor.id })).toHaveLength(1);
});

test("one ends another log-in of one's own, or all of them", async () => {
  const { bob } = await foundPractice(portal);
  const [here, there] = [await logIn(portal, bob), await logIn(portal, bob)];
  await (await here.get("/settings/log-ins")).press("Log out A browser");
  expect((await there.get("/accounts")).path).toBe("/login");
  const third = await logIn(portal, bob);
  await (await here.get("/settings/log-ins")).press("Log out everywhere");
  for (const browser of [here, third]) expect((await browser.get("/accounts")).path).toBe("/login");
});

test("the owner may ask a second factor of Bob, who then adds one before anything else", async () => {
  const practice = await foundPractice(portal);
  const other = await foundMallorys(portal);
  const alice = await logIn(portal, practice.alice);
  const page = await alice.get("/settings/people");
  expect(page.text).not.toContain(other.mallory.name);
  const { fields, ...form } = page.sending("Save");
  await alice.send({
    ...form,
    fields: [...fields, [`needs-${practice.bob.id}`, "yes"], [`needs-${other.bob.id}`, "yes"]],
  });
  const bob = await logIn(portal, practice.bob).catch(() => null);
  const inside = bob ?? portal.browser();
  if (!bob) await enterPassword(inside, practice.bob);
  expect((await inside.get("/accounts")).path).toBe("/settings/factors");
  expect((await inside.get("/accounts", { "HX-Request": "true" })).status).toBe(401);
  const theirs = await logIn(portal, other.bob);
  expect((await theirs.get("/accounts")).path).toBe("/accounts");
});

async function someone(): Promise<TestPerson> {
  const { id, name } = await foundPractice(portal);
  return addPerson(portal, {
    name: "Bea Bishop",
    role: "biller",
    practice: { id, name, homeLocationId: null },
    factor: "email",
  });
}
