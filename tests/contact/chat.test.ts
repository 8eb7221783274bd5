import { randomUUIDv7 } from "node:crypto";
import { expect, test } from "vitest";
import { backgroundWork } from "../../src/background.ts";
import { untilWaiting } from "../support/at-once.ts";
import type { Browser, Page } from "../support/browser.ts";
import { addPerson, foundMallorys, foundPractice, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const later = new AbortController().signal;

test("without script: a chat begins, an agent joins, both talk, it ends, and the transcript comes by e-mail", async () => {
  const { browser, page, person } = await aChat({ Message: "My printer\nprints nothing" });
  expect(page.heading).toBe("Chat with support");
  expect(page.text).toMatch(/You are next\.|You are number \d+ in the queue/);
  expect(page.text).toContain("My printer prints nothing");
  const sam = await logIn(portal, await hireSam(portal));
  expect((await sam.get("/console/chats")).text).toContain(person.name);
  const joined = await (await sam.get(agentPath(page))).press("Join this chat");
  await joined.press("Send", { Message: "Is it on?" });
  const heard = await browser.get(page.path);
  expect(heard.text).toContain("You are talking with Sam Stone of support.");
  expect(heard.text).toContain("Is it on?");
  const ended = await (await heard.press("Send", { Message: "It is now." })).press("End chat", {
    "Send me the transcript by e-mail": true,
  });
  expect(ended.text).toContain("This chat has ended.");
  expect(ended.buttons).not.toContain("Send");
  const [mail] = (await portal.messages()).filter(({ to }) => to === person.email);
  expect(mail?.text).toMatch(
    /Bob Baker: My printer\nprints nothing\n.*Sam Stone of support joined\.\n.*Is it on\?\n.*It is now\./,
  );
  expect(mail?.text).toMatch(/^Nov 23, 2026, 10:00 AM CST, with Caraway support:\n\n10:00 AM CST · Bob Baker/);
  expect((await portal.db("support_cases").where({ email: person.email })).length).toBe(0);
  const acts = await portal
    .db("audit_events")
    .where({ subject_id: idOf(page) })
    .pluck("action");
  for (const act of ["chat begun", "chat joined", "chat looked at", "chat ended", "chat transcript sent"])
    expect(acts).toContain(act);
});

test("what came since the page was opened is in a frame that asks again by itself and keeps nobody logged in", async () => {
  const { browser, page } = await aChat({ Message: "First" });
  const frame = /<iframe[^>]* src="([^"]+)"/.exec(page.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const quiet = await browser.get(frame);
  expect(quiet.header("refresh")).toBe("4");
  expect(quiet.header("content-security-policy")).toContain("frame-ancestors 'self'");
  expect(quiet.header("x-frame-options")).toBe("SAMEORIGIN");
  expect(quiet.text).toContain("Nothing new");
  const sam = await logIn(portal, await hireSam(portal));
  await (await (await sam.get(agentPath(page))).press("Join this chat")).press("Send", { Message: "Second" });
  const news = await browser.get(frame);
  expect(news.text).toContain("Second");
  expect(news.text).not.toContain("First");
  const seen = () => portal.db("logins").where({ ended_at: null }).max("seen_at as at").first();
  const before = await seen();
  portal.clock.advance({ minutes: 3 });
  await browser.get(frame);
  expect(await seen()).toEqual(before);
});

test("a message sent twice, at once too, is said once; numbers have no gaps", async () => {
  const { browser, page } = await aChat();
  const say = page.sending("Send", { Message: "Hello" });
  await Promise.all([1, 2, 3, 4].map(() => browser.copy().send(say)));
  const others = await Promise.all([1, 2, 3, 4].map(() => browser.copy().get(page.path)));
  await Promise.all(others.map((other, at) => other.press("Send", { Message: `Hello ${at}` })));
  const seqs = await portal
    .db("chat_messages")
    .where({ chat_id: idOf(page) })
    .orderBy("seq")
    .pluck("seq");
  expect(seqs).toEqual([1, 2, 3, 4, 5]);
});

