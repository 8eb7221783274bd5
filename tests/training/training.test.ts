import { expect, test } from "vitest";
import { formatDate } from "../../src/lib/dates.ts";
import { runNightly } from "../../src/nightly.ts";
import { courses, neededToCharge } from "../../src/training/courses.ts";
import { trainingLapsing } from "../../src/training/queries.ts";
import { remindOfTraining } from "../../src/training/remind.ts";
import { lookAt } from "../console/support.ts";
import { gradeOf } from "../resources/support.ts";
import { addPerson, charge, foundMallorys, foundPractice, hireSam, logIn, openAccountFor } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { answer, certify } from "./support.ts";

const portal = await openPortal();

test("there are three courses with ten questions each, exactly one answer right, in plain language", () => {
  expect(courses.map(({ slug }) => slug)).toEqual(["deferred-interest", "fair-credit", "safe-log-in"]);
  for (const { slug, html, questions } of courses) {
    expect([slug, questions.length]).toEqual([slug, 10]);
    for (const { text, answers, why } of questions) {
      expect([text, answers.filter(({ right }) => right).length]).toEqual([text, 1]);
      expect(new Set(answers.map((one) => one.text)).size).toBe(answers.length);
      expect(why.length).toBeGreaterThan(20);
    }
    expect([slug, Math.round(gradeOf(html)) <= 8]).toEqual([slug, true]);
    // Who always presses the same answer does not pass.
    for (const at of [0, 1, 2]) expect(questions.filter(({ answers }) => answers[at]?.right).length).toBeLessThan(8);
  }
  expect(neededToCharge.map(({ slug }) => slug)).toEqual(["deferred-interest"]);
});

test("the desk reads a course, answers its questions, and has a certificate for two years, as a page and as a PDF", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const list = await (await bob.get("/resources")).click("Training");
  expect(list.text).toContain("Not taken yet");
  const course = await list.click("Deferred interest explained");
  expect(course.text).toContain("even one cent");
  const questions = await course.click("Take the questions");
  const passed = await answer(questions, "deferred-interest");
  expect(passed).toMatchObject({
    status: 200,
    heading: "Bob Baker",
    title: "Certificate: Deferred interest explained – Caraway",
  });
  expect(passed.fact("Good until")).toBe("Nov 23, 2028");
  expect(passed.fact("Right answers")).toBe("10 of 10");
  expect((await bob.get("/resources/training")).text).toContain("Certified");
  const pdf = await bob.ask("GET", passed.href("Download PDF"));
  expect([pdf.status, pdf.header("content-type")]).toEqual([200, "application/pdf"]);
  const audited = await portal.db("audit_events").where({ action: "course passed", user_id: practice.bob.id }).first();
  expect(audited).toBeTruthy();
});

test("eight right answers are enough, and the wrong ones are explained", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const passed = await answer(await bob.get("/resources/training/safe-log-in/questions"), "safe-log-in", 2);
  expect(passed.heading).toBe("Bob Baker");
  expect(passed.text).toContain("2 answers were not right");
  expect(passed.text).toContain(courses[2]?.questions[1]?.why);
});

test("seven are not: each wrong answer is explained, all answers are kept, and nothing is certified", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const failed = await answer(await bob.get("/resources/training/fair-credit/questions"), "fair-credit", 3);
  expect(failed.status).toBe(422);
  expect(failed.text).toContain("7 of ten are right");
  expect(failed.errors).toHaveLength(3);
  expect(failed.errors[0]).toContain(courses[1]?.questions[0]?.why);
  const fourth = courses[1]?.questions[3];
  expect(failed.valueOf(`4. ${fourth?.text}`)).toBe(String(fourth?.answers.findIndex(({ right }) => right)));
  expect(await portal.db("certificates").where({ user_id: practice.bob.id })).toEqual([]);
  expect((await bob.get("/resources/training/fair-credit/certificate")).status).toBe(404);
  expect((await answer(failed, "fair-credit")).heading).toBe("Bob Baker");
});

test("a question without an answer, or with one that is none, is asked for again", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const page = await bob.get("/resources/training/fair-credit/questions");
  const empty = await page.press("Send the answers");
  expect([empty.status, empty.errors.length]).toEqual([422, 10]);
  const key = page.sending("Send the answers").fields.find(([name]) => name === "key")?.[1] ?? "";
  for (const q1 of ["9", "-1", "x", "0.5", "__proto__", ""]) {
    expect((await bob.post("/resources/training/fair-credit/questions", { key, q1 })).errors).toHaveLength(10);
  }
  expect((await bob.post("/resources/training/fair-credit/questions", {})).status).toBe(400);
});

