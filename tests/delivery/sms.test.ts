import { expect, test } from "vitest";
import { smsCarrier } from "../../src/platform/sms.ts";
import { addPerson, codeFor, enterPassword } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { eventually, rowOf, send, startSms, work } from "./support.ts";

const sms = await startSms();
const portal = await openPortal({ env: { SMS_URL: sms.url } });
const { db } = portal;
const text = { channel: "sms", to: "2025550143" } as const;

test("the code of a log-in arrives by text message, with the message's id as idempotency key", async () => {
  work(portal);
  const person = await addPerson(portal, { name: "Sam Stone", role: "support", practice: null, factor: "sms" });
  await enterPassword(portal.browser(), person);
  await eventually(() => sms.posted.length).toBe(1);
  const [post] = sms.posted;
  const row = await db("messages").where({ channel: "sms" }).first();
  expect(post?.body).toEqual({ to: "+12025550143", text: row.body, id: row.id });
  expect(post?.body.text).toContain(await codeFor(portal, person));
  expect(post?.headers).toMatchObject({ "idempotency-key": row.id, "content-type": "application/json" });
});

test.each([503, 429, 401, 302])("after %i it is tried again, with the same key", async (status) => {
  sms.answers(status);
  const { id } = await send(portal, text);
  work(portal);
  const reason = status === 302 ? "TypeError" : `HTTP ${status}`;
  await eventually(() => rowOf(db, id)).toMatchObject({
    attempts: 1,
    last_error: expect.stringContaining(reason.slice(0, 4)),
  });
  sms.answers(202);
  await eventually(() => rowOf(db, id)).toMatchObject({ attempts: 2, last_error: null, sent_at: expect.any(Date) });
  expect(sms.posted.map(({ body, headers }) => [body.id, headers["idempotency-key"]])).toEqual([
    [id, id],
    [id, id],
  ]);
});

test("a number that the service never takes has failed, and the log does not tell it", async () => {
  sms.answers(422);
  const { id } = await send(portal, { ...text, text: "Zeppelin" });
  work(portal);
  await eventually(() => rowOf(db, id)).toMatchObject({
    sent_at: null,
    failed_at: expect.any(Date),
    last_error: "HTTP 422",
  });
  expect(portal.logged()).toContain('"reason":"HTTP 422","msg":"message not delivered"');
  expect(portal.logged()).not.toMatch(/2025550143|Zeppelin/);
});

test("where nobody listens, the message waits", async () => {
  const letter = { id: "1", at: new Date(), to: "2025550143", subject: "", text: "t" };
  const nobody = smsCarrier("http://127.0.0.1:1/messages");
  await expect(nobody(letter, new AbortController().signal)).rejects.toMatchObject({ isFinal: false });
});

test("user and password of the URL are sent as Basic credentials", async () => {
  const letter = { id: "1", at: new Date(), to: "2025550143", subject: "", text: "t" };
  await smsCarrier(sms.url.replace("//", "//us:p%40ss@"))(letter, new AbortController().signal);
  expect(sms.posted[0]?.headers.authorization).toBe(`Basic ${btoa("us:p@ss")}`);
});
