import argon2 from "argon2";
import { expect, test } from "vitest";
import { openPasswords, standardCost } from "../../src/identity/passwords.ts";
import type { Page } from "../support/browser.ts";
import { enterPassword, foundPractice, logIn, password, type TestPerson } from "../support/people.ts";
import { cheapHashes, openPortal } from "../support/portal.ts";
import { forgot, giveFactor, isIn, linkTo, newPassword, someone, strangersTo } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const stranger = strangersTo(portal);

const owl = "🦉";
const allowed: [string, string][] = [
  ["fifteen characters", "abcde fghij klm"],
  ["words in small letters, without a digit", "correct horse battery staple"],
  ["spaces inside", "one  two   three    four"],
  ["letters of other alphabets", "пароль из нескольких слов"],
  ["owls", `${owl.repeat(3)}🐓🐇🐎🐄🐖🐏🐑🐐🐕🐈🐁🐀`],
  ["quotes, angle brackets and percent signs", `"><script>%00'--;&amp;`],
  ["128 characters", longPassword(128)],
  [
    "128 characters that take two units each",
    Array.from({ length: 128 }, (_, at) => String.fromCodePoint(0x1f400 + (at % 62))).join(""),
  ],
];

test.each(allowed)("a password may be made of %s, and logs in", async (_, chosen) => {
  const bob = await someone(portal, { role: "clerk" });
  expect((await choose(bob, chosen)).path).toBe("/login");
  expect(isIn(await enterPassword(stranger(), bob, chosen))).toBe(true);
  expect((await enterPassword(stranger(), bob, `${chosen}x`)).status).toBe(422);
  expect((await enterPassword(stranger(), bob, chosen.slice(0, -1))).status, "every character counts").toBe(422);
});

const refused: [string, string, string][] = [
  ["fourteen characters", "abcde fghij kl", "at least 15 characters"],
  ["fourteen owls, which are twenty-eight units", owl.repeat(14), "at least 15 characters"],
  ["129 characters", longPassword(129), "128 characters or fewer"],
  ["far more than that", longPassword(1_500), "128 characters or fewer"],
  ["a common one, repeated until it is long enough", "passwordpassword", "common or stolen"],
  ["a common one in capitals with digits behind it", "Password1234567890!", "common or stolen"],
  ["one character over and over", "aaaaaaaaaaaaaaaaaaaa", "common or stolen"],
  ["two characters over and over", "ababababababababab", "common or stolen"],
  ["a row of digits from the list", "12345678901234567890", "common or stolen"],
];

test.each(refused)("a password may not be %s", async (_, chosen, sentence) => {
  const bob = await someone(portal, { role: "clerk" });
  const answer = await choose(bob, chosen);
  expect(answer.status).toBe(422);
  expect(answer.errorAt("New password")).toContain(sentence);
  expect(answer.html).not.toContain(chosen);
  expect(isIn(await enterPassword(stranger(), bob, password)), "the old one still holds").toBe(true);
});

test("a password holds neither the User ID nor the practice's name, however they are written", async () => {
  const practice = await foundPractice(portal, { name: "Kestrel & Finch Dental" });
  const { bob } = practice;
  const spread = bob.userId.toUpperCase().replaceAll(".", " ");
  for (const chosen of [
    `my ${bob.userId} key`,
    `the ${spread} and more`,
    "at kestrel-finch-dental 1",
    "KestrelFinchDental99",
  ]) {
    const answer = await choose(bob, chosen);
    expect([chosen, answer.errorAt("New password")]).toEqual([
      chosen,
      "Leave your User ID and the name of your practice out of the password.",
    ]);
  }
  expect((await choose(bob, "a kestrel over the barn")).path).toBe("/login");
});

test("the same rules hold in the settings", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const page = await (await logIn(portal, bob)).get("/settings/password");
  for (const [chosen, sentence] of [
    ["too short", "at least 15 characters"],
    ["passwordpassword", "common or stolen"],
    [`my ${bob.userId} key`, "Leave your User ID"],
  ] as const) {
    const answer = await page.press("Change password", { "Password now": password, "New password": chosen });
    expect([chosen, answer.status]).toEqual([chosen, 422]);
    expect(answer.errorAt("New password")).toContain(sentence);
  }
});

test("a letter with an accent is the same letter, whichever way the keyboard makes it", async () => {
  const bob = await someone(portal, { role: "clerk" });
  await choose(bob, "caf\u00e9 au lait at noon");
  expect(isIn(await enterPassword(stranger(), bob, "cafe\u0301 au lait at noon"))).toBe(true);
});

test("capital letters count in a password", async () => {
  const bob = await someone(portal, { role: "clerk" });
  expect((await enterPassword(stranger(), bob, password.toUpperCase())).status).toBe(422);
});

test("a password that begins or ends with a space is taken everywhere as it was typed", async () => {
  const chosen = " four brown owls at noon ";
  const bob = await someone(portal, { role: "clerk" });
  await choose(bob, chosen);
  const browser = stranger();
  expect((await enterPassword(browser, bob, chosen.trim())).status).toBe(422);
  expect(isIn(await enterPassword(browser, bob, chosen))).toBe(true);
  portal.clock.advance({ minutes: 6 });
  const confirm = await browser.get("/settings/password");
  expect(confirm.path).toBe("/confirm");
  const page = await confirm.press("Continue", { Password: chosen });
  expect.soft(page.path).toBe("/settings/password");

  const again = stranger();
  await enterPassword(again, bob, chosen);
  const form = await again.get("/settings/password");
  const done = await form.press("Change password", { "Password now": chosen, "New password": newPassword });
  expect(done.path).toBe("/settings");
});

