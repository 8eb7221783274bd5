import { expect, test } from "vitest";
import { latestMessages, sendMessage } from "../../src/platform/messages.ts";
import { enterPassword } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal();
const { db, clock } = portal;
const message = (text: string) => ({ channel: "email" as const, to: "nora@patient.example", subject: "A word", text });

test("a message is written if what it tells of was committed, and not otherwise", async () => {
  await db.transaction((trx) => sendMessage(trx, clock.now(), message("committed")));
  const failing = db.transaction(async (trx) => {
    await sendMessage(trx, clock.now(), message("rolled back"));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  const texts = (await latestMessages(db)).map(({ text }) => text);
  expect(texts).toContain("committed");
  expect(texts).not.toContain("rolled back");
});

test("the outbox shows the newest first, and of one moment the last written", async () => {
  for (const text of ["first", "second", "third"]) await sendMessage(db, clock.now(), message(text));
  const answer = await portal.browser().get("/dev/outbox.json");
  const [newest, next] = JSON.parse(answer.html);
  expect(newest).toEqual({
    at: clock.now().toISOString(),
    channel: "email",
    to: "nora@patient.example",
    subject: "A word",
    text: "third",
  });
  expect(next.text).toBe("second");
  const page = await portal.browser().get("/dev/outbox");
  expect(page.text.indexOf("third")).toBeLessThan(page.text.indexOf("second"));
});

test("the outbox names mobiles as a text message is addressed", async () => {
  await sendMessage(db, clock.now(), { ...message("a code"), channel: "sms", to: "2025550115" });
  const [newest] = JSON.parse((await portal.browser().get("/dev/outbox.json")).html);
  expect(newest).toMatchObject({ channel: "sms", to: "+12025550115" });
});

test("words in a message that look like markup are shown as words", async () => {
  await sendMessage(db, clock.now(), message("<script>alert(1)</script>"));
  expect((await portal.browser().get("/dev/outbox")).html).not.toContain("<script>alert");
});

test("outside a demonstration there is no outbox and no gallery", async () => {
  const real = await openPortal({ env: { DEMO: "0" } });
  await sendMessage(real.db, clock.now(), message("a secret"));
  for (const path of ["/dev/outbox", "/dev/outbox.json", "/dev/gallery"]) {
    const page = await real.browser().get(path);
    expect([path, page.status, page.html.includes("a secret")]).toEqual([path, 404, false]);
  }
  const page = await enterPassword(real.browser(), { userId: "nobody" });
  expect(page.html).not.toContain("nothing here is real");
});
