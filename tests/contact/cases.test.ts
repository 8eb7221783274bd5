import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import type { Browser } from "../support/browser.ts";
import { foundMallorys, foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { writeToSupport } from "../support/writing.ts";

const portal = await openPortal();

test("a message opens a case with a number, told on the page and by e-mail, once however often it is sent", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const form = (await browser.get("/support")).sending("Send message", {
    Subject: "Deposit is short",
    Message: "We got $10.00 too little.",
  });
  const pages = await Promise.all([browser.copy().send(form), browser.copy().send(form), browser.copy().send(form)]);
  const page = await browser.send(form);
  expect(new Set([page, ...pages].map(({ path, heading }) => `${path} ${heading}`)).size).toBe(1);
  expect(page.heading).toBe("Deposit is short");
  expect(page.text).toContain("We got $10.00 too little.");
  const number = /Case (\d+)/.exec(page.text)?.[1];
  const mails = (await portal.messages()).filter((mail) => mail.to === bob.email);
  expect(mails.map(({ subject }) => subject)).toEqual([`Case ${number}: Deposit is short`]);
  expect(mails[0]?.text).toContain(`http://127.0.0.1:3000${page.path}`);
});

test("support answers: by e-mail and in the portal; the person writes on and the case waits again", async () => {
  const { bob, alice } = await foundPractice(portal);
  const sam = await logIn(portal, await hireSam(portal));
  const bobs = await logIn(portal, bob);
  const { id } = await writeToSupport(bobs, { Subject: "Printer", Message: "It prints nothing." });
  expect((await sam.get("/console/cases")).text).toContain("Printer");
  const answered = await (await sam.get(`/console/cases/${id}`)).press("Send answer", { Message: "Turn it on." });
  expect(answered.text).toContain("Answered");
  expect(answered.fact("Agent")).toBe("Sam Stone (you)");
  const [mail] = (await portal.messages()).filter(({ to }) => to === bob.email);
  expect(mail?.text).toContain("Turn it on.");
  expect((await (await logIn(portal, alice)).get(`/support/cases/${id}`)).text).toContain("Turn it on.");
  const own = await bobs.get(`/support/cases/${id}`);
  expect(own.text).toContain("Answered");
  expect((await own.press("Send message", { Message: "It was on." })).text).toContain("Waits for support");
  expect((await sam.get(`/console/cases/${id}`)).text).toContain("It was on.");
});

test("an answer sent twice, at once too, is said once and mailed once", async () => {
  const { bob } = await foundPractice(portal);
  const { id } = await writeToSupport(await logIn(portal, bob));
  const sam = await logIn(portal, await hireSam(portal));
  const answer = (await sam.get(`/console/cases/${id}`)).sending("Send answer", { Message: "Tomorrow." });
  await Promise.all([1, 2, 3].map(() => sam.copy().send(answer)));
  expect((await sam.get(`/console/cases/${id}`)).html.split("Tomorrow.").length).toBe(2);
  expect((await portal.messages()).filter(({ to }) => to === bob.email)).toHaveLength(2);
});

test("of two agents who take a case at once one gets it; it is closed, and opened again", async () => {
  const { bob } = await foundPractice(portal);
  const { id } = await writeToSupport(await logIn(portal, bob));
  const agents = [await logIn(portal, await hireSam(portal)), await logIn(portal, await hireSam(portal))];
  const takes = await Promise.all(agents.map(async (one) => (await one.get(`/console/cases/${id}`)).sending("Take")));
  const taken = await Promise.all(agents.map((one, index) => one.send(takes[index] as (typeof takes)[0])));
  expect(taken.map(({ status }) => status).sort()).toEqual([200, 409]);
  const [sam] = agents as [Browser];
  expect((await (await sam.get(`/console/cases/${id}`)).press("Close")).text).toContain("The case is closed.");
  expect((await sam.get("/console/cases?shelf=closed")).html).toContain(id);
  expect((await sam.get("/console/cases?shelf=open")).html).not.toContain(id);
  expect((await (await sam.get(`/console/cases/${id}`)).press("Reopen")).buttons).toContain("Close");
  const acts = await portal.db("audit_events").where({ subject_id: id }).orderBy("id").pluck("action");
  for (const act of ["case opened", "case looked at", "case taken", "case closed", "case reopened"])
    expect(acts).toContain(act);
});

