import { randomUUIDv7 } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { sentTo, someone } from "../identity/support.ts";
import { foundPractice, hireSam, logIn, type TestPerson } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { lookAt } from "./support.ts";

const portal = await openPortal({ env: { PROGRAM_LOOKS_PER_HOUR: "10" } });
const ada = await someone(portal, { role: "administrator", name: "Ada Ames" });
const practices = await Promise.all(Array.from({ length: 11 }, () => foundPractice(portal)));
const people = practices.map(({ bob }) => bob);
let sam: TestPerson;
beforeEach(async () => {
  sam = await hireSam(portal);
});

const alarms = async () =>
  (await sentTo(portal, ada.email)).filter(
    ({ subject, text }) => subject.startsWith("Many look-ups") && text.includes(sam.userId),
  );

test("half of the most within an hour is told to the administrators once; at the most no more is shown", async () => {
  const desk = await logIn(portal, sam);
  for (const [at, person] of people.slice(0, 10).entries()) {
    expect((await lookAt(desk, `/console/people/${person.id}`)).heading).toBe(person.name);
    expect([at, (await alarms()).length]).toEqual([at, at < 5 ? 0 : 1]);
  }
  const refused = await lookAt(desk, `/console/people/${people[10]?.id}`);
  expect(refused.status).toBe(429);
  expect(refused.html).not.toContain(people[10]?.userId);
  expect((await desk.get(`/console/people/${people[0]?.id}`)).status).toBe(200); // whoever is open stays open
  expect(await alarms()).toHaveLength(1);

  const lines = (await (await logIn(portal, ada)).get(`/admin/audit?person=${sam.userId}&action=many+look-ups`)).rows();
  expect(lines).toHaveLength(1);

  portal.clock.advance({ minutes: 61 });
  expect((await lookAt(await logIn(portal, sam), `/console/people/${people[10]?.id}`)).status).toBe(200);
}, 60_000);

test("many at once are bounded like one by one", async () => {
  const desk = await logIn(portal, sam);
  const asked = await desk.get(`/console/people/${people[0]?.id}`);
  const { action, fields } = asked.sending("Open", { Reason: "Called" });
  const sent = Object.fromEntries(fields);
  await Promise.all(people.map(({ id }) => desk.post(action, { ...sent, subject: id, to: `/console/people/${id}` })));
  const given = await portal.db("looks").where({ user_id: sam.id }).countDistinct("subject_id as count").first();
  expect(Number(given?.count)).toBe(10);
  expect(await alarms()).toHaveLength(1);
});

test("searches are bounded too; a chat is not, for somebody waits in it", async () => {
  const desk = await logIn(portal, sam);
  for (let at = 0; at < 50; at += 1) expect((await desk.get("/console?q=bob")).status).toBe(200);
  expect(await alarms()).toHaveLength(1);
  const refused = await desk.get("/console?q=bob");
  expect([refused.status, refused.rows()]).toEqual([429, []]);

  for (const { id } of people.slice(0, 10)) await lookAt(desk, `/console/people/${id}`);
  const person = await logIn(portal, people[0] as TestPerson);
  const chat = await person.post("/support", { key: randomUUIDv7(), how: "chat", message: "Hello" });
  expect((await desk.get(chat.path.replace("/support", "/console"))).text).toContain("Hello");
  await (await person.get("/support")).press("Send message", { Subject: "Deposit", Message: "Where is it?" });
  const { id } = await portal.db("support_cases").where({ subject: "Deposit" }).first("id");
  expect((await desk.get(`/console/cases/${id}`)).status).toBe(429);
}, 60_000);
