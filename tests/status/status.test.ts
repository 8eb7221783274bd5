import { setTimeout } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { adaOf, setMaintenance } from "../admin/support.ts";
import { foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { wireTo } from "../support/proxy.ts";

vi.setConfig({ testTimeout: 30_000 });
const portal = await openPortal();
const { ada } = await adaOf(portal);
type Json = {
  parts: { id: string; state: string; since: string }[];
  incidents: { title: string }[];
  maintenance: unknown;
};

test("anybody reads what works, what is planned and what happened, with no log-in and no cookie, for some seconds", async () => {
  const page = await portal.browser().ask("GET", "/status");
  expect([page.status, page.setCookies, page.header("cache-control")]).toEqual([200, [], "public, max-age=5"]);
  expect(page.text).toContain("Everything works.");
  for (const words of ["What works", "What is planned", "No maintenance is planned", "What happened"])
    expect(page.text).toContain(words);
  for (const part of ["Database", "Logging in", "E-mail", "Text messages", "Credit decisions", "Nightly work"])
    expect(page.text).toContain(`${part} Works`);
  const { parts } = JSON.parse((await portal.browser().ask("GET", "/status.json")).html) as Json;
  expect(parts.length).toBeGreaterThan(6);
  expect(parts.filter(({ state }) => state !== "works")).toEqual([]);
});

test("it is linked from the log-in, the trouble page and every error page", async () => {
  for (const path of ["/login", "/trouble"])
    expect((await portal.browser().get(path)).html).toContain('href="/status"');
  expect((await ada.get("/nothing-here")).html).toContain('href="/status"');
});

test("the database stopped: the page answers at once, says so and since when it knows; back, it says that too", async () => {
  const wire = await wireTo(portal.databaseUrl);
  const node = await portal.anotherNode({ databaseUrl: wire.url });
  const stranger = portal.browser().copy(node.server);
  await expect
    .poll(async () => (await stranger.get("/status")).text, { timeout: 8_000 })
    .toContain("Everything works.");
  for (const stop of [() => wire.cut(), () => wire.fallSilent()]) {
    stop();
    await setTimeout(3_100); // what was measured just now is not measured again
    const began = performance.now();
    expect((await stranger.get("/status")).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(2_500);
    await expect
      .poll(async () => (await stranger.get("/status")).text, { timeout: 10_000 })
      .toMatch(
        /Not working at the moment: Database.*The database does not answer\. What stands below is what the portal knew at Nov 23, 2026/,
      );
    const page = await stranger.get("/status");
    expect(page.text).toContain("Credit decisions Not known");
    expect(page.text).toContain("Pages of the portal Works");
    wire.mend();
    await expect
      .poll(async () => (await stranger.get("/status")).text, { timeout: 15_000, interval: 500 })
      .toContain("Everything works.");
  }
});

test("measured by the portal: e-mail that does not go out, decisions and nights that are late", async () => {
  const node = await portal.anotherNode();
  const practice = await foundPractice(portal);
  const at = portal.clock.now();
  await portal.db("messages").insert({
    id: crypto.randomUUID(),
    at,
    channel: "email",
    recipient: "a@example.com",
    subject: "Hello",
    body: "Hello",
    last_error: "ECONNREFUSED",
    attempts: 3,
  });
  await portal.db("account_states").update({ next_work_on: "2026-11-01" });
  const page = await portal.browser().copy(node.server).get("/status");
  expect(page.text).toContain("Not working at the moment: E-mail");
  expect(page.text).toContain("E-mail Not working");
  await portal.db("messages").where({ subject: "Hello" }).delete();
  expect(practice.id).toBeTruthy();
});

test("what was called off, or refused for good by one recipient's server, does not make our e-mail look down", async () => {
  const node = await portal.anotherNode();
  const at = portal.clock.now();
  const message = { at, channel: "email", recipient: "a@example.com", subject: "Bye", body: "Bye", failed_at: at };
  await portal.db("messages").insert([
    { ...message, id: crypto.randomUUID(), last_error: "withdrawn" },
    { ...message, id: crypto.randomUUID(), last_error: "EENVELOPE 550", attempts: 1 },
  ]);
  expect((await portal.browser().copy(node.server).get("/status")).text).toContain("E-mail Works");
  await portal.db("messages").where({ subject: "Bye" }).delete();
});

test("days are remembered in shares: a part that was down shows its day, and how long", async () => {
  const node = await portal.anotherNode();
  await portal.db("part_days").insert([
    { part: "email", day: "2026-11-20", works_seconds: 84_600, slow_seconds: 0, down_seconds: 1_800 },
    { part: "email", day: "2026-11-21", works_seconds: 86_400, slow_seconds: 0, down_seconds: 0 },
    { part: "email", day: "2026-07-01", works_seconds: 0, slow_seconds: 0, down_seconds: 86_400 }, // too long ago
  ]);
  const page = await portal.browser().copy(node.server).get("/status");
  expect(page.text).toContain("Nov 20, 2026: not working for 30 min");
  expect(page.text).toMatch(/Worked 98\.9\d% of the time/);
  expect(page.text).not.toContain("Jul 1");
});

test("maintenance stands there: planned, under way, and afterwards among what happened", async () => {
  await setMaintenance(ada, {
    Mode: "Full",
    Message: "New disks.",
    Starts: "11/23/2026 1:00 PM",
    Ends: "11/23/2026 2:00 PM",
  });
  const planned = await portal.browser().get("/status");
  expect(planned.text).toContain("From Nov 23, 2026, 1:00 PM EST until Nov 23, 2026, 2:00 PM EST the portal is closed");
  portal.clock.advance({ minutes: 150 });
  const during = await portal.browser().get("/status");
  expect([during.status, during.text]).toEqual([200, expect.stringContaining("Maintenance is under way.")]);
  expect(during.text).toContain("The portal is closed until Nov 23, 2026, 2:00 PM EST");
  portal.clock.advance({ minutes: 60 });
  const after = await portal
    .browser()
    .copy((await portal.anotherNode()).server)
    .get("/status");
  expect(after.text).toContain("Nov 23, 2026, 1:00 PM EST to Nov 23, 2026, 2:00 PM EST: closed. New disks.");
});

test("an incident: reported, updated, resolved, each at once on the status page, once, and in the audit log", async () => {
  const { ada: author } = await adaOf(portal);
  const form = await author.get("/admin/incidents/new");
  const wrong = await form.press("Report it", { Title: "", Update: "" });
  expect([wrong.status, wrong.errors.length]).toEqual([422, 2]);
  const filled = {
    Title: "Codes by text message are late",
    "Text messages": true,
    Update: "We see delays.\nUse e-mail.",
  };
  const told = await form.press("Report it", filled);
  expect(told).toMatchObject({ status: 200, heading: "Codes by text message are late" });
  await form.press("Report it", filled); // pressed twice
  const status = await portal.browser().get("/status");
  expect(status.text).toMatch(
    /What does not work Codes by text message are late Text messages Investigating .* We see delays/,
  );
  expect(status.text.match(/Codes by text message are late/g)).toHaveLength(1);

  const more = await told.press("Add update", { "How far it is": "monitoring", Update: "The carrier mended it." });
  expect((await portal.browser().get("/status")).text).toContain("Mended, being watched");
  const open = await author.get(more.path);
  const over = await more.press("Add update", { "How far it is": "resolved", Update: "All codes arrive." });
  expect(over.buttons).not.toContain("Add update");
  const late = await open.press("Add update", { "How far it is": "identified", Update: "Too late" });
  expect([late.status, late.errors[0]]).toEqual([422, expect.stringContaining("was resolved meanwhile")]);
  const afterwards = await portal.browser().get("/status");
  expect(afterwards.text).not.toContain("What does not work");
  expect(afterwards.text).toMatch(/What happened .*Resolved .* All codes arrive\. Mended.*Investigating/);
  const acts = await portal.db("audit_events").where("action", "like", "incident %").orderBy("id");
  expect(acts.map(({ action, details }) => [action, details.stage])).toEqual([
    ["incident reported", "investigating"],
    ["incident updated", "monitoring"],
    ["incident updated", "resolved"],
  ]);
});

test("what is written there is shown as it was written, and never as markup", async () => {
  const { ada: author } = await adaOf(portal);
  const form = await author.get("/admin/incidents/new");
  await form.press("Report it", { Title: "<b>Bold</b>", Update: "<script>alert(1)</script>" });
  const page = await portal.browser().get("/status");
  expect(page.html).not.toMatch(/<script>alert|<b>Bold/);
  expect(page.text).toContain("<script>alert(1)</script>");
});

test("support reads incidents and writes none; a practice does neither", async () => {
  const sam = await logIn(portal, await hireSam(portal));
  const list = await sam.get("/admin/incidents");
  expect([list.status, list.links.includes("Report an incident")]).toEqual([200, false]);
  expect((await list.click("<b>Bold</b>")).buttons).not.toContain("Add update");
  expect((await sam.post("/admin/incidents", { title: "x" })).status).toBe(403);
  const { alice } = await foundPractice(portal);
  expect((await (await logIn(portal, alice)).get("/admin/incidents")).status).toBe(403);
});