test("the same answers sent five times at once make one certificate", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  const page = await bob.get("/resources/training/fair-credit/questions");
  const filling = Object.fromEntries(
    (courses[1]?.questions ?? []).map(({ text, answers }, i) => [
      `${i + 1}. ${text}`,
      String(answers.findIndex(({ right }) => right)),
    ]),
  );
  const sending = page.sending("Send the answers", filling);
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => bob.send(sending)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(await portal.db("certificates").where({ user_id: practice.bob.id })).toHaveLength(1);
});

test("the owner sees who has what until when, of her own practice alone; the desk may not", async () => {
  const practice = await foundPractice(portal);
  const mallorys = await foundMallorys(portal);
  const until = await certify(portal, practice.bob, "deferred-interest");
  await certify(portal, practice.bea, "fair-credit", 710);
  await certify(portal, practice.bea, "safe-log-in", 800);
  await certify(portal, mallorys.bob, "fair-credit");
  const alice = await logIn(portal, practice.alice);
  const page = await alice.get("/resources/training/people");
  const row = (name: string) => page.rows().find(([first]) => first === name) ?? [];
  expect(row("Bob Baker")).toEqual(["Bob Baker", "Front desk", `Certified ${formatDate(until)}`, "–", "–"]);
  expect(row("Bea Bishop")[3]).toMatch(/^Ends soon/);
  expect(row("Bea Bishop")[4]).toMatch(/^Lapsed/);
  expect(row("Alice Archer").slice(2)).toEqual(["–", "–", "–"]);
  expect(page.rows()).toHaveLength(3);
  const bob = await logIn(portal, practice.bob);
  expect((await bob.get("/resources/training/people")).status).toBe(403);
  expect((await bob.post("/resources/training/rule", { needed: "yes" })).status).toBe(403);
});

