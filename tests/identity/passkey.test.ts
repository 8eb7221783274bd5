import { randomUUIDv7 } from "node:crypto";
import { createServer } from "node:http";
import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath, freePort, openChromium, openWindow, type Window } from "../browser/support.ts";
import { addPerson, enterPassword, foundPractice, password, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { auditOf, giveFactor, logInsOf, sentTo } from "./support.ts";

// Browsers bind passkeys to names, not to numbers: on this machine alone the name is localhost.
const port = await freePort();
const url = `http://localhost:${port}`;
const portal = await openPortal({ env: { PUBLIC_URL: url } });
const slow = 30_000;
let chromium: Browser;

test("what is no answer of a passkey is declined and is no bug of ours", async () => {
  const person = await someClerk();
  await portal.db("second_factors").insert({
    id: randomUUIDv7(),
    user_id: person.id,
    kind: "passkey",
    label: "A browser",
    added_at: portal.clock.now(),
    credential_id: randomUUIDv7(),
    public_key: Buffer.alloc(77),
  });
  const statuses: Record<string, number> = {};
  for (const answer of ["{}", "[]", '"text"', "17", "not json", '{"id":"x"}', "null"]) {
    const browser = portal.browser();
    expect((await enterPassword(browser, person)).heading).toBe("Use your passkey");
    statuses[answer] = (await browser.post("/login/code/passkey", { passkey: answer })).status;
    await portal.db("log_in_failures").delete();
  }
  expect(statuses).toEqual(Object.fromEntries(Object.keys(statuses).map((answer) => [answer, 422])));
});

describe.skipIf(!chromiumPath)("passkeys in Chromium (skipped where there is none)", () => {
  const server = createServer(portal.app);
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
    chromium = await openChromium();
  }, slow);
  afterAll(async () => {
    await chromium?.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  test(
    "a person adds a passkey, is told so, and from then on logs in with it first",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      expect(await window.page.getByRole("main").textContent()).toMatch(/Passkey\s+Chrome on Linux\s+since/);
      expect((await sentTo(portal, person.email))[0]?.text).toContain("A passkey was added (Chrome on Linux)");

      await logOut(window.page);
      await typePassword(window.page, person);
      await heading(window.page, "Use your passkey").waitFor();
      expect(await logInsOf(portal, person)).toBe(1);
      await press(window.page, "Use passkey");
      await insideOf(window.page, person);
      expect(await lastProof(person)).toBe("passkey");
      expect(window.complaints).toEqual([]);
      await window.close();
    },
    slow,
  );

  test(
    "before the passkey is shown nothing can be seen, and another factor can be chosen instead",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      await giveFactor(portal, person, "sms");
      await logOut(window.page);
      await typePassword(window.page, person);
      await heading(window.page, "Use your passkey").waitFor();
      await window.page.goto("/accounts");
      await heading(window.page, "Log in").waitFor();
      await window.page.goto("/login/code");
      await press(window.page, "Code by text message");
      await heading(window.page, "Check your phone").waitFor();
      await window.close();
    },
    slow,
  );

  test(
    "a passkey whose authenticator is gone does not let in, and a page says so",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      await logOut(window.page);
      await window.devtools.send("WebAuthn.clearCredentials", { authenticatorId: window.authenticatorId });
      await typePassword(window.page, person);
      await press(window.page, "Use passkey");
      const alert = window.page.locator(".errors");
      await alert.waitFor();
      expect(await alert.textContent()).toContain("passkey");
      expect(await logInsOf(portal, person)).toBe(1);
      await window.close();
    },
    slow,
  );

  test(
    "who declines the browser's question five times is not locked out for it",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      await logOut(window.page);
      await window.devtools.send("WebAuthn.setUserVerified", {
        authenticatorId: window.authenticatorId,
        isUserVerified: false,
      });
      await typePassword(window.page, person);
      for (let time = 1; time <= 5; time += 1) {
        await press(window.page, "Use passkey");
        await window.page.locator(".errors").waitFor();
      }
      await window.devtools.send("WebAuthn.setUserVerified", {
        authenticatorId: window.authenticatorId,
        isUserVerified: true,
      });
      await press(window.page, "Use passkey");
      await insideOf(window.page, person);
      await window.close();
    },
    slow,
  );

  test(
    "a copied passkey, whose counter has gone back, is not taken",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      const { devtools, authenticatorId } = window;
      const { credentials } = await devtools.send("WebAuthn.getCredentials", { authenticatorId });
      const [copy] = credentials;
      if (!copy) throw new Error("The authenticator holds no passkey");
      for (let time = 0; time < 2; time += 1) {
        await logOut(window.page);
        await typePassword(window.page, person);
        await press(window.page, "Use passkey");
        await insideOf(window.page, person);
      }
      await logOut(window.page);
      await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
      await devtools.send("WebAuthn.addCredential", { authenticatorId, credential: { ...copy, signCount: 1 } });
      await typePassword(window.page, person);
      await press(window.page, "Use passkey");
      await window.page.locator(".errors").waitFor();
      expect(await logInsOf(portal, person)).toBe(3);
      expect(await auditOf(portal, person, "second factor failed")).toHaveLength(1);
      await window.close();
    },
    slow,
  );

  test(
    "an answer that was overheard is not taken a second time, at this log-in or at another",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      await logOut(window.page);
      await typePassword(window.page, person);
      const overheard = await answerOf(window.page);
      await insideOf(window.page, person);
      await logOut(window.page);
      await typePassword(window.page, person);
      await heading(window.page, "Use your passkey").waitFor();
      const answer = await sendAnswer(window.page, overheard);
      expect(answer.status).toBe(422);
      expect(await logInsOf(portal, person)).toBe(2);
      await window.close();
    },
    slow,
  );

  test(
    "the answer of one person's passkey does not let another person in",
    async () => {
      const [mine, hers] = [await someClerk(), await someClerk()];
      const [thief, victim] = [await openDesk(), await openDesk()];
      await addPasskey(thief, mine);
      await addPasskey(victim, hers);
      await logOut(thief.page);
      await logOut(victim.page);
      await typePassword(thief.page, mine);
      const myAnswer = await answerOf(thief.page, { hold: true });
      await typePassword(victim.page, hers);
      await heading(victim.page, "Use your passkey").waitFor();
      expect((await sendAnswer(victim.page, myAnswer)).status).toBe(422);
      // Not even over the challenge of her own log-in.
      const options = await victim.page.locator("[data-options]").getAttribute("data-options");
      await thief.page.goto("/login/code");
      await thief.page.locator("[data-options]").evaluate(
        (form, [theirs]) => {
          const own = JSON.parse(form.getAttribute("data-options") ?? "{}");
          form.setAttribute(
            "data-options",
            JSON.stringify({ ...own, challenge: JSON.parse(theirs ?? "{}").challenge }),
          );
        },
        [options],
      );
      const crossed = await answerOf(thief.page, { hold: true });
      expect((await sendAnswer(victim.page, crossed)).status).toBe(422);
      expect(await logInsOf(portal, hers)).toBe(1);
      await Promise.all([thief.close(), victim.close()]);
    },
    slow,
  );

  test(
    "a passkey protects what asks for a fresh proof, too",
    async () => {
      const person = await someClerk();
      const window = await openDesk();
      await addPasskey(window, person);
      portal.clock.advance({ minutes: 6 });
      await window.page.goto("/settings/password");
      await heading(window.page, "Confirm that it is you").waitFor();
      await press(window.page, "Continue");
      await press(window.page, "Use passkey");
      await heading(window.page, "Change password").waitFor();
      await window.close();
    },
    slow,
  );

  test(
    "at the number instead of the name, the page says where a passkey can be added",
    async () => {
      const person = await someClerk();
      const window = await openDesk(`http://127.0.0.1:${port}`);
      await typePassword(window.page, person);
      await window.page.goto("/settings/factors/passkey");
      expect(await window.page.getByRole("main").textContent()).toContain(`Passkeys belong to the address ${url}`);
      await window.close();
    },
    slow,
  );
});

