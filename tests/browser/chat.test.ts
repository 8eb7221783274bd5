import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Node, startNode } from "../faults/nodes.ts";
import { foundPractice, hireSam, password, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { chromiumPath, openChromium, openWindow, type Window } from "./support.ts";

const slow = 90_000; // on a machine that is busy with other tests

describe.skipIf(!chromiumPath)("chat in Chromium (skipped where there is none)", async () => {
  const portal = await openPortal();
  let chromium: Browser;
  let front: Front;
  let nodes: Node[];
  beforeAll(async () => {
    nodes = await Promise.all([startNode(portal), startNode(portal)]);
    front = await openFront(nodes.map(({ url }) => url));
    chromium = await openChromium();
  }, slow);
  afterAll(async () => {
    await chromium?.close();
    front?.close();
  });

  const open = async (person: TestPerson, script: boolean) => {
    const window = await openWindow(chromium, front.url, { javaScriptEnabled: script });
    await window.page.goto("/login");
    await window.page.getByLabel("User ID").fill(person.userId);
    await window.page.getByLabel("Password").fill(password);
    await window.page.getByRole("button", { name: "Log in" }).click();
    await window.page.getByRole("button", { name: "Log out" }).waitFor();
    return window;
  };

  /** Two windows in one chat, which the agent has joined. */
  const talk = async (given: { person: boolean; agent: boolean }) => {
    const { bob } = await foundPractice(portal);
    const [bobs, sams] = [await open(bob, given.person), await open(await hireSam(portal), given.agent)];
    await bobs.page.goto("/support");
    await bobs.page.getByLabel("Message").fill("My printer is on fire");
    await bobs.page.getByRole("button", { name: "Start a chat" }).click();
    await shown(bobs, given.person, "An agent joins as soon as one is free").waitFor();
    await sams.page.goto("/console/chats");
    await sams.page.getByRole("link", { name: bob.name }).first().click();
    await sams.page.getByText("My printer is on fire").waitFor();
    await sams.page.getByRole("button", { name: "Join this chat" }).click();
    await sams.page.getByRole("button", { name: "Send" }).waitFor();
    return { bobs, sams };
  };

  test.each([
    { how: "both with script", person: true, agent: true },
    { how: "both without", person: false, agent: false },
    { how: "the agent alone with script", person: false, agent: true },
    { how: "the person alone with script", person: true, agent: false },
  ])(
    "$how: a word of each reaches the other, what is being typed stays, and nothing complains",
    async (given) => {
      const { bobs, sams } = await talk(given);
      await shown(bobs, given.person, "You are talking with Sam Stone").waitFor();
      await bobs.page.getByLabel("Message").fill("I am still typing th");

      await say(sams.page, "Take a step back");
      await shown(bobs, given.person, "Take a step back").waitFor();
      expect(await bobs.page.getByLabel("Message").inputValue()).toBe("I am still typing th");

      await say(bobs.page, "I am back");
      await bobs.page.locator("#thread").getByText("I am back").waitFor();
      expect(await bobs.page.getByLabel("Message").inputValue()).toBe("");
      await shown(sams, given.agent, "I am back").waitFor(); // without script in the frame, by itself
      if (!given.agent) await sams.page.getByRole("link", { name: "Show new messages" }).click();
      await sams.page.locator("#thread").getByText("I am back").waitFor();
      expect(await sams.page.locator("#thread .said").count()).toBe(3);

      await sams.page.getByRole("button", { name: "End chat" }).click();
      await sams.page.getByText("Ended").first().waitFor();
      await shown(bobs, given.person, "This chat has ended.").waitFor();
      if (given.person) await bobs.page.getByRole("link", { name: "See how it stands" }).click();
      else await bobs.page.frameLocator("iframe").getByRole("link", { name: "Go on" }).click();
      await bobs.page.getByRole("button", { name: "Send me the transcript by e-mail" }).click();
      await bobs.page.getByText("We sent what was said").waitFor();
      expect([...bobs.complaints, ...sams.complaints]).toEqual([]);
      await Promise.all([bobs.close(), sams.close()]);
    },
    slow,
  );

  test(
    "with script: typing shows on the other side, Enter sends, and the focus stays where one types",
    async () => {
      const { bobs, sams } = await talk({ person: true, agent: true });
      const box = bobs.page.getByLabel("Message");
      await box.pressSequentially("Hel");
      await sams.page.getByText("The person is typing…").waitFor();
      await box.pressSequentially("lo");
      await box.press("Enter");
      await sams.page.locator("#thread").getByText("Hello").waitFor();
      await bobs.page.locator("#thread").getByText("Hello").waitFor();
      expect(await sams.page.getByText("The person is typing…").count()).toBe(0);
      await sams.page.getByLabel("Message").pressSequentially("One mo");
      await bobs.page.getByText("Support is typing…").waitFor();
      await sams.page.getByLabel("Message").press("Enter");
      await bobs.page.locator("#thread").getByText("One mo").waitFor();
      expect(await bobs.page.getByText("Support is typing…").count()).toBe(0);
      await bobs.page.keyboard.type("Again");
      await bobs.page.keyboard.press("Enter");
      await sams.page.locator("#thread").getByText("Again").waitFor();
      expect([...bobs.complaints, ...sams.complaints]).toEqual([]);
      await Promise.all([bobs.close(), sams.close()]);
    },
    slow,
  );

  test(
    "a node is killed in the middle: both pages go on with the other, nothing is lost and nothing is there twice",
    async () => {
      const { bobs, sams } = await talk({ person: true, agent: true });
      await say(sams.page, "Word 1");
      await bobs.page.locator("#thread").getByText("Word 1").waitFor();
      front.prefer(1);
      const dying = nodes[0]?.kill();
      await say(bobs.page, "Word 2");
      await dying;
      for (const word of ["Word 3", "Word 4"]) await say(sams.page, word);
      await say(bobs.page, "Word 5");
      for (const { page } of [bobs, sams]) {
        for (const word of ["Word 2", "Word 4", "Word 5"]) await page.locator("#thread").getByText(word).waitFor();
        const words = await page.locator("#thread .letter").allTextContents();
        expect(words.filter((word) => word.startsWith("Word")).sort()).toEqual(
          [1, 2, 3, 4, 5].map((at) => `Word ${at}`),
        );
      }
      await Promise.all([bobs.close(), sams.close()]);
    },
    slow,
  );
});

/** In the page, or without script in its frame, which asks again by itself. */
const shown = ({ page }: Window, script: boolean, words: string) =>
  (script ? page.locator("main") : page.frameLocator("iframe").locator("main")).getByText(words).first();

async function say(page: Page, words: string): Promise<void> {
  await page.getByLabel("Message").fill(words);
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator("#thread").getByText(words).waitFor();
}

type Front = { url: string; prefer(node: number): void; close(): void };

/** One address before several nodes, as a proxy is: new connections go to the preferred one. */
async function openFront(urls: string[]): Promise<Front> {
  let preferred = 0;
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(urls[preferred] ?? "").port), "127.0.0.1");
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.pipe(far).pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    prefer: (node) => {
      preferred = node;
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
