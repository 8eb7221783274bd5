import { randomUUIDv7 } from "node:crypto";
import type { Server } from "node:http";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { startNode } from "../faults/nodes.ts";
import { foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { Stream, streamOf } from "../support/stream.ts";

const portal = await openPortal();

test("a node is killed in mid-chat: the other goes on, and nothing that was answered is lost or heard twice", async () => {
  const doomed = await startNode(portal);
  const there = doomed.url as unknown as Server; // supertest takes an address as well
  const { bob } = await foundPractice(portal);
  const bobs = await logIn(portal, bob);
  const begun = await (await bobs.get("/support")).press("Start a chat");
  const sam = await logIn(portal, await hireSam(portal));
  const samsPage = await (await sam.get(begun.path.replace("/support/", "/console/"))).press("Join this chat");
  const path = streamOf(await bobs.get(begun.path));
  const onDoomed = new Stream(bobs, path, { server: there });
  await onDoomed.hears("talking with");

  const answered: string[] = [];
  let talking = true;
  const talk = async (server: Server) => {
    const agent = sam.copy(server);
    for (let word = 0; talking && word < 200; word += 1) {
      const message = `${server === there ? "doomed" : "other"} ${word}`;
      const post = { key: randomUUIDv7(), message };
      const page = await agent.post(`${samsPage.path}/messages`, post).catch(() => null);
      if (page?.status === 200) answered.push(message);
      else if (!page) return; // killed before it could answer
    }
  };
  const talks = [talk(there), talk(portal.server)];
  await onDoomed.hears("doomed 3", 20_000);
  await doomed.kill();
  await onDoomed.ends();
  await setTimeout(300);
  talking = false;
  await Promise.all(talks);

  const next = new Stream(bobs, path, { lastId: onDoomed.lastId });
  for (const message of answered) {
    const heard = () => (onDoomed.text + next.text).split(`>${message}<`).length - 1;
    for (let waits = 0; heard() === 0 && waits < 200; waits += 1) await setTimeout(10);
    expect([message, heard()]).toEqual([message, 1]);
  }
  const seqs = [...onDoomed.messages, ...next.messages];
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, at) => at + 2));
  expect(answered.some((message) => message.startsWith("doomed"))).toBe(true);
}, 60_000);