test("a note in a case is for agents alone; handed on, the case is a colleague's", async () => {
  const { bob } = await foundPractice(portal);
  const bobs = await logIn(portal, bob);
  const { id } = await writeToSupport(bobs, { Subject: "Deposit", Message: "Where is it?" });
  const [first, second] = [await hireSam(portal), await hireSam(portal)];
  await portal.db("users").where({ id: second.id }).update({ name: "Sol Summers" });
  const sam = await logIn(portal, first);
  const mails = (await portal.messages()).length;
  const noted = await (await sam.get(`/console/cases/${id}`)).press("Add as a note", { Message: "Looks like fraud" });
  expect(noted.text).toMatch(/Sam Stone · a note that the person does not see .* Looks like fraud/);
  expect(noted.fact("Agent")).toBe("Nobody yet");
  expect((await portal.messages()).length).toBe(mails);
  const own = await bobs.get(`/support/cases/${id}`);
  expect(own.text).toContain("Where is it?");
  expect(own.text).not.toContain("fraud");

  const page = await sam.get(`/console/cases/${id}`);
  expect((await page.press("Hand on")).errorAt("To")).toBe("Choose who takes over");
  expect((await page.press("Hand on", { To: "Sol Summers" })).fact("Agent")).toBe("Sol Summers");
  expect((await page.press("Take")).status).toBe(409);
  expect((await (await logIn(portal, second)).get("/console/cases?shelf=mine")).text).toContain("Deposit");
});

test("a stranger writes from the log-in page, gets a number, and reads the answer by the link of the e-mail alone", async () => {
  const stranger = portal.browser();
  const form = await (await stranger.get("/login")).click("Support");
  const sent = await form.press("Send message", {
    "Your name": "Nell Fox",
    "E-mail": "nell@example.org",
    Subject: "Locked out",
    Message: "Help <b>me</b>",
  });
  expect(sent.status).toBe(200);
  const number = /case number is (\d+)/.exec(sent.text)?.[1];
  const { id } = await portal.db("support_cases").where({ number }).first("id");
  const [receipt] = (await portal.messages()).filter(({ to }) => to === "nell@example.org");
  expect(receipt?.text).not.toContain("Help");
  const sam = await logIn(portal, await hireSam(portal));
  const page = await sam.get(`/console/cases/${id}`);
  expect(page.html).toContain("Help &lt;b&gt;me&lt;/b&gt;");
  await page.press("Send answer", { Message: "Wait five minutes." });
  const [mail] = (await portal.messages()).filter(({ to }) => to === "nell@example.org");
  const path = /http:\/\/127\.0\.0\.1:3000(\S+)/.exec(mail?.text ?? "")?.[1] ?? "";
  const elsewhere = portal.browser();
  const letter = await elsewhere.get(path);
  expect(letter.text).toContain("Wait five minutes.");
  expect((await letter.press("Send message", { Message: "It worked." })).text).toContain("It worked.");
  expect((await elsewhere.get(`${path.slice(0, -2)}xx`)).status).toBe(404);
  expect((await elsewhere.get(path.replace(id, randomUUIDv7()))).status).toBe(404);
  expect((await elsewhere.ask("GET", `/support/cases/${id}`)).status).toBe(303);
  expect(portal.logged()).not.toContain(path.split("/").at(-1));
});

