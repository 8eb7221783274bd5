import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const { bob } = await foundPractice(portal);

test("of hundreds who come at once those beyond what can be answered are turned away, the others are served, and then all is as before", async () => {
  const browser = await logIn(portal, bob);
  const { port } = portal.server.address() as AddressInfo;
  const crowd = Array.from({ length: 450 }, () => connect(port, "127.0.0.1"));
  await Promise.all(crowd.map((socket) => once(socket, "connect")));
  // However fast the machine is, nobody is served until those who are too many have heard so.
  const door = await portal.db.transaction();
  await door.raw("lock table web_sessions in access exclusive mode");
  let heard = 0;
  const answers = crowd.map(async (socket) => {
    socket.write(
      `GET /accounts HTTP/1.1\r\nHost: portal\r\nConnection: close\r\nCookie: ${browser.cookieHeader}\r\n\r\n`,
    );
    const page = await text(socket);
    heard += 1;
    return page;
  });
  await expect.poll(() => heard, { timeout: 30_000 }).toBeGreaterThanOrEqual(150);
  await door.commit();
  const pages = await Promise.all(answers);
  const turnedAway = pages.filter((page) => page.startsWith("HTTP/1.1 503"));
  expect(pages.filter((page) => page.startsWith("HTTP/1.1 200")).length).toBe(450 - turnedAway.length);
  for (const page of turnedAway) expect(page).toMatch(/^retry-after: [1-9]/im);
  // Where the machine is slow, some who were let in have waited too long for the door, and are told otherwise.
  expect(turnedAway.filter((page) => page.includes("Very many people")).length).toBeGreaterThan(0);
  expect((await browser.get("/accounts")).status).toBe(200);
}, 60_000);

test("who hangs up while waiting leaves the place to the next", async () => {
  const { port } = portal.server.address() as AddressInfo;
  const cookie = (await logIn(portal, bob)).cookieHeader;
  for (let crowd = 0; crowd < 4; crowd += 1) {
    const sockets = Array.from({ length: 150 }, () => {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.write(`GET /accounts HTTP/1.1\r\nHost: portal\r\nCookie: ${cookie}\r\n\r\n`);
      return socket;
    });
    await setTimeout(50);
    for (const socket of sockets) socket.destroy();
  }
  await expect
    .poll(async () => (await (await logIn(portal, bob)).get("/accounts")).status, { timeout: 30_000 })
    .toBe(200);
}, 60_000);

test("hundreds who send a form byte by byte keep nobody else waiting", async () => {
  const { port } = portal.server.address() as AddressInfo;
  const slow = Array.from({ length: 310 }, () => {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    const head = "Host: portal\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000";
    socket.write(`POST /login HTTP/1.1\r\n${head}\r\n\r\nuserId=a`);
    return socket;
  });
  await setTimeout(300);
  expect((await portal.browser().get("/login")).status).toBe(200);
  for (const socket of slow) socket.destroy();
});
