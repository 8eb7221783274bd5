import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { decideApplication, decideWaiting } from "../../src/applications/decide-application.ts";
import type { Parts } from "../../src/parts.ts";
import { apply } from "../support/applications.ts";
import { atOnce } from "../support/at-once.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const bureau = scriptedBureau();
const portal = await openPortal({ bureau });
const otherBureau = scriptedBureau();
const node = await portal.anotherNode({ bureau: otherBureau });

test("while the bureau thinks, the page says so; once it has answered, the answer", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const answer = bureau.waits();
  const page = await apply(bob);
  expect(page).toMatchObject({ status: 200, heading: "Being decided" });
  expect((await bob.get("/applications")).rows()[0]?.[1]).toBe("Being decided");
  answer(approval(450_000));
  await expect.poll(async () => (await bob.get(page.path)).heading).toBe("Approved for $4,500.00");
});

test("a bureau that fails leaves the application pending, tells the patient nothing, and is asked again", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.answers(new Error("503"));
  const page = await apply(bob, { "E-mail": "silence@patient.example" });
  expect(page).toMatchObject({ status: 200, heading: "Pending" });
  expect(page.text).toContain("The credit bureau does not answer at the moment");
  expect(await sentTo("silence@patient.example")).toEqual([]);

  bureau.answers(approval(200_000));
  expect(await decideWaiting(decideParts(portal.parts))).toBe(0); // its page may still be asking
  portal.clock.advance({ seconds: 61 });
  expect(await decideWaiting(decideParts(portal.parts))).toBe(1);
  const decided = await bob.get(page.path);
  expect(decided.heading).toBe("Approved for $2,000.00");
  expect(decided.text).not.toContain("does not answer");
  expect(await sentTo("silence@patient.example")).toHaveLength(1);
  portal.clock.advance({ days: 1 });
  expect(await decideWaiting(decideParts(portal.parts))).toBe(0);
});

test("a bureau that goes on failing is asked again and again, and the last answer counts", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  bureau.answers(new Error("down"));
  const page = await apply(bob);
  const asked = bureau.asked.length;
  for (const _ of [1, 2, 3]) {
    portal.clock.advance({ seconds: 61 });
    await decideWaiting(decideParts(portal.parts));
  }
  expect(bureau.asked.length).toBe(asked + 3);
  bureau.answers({ outcome: "declined", reasons: ["No credit file"] });
  portal.clock.advance({ seconds: 61 });
  await decideWaiting(decideParts(portal.parts));
  expect((await bob.get(page.path)).heading).toBe("Not approved this time");
});

test("an application under review is not asked about again", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  bureau.answers({ outcome: "pending", missing: "The patient has to send a copy of an identity card." });
  const page = await apply(bob);
  expect(page.text).toContain("a copy of an identity card");
  const asked = bureau.asked.length;
  portal.clock.advance({ days: 2 });
  await decideWaiting(decideParts(portal.parts));
  expect(bureau.asked.length).toBe(asked);
});

test("what was submitted when the portal stopped is asked about by the next start", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.waits(); // for ever: the process that asked is gone
  const page = await apply(bob);
  otherBureau.answers(approval(700_000));
  portal.clock.advance({ minutes: 1, seconds: 1 });
  expect(await decideWaiting(decideParts(node.parts))).toBe(1);
  expect((await bob.get(page.path)).heading).toBe("Approved for $7,000.00");
});

test("two nodes that decide at once make one decision, one account, one notice", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.answers(new Error("down"));
  const page = await apply(bob, { "E-mail": "two.nodes@patient.example" });
  const id = page.path.split("/").at(-1) ?? "";
  bureau.answers(approval(100_000));
  otherBureau.answers(approval(900_000));
  await atOnce(
    portal.db,
    "select from applications for update",
    [portal.parts, node.parts, portal.parts, node.parts],
    (parts) => decideApplication(decideParts(parts), id),
  );
  expect((await bob.get(page.path)).heading).toMatch(/^Approved for \$[19],000\.00$/);
  expect(await portal.db("practice_accounts").where({ practice_id: practice.id })).toHaveLength(1);
  expect(await portal.db("audit_events").where({ subject_id: id, action: "application approved" })).toHaveLength(1);
  expect(await sentTo("two.nodes@patient.example")).toHaveLength(1);
});

test("a late silence does not undo an answer that came meanwhile", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const answer = bureau.waits();
  const page = await apply(bob);
  const id = page.path.split("/").at(-1) ?? "";
  otherBureau.answers(approval(600_000));
  await decideApplication(decideParts(node.parts), id);
  const asked = bureau.asked.length;
  answer(new Error("timed out"));
  await setTimeout(20);
  expect(bureau.asked.length).toBe(asked);
  expect((await bob.get(page.path)).heading).toBe("Approved for $6,000.00");
});

test("two nodes that look for work at once decide each application once", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.answers(new Error("down"));
  for (let count = 0; count < 4; count += 1) await apply(bob, { "E-mail": "four.times@patient.example" });
  bureau.answers(approval(100_000));
  otherBureau.answers(approval(100_000));
  portal.clock.advance({ seconds: 61 });
  await Promise.all([decideWaiting(decideParts(portal.parts)), decideWaiting(decideParts(node.parts))]);
  expect((await bob.get("/applications?state=approved")).rows()).toHaveLength(4);
  expect(await sentTo("four.times@patient.example")).toHaveLength(4);
});

test("of two nodes of which one's approval fails half-way, nothing of it stays", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.answers(new Error("down"));
  const page = await apply(bob, { "E-mail": "half.way@patient.example" });
  const id = page.path.split("/").at(-1) ?? "";
  bureau.answers({ outcome: "approved", limitCents: -1, standardApr: "32.99" }); // which no table takes
  await expect(decideApplication(decideParts(portal.parts), id)).rejects.toThrow();
  expect(await portal.db("practice_accounts").where({ practice_id: practice.id })).toEqual([]);
  expect(await sentTo("half.way@patient.example")).toEqual([]);
  expect((await bob.get(page.path)).heading).toBe("Pending");
});

const decideParts = (parts: Parts) => ({ ...parts, program: parts.config.program, publicUrl: parts.config.publicUrl });

const sentTo = async (email: string) => (await portal.messages()).filter((message) => message.to === email);
