import { describe, expect, test } from "vitest";
import {
  auditOf,
  forgot,
  isIn,
  linkTo,
  sentTo,
  someone,
  strangersTo,
  verify,
  wrongPassword,
} from "../identity/support.ts";
import { atOnce } from "../support/at-once.ts";
import { codeFor, enterPassword, foundPractice, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const stranger = strangersTo(portal);
const sam = await hireSam(portal);
const ada = await someone(portal, { role: "administrator", name: "Ada Ames" });

describe("a suspended person", () => {
  test("is out at once, on every node, and is told so and whom to call", async () => {
    const bob = await someone(portal, { role: "clerk" });
    const here = await logIn(portal, bob);
    const there = here.copy((await portal.anotherNode()).server);
    expect((await there.get("/accounts")).path).toBe("/accounts");

    await suspendPerson(bob);

    for (const browser of [here, there]) {
      const page = await browser.get("/accounts");
      expect(page.path).toBe("/login");
      expect(page.text).toMatch(/logged out.*suspended.*\(800\) 555-0142/);
      expect((await browser.get("/accounts", { "HX-Request": "true" })).status).toBe(401);
    }
    const [mail] = await sentTo(portal, bob.email);
    expect(mail?.subject).toBe("Suspended at Caraway");
    expect(mail?.text).toContain("(800) 555-0142");
  });

  test("with the right password learns that it is suspended; with a wrong one nothing but that the pair is wrong", async () => {
    const bob = await someone(portal, { role: "clerk" });
    await suspendPerson(bob);
    const right = await enterPassword(stranger(), bob);
    expect([right.status, isIn(right)]).toEqual([422, false]);
    expect(right.errors.join()).toMatch(/User ID is suspended\. Call support at \(800\) 555-0142/);
    const wrong = await enterPassword(stranger(), bob, wrongPassword);
    const nobody = await enterPassword(stranger(), { userId: "nobody.at.all" }, wrongPassword);
    expect(wrong.errors).toEqual(nobody.errors);
    expect(wrong.text).not.toContain("suspended");
    expect(await portal.db("logins").where({ user_id: bob.id })).toEqual([]);
    expect(await auditOf(portal, bob, "suspended log-in refused")).toHaveLength(1);
  });

  test("is sent no code, and a code that was on its way leads nowhere", async () => {
    const bea = await someone(portal, { factors: ["email"] });
    const waiting = await enterPassword(stranger(), bea);
    const code = await codeFor(portal, bea);
    await suspendPerson(bea);
    expect(isIn(await verify(waiting, code))).toBe(false);
    await enterPassword(stranger(), bea);
    expect((await sentTo(portal, bea.email))[0]?.subject).toBe("Suspended at Caraway");
    expect(await portal.db("logins").where({ user_id: bea.id })).toEqual([]);
  });

  test("gets no link to a new password but a mail that says why, and an old link is dead", async () => {
    const bob = await someone(portal, { role: "clerk" });
    await forgot(stranger(), "Password", bob);
    const link = await linkTo(portal, bob);
    await suspendPerson(bob);
    expect((await stranger().get(link)).buttons).not.toContain("Change password");
    const sent = await forgot(stranger(), "Password", bob);
    expect(sent.text).not.toContain("suspended");
    const [mail] = await sentTo(portal, bob.email);
    expect(mail?.text).toContain("suspended");
    expect(mail?.text).not.toContain("/recover/password/");
  });

  test("does not get in by a password that comes while they are being suspended", async () => {
    const bob = await someone(portal, { role: "clerk" });
    const browser = stranger();
    const form = await browser.get("/login");
    const [answer] = await atOnce(
      portal.db,
      `select from users where id = '${bob.id}' for update`,
      ["suspend", "log in"],
      (what) =>
        what === "suspend"
          ? suspendPerson(bob)
          : form.press("Log in", { "User ID": bob.userId, Password: "quiet-harbor-lantern" }),
    );
    expect(answer?.text).toContain("Suspended");
    expect((await browser.get("/accounts")).path).toBe("/login");
  });

  test("gets in again once reinstated, and is told", async () => {
    const bob = await someone(portal, { role: "clerk" });
    await suspendPerson(bob);
    const page = await lookAt(await logIn(portal, sam), `/console/people/${bob.id}`);
    expect(page.fact("Why")).toContain("Policy of the program");
    const done = await page.press("Reinstate", { "Reason for the reinstatement": "Owner called; called back" });
    expect(done.text).toContain("Reinstated");
    expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
    expect((await sentTo(portal, bob.email))[0]?.subject).toBe("Reinstated at Caraway");
    expect(await auditOf(portal, bob, "user reinstated")).toMatchObject([
      { user_id: sam.id, details: { reason: "Owner called; called back" } },
    ]);
    expect(await auditOf(portal, bob, "user suspended")).toMatchObject([{ details: { why: "policy" } }]);
  });
});

test("a suspension wants to know why and the reason; what was typed stays", async () => {
  const bob = await someone(portal);
  const page = await lookAt(await logIn(portal, sam), `/console/people/${bob.id}`);
  const noCause = await page.press("Suspend", { "Reason for the suspension": "Two states at once" });
  expect([noCause.status, noCause.errorAt("Why")]).toEqual([422, "Choose why"]);
  expect(noCause.valueOf("Reason for the suspension")).toBe("Two states at once");
  const noReason = await noCause.press("Suspend", { Why: "policy", "Reason for the suspension": "" });
  expect(noReason.errorAt("Reason for the suspension")).toContain("Enter the reason");
  expect(await portal.db("suspensions").where({ user_id: bob.id })).toEqual([]);
});

test("pressed twice at once it suspends once, and is told once", async () => {
  const bob = await someone(portal);
  const page = await lookAt(await logIn(portal, sam), `/console/people/${bob.id}`);
  const filling = { Why: "request", "Reason for the suspension": "Left the practice" };
  const sending = page.sending("Suspend", filling);
  const browser = await logIn(portal, sam);
  const answers = await Promise.all(
    [1, 2].map(() =>
      browser.post(sending.action, Object.fromEntries(sending.fields.filter(([name]) => name !== "_csrf"))),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await portal.db("suspensions").where({ user_id: bob.id })).toHaveLength(1);
  expect((await sentTo(portal, bob.email)).filter(({ subject }) => subject.startsWith("Suspended"))).toHaveLength(1);
});

test("a whole practice: everybody there is out and stays out, nobody elsewhere is, and one lift brings back all but who is suspended alone", async () => {
  const practice = await foundPractice(portal, { name: "Tamarack Dental" });
  const other = await foundPractice(portal);
  const [alice, bob] = [await logIn(portal, practice.alice), await logIn(portal, practice.bob)];
  const elsewhere = await logIn(portal, other.bob);
  await suspendPerson(practice.bea);

  const desk = await logIn(portal, sam);
  const page = await lookAt(desk, `/console/practices/${practice.id}`);
  expect(page.rows().map(([name]) => name)).toEqual(["Alice Archer", "Bea Bishop", "Bob Baker"]);
  const done = await page.press("Suspend", { Why: "policy", "Reason for the suspension": "Complaints under review" });
  expect(done.text).toContain("Suspended, with everybody there");

  for (const browser of [alice, bob]) expect((await browser.get("/")).path).toBe("/login");
  expect((await elsewhere.get("/")).heading).toContain("Today at");
  const refused = await enterPassword(stranger(), practice.bob);
  expect(refused.errors.join()).toMatch(/Tamarack Dental is suspended.*Call support/);
  expect((await sentTo(portal, practice.alice.email))[0]?.subject).toBe("Suspended at Caraway");

  await done.press("Reinstate", { "Reason for the reinstatement": "Review is over" });
  expect(isIn(await enterPassword(stranger(), practice.bob))).toBe(true);
  expect((await enterPassword(stranger(), practice.bea)).errors.join()).toContain("suspended");
});

test("people of the program are suspended by another administrator alone, and nobody suspends themselves", async () => {
  const reason = { why: "policy", suspensionReason: "because" };
  const desk = await logIn(portal, sam);
  for (const id of [ada.id, sam.id])
    expect((await desk.post(`/console/people/${id}/suspension`, reason)).status).toBe(403);
  const admin = await logIn(portal, ada);
  expect((await admin.post(`/console/people/${ada.id}/suspension`, reason)).status).toBe(403);
  const rita = await hireSam(portal);
  expect((await admin.post(`/console/people/${rita.id}/suspension`, reason)).status).toBe(200);
  expect(await portal.db("suspensions").whereIn("user_id", [ada.id, sam.id])).toEqual([]);
});

test.each(["clerk", "biller", "owner"] as const)(
  "a %s suspends and reinstates nobody, at no practice",
  async (role) => {
    const bob = await someone(portal, { role });
    const mallory = await foundPractice(portal);
    const browser = await logIn(portal, bob);
    for (const subject of [`people/${mallory.bob.id}`, `practices/${mallory.id}`]) {
      expect((await browser.get(`/console/${subject}`)).status).toBe(403);
      for (const act of ["suspension", "reinstatement"]) {
        const fields = { why: "policy", suspensionReason: "because", reinstatementReason: "because" };
        expect((await browser.post(`/console/${subject}/${act}`, fields)).status).toBe(403);
      }
    }
    expect(await portal.db("suspensions").where({ user_id: mallory.bob.id })).toEqual([]);
  },
);

test("support ends every log-in of a person, who is told", async () => {
  const bob = await someone(portal);
  const [one, two] = [await logIn(portal, bob), await logIn(portal, bob)];
  const page = await lookAt(await logIn(portal, sam), `/console/people/${bob.id}`);
  expect((await page.press("End all log-ins", { "Reason to end them": "Laptop stolen" })).text).toContain("was ended");
  for (const browser of [one, two]) expect((await browser.get("/accounts")).path).toBe("/login");
  expect((await sentTo(portal, bob.email))[0]?.subject).toBe("Your log-ins were ended");
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
});

test("support sends a link to a new password to the person alone, and not to who is suspended", async () => {
  const bob = await someone(portal);
  const desk = await logIn(portal, sam);
  const sent = await (await lookAt(desk, `/console/people/${bob.id}`)).press("Send the link", {
    "Reason for the link": "Forgot it; called back",
  });
  const link = await linkTo(portal, bob);
  expect(sent.html).not.toContain(link);
  expect((await stranger().get(link)).buttons).toContain("Change password");
  await suspendPerson(bob);
  const refused = await (await lookAt(desk, `/console/people/${bob.id}`)).press("Send the link", {
    "Reason for the link": "Again",
  });
  expect(refused.errorAt("Reason for the link")).toContain("Reinstate them first");
});

async function suspendPerson(person: TestPerson) {
  const page = await lookAt(await logIn(portal, sam), `/console/people/${person.id}`);
  return page.press("Suspend", { Why: "policy", "Reason for the suspension": "Under review" });
}
