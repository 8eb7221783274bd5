import { describe, expect, test } from "vitest";
import { auditOf, someone } from "../identity/support.ts";
import { apply } from "../support/applications.ts";
import { foundMallorys, foundPractice, hireSam, logIn, openAccountFor, sellTo } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt, withReason } from "./support.ts";

const portal = await openPortal();
const sam = await hireSam(portal);
const practice = await foundPractice(portal, { name: "Sycamore Dental" });
const account = await openAccountFor(portal, practice, { person: { firstName: "Ottilie", lastName: "Vandermeer" } });
const saleId = await sellTo(portal, practice, account, { planId: "deferred-12", reference: "Crown 31" });
const subjects = {
  person: `/console/people/${practice.bob.id}`,
  practice: `/console/practices/${practice.id}`,
  account: account.path.replace("/accounts", "/console/accounts"),
  balance: `/console/accounts/${account.id}/balance`,
  receipt: `/console/transactions/${saleId}`,
};

describe("a look needs a reason:", () => {
  test.each(Object.entries(subjects))("a %s shows nothing before one is given", async (_, path) => {
    const page = await (await logIn(portal, sam)).get(path);
    expect([page.status, page.heading]).toEqual([200, "Why do you look?"]);
    expect(page.html).not.toMatch(/Vandermeer|Sycamore|Bob Baker|Crown 31/);
    const none = await page.press("Open");
    expect([none.status, none.errorAt("Reason")]).toEqual([422, "Enter the reason: it stands in the audit log"]);
    expect(none.html).not.toMatch(/Vandermeer|Sycamore|Bob Baker|Crown 31/);
    const shown = await none.press("Open", { Reason: "Called about it" });
    expect([shown.status, shown.path]).toEqual([200, path]);
    expect(shown.html).toMatch(/Vandermeer|Sycamore/);
  });

  test("it is asked once for each subject, and again after a quarter of an hour", async () => {
    const desk = await logIn(portal, sam);
    await lookAt(desk, subjects.account);
    for (const path of [subjects.account, subjects.balance, subjects.receipt])
      expect((await desk.get(path)).heading).not.toBe("Why do you look?");
    expect((await desk.get(subjects.person)).heading).toBe("Why do you look?");
    portal.clock.advance({ minutes: 14 });
    expect((await desk.get(subjects.account)).heading).toBe("Ottilie Vandermeer");
    portal.clock.advance({ minutes: 2 });
    expect((await desk.get(subjects.account)).heading).toBe("Why do you look?");
  });

  test("it is the reason of one log-in: not of a colleague, and not of the same person's next", async () => {
    await lookAt(await logIn(portal, sam), subjects.account);
    for (const person of [sam, await hireSam(portal)])
      expect((await (await logIn(portal, person)).get(subjects.account)).heading).toBe("Why do you look?");
  });

  test("every page that is shown is a line of the audit log, with reason, occasion and case", async () => {
    const own = await openAccountFor(portal, practice);
    const desk = await logIn(portal, sam);
    const asked = await desk.get(`/console/accounts/${own.id}`);
    await asked.press("Open", { Occasion: "A complaint or dispute", Reason: "Charged twice?", "Case number": "10017" });
    await desk.get(`/console/accounts/${own.id}/balance`);
    const details = { occasion: "A complaint or dispute", reason: "Charged twice?", case: "10017" };
    const line = { user_id: sam.id, action: "account looked up", details };
    expect(await auditOf(portal, own)).toMatchObject([{ action: "account opened" }, line, line]);
  });

  test("an act that is declined shows the page to nobody who gave no reason", async () => {
    const desk = await logIn(portal, sam);
    const page = await desk.post(`${subjects.person}/unlocking`, { reason: "" });
    expect(page.heading).toBe("Why do you look?");
    expect(page.html).not.toContain(practice.bob.email);
  });

  test("a number typed into the reason of a search is masked in the session too", async () => {
    const desk = await logIn(portal, sam);
    const asked = new URLSearchParams({ q: "Vandermeer", occasion: "A sign of fraud", reason: "SSN 987-65-4320" });
    const found = await desk.get(`/console?${asked}`);
    expect([found.status, found.valueOf("Reason")]).toEqual([200, "SSN •••-••-4320"]);
    expect(JSON.stringify(await portal.db("web_sessions"))).not.toContain("987-65");
  });

  test("a number typed as that of the case is masked, too", async () => {
    const own = await openAccountFor(portal, practice);
    const desk = await logIn(portal, sam);
    const asked = await desk.get(`/console/accounts/${own.id}`);
    await asked.press("Open", { Reason: "Called", "Case number": "987-65-4320" });
    const [, line] = await auditOf(portal, own);
    expect(line?.details.case).toBe("•••-••-4320");
    const kept = ["looks", "audit_events", "web_sessions"].map((table) => portal.db(table));
    expect(JSON.stringify(await Promise.all(kept))).not.toContain("987-65-4320");
  });

  test("it leads back to the console and nowhere else", async () => {
    const page = await (await logIn(portal, sam)).get(subjects.person);
    const { action, fields } = page.sending("Open", { Reason: "Called" });
    for (const to of ["https://evil.example/", "//evil.example", "/settings", "/console/../settings", ""]) {
      const given = Object.fromEntries(fields.map(([name, value]) => [name, name === "to" ? to : value]));
      expect([to, (await (await logIn(portal, sam)).post(action, given)).path]).not.toEqual([to, to]);
    }
  });
});

