import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, test } from "vitest";
import { httpBureau } from "../../src/applications/http-bureau.ts";
import { apply } from "../support/applications.ts";
import { foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

/** A decision service, at the other end of a real connection. */
let answer: Answer = (_req, res) => void res.end();
const received: { headers: IncomingMessage["headers"]; method: string | undefined; body: unknown }[] = [];
const service = createServer(async (req, res) => {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk);
  received.push({ headers: req.headers, method: req.method, body: JSON.parse(Buffer.concat(chunks).toString()) });
  answer(req, res);
}).listen(0, "127.0.0.1");
await once(service, "listening");
afterAll(() => {
  service.closeAllConnections();
  service.close();
});

const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}/decisions`;
const bureau = httpBureau(url);
const portal = await openPortal({ bureau });
const json =
  (body: unknown, status = 200): Answer =>
  (_req, res) =>
    res.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));

const inquiry = {
  applicationId: "0198f0d2-0000-7000-8000-000000000001",
  firstName: "Nora",
  lastName: "Quill",
  bornOn: "1985-04-09",
  identityConfirmedAt: null,
  ssn: "536907416",
  annualIncomeCents: 5_000_000,
  monthlyHousingCents: 100_000,
};
const decide = (patience = 1_000) => bureau.decide(inquiry, AbortSignal.timeout(patience));

describe("a decision service is understood", () => {
  test.each([
    { outcome: "approved", limitCents: 450_000, standardApr: "29.90" },
    { outcome: "declined", reasons: ["No credit file", "Length of employment"] },
    { outcome: "pending", missing: "A copy of an identity card" },
  ])("when it answers $outcome", async (decision) => {
    answer = json(decision);
    expect(await decide()).toEqual(decision);
  });

  test("and is told all it needs, with the application as the key that makes asking twice harmless", async () => {
    answer = json({ outcome: "pending", missing: "" });
    await decide();
    expect(received.at(-1)).toMatchObject({ method: "POST", body: inquiry });
    expect(received.at(-1)?.headers["idempotency-key"]).toBe(inquiry.applicationId);
    expect(received.at(-1)?.headers["content-type"]).toContain("application/json");
  });
});

describe("no answer is no decision:", () => {
  test.each<[string, Answer]>([
    ["an error", json({ error: "out of order" }, 500)],
    ["an approval under an error", json({ outcome: "approved", limitCents: 100_000, standardApr: "10.00" }, 503)],
    ["a refusal of ours", json({ outcome: "declined", reasons: ["x"] }, 401)],
    ["a page instead of an answer", (_req, res) => void res.end("<html>Welcome</html>")],
    ["nothing at all", (_req, res) => void res.end()],
    ["a connection that breaks", (req) => void req.socket.destroy()],
    ["an outcome that is none", json({ outcome: "maybe" })],
    ["an approval without a limit", json({ outcome: "approved", standardApr: "29.90" })],
    ["an approval for nothing", json({ outcome: "approved", limitCents: 0, standardApr: "29.90" })],
    ["an approval for less than nothing", json({ outcome: "approved", limitCents: -5, standardApr: "29.90" })],
    ["an approval in fractions of cents", json({ outcome: "approved", limitCents: 100.5, standardApr: "29.90" })],
    ["an approval with a limit in words", json({ outcome: "approved", limitCents: "450000", standardApr: "29.90" })],
    [
      "an approval at no rate that can be read",
      json({ outcome: "approved", limitCents: 450_000, standardApr: "cheap" }),
    ],
    ["a decline without a reason", json({ outcome: "declined", reasons: [] })],
    [
      "a decline for five reasons, where the law allows four",
      json({ outcome: "declined", reasons: ["1", "2", "3", "4", "5"] }),
    ],
  ])("%s", async (_words, given) => {
    answer = given;
    await expect(decide()).rejects.toThrow();
  });

  test("silence, for as long as one is willing to wait", async () => {
    answer = () => {};
    const began = performance.now();
    await expect(decide(60)).rejects.toThrow(/timeout|abort/i);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test("an answer that begins and does not end", async () => {
    answer = (_req, res) => void res.writeHead(200).write('{"outcome":');
    await expect(decide(60)).rejects.toThrow(/timeout|abort/i);
  });
});

test("through the portal: what the service says is what the page says, and its troubles are pending", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const someone = { "Social Security number": "536-90-7416" };
  answer = json({ outcome: "approved", limitCents: 450_000, standardApr: "29.90" });
  const approved = await apply(bob, someone);
  expect(approved.heading).toBe("Approved for $4,500.00");
  expect(approved.text).toContain("29.90%");
  answer = json({ error: "out of order" }, 500);
  expect((await apply(bob, someone)).heading).toBe("Pending");
  answer = (_req, res) => void res.end("nonsense");
  expect((await apply(bob, someone)).heading).toBe("Pending");
  expect(portal.logged()).not.toContain("536907416");
});

test.each(["000-12-3456", "666-12-3456", "900-12-3456", "987-65-4321", "123-00-4567", "123-45-0000"])(
  "a number that was never issued is not sent to the service: %s",
  async (ssn) => {
    const bob = await logIn(portal, (await foundPractice(portal)).bob);
    const asked = received.length;
    const page = await apply(bob, { "Social Security number": ssn });
    expect(page.errorAt("Social Security number")).toBe("Check the Social Security number: no such number is issued.");
    expect(received.length).toBe(asked);
  },
);