type Desk = Window & { devtools: CDPSession; authenticatorId: string };

/** A window whose computer has a fingerprint reader that always says yes. */
async function openDesk(at = url): Promise<Desk> {
  const window = await openWindow(chromium, at);
  const devtools = await window.context.newCDPSession(window.page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { ...window, devtools, authenticatorId };
}

const heading = (page: Page, words: string) => page.getByRole("heading", { level: 1, name: words, exact: true });
const press = (page: Page, words: string) => page.getByRole("button", { name: words, exact: true }).click();
const insideOf = (page: Page, person: TestPerson) => page.locator(".me").getByText(person.name).first().waitFor();

async function someClerk(): Promise<TestPerson> {
  const { id, name, locations } = await foundPractice(portal);
  const practice = { id, name, homeLocationId: locations[0]?.id ?? null };
  return addPerson(portal, { name: "Clara Cole", role: "clerk", practice });
}

async function typePassword(page: Page, person: TestPerson): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("User ID").fill(person.userId);
  await page.getByLabel("Password").fill(password);
  await press(page, "Log in");
}

async function addPasskey({ page }: Window, person: TestPerson): Promise<void> {
  await typePassword(page, person);
  await insideOf(page, person);
  await page.goto("/settings/factors/passkey");
  await press(page, "Add a passkey");
  await heading(page, "Second factors").waitFor();
}

async function logOut(page: Page): Promise<void> {
  await press(page, "Log out");
  await heading(page, "Log in").waitFor();
}

async function lastProof(person: TestPerson): Promise<string> {
  const login = await portal
    .db("logins")
    .where({ user_id: person.id })
    .orderBy("began_at", "desc")
    .orderBy("id", "desc")
    .first();
  return login.proved_by;
}

/** Presses the button and returns what the browser sends; held, it does not arrive. */
async function answerOf(page: Page, { hold = false } = {}): Promise<string> {
  await heading(page, "Use your passkey").waitFor();
  const sent = Promise.withResolvers<string>();
  await page.route("**/passkey", async (route) => {
    sent.resolve(new URLSearchParams(route.request().postData() ?? "").get("passkey") ?? "");
    await (hold ? route.abort() : route.continue());
  });
  await press(page, "Use passkey");
  const answer = await sent.promise;
  await page.unroute("**/passkey");
  expect(JSON.parse(answer).type, "the browser made an answer").toBe("public-key");
  return answer;
}

/** Sends an answer by the form of this page, as if the browser had made it. */
async function sendAnswer(page: Page, answer: string): Promise<{ status: number }> {
  const token = await page.locator("form[data-passkey] input[name=_csrf]").getAttribute("value");
  const reply = await page.request.post("/login/code/passkey", {
    form: { _csrf: token ?? "", passkey: answer },
    maxRedirects: 0,
  });
  return { status: reply.status() };
}