describe("an account in the console", () => {
  test("reads as the practice reads it, marked on every page, with nothing on it that changes anything", async () => {
    const desk = await logIn(portal, sam);
    const seen = await lookAt(desk, subjects.account, "Asks about a payment");
    const own = await (await logIn(portal, practice.bea)).get(account.path);
    expect(seen.fact("Owed in all")).toBe(own.fact("Owed in all"));
    const figures = (text: string) => text.match(/\$[\d,.]+/g);
    expect(figures(seen.text)).toEqual(figures(own.text));
    expect(own.links).not.toContain("New application");

    const receipt = await desk.get(subjects.receipt);
    for (const page of [
      seen,
      receipt,
      await desk.get(subjects.balance),
      await desk.get(`${subjects.balance}?sale=${saleId}`),
    ]) {
      expect(page.status).toBe(200);
      expect(page.html).toContain("Read-only: support view, as Sycamore Dental reads it");
      expect(page.html).toContain("Asks about a payment");
      for (const word of ["New sale", "Refund"]) expect(page.links).not.toContain(word);
      const forms = page.root.querySelectorAll("form[method=post]").map((form) => form.getAttribute("action"));
      expect(forms.filter((action) => !["/logout", "/session"].includes(action ?? ""))).toEqual([]);
      // Every link stays in the console: the practice's own pages are not for support.
      const links = page.root.querySelectorAll("main a").map((link) => link.getAttribute("href") ?? "");
      expect(links.filter((href) => /^\/(accounts|transactions)/.test(href))).toEqual([]);
    }
    expect(receipt.text).toContain("Crown 31");
    // What no practice reads is marked as well.
    for (const part of ["payments", "statements", "contact"]) {
      const mark = (await desk.get(`${subjects.account}/${part}`)).root.querySelector("[aria-label='Support view']");
      expect([part, mark?.text]).toEqual([part, expect.stringContaining("Support view of a patient’s account")]);
      expect(mark?.text).toContain("Asks about a payment");
    }
  });

  test("of the SSN shows the last four at most, and no income", async () => {
    const desk = await logIn(portal, sam);
    const application = await apply(await logIn(portal, practice.bob), { "Last name": "Quincey" });
    const id = application.path.split("/").at(-1);
    const pages = [await lookAt(desk, `/console/applications/${id}`), await lookAt(desk, subjects.account)];
    expect(pages[0]?.fact("SSN")).toMatch(/^ending \d{4}$/);
    for (const page of pages) expect(page.html).not.toMatch(/\d{3}-?\d{2}-?\d{4}(?!\d)(?=[^"]*<\/dd>)|income/i);
    expect(pages.map(({ html }) => html).join()).not.toContain(account.person.ssn);
  });

  test("of several practices reads as one at a time, and never shows one what is another's", async () => {
    const mallorys = await foundMallorys(portal);
    await portal
      .db("practice_accounts")
      .insert({ practice_id: mallorys.id, account_id: account.id, since: portal.clock.now() });
    const desk = await logIn(portal, sam);
    const theirs = await lookAt(desk, `${subjects.account}?practice=${mallorys.id}`);
    expect(theirs.html).toContain("as Larkspur Veterinary reads it");
    expect(theirs.html).not.toContain("Crown 31");
    expect((await desk.get(subjects.account)).html).toContain("as Sycamore Dental reads it");
    const stranger = await foundPractice(portal);
    expect((await desk.get(`${subjects.account}?practice=${stranger.id}`)).status).toBe(404);
  });

  test("is not there when it is not there, and before a reason is asked", async () => {
    const desk = await logIn(portal, sam);
    for (const path of ["people", "practices", "accounts", "transactions", "applications"])
      for (const id of ["nothing", "01a2062b-5a83-7595-b190-000000000000"])
        expect([path, (await desk.get(`/console/${path}/${id}`)).status]).toEqual([path, 404]);
  });

  test.each(["clerk", "biller", "owner"] as const)(
    "a %s reads no account there, not even their own practice's",
    async (role) => {
      const bob = await someone(portal, { role, practice });
      const desk = await logIn(portal, bob);
      for (const path of Object.values(subjects)) expect((await desk.get(path)).status).toBe(403);
      const look = {
        kind: "account",
        subject: account.id,
        to: subjects.account,
        occasion: "They called or wrote",
        reason: "x",
      };
      expect((await desk.post("/console/looks", look)).status).toBe(403);
    },
  );
});

describe("one search finds", () => {
  test.each([
    ["a practice by a part of its name", () => "sycam", "Sycamore Dental"],
    ["a practice by its name with an accent that it lacks", () => "Sycámore", "Sycamore Dental"],
    ["an account by a name with accents that it lacks", () => "óttilie", "Ottilie Vandermeer"],
    ["a person by phone", () => practice.alice.userId, "Alice Archer"],
    ["an account by the patient's names in any order", () => "vandermeer ott", "Ottilie Vandermeer"],
    ["an account by its last four", () => account.last4, "Ottilie Vandermeer"],
    ["an account by the last four of the SSN", () => account.person.ssn.slice(-4), "Ottilie Vandermeer"],
    [
      "an account by the patient's phone",
      () => `(${account.person.phone.slice(0, 3)}) ${account.person.phone.slice(3)}`,
      "Ottilie Vandermeer",
    ],
    ["an account by its id", () => account.id, "Ottilie Vandermeer"],
    ["a sale by its id", () => saleId, "Sale of $300.00"],
    ["a sale by its reference", () => "crown 31", "Sale of $300.00"],
  ])("%s", async (_, typed, name) => {
    const page = await (await (await logIn(portal, sam)).get("/console")).press("Search", {
      "Name, User ID, e-mail, phone, practice or number": typed(),
    });
    expect(page.links).toContain(name);
    expect((await withReason(await page.click(name))).status).toBe(200);
  });

  test("an account by its whole number, and a whole SSN not at all", async () => {
    const desk = await logIn(portal, sam);
    const { number } = await portal.db("accounts").where({ id: account.id }).first("number");
    expect((await desk.get(`/console?q=${number}`)).links).toContain("Ottilie Vandermeer");
    const page = await desk.get(`/console?q=${account.person.ssn}`);
    expect(page.rows()).toEqual([]);
    expect(page.html).not.toContain(account.person.ssn);
  });

  test("an application, and a case with its number", async () => {
    await apply(await logIn(portal, practice.bob), { "First name": "Zephyrine", "Last name": "Oglethorpe" });
    const form = await (await logIn(portal, practice.bob)).get("/support");
    await form.press("Send message", { Subject: "Deposit of Friday", Message: "Where is it?" });
    const { number } = await portal.db("support_cases").first("number");
    const desk = await logIn(portal, sam);
    const found = await desk.get("/console?q=oglethorpe");
    expect(found.root.querySelectorAll("h2").map((heading) => heading.text)).toEqual([
      "Patients’ accounts",
      "Applications",
    ]);
    expect((await desk.get(`/console?q=${number}`)).links).toContain(`Case ${number}: Deposit of Friday`);
    expect((await desk.get("/console?q=deposit")).links).toContain(`Case ${number}: Deposit of Friday`);
  });

  test("the kind with an exact hit first", async () => {
    const desk = await logIn(portal, sam);
    await someone(portal, { name: "Sycamore Dental Fan" });
    const found = await desk.get("/console?q=sycamore dental");
    expect(found.root.querySelectorAll("h2").map((heading) => heading.text)[0]).toBe("Practices");
    expect((await desk.get(`/console?q=${practice.bob.userId}`)).root.querySelectorAll("h2")[0]?.text).toBe("People");
  });

  test("with a reason that stands in the audit log, is proposed again, and goes on to who is opened", async () => {
    const agent = await hireSam(portal);
    const desk = await logIn(portal, agent);
    const first = await desk.get("/console?q=sycamore");
    const why = { Occasion: "A sign of fraud", Reason: "Two sales from two states, card 4111 1111 1111 1111" };
    const found = await first.press("Search", {
      "Name, User ID, e-mail, phone, practice or number": "vandermeer",
      ...why,
    });
    const asked = await found.click("Ottilie Vandermeer");
    expect(asked.valueOf("Occasion")).toBe("A sign of fraud");
    expect(asked.valueOf("Reason")).toMatch(/^Two sales from two states, card .*1111$/);
    expect((await asked.press("Open")).heading).toBe("Ottilie Vandermeer");
    const last = await desk.get("/console");
    expect(last.valueOf("Occasion")).toBe("A sign of fraud");

    const searched = { action: "console searched", user_id: agent.id };
    const lines = await portal.db("audit_events").where(searched).orderBy("id", "desc");
    const reason = expect.stringMatching(/^Two sales from two states, card (?!4111)/);
    expect(lines.map(({ details }) => details)).toEqual([
      { hits: 1, occasion: "A sign of fraud", reason },
      { hits: expect.any(Number), occasion: "They called or wrote" },
    ]);
  });

  test("nothing that stays in a log", async () => {
    await (await logIn(portal, sam)).get("/console?q=vandermeer");
    const lines = await portal.db("audit_events").where({ user_id: sam.id, action: "console searched" });
    expect((JSON.stringify(lines) + portal.logged()).toLowerCase()).not.toContain("vandermeer");
  });
});

describe("where support looked", () => {
  test("a person reads that support looked and acted, and not why", async () => {
    const bob = await someone(portal);
    const page = await lookAt(await logIn(portal, sam), `/console/people/${bob.id}`, "Thought to be a fraud");
    await page.press("Unlock", { Reason: "Called back" });
    const own = await (await (await logIn(portal, bob)).get("/settings")).click("Where support looked");
    const rows = own.rows().map(([, what, about, by]) => [what, about, by]);
    expect(rows).toContainEqual(["User looked up", "You", "Sam Stone"]);
    expect(rows).toContainEqual(["Unlocked", "You", "Sam Stone"]);
    expect(own.text).not.toContain("fraud");
  });

  test("a case and a chat are a reason themselves: of the look, and of the look at who wrote", async () => {
    const own = await foundPractice(portal);
    const bob = await logIn(portal, own.bob);
    await (await bob.get("/support")).press("Send message", { Subject: "Deposit of Monday", Message: "Where is it?" });
    const about = await portal.db("support_cases").where({ person_id: own.bob.id }).first("id", "number");
    const chat = await (await bob.get("/support")).press("Start a chat", { Message: "Hello" });
    const chatId = chat.path.split("/").at(-1);

    const desk = await logIn(portal, sam);
    const asked = await (await desk.get(`/console/cases/${about.id}`)).click("Look up");
    expect([asked.valueOf("Reason"), asked.valueOf("Case number")]).toEqual([
      `Case ${about.number}`,
      String(about.number),
    ]);
    expect((await asked.press("Open")).heading).toBe(own.bob.name);
    await desk.get(`/console/chats/${chatId}`);
    const occasion = "They called or wrote";
    const [caseLine] = (await auditOf(portal, about)).slice(-1);
    const details = { occasion, reason: `Case ${about.number}`, case: String(about.number) };
    expect(caseLine).toMatchObject({ action: "case looked at", user_id: sam.id, details });
    const [chatLine] = (await auditOf(portal, { id: chatId ?? "" })).slice(-1);
    expect(chatLine).toMatchObject({ action: "chat looked at", details: { occasion, reason: "Their chat" } });

    for (const person of [own.bob, own.alice]) {
      const rows = (await (await logIn(portal, person)).get("/settings/looks"))
        .rows()
        .map(([, what, about]) => [what, about]);
      expect(rows).toContainEqual(["Case looked at", `Case ${about.number}`]);
      expect(rows).toContainEqual(["Chat looked at", "A chat"]);
    }
    const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
    expect((await mallory.get("/settings/looks")).rows()).toEqual([]);
  });

  test("an owner also reads of the practice and its accounts; a clerk, and another practice, do not", async () => {
    const own = await foundPractice(portal);
    const patient = await openAccountFor(portal, own);
    const desk = await logIn(portal, sam);
    await lookAt(desk, `/console/practices/${own.id}`);
    await lookAt(desk, `/console/accounts/${patient.id}`);
    const rows = (await (await logIn(portal, own.alice)).get("/settings/looks"))
      .rows()
      .map(([, what, about]) => [what, about]);
    expect(rows).toContainEqual(["Practice looked up", "Your practice"]);
    expect(rows).toContainEqual(["Account looked at", `Account ending ${patient.last4}`]);
    const mallorys = await foundMallorys(portal);
    for (const person of [own.bob, mallorys.mallory])
      expect((await (await logIn(portal, person)).get("/settings/looks")).rows()).toEqual([]);
  });
});
