import { expect, test } from "vitest";
import { readConfig } from "../../src/platform/config.ts";
import { deliverMessage, Undelivered } from "../../src/platform/deliver-message.ts";
import { mailCarrier } from "../../src/platform/mail.ts";
import { sendMessage, withdrawMessages } from "../../src/platform/messages.ts";
import { addPerson, codeFor, enterPassword } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { eventually, jobOf, newAddress, refusal, rowOf, send, startSmtp, work } from "./support.ts";

const smtp = await startSmtp();
const portal = await openPortal({ env: { SMTP_URL: smtp.url, MAIL_FROM: "no-reply@portal.example.com" } });
const { db } = portal;
const never = new AbortController().signal;
const inTenMinutes = () => new Date(portal.clock.now().getTime() + 600_000);
const someone = () => addPerson(portal, { name: "Sam Stone", role: "support", practice: null, factor: "email" });

test("the code of a log-in arrives by mail, as plain text from the program", async () => {
  work(portal);
  const person = await someone();
  await enterPassword(portal.browser(), person);
  await eventually(() => smtp.receivedBy(person.email).length).toBe(1);
  const [mail] = smtp.receivedBy(person.email);
  expect(mail?.raw).toContain(await codeFor(portal, person));
  expect(mail?.raw).toMatch(/^From: Caraway <no-reply@portal.example.com>\r$/m);
  expect(mail?.raw).toMatch(/^Content-Type: text\/plain; charset=utf-8\r$/m);
  expect(mail?.raw).toMatch(/^Date: Mon, 23 Nov 2026 16:00:00 \+0000\r$/m);
  const { id } = await db("messages").where({ recipient: person.email }).first();
  expect(mail?.messageId).toBe(`<${id}@portal.example.com>`);
  await eventually(() => rowOf(db, id)).toMatchObject({ attempts: 1, last_error: null, sent_at: expect.any(Date) });
  await eventually(() => jobOf(db, id)).toBe(undefined);
});

test("with the mail server down the page comes all the same, and the mail once it is up again", async () => {
  await smtp.down();
  work(portal);
  const person = await someone();
  expect((await enterPassword(portal.browser(), person)).path).toBe("/login/code");
  const waiting = () => db("messages").where({ recipient: person.email }).first();
  await eventually(waiting).toMatchObject({ sent_at: null, failed_at: null, last_error: "ESOCKET" });
  await smtp.up();
  await eventually(() => smtp.receivedBy(person.email).length).toBe(1);
});

test("a slow mail server holds up neither a page nor other mail", async () => {
  work(portal);
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = newAddress();
  smtp.answers(slow, { letter: () => promise });
  await send(portal, { to: slow });
  const person = await someone();
  await enterPassword(portal.browser(), person);
  await eventually(() => smtp.receivedBy(person.email).length).toBe(1);
  expect(smtp.receivedBy(slow)).toEqual([]);
  resolve();
  await eventually(() => smtp.receivedBy(slow).length).toBe(1);
});

test("a 4xx is tried again", async () => {
  const to = newAddress();
  let tries = 0;
  smtp.answers(to, {
    recipient() {
      tries += 1;
      if (tries === 1) throw refusal(451, "4.7.1 Greylisted, come back later");
    },
  });
  const { id } = await send(portal, { to });
  work(portal);
  const once = { attempts: 1, last_error: "EENVELOPE 451 4.7.1", failed_at: null };
  await eventually(() => rowOf(db, id)).toMatchObject(once);
  await eventually(() => rowOf(db, id)).toMatchObject({ attempts: 2, last_error: null, sent_at: expect.any(Date) });
  expect(tries).toBe(2);
});

test("a 5xx is final, and the log tells neither the address nor what the server said", async () => {
  const to = "zelda.zimmer@patient.example";
  smtp.answers(to, {
    recipient() {
      throw refusal(550, `5.1.1 <${to}>: no such user here`);
    },
  });
  const { id } = await send(portal, { to, subject: "Ziggurat", text: "Zeppelin" });
  work(portal);
  const failed = { attempts: 1, last_error: "EENVELOPE 550 5.1.1", sent_at: null, failed_at: portal.clock.now() };
  await eventually(() => rowOf(db, id)).toMatchObject(failed);
  await eventually(() => jobOf(db, id)).toBe(undefined);
  expect(portal.logged()).toContain('"reason":"EENVELOPE 550 5.1.1","msg":"message not delivered"');
  expect(portal.logged()).toContain('"domain":"patient.example"');
  expect(portal.logged()).not.toMatch(/zelda|Ziggurat|Zeppelin|no such user/);
});

test("what is rolled back is never announced", async () => {
  work(portal);
  const ghost = newAddress();
  const rolledBack = db.transaction(async (trx) => {
    await sendMessage(trx, portal.clock.now(), { channel: "email", to: ghost, subject: "Boo", text: "Boo" });
    throw new Error("after all, no");
  });
  await expect(rolledBack).rejects.toThrow("after all, no");
  const { to } = await send(portal);
  await eventually(() => smtp.receivedBy(to).length).toBe(1);
  expect(smtp.receivedBy(ghost)).toEqual([]);
  expect(await db("messages").where({ recipient: ghost })).toEqual([]);
});

test("a code that is of no use any more is not delivered", async () => {
  const { id, to } = await send(portal, { text: "123456 is your code", usefulUntil: inTenMinutes() });
  portal.clock.advance({ minutes: 10 });
  work(portal);
  await eventually(() => rowOf(db, id)).toMatchObject({ sent_at: null, last_error: "too late" });
  expect(smtp.receivedBy(to)).toEqual([]);
});