test("an answer that is declined shows no case to an agent without its line in the audit log", async () => {
  const { bob } = await foundPractice(portal);
  const { id } = await writeToSupport(await logIn(portal, bob), { Subject: "Secret deposit" });
  for (const [act, given] of Object.entries({ answers: { key: randomUUIDv7(), message: "" }, transfers: {} })) {
    const sam = await hireSam(portal);
    const declined = await (await logIn(portal, sam)).post(`/console/cases/${id}/${act}`, given);
    expect([act, declined.status, declined.text.includes("Secret deposit")]).toEqual([act, 422, true]);
    const lines = portal.db("audit_events").where({ subject_id: id, user_id: sam.id }).pluck("action");
    expect([act, await lines]).toEqual([act, ["case looked at"]]);
  }
});

test("Mallory is told that there is no such case, and the desk may not see the console's", async () => {
  const { bob } = await foundPractice(portal);
  const bobs = await logIn(portal, bob);
  const { id } = await writeToSupport(bobs, { Subject: "Secret deposit" });
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  expect((await mallory.get(`/support/cases/${id}`)).status).toBe(404);
  const reply = { key: randomUUIDv7(), message: "Mine now" };
  expect((await mallory.post(`/support/cases/${id}/messages`, reply)).status).toBe(404);
  expect((await mallory.get("/support/cases")).html).not.toContain("Secret deposit");
  expect((await bobs.get(`/console/cases/${id}`)).status).toBe(403);
  expect((await bobs.post(`/console/cases/${id}/answers`, reply)).status).toBe(403);
});

test("SSNs and card numbers are masked before anything is kept, in every field, and the thread says so", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const page = await writeToSupport(browser, {
    Subject: "Patient 987-65-4321",
    Message: "SSN 987 65 4321, card 4111 1111 1111 1111, phone 512 666 1234",
  });
  expect(page.heading).toBe("Patient •••-••-4321");
  expect(page.text).toContain("SSN •••-••-4321, card •••• 1111, phone 512 666 1234");
  expect(page.text).toContain("was hidden before this was kept");
  const kept = JSON.stringify([
    await portal.db("support_cases").where({ id: page.id }),
    await portal.db("case_messages").where({ case_id: page.id }),
    await portal.messages(),
  ]);
  expect(kept).not.toMatch(/987.?65.?4321|4111/);
});

test("other words from a form that was sent open another case, once they are sent again", async () => {
  const { bob } = await foundPractice(portal);
  const browser = await logIn(portal, bob);
  const form = await browser.get("/support");
  const first = await form.press("Send message", { Subject: "One", Message: "One" });
  const asked = await form.press("Send message", { Subject: "Two", Message: "Two" });
  expect(asked.errorAt("Message")).toContain("has opened case");
  const second = await asked.press("Send message");
  expect([first.heading, second.heading]).toEqual(["One", "Two"]);
});

test("what is missing is said beside the field, and what was typed is kept", async () => {
  const page = await (await portal.browser().get("/support")).press("Send message", {
    Subject: "Hello",
    "E-mail": "x",
  });
  expect(page.status).toBe(422);
  expect(page.errorAt("Your name")).toBe("Enter your name");
  expect(page.errorAt("E-mail")).toContain("Enter your e-mail address");
  expect(page.errorAt("Message")).toBe("Write your message");
  expect(page.valueOf("Subject")).toBe("Hello");
});

test("the eleventh message of a stranger's address within fifteen minutes waits", async () => {
  const { server } = await portal.anotherNode();
  const stranger = portal.browser().copy(server);
  const letter = { "Your name": "Nell", "E-mail": "nell@example.org", Subject: "Hi", Message: "Hi" };
  await portal.db("support_counts").delete();
  for (let sent = 0; sent < 10; sent += 1)
    expect((await (await stranger.get("/support")).press("Send message", letter)).status).toBe(200);
  const page = await (await stranger.get("/support")).press("Send message", letter);
  expect(page.status).toBe(429);
  expect(Number(page.header("retry-after"))).toBeGreaterThan(600);
  await portal.db("support_counts").delete();
});
