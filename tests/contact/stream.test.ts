import { randomUUIDv7 } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { sayInChat } from "../../src/support/say-in-chat.ts";
import type { Browser, Page } from "../support/browser.ts";
import { foundMallorys, foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { Stream, streamOf } from "../support/stream.ts";

const portal = await openPortal();
const node = await portal.anotherNode();

test("what one says on one node the other hears on the other, with numbers, unpacked", async () => {
  const { browser, page, sam, samsPage } = await aTalk();
  const persons = new Stream(browser, streamOf(page));
  const agents = new Stream(sam, streamOf(samsPage));
  const { headers } = await persons.opens();
  expect(headers["content-type"]).toContain("text/event-stream");
  expect(headers["content-encoding"]).toBeUndefined();
  expect(headers["cache-control"]).toContain("no-store");
  await say(browser, page, { Message: "Hello <b>there</b>" });
  await agents.hears("Hello &lt;b&gt;there&lt;/b&gt;");
  await say(sam, samsPage, { Message: "Good morning" });
  await Promise.all([persons.hears("Good morning"), agents.hears("Good morning")]);
  expect(persons.text).toContain("<b>You</b>");
  expect(persons.messages).toEqual([2, 3]);
  expect(agents.messages).toEqual([2, 3]);
  expect(persons.lastId).toBe("3");
});

test("a stream that is cut again and again misses nothing and hears nothing twice", async () => {
  const { browser, page, samsPage, sam } = await aTalk();
  const path = streamOf(page);
  const heard: number[] = [];
  let [lastId, talking] = ["", true];
  const listening = (async () => {
    for (let lives = 0; talking || heard.at(-1) !== 61; lives += 1) {
      const stream = new Stream(browser, path, { lastId, server: lives % 2 ? node.server : portal.server });
      await setTimeout(15 + ((lives * 37) % 60));
      stream.close();
      heard.push(...stream.messages);
      lastId = stream.lastId || lastId;
    }
  })();
  const sayMany = async (agent: Browser) => {
    for (let count = 0; count < 15; count += 1) await say(agent, samsPage, { Message: `Word ${count}` });
  };
  await Promise.all([0, 1, 2, 3].map((at) => sayMany(sam.copy(at % 2 ? node.server : portal.server))));
  talking = false;
  await listening;
  expect(heard).toEqual(Array.from({ length: 60 }, (_, at) => at + 2));
}, 30_000);

test("the listening connection is lost: what was said meanwhile is heard once it is back", async () => {
  const { browser, page, sam, samsPage } = await aTalk();
  const stream = new Stream(browser, streamOf(page));
  await say(sam, samsPage, { Message: "Before" });
  await stream.hears("Before");
  await portal.db.raw(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'caraway listener' and datname = current_database()",
  );
  await say(sam, samsPage, { Message: "Meanwhile" });
  await stream.hears("Meanwhile");
  expect(stream.messages).toEqual([2, 3]);
});

test("what a node said that died before it could tell of it is heard from the others, within seconds", async () => {
  const { browser, page } = await aTalk();
  const stream = new Stream(browser, streamOf(page));
  await stream.hears("talking with");
  const chatId = page.path.split("/").at(-1) ?? "";
  const said = { chatId, saidBy: "agent", author: { id: null, name: "Sam Stone" }, body: "Last words" } as const;
  await sayInChat(portal.db, portal.parts, said);
  await stream.hears("Last words", 8_000);
  expect(stream.messages).toEqual([2]);
}, 30_000);

test("an agent joins, the queue moves, a chat ends: each page is told, and an ended stream is not asked for again", async () => {
  await portal.db("chats").whereNull("ended_at").update({ ended_at: portal.clock.now(), ended_because: "person" });
  const [first, second] = [await aChat(), await aChat()];
  const waiting = new Stream(second.browser, streamOf(second.page));
  await waiting.hears("You are number 2 in the queue.");
  const own = new Stream(first.browser, streamOf(first.page));
  const sam = await logIn(portal, await hireSam(portal));
  const joined = await (await sam.get(agentPath(first.page))).press("Join this chat");
  await own.hears("You are talking with <b>Sam Stone</b>");
  await waiting.hears("You are next.");
  await joined.press("End chat");
  await own.ends();
  expect(own.text).toContain("This chat has ended.");
  expect(own.events.at(-1)?.event).toBe("bye");
  const again = new Stream(first.browser, streamOf(first.page));
  await again.ends();
  expect(again.events.at(-1)?.event).toBe("bye");
});

test("typing is told to the other side alone, and kept nowhere", async () => {
  const { browser, page, sam, samsPage } = await aTalk();
  const [persons, agents] = [new Stream(browser, streamOf(page)), new Stream(sam, streamOf(samsPage))];
  await Promise.all([persons.hears("talking with"), agents.hears("With Sam Stone")]);
  const rows = () => portal.db("chat_messages").count("* as rows").first();
  const before = await rows();
  await browser.post(`${page.path}/typing`, { message: "I am thinking of" });
  await agents.hears("The person is typing");
  await sam.post(`${samsPage.path}/typing`);
  await persons.hears("Support is typing");
  expect(persons.text).not.toContain("The person is typing");
  expect(agents.text).not.toContain("thinking");
  expect(await rows()).toEqual(before);
});

test("a stream does not keep a log-in alive, and ends within seconds of it", async () => {
  const { browser, page, sam, samsPage } = await aTalk();
  const stream = new Stream(browser, streamOf(page));
  const agents = new Stream(sam, streamOf(samsPage));
  await stream.hears("talking with");
  const { seen_at: seenAt } = await portal.db("logins").orderBy("began_at", "desc").first();
  portal.clock.advance({ minutes: 5 });
  await say(sam, samsPage, { Message: "Still there?" });
  await stream.hears("Still there?");
  expect(await portal.db("logins").where({ seen_at: seenAt }).first()).toBeTruthy();
  await browser.copy(node.server).post("/logout");
  await stream.ends();
  expect(stream.text).toContain("Your log-in has ended.");
  await say(sam, samsPage, { Message: "Secret" });
  await agents.hears("Secret");
  expect(stream.text).not.toContain("Secret");
  const refused = new Stream(portal.browser(), streamOf(page));
  await refused.ends();
  expect(refused.text).not.toContain("Still there?");
  expect(refused.text).toContain("Your log-in has ended.");
});

test("a node that stops ends its streams at once, and another goes on from there", async () => {
  const { browser, page, sam, samsPage } = await aTalk();
  const leaving = await portal.anotherNode();
  const stream = new Stream(browser, streamOf(page), { server: leaving.server });
  await say(sam, samsPage, { Message: "One" });
  await stream.hears("One");
  leaving.parts.readiness.state = "stopping";
  await stream.ends(2_000);
  await say(sam, samsPage, { Message: "Two" });
  const next = new Stream(browser, streamOf(page), { lastId: stream.lastId, server: node.server });
  await next.hears("Two");
  expect([...stream.messages, ...next.messages]).toEqual([2, 3]);
});

test("a note between agents is not in the person's stream, and Mallory has no stream at all", async () => {
  const { browser, page, sam, samsPage } = await aTalk();
  const ada = await hireSam(portal);
  const [persons, agents] = [new Stream(browser, streamOf(page)), new Stream(sam, streamOf(samsPage))];
  await (await sam.get(samsPage.path)).press("Hand on", { To: ada.id, Note: "Handle with care" });
  await persons.hears("handed the chat on");
  await agents.hears("Handle with care");
  expect(persons.text).not.toContain("care");
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  expect((await mallory.ask("GET", streamOf(page))).status).toBe(404);
  expect((await mallory.ask("GET", streamOf(samsPage))).status).toBe(403);
});

test("of more streams than anybody has windows the oldest ends", async () => {
  const { browser, page } = await aTalk();
  const streams: Stream[] = [];
  for (let count = 0; count < 9; count += 1) {
    streams.push(new Stream(browser, streamOf(page)));
    await streams[count]?.hears("talking with");
  }
  await streams[0]?.ends();
  expect(streams[0]?.text).toContain("open in another window");
  expect(streams.filter(({ isOver }) => isOver)).toHaveLength(1);
});

/** Says something, as a fresh form would. */
const say = (browser: Browser, page: Page, { Message }: { Message: string }) =>
  browser.post(`${page.path}/messages`, { key: randomUUIDv7(), message: Message });
const agentPath = (page: Page) => page.path.replace("/support/", "/console/");

async function aChat() {
  const practice = await foundPractice(portal);
  const browser = await logIn(portal, practice.bob);
  return { browser, page: await (await browser.get("/support")).press("Start a chat") };
}

/** A chat that an agent, who is on the other node, has joined: its first message says so. */
async function aTalk() {
  const { browser, page: begun } = await aChat();
  const sam = (await logIn(portal, await hireSam(portal))).copy(node.server);
  const samsPage = await (await sam.get(agentPath(begun))).press("Join this chat");
  return { browser, page: await browser.get(begun.path), sam, samsPage };
}