test("after four days of trying a message has failed", async () => {
  await smtp.down();
  const { id } = await send(portal);
  portal.clock.advance({ days: 4, seconds: 1 });
  work(portal);
  const failed = { sent_at: null, failed_at: expect.any(Date), last_error: "ESOCKET" };
  await eventually(() => rowOf(db, id)).toMatchObject(failed);
});

test("a job holds the message's id alone", async () => {
  const { id } = await send(portal, { text: "123456 is your code" });
  const jobs = await db("graphile_worker._private_jobs").where("key", "like", `%${id}`).select("payload", "last_error");
  expect(jobs).toEqual([{ payload: { id }, last_error: null }]);
});

test("outside a demonstration a delivered code is kept no longer, and a letter is", async () => {
  const code = await send(portal, { text: "123456", usefulUntil: inTenMinutes() });
  const letter = await send(portal, { text: "Dear" });
  const parts = { ...portal.parts, carriers: { email: async () => {} }, demo: false };
  for (const { id } of [code, letter]) await deliverMessage(parts, id, never);
  expect(await rowOf(db, code.id)).toMatchObject({ body: "", sent_at: expect.any(Date) });
  expect(await rowOf(db, letter.id)).toMatchObject({ body: "Dear", sent_at: expect.any(Date) });
});

test("in a demonstration without a mail server messages stand in the outbox alone", async () => {
  const { id } = await send(portal);
  await deliverMessage({ ...portal.parts, carriers: {}, demo: true }, id, never);
  expect(await rowOf(db, id)).toMatchObject({ attempts: 0, sent_at: null, failed_at: null });
  await deliverMessage({ ...portal.parts, carriers: {}, demo: false }, id, never);
  expect(await rowOf(db, id)).toMatchObject({ sent_at: null, last_error: "not configured" });
});

test("what is withdrawn, such as a made-up history, stands in the outbox and is not delivered", async () => {
  const { id, to } = await send(portal);
  await db.transaction((trx) => withdrawMessages(trx, portal.clock.now()));
  expect(await jobOf(db, id)).toBe(undefined);
  await deliverMessage({ ...portal.parts, carriers: { email: () => expect.unreachable() }, demo: true }, id, never);
  expect(await rowOf(db, id)).toMatchObject({ sent_at: null, last_error: "withdrawn" });
  expect((await portal.messages())[0]).toMatchObject({ to, text: "What nobody else should read" });
});

test.each([
  [{ PUBLIC_URL: "https://portal.example.com" }, "no-reply@portal.example.com"],
  [{ PUBLIC_URL: "http://127.0.0.1:3000" }, "no-reply@localhost"],
  [{ PUBLIC_URL: "https://portal.example.com", MAIL_FROM: "care@example.org" }, "care@example.org"],
])("with %j mail comes from %s", (env, address) => {
  const secrets = { SESSION_SECRET: "s".repeat(32), DATA_KEY: Buffer.alloc(32).toString("base64") };
  expect(readConfig({ ...secrets, ...env }).mailFrom).toBe(address);
});

const from = { name: "Caraway", address: "no-reply@portal.example.com" };
const letterTo = (to: string) => ({ id: "1", at: new Date(), to, subject: "s", text: "t" });

test("in production nothing is said without encryption, unless the URL says so", async () => {
  const open = await startSmtp({ hideSTARTTLS: true, disabledCommands: ["STARTTLS"] });
  const letter = letterTo(newAddress());
  const refused = { message: expect.stringMatching(/^ETLS/), isFinal: false };
  await expect(mailCarrier({ url: open.url, from, production: true })(letter, never)).rejects.toMatchObject(refused);
  await mailCarrier({ url: `${open.url}?requireTLS=false`, from, production: true })(letter, never);
  expect(open.receivedBy(letter.to)).toHaveLength(1);
});

test("a certificate that nobody vouches for is refused in production, by STARTTLS and by smtps alike", async () => {
  const secure = await startSmtp({ secure: true });
  for (const url of [smtp.url, secure.url.replace("smtp:", "smtps:")]) {
    const letter = letterTo(newAddress());
    await expect(mailCarrier({ url, from, production: true })(letter, never)).rejects.toMatchObject({ isFinal: false });
    expect([...smtp.receivedBy(letter.to), ...secure.receivedBy(letter.to)]).toEqual([]);
    await mailCarrier({ url: `${url}?tls.rejectUnauthorized=false`, from, production: true })(letter, never);
    expect([...smtp.receivedBy(letter.to), ...secure.receivedBy(letter.to)]).toHaveLength(1);
  }
});

test("a password of ours that the server refuses is for an operator to mend: the mail waits", async () => {
  const guarded = await startSmtp({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) => done(password === "p@ss/word" ? null : new Error("no"), { user: "us" }),
  });
  const letter = letterTo(newAddress());
  const by = (userAndPassword: string) =>
    mailCarrier({ url: guarded.url.replace("//", `//${userAndPassword}`), from, production: false })(letter, never);
  await expect(by("us:wrong@")).rejects.toEqual(new Undelivered("EAUTH 535", { isFinal: false }));
  await expect(by("")).rejects.toMatchObject({ message: expect.stringMatching(/^EENVELOPE 530/), isFinal: false });
  await by("us:p%40ss%2Fword@");
  expect(guarded.receivedBy(letter.to)).toHaveLength(1);
});

test.each(["", "nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])(
  "the address %j reaches nobody else",
  async (to) => {
    const sent = mailCarrier({ url: smtp.url, from, production: false })(letterTo(to), never);
    await sent.catch((error) => expect(error).toBeInstanceOf(Undelivered));
    expect([...smtp.receivedBy("a@b.example"), ...smtp.receivedBy("c@d.example")]).toEqual([]);
  },
);
