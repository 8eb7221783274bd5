import { once } from "node:events";
import type { AddressInfo } from "node:net";
import express from "express";
import { expect, test } from "vitest";
import { serverOf } from "../../src/platform/serve.ts";

test("a request is born as Express wants it: its prototype is never swapped, which would slow every page", async () => {
  const app = express();
  const born: object[] = [];
  app.get("/", (req, res) => {
    born.push(Object.getPrototypeOf(req), Object.getPrototypeOf(res));
    res.json({ ip: req.ip, html: req.accepts("html") });
  });
  const server = serverOf(app);
  const made: object[] = [];
  server.prependListener("request", (req, res) => {
    made.push(Object.getPrototypeOf(req), Object.getPrototypeOf(res));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(await answer.json()).toEqual({ ip: "127.0.0.1", html: "html" });
  expect(made).toHaveLength(2);
  expect(born[0]).toBe(made[0]);
  expect(born[1]).toBe(made[1]);
  server.close();
});