test("where charging needs training, nobody without a valid certificate charges, and the page leads to the course", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`); // opened before the rule
  const sale = { Amount: "250", Plan: "deferred-12" };
  const alice = await logIn(portal, practice.alice);
  const saved = await (await alice.get("/resources/training/people")).press("Save", {
    "Charging needs training": true,
  });
  expect(saved.text).toContain("Charging now needs a valid certificate");

  for (const refused of [await bob.get(`${account.path}/sale`), await form.press("Review sale", sale)]) {
    expect(refused).toMatchObject({ status: 403, heading: "Training comes first" });
    expect(refused.text).toContain("Nothing was charged");
  }
  await certify(portal, practice.bob, "deferred-interest", 731); // lapsed yesterday
  const lapsed = await bob.get(`${account.path}/sale`);
  expect(lapsed.status).toBe(403);
  expect((await lapsed.click("Deferred interest explained")).heading).toBe("Deferred interest explained");
  const mallorys = await foundMallorys(portal);
  const elsewhere = await openAccountFor(portal, mallorys);
  expect((await (await logIn(portal, mallorys.bob)).get(`${elsewhere.path}/sale`)).status).toBe(200); // her practice asks for none

  await certify(portal, practice.bob, "deferred-interest");
  expect((await charge(bob, account, sale)).title).toContain("receipt");
  await (await alice.get("/resources/training/people")).press("Save", { "Charging needs training": false });
  expect((await alice.get(`${account.path}/sale`)).status).toBe(200);
});

test("a review that was open when the rule came charges nothing", async () => {
  const practice = await foundPractice(portal);
  const account = await openAccountFor(portal, practice);
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get(`${account.path}/sale`);
  const review = await form.press("Review sale", { Amount: "250", Plan: "deferred-12" });
  await portal.db("training_rules").insert({ practice_id: practice.id, charging_needs_training: true });
  expect((await review.press("Charge")).status).toBe(403);
  expect(await portal.db("transactions").where({ account_id: account.id })).toEqual([]);
});

test("a certificate that ends is told of 60, 30 and 7 days before, once each; renewed or suspended, no more", async () => {
  const practice = await foundPractice(portal);
  const day = async (practiceBob: string, night: string) => {
    await atOnce2(() =>
      remindOfTraining({ ...portal.parts, program: portal.parts.config.program, publicUrl: "http://x" }, night),
    );
    return portal.db("messages").where({ recipient: practiceBob }).count("id as n").first();
  };
  await certify(portal, practice.bob, "fair-credit", 365); // good until Nov 23, 2027
  const mails = async (night: string) => Number((await day(practice.bob.email, night))?.n);
  expect(await mails("2027-09-23")).toBe(0); // 61 days
  expect(await mails("2027-09-24")).toBe(1);
  expect(await mails("2027-10-01")).toBe(1);
  expect(await mails("2027-10-26")).toBe(2); // a missed night is caught up, once
  expect(await mails("2027-11-16")).toBe(3);
  expect(await mails("2027-11-23")).toBe(3);
  expect(await mails("2027-11-24")).toBe(3);
  const [mail] = await portal.db("messages").where({ recipient: practice.bob.email }).orderBy("written");
  expect(mail.subject).toBe("Your certificate “Offering credit fairly” ends Nov 23, 2027");
  expect(mail.body).toContain("/resources/training/fair-credit");

  await certify(portal, practice.bea, "fair-credit", 365);
  await certify(portal, practice.bea, "fair-credit");
  expect(Number((await day(practice.bea.email, "2027-11-16"))?.n)).toBe(0);
});

test("the night reminds", async () => {
  const practice = await foundPractice(portal);
  await certify(portal, practice.alice, "safe-log-in", 700);
  await portal.db("nights").insert({ night: "2026-11-21", ended_at: portal.clock.now() });
  await runNightly(portal.parts);
  const mail = await portal.db("messages").where({ recipient: practice.alice.email }).first();
  expect(mail?.subject).toContain("Safe log-in");
});

test("the dashboard can ask for one's own certificates that lapse", async () => {
  const practice = await foundPractice(portal);
  const today = portal.clock.today();
  expect(await trainingLapsing(portal.db, practice.bob.viewer, today)).toEqual([]);
  await certify(portal, practice.bob, "fair-credit", 700);
  await certify(portal, practice.bob, "safe-log-in", 800);
  await certify(portal, practice.bob, "deferred-interest");
  const lapsing = await trainingLapsing(portal.db, practice.bob.viewer, today);
  expect(lapsing.map(({ course, lapsed }) => [course.slug, lapsed])).toEqual([
    ["safe-log-in", true],
    ["fair-credit", false],
  ]);
});

/** Two nodes at once. */
const atOnce2 = (run: () => Promise<unknown>) => Promise.all([run(), run()]);

test("an administrator sets the rule for a practice, with a reason; support may not", async () => {
  const practice = await foundPractice(portal);
  const ada = await addPerson(portal, { name: "Ada Stone", role: "administrator", practice: null });
  const path = `/console/practices/${practice.id}`;
  const desk = await logIn(portal, ada);
  const page = await lookAt(desk, path);
  const form = page.root.querySelector(`form[action="${path}/training"]`);
  expect(form).toBeTruthy();
  const missing = await desk.post(`${path}/training`, { needed: "yes", trainingReason: "" });
  expect([missing.status, missing.errorAt("Reason for the change")]).toEqual([422, expect.stringContaining("reason")]);
  const saved = await desk.post(`${path}/training`, { needed: "yes", trainingReason: "Many complaints" });
  expect(saved.text).toContain("Saved.");
  const account = await openAccountFor(portal, practice);
  expect((await (await logIn(portal, practice.bob)).get(`${account.path}/sale`)).status).toBe(403);
  const audited = await portal.db("audit_events").where({ action: "training rule set", user_id: ada.id }).first();
  expect(audited.details).toMatchObject({ reason: "Many complaints", chargingNeedsTraining: "yes" });
  const sam = await logIn(portal, await hireSam(portal));
  expect((await sam.post(`${path}/training`, { needed: "no" })).status).toBe(403);
  expect((await lookAt(sam, path)).text).not.toContain("Charging needs training");
});

test("what lapses stands on the dashboard", async () => {
  const practice = await foundPractice(portal);
  await certify(portal, practice.bob, "fair-credit", 710);
  const bob = await logIn(portal, practice.bob);
  const questions = await (await bob.get("/")).click("Renew your certificate “Offering credit fairly”");
  expect(questions.heading).toBe("Questions");
});

test("the owner's dashboard counts the certificates of the others that have lapsed or soon will", async () => {
  const practice = await foundPractice(portal);
  await certify(portal, practice.bob, "fair-credit", 710);
  await certify(portal, practice.bea, "safe-log-in", 740);
  const alice = await (await logIn(portal, practice.alice)).get("/");
  expect(alice.text).toContain("Certificates of your people 1 lapsed, 1 ending soon");
  expect((await alice.click("Certificates of your people")).heading).toBe("Who is certified");
  const bea = await (await logIn(portal, practice.bea)).get("/");
  expect(bea.text).not.toContain("Certificates of your people");
});