test("other words from a form that was sent are not lost: they are asked for again", async () => {
  const { browser, page } = await aChat();
  await page.press("Send", { Message: "One" });
  const asked = await page.press("Send", { Message: "Two" }); // after going back
  expect(asked.status).toBe(422);
  expect(asked.valueOf("Message")).toBe("Two");
  await asked.press("Send");
  const said = await portal
    .db("chat_messages")
    .where({ chat_id: idOf(page) })
    .orderBy("seq")
    .pluck("body");
  expect(said).toEqual(["One", "Two"]);
  expect((await browser.get(page.path)).text).toContain("Two");
});

test("starting twice leads to the chat that goes on", async () => {
  const { browser, page } = await aChat();
  const form = await browser.get("/support");
  const starts = await Promise.all([1, 2].map(() => browser.copy().send(form.sending("Start a chat"))));
  expect(starts.map(({ path }) => path)).toEqual([page.path, page.path]);
});

test("of two agents who join at once one does; the places of those who wait move up", async () => {
  await portal.db("chats").whereNull("ended_at").update({ ended_at: portal.clock.now(), ended_because: "person" });
  const first = await aChat();
  const second = await aChat();
  expect(first.page.text).toContain("You are next.");
  expect(second.page.text).toContain("You are number 2 in the queue.");
  const agents = [await logIn(portal, await hireSam(portal)), await logIn(portal, await hireSam(portal))];
  const forms = await Promise.all(agents.map((agent) => agent.get(agentPath(first.page))));
  const joined = await Promise.all(forms.map((form) => form.press("Join this chat")));
  expect(joined.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect((await second.browser.get(second.page.path)).text).toContain("You are next.");
});

test("an agent hands a chat on with a note that the person never sees", async () => {
  const { browser, page } = await aChat();
  const ada = await addPerson(portal, { name: "Ada Stone", role: "administrator", practice: null });
  const sam = await logIn(portal, await hireSam(portal));
  const chat = await (await sam.get(agentPath(page))).press("Join this chat");
  expect((await chat.press("Hand on", { Note: "x" })).errorAt("To")).toBe("Choose who takes over");
  await (await sam.get(agentPath(page))).press("Hand on", { To: ada.id, Note: "A difficult one" });
  const adas = await (await logIn(portal, ada)).get(agentPath(page));
  expect(adas.text).toContain("For Ada Stone: A difficult one");
  expect(adas.buttons).toContain("Send");
  expect((await sam.get(agentPath(page))).buttons).not.toContain("Send");
  expect((await sam.post(`${agentPath(page)}/messages`, { key: randomUUIDv7(), message: "Me again" })).status).toBe(
    409,
  );
  const persons = await browser.get(page.path);
  expect(persons.text).toContain("Sam Stone handed the chat on to Ada Stone.");
  const frame = await browser.get(`${page.path}/news?after=0`);
  expect(persons.html + frame.html).not.toContain("difficult");
  await persons.press("End chat", { "Send me the transcript by e-mail": true });
  expect(JSON.stringify(await portal.messages())).not.toContain("difficult");
});

test("what a stranger wrote with nobody there is not mailed to the address that they typed", async () => {
  const stranger = portal.browser();
  const chat = await (await stranger.get("/support")).press("Start a chat", {
    "Your name": "Eve",
    "E-mail": "victim@example.com",
    Message: "Buy my pills",
  });
  const ended = await chat.press("End chat", { "Send me the transcript by e-mail": true });
  expect(ended.buttons).not.toContain("Send me the transcript by e-mail");
  await stranger.post(`${chat.path}/transcript`);
  expect((await portal.messages()).filter(({ to }) => to === "victim@example.com")).toEqual([]);
});

test("a chat is handed on to nobody who is suspended or was removed", async () => {
  const { page } = await aChat();
  const out = [await hireSam(portal), await hireSam(portal)] as const;
  await portal.db("users").where({ id: out[0].id }).update({ removed_at: portal.clock.now(), removed_by: out[1].id });
  await portal.db("suspensions").insert({
    id: randomUUIDv7(),
    user_id: out[1].id,
    why: "inactivity",
    reason: "",
    suspended_at: portal.clock.now(),
  });
  const sam = await logIn(portal, await hireSam(portal));
  const chat = await (await sam.get(agentPath(page))).press("Join this chat");
  for (const { id } of out) {
    expect(chat.html).not.toContain(id);
    const refused = await sam.post(`${agentPath(page)}/transfers`, { to: id, note: "" });
    expect(refused.errorAt("To")).toBe("Choose who takes over");
  }
});

test("a note in a chat is for agents alone, in the page, the frame and the transcript", async () => {
  const { browser, page } = await aChat();
  const sam = await logIn(portal, await hireSam(portal));
  const chat = await (await sam.get(agentPath(page))).press("Join this chat");
  const noted = await chat.press("Add as a note", { Message: "Sounds like fraud" });
  expect(noted.text).toContain("a note that the person does not see");
  await noted.press("Send", { Message: "One moment" });
  const frames = [await browser.get(`${page.path}/news?after=0`), await sam.get(`${agentPath(page)}/news?after=0`)];
  expect(frames.map(({ text }) => text.includes("One moment"))).toEqual([true, true]);
  expect(frames.map(({ text }) => text.includes("fraud"))).toEqual([false, true]);
  const persons = await browser.get(page.path);
  expect(persons.text).not.toContain("fraud");
  await persons.press("End chat", { "Send me the transcript by e-mail": true });
  expect(JSON.stringify(await portal.messages())).not.toContain("fraud");
  expect((await browser.get(`${agentPath(page)}/news?after=0`)).status).toBe(403);
});

test("the list of chats says whose turn it is", async () => {
  const { browser, page } = await aChat({ Message: "Hello" });
  const sam = await logIn(portal, await hireSam(portal));
  const state = async () => {
    const rows = (await sam.get("/console/chats")).root.querySelectorAll("#queue tr");
    return rows
      .find(({ innerHTML }) => innerHTML.includes(idOf(page)))
      ?.querySelector("td")
      ?.text.trim();
  };
  expect(await state()).toMatch(/^Waiting, number \d+$/);
  const joined = await (await sam.get(agentPath(page))).press("Join this chat");
  expect(await state()).toBe("Waits for your answer");
  await joined.press("Send", { Message: "Good morning" });
  expect(await state()).toBe("With you");
  await (await browser.get(page.path)).press("Send", { Message: "My printer" });
  expect(await state()).toBe("Waits for your answer");
});

test("unanswered, a chat becomes a case with what was said", async () => {
  const { browser, page, person } = await aChat({ Message: "Anybody there?" });
  const { tasks } = backgroundWork(portal.parts);
  await tasks["chat-unanswered"]?.(idOf(page), later);
  await tasks["chat-unanswered"]?.(idOf(page), later);
  const cases = await portal.db("support_cases").where({ chat_id: idOf(page) });
  expect(cases).toMatchObject([{ subject: "Anybody there?", email: person.email }]);
  const over = await browser.get(page.path);
  expect(over.text).toContain(`It is now case ${cases[0].number}`);
  const [mail] = (await portal.messages()).filter(({ to }) => to === person.email);
  expect(mail?.text).toContain(`case ${cases[0].number}`);
  expect((await browser.get(`/support/cases/${cases[0].id}`)).text).toContain("Bob Baker: Anybody there?");
  expect((await browser.post(`${page.path}/messages`, { key: randomUUIDv7(), message: "Hm" })).status).toBe(422);
});

test("the job that gives a chat up waits ten minutes, and goes when an agent joins", async () => {
  const { page } = await aChat();
  const job = () =>
    portal.db
      .raw("select extract(epoch from run_at - now()) as seconds from graphile_worker.jobs where key = ?", [
        `chat-unanswered:${idOf(page)}`,
      ])
      .then(({ rows }) => rows);
  expect(Math.round(Number((await job())[0].seconds) / 60)).toBe(10);
  await (await (await logIn(portal, await hireSam(portal))).get(agentPath(page))).press("Join this chat");
  expect(await job()).toEqual([]);
  await backgroundWork(portal.parts).tasks["chat-unanswered"]?.(idOf(page), later);
  expect(
    (
      await portal
        .db("chats")
        .where({ id: idOf(page) })
        .first()
    ).ended_at,
  ).toBe(null);
});

test("who leaves the queue ends the chat within minutes, and what was said becomes a case; silence becomes none", async () => {
  const talker = await aChat({ Message: "I have to go" });
  const silent = await aChat();
  portal.clock.advance({ minutes: 1 });
  await backgroundWork(portal.parts).tasks["chats-left"]?.("", later);
  expect(
    (
      await portal
        .db("chats")
        .where({ id: idOf(talker.page) })
        .first()
    ).ended_at,
  ).toBe(null);
  portal.clock.advance({ minutes: 2 });
  await backgroundWork(portal.parts).tasks["chats-left"]?.("", later);
  expect(
    await portal
      .db("chats")
      .where({ id: idOf(talker.page) })
      .first(),
  ).toMatchObject({ ended_because: "left" });
  expect(await portal.db("support_cases").where({ chat_id: idOf(talker.page) })).toHaveLength(1);
  expect(await portal.db("support_cases").where({ chat_id: idOf(silent.page) })).toHaveLength(0);
});

test("a stranger chats in their own browser and in no other, and goes on with it once logged in", async () => {
  const stranger = portal.browser();
  const form = await stranger.get("/support");
  const page = await form.press("Start a chat", { "Your name": "Nell", "E-mail": "nell@example.org" });
  expect(page.heading).toBe("Chat with support");
  expect((await (await page.press("Send", { Message: "SSN 987-65-4321" })).text).includes("SSN •••-••-4321")).toBe(
    true,
  );
  expect(
    await portal
      .db("chat_messages")
      .where({ chat_id: idOf(page) })
      .pluck("body"),
  ).toEqual(["SSN •••-••-4321"]);
  expect((await portal.browser().get(page.path)).status).toBe(404);
  const { bob } = await foundPractice(portal);
  const logInPage = await stranger.get("/login");
  await logInPage.press("Log in", { "User ID": bob.userId, Password: "quiet-harbor-lantern" });
  expect((await stranger.get(page.path)).status).toBe(200);
});

test("Mallory, a colleague and strangers are told that there is no such chat; the desk may not see the console's", async () => {
  const { page, browser, practice } = await aChat({ Message: "Private" });
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  const alice = await logIn(portal, practice.alice);
  const said = { key: randomUUIDv7(), message: "Intruder" };
  for (const other of [mallory, alice, portal.browser()]) {
    expect((await other.get(page.path)).status).toBe(404);
    expect((await other.get(`${page.path}/news?after=0`)).status).toBe(404);
    for (const act of ["messages", "typing", "ending", "transcript"])
      expect((await other.post(`${page.path}/${act}`, said)).status).toBe(404);
  }
  for (const act of ["", "/stream?after=0"]) expect((await browser.get(agentPath(page) + act)).status).toBe(403);
  expect((await browser.post(`${agentPath(page)}/joining`)).status).toBe(403);
  expect(
    await portal
      .db("chat_messages")
      .where({ chat_id: idOf(page) })
      .pluck("body"),
  ).toEqual(["Private"]);
});

test("the key of a form opens nobody else's chat: not to strangers, not to people who are logged in", async () => {
  const form = await portal.browser().get("/support");
  const from = { "Your name": "Nell", "E-mail": "nell@example.org" };
  const page = await form.press("Start a chat", { ...from, Message: "Private" });
  expect(page.text).toContain("Private");
  const key = idOf(page);
  const { mallory } = await foundMallorys(portal);
  for (const [other, given] of [
    [portal.browser(), { key, how: "chat", name: "Eve", email: "eve@example.org" }],
    [await logIn(portal, mallory), { key, how: "chat" }],
  ] as const) {
    await other.get("/support");
    const taken = await other.post("/support", given);
    expect([taken.status, taken.text.includes("Private")]).toEqual([409, false]);
    expect((await other.get(page.path)).status).toBe(404);
  }
  // Long after, name and address are no proof either: whoever sits at the same computer may know them.
  portal.clock.advance({ minutes: 2 });
  const late = portal.browser();
  await late.get("/support");
  expect((await late.post("/support", { key, how: "chat", name: "Nell", email: "nell@example.org" })).status).toBe(409);
});

test("whatever shows an agent a chat is a look, with its line in the audit log", async () => {
  const practice = await foundPractice(portal);
  const shown = { frame: "/news?after=0", stream: "/stream?after=0", declined: "/transfers" };
  for (const [what, path] of Object.entries(shown)) {
    const page = await (await (await logIn(portal, practice.bob)).get("/support")).press("Start a chat", {
      Message: "Private",
    });
    const sam = await hireSam(portal);
    const desk = await logIn(portal, sam);
    if (what === "declined") await joinedBy(sam.id, page);
    if (what === "stream") await endedNow(page);
    const seen =
      what === "declined" ? await desk.post(agentPath(page) + path, {}) : await desk.get(agentPath(page) + path);
    expect([what, seen.text.includes("Private")]).toEqual([what, true]);
    const lines = () =>
      portal
        .db("audit_events")
        .where({ subject_id: idOf(page), user_id: sam.id })
        .pluck("action");
    expect([what, await lines()]).toEqual([what, ["chat looked at"]]);
    await desk.get(`${agentPath(page)}/news?after=0`); // asks again by itself: the same look
    expect([what, await lines()]).toEqual([what, ["chat looked at"]]);
    await endedNow(page);
  }
});

test("a chat that was handed on a moment ago is ended by nobody who had it before", async () => {
  const { page } = await aChat();
  const sam = await logIn(portal, await hireSam(portal));
  await (await sam.get(agentPath(page))).press("Join this chat");
  const other = await hireSam(portal);
  const chat = () => portal.db("chats").where({ id: idOf(page) });
  const ended = await portal.db.transaction(async (trx) => {
    await trx("chats")
      .where({ id: idOf(page) })
      .update({ agent_id: other.id });
    const pressed = sam.post(`${agentPath(page)}/ending`);
    await untilWaiting(portal.db, 1);
    return [pressed];
  });
  expect((await ended[0])?.status).toBe(409);
  expect((await chat().first()).ended_at).toBe(null);
});

test("a frame that is asked for from nowhere begins at the first message", async () => {
  const { browser, page } = await aChat({ Message: "First" });
  for (const after of ["Infinity", "1e400", "1.5", "-1", "99999999999", "x"]) {
    const frame = await browser.get(`${page.path}/news?after=${after}`);
    expect([after, frame.status, frame.text.includes("First")]).toEqual([after, 200, true]);
  }
});

test("nobody says sixteen things in ten seconds", async () => {
  const { browser, page } = await aChat();
  const say = (message: string) => browser.post(`${page.path}/messages`, { key: randomUUIDv7(), message });
  for (let said = 0; said < 15; said += 1) expect((await say(`${said}`)).status).toBe(200);
  expect((await say("16")).status).toBe(429);
  portal.clock.advance({ seconds: 11 });
  expect((await say("16")).status).toBe(200);
});

const joinedBy = (agentId: string, page: Page) =>
  portal
    .db("chats")
    .where({ id: idOf(page) })
    .update({ agent_id: agentId, joined_at: portal.clock.now() });
const endedNow = (page: Page) =>
  portal
    .db("chats")
    .where({ id: idOf(page) })
    .update({ ended_at: portal.clock.now(), ended_because: "person" });
const idOf = (page: Page) => page.path.split("/").at(-1) ?? "";
const agentPath = (page: Page) => `/console/chats/${idOf(page)}`;

async function aChat(filling: Record<string, string> = {}) {
  const practice = await foundPractice(portal);
  const person: TestPerson = practice.bob;
  const browser: Browser = await logIn(portal, person);
  const page = await (await browser.get("/support")).press("Start a chat", filling);
  return { practice, person, browser, page };
}