test("no password ever has to be changed because of its age", async () => {
  const bob = await someone(portal, { role: "clerk" });
  portal.clock.advance({ days: 89 });
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
});

// Fields that password managers and pasting understand

test("every field of a password, a User ID or a code says what it is, and none stands in the way of pasting", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const bea = await someone(portal, { factors: ["totp", "sms"] });
  await forgot(stranger(), "Password", bob);
  const link = await linkTo(portal, bob);
  const inside = await logIn(portal, bob);
  const waiting = stranger();
  await enterPassword(waiting, bea);
  const pages = [
    await stranger().get("/login"),
    await stranger().get("/recover"),
    await stranger().get(link),
    await waiting.get("/login/code"),
    await waiting.get("/login/code/recovery"),
    await inside.get("/settings/password"),
    await inside.get("/settings/factors/app"),
    await inside.get("/settings/contact/email"),
    await inside.get("/settings/contact/sms"),
    await inside.get("/confirm"),
    await (await inside.get("/settings/factors/sms")).press("Send a code"),
  ];
  const fields = pages.flatMap((page) =>
    page.root.querySelectorAll("main input[id]").map((input) => {
      expect(input.outerHTML).not.toMatch(/onpaste|readonly|data-lpignore/i);
      return [
        page.path.split("/").slice(0, 3).join("/"),
        input.getAttribute("name"),
        input.getAttribute("autocomplete"),
      ];
    }),
  );
  expect(fields.filter(([, name]) => name !== "what")).toEqual([
    ["/login", "userId", "username"],
    ["/login", "password", "current-password"],
    ["/recover", "email", "email"],
    ["/recover", "userId", "username"],
    ["/recover/password", "newPassword", "new-password"],
    ["/login/code", "code", "one-time-code"],
    ["/login/code", "recoveryCode", "off"],
    ["/settings/password", "password", "current-password"],
    ["/settings/password", "newPassword", "new-password"],
    ["/settings/factors", "code", "one-time-code"],
    ["/settings/contact", "to", "email"],
    ["/settings/contact", "to", "tel"],
    ["/confirm", "password", "current-password"],
    ["/settings/factors", "code", "one-time-code"],
  ]);
});

test("no field of a password bounds what can be typed or pasted into it", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const inside = await logIn(portal, bob);
  for (const page of [await stranger().get("/login"), await inside.get("/settings/password")]) {
    for (const input of page.root.querySelectorAll("input[type=password]")) {
      expect(input.getAttribute("maxlength")).toBeUndefined();
    }
  }
});

// What is kept of a password

test("a hash made at a lower cost is made again at the next log-in, and a wrong password changes nothing", async () => {
  const bob = await someone(portal, { role: "clerk" });
  const old = await argon2.hash(password, { ...cheapHashes, timeCost: cheapHashes.timeCost + 1, memoryCost: 512 });
  await portal.db("users").where({ id: bob.id }).update({ password_hash: old });
  await enterPassword(stranger(), bob, "not the password");
  expect(await hashOf(bob)).toBe(old);
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
  const fresh = await hashOf(bob);
  expect(fresh).toMatch(/^\$argon2id\$v=19\$m=1024,(t=2,p=1|p=1,t=2)\$/);
  expect(isIn(await enterPassword(stranger(), bob))).toBe(true);
  expect(await hashOf(bob), "once is enough").toBe(fresh);
});

test("where a code follows, the hash is made again as well", async () => {
  const bea = await someone(portal);
  await giveFactor(portal, bea, "email");
  const old = await argon2.hash(password, { ...cheapHashes, memoryCost: 512 });
  await portal.db("users").where({ id: bea.id }).update({ password_hash: old });
  await enterPassword(stranger(), bea);
  expect(await hashOf(bea)).toContain("m=1024");
});

test("two people with one password have two hashes", async () => {
  const [bob, carl] = [await someone(portal, { role: "clerk" }), await someone(portal, { role: "clerk" })];
  await choose(bob, newPassword);
  await choose(carl, newPassword);
  expect(await hashOf(bob)).not.toBe(await hashOf(carl));
});

test("the real cost is OWASP's least: argon2id, 19 MiB, two passes, one lane", async () => {
  const passwords = openPasswords(standardCost, Buffer.from("a pepper"));
  const hash = await passwords.hash(newPassword);
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,(t=2,p=1|p=1,t=2)\$/);
  expect(await passwords.matches(newPassword, hash)).toBe(true);
  expect(await openPasswords(standardCost).matches(newPassword, hash), "without the pepper").toBe(false);
});

/** So many characters, none of them in a pattern. */
function longPassword(length: number): string {
  return Array.from({ length }, (_, at) => String.fromCharCode(97 + ((at * at + 7 * at) % 25))).join("");
}

/** Chooses a password by the link that comes by mail. */
async function choose(person: TestPerson, chosen: string): Promise<Page> {
  portal.clock.advance({ minutes: 61 }); // nobody is mailed more than five links an hour
  await forgot(stranger(), "Password", person);
  const form = await stranger().get(await linkTo(portal, person));
  return form.press("Change password", { "New password": chosen });
}

const hashOf = async (person: TestPerson): Promise<string> =>
  (await portal.db("users").where({ id: person.id }).first("password_hash")).password_hash;
