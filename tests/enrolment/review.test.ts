import { expect, test } from "vitest";
import type { Browser, Page } from "../support/browser.ts";
import { addPerson, enterPassword, foundMallorys, foundPractice, hireSam, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";
import { enroll, linkTo, signed, strangerTo } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const ada = await addPerson(portal, { name: "Ada Ames", role: "administrator", practice: null });
const fresh = "seven gentle herons fishing";

const pageOf = (browser: Browser, id: string): Promise<Page> => browser.get(`/admin/enrollments/${id}`);
const approve = (page: Page) => page.press("Approve practice", { "I checked the practice": true });

test("an administrator finds what waits, and sees everything but the numbers", async () => {
  const { id } = await enroll(portal, { legalName: "Mulberry Dental", taxId: "83-7654329" });
  const browser = await logIn(portal, ada);
  const list = await (await browser.get("/")).click("Enrollments");
  const page = await list.click("Mulberry Dental");
  expect(page).toMatchObject({ path: `/admin/enrollments/${id}`, heading: "Mulberry Dental" });
  expect(page.fact("Tax ID")).toBe("ending in 4329");
  expect(page.fact("Deposit account")).toContain("ending in 6789");
  for (const secret of ["837654329", "83-7654329", "000123456789"]) expect(page.html).not.toContain(secret);
  expect(
    await portal.db("audit_events").where({ subject_id: id, action: "enrollment looked at", user_id: ada.id }),
  ).toHaveLength(1);
});

test("approved: the owner gets a User ID, sets a password by a link that works once, and logs in to the practice", async () => {
  const { id, owner, browser: applicant } = await enroll(portal, { legalName: "Tamarack Dental Group" });
  expect((await approve(await pageOf(await logIn(portal, ada), id))).text).toContain("Approved by Ada Ames");
  const mail = (await portal.messages()).find(({ to }) => to === owner.email);
  expect(mail?.text).toContain("tamarack.owner");
  expect((await applicant.get("/enroll/sent")).heading).toBe("Your practice is in");

  const link = await linkTo(portal, owner.email, "/invitations/");
  const browser = portal.browser();
  for (const _ of [1, 2]) expect((await browser.get(link)).heading).toBe("Set your password");
  const weak = await (await browser.get(link)).press("Set password", { "New password": "tamarack.owner 2026" });
  expect([weak.status, weak.errorAt("New password")]).toEqual([422, expect.stringContaining("Leave your User ID")]);
  const done = await (await browser.get(link)).press("Set password", { "New password": fresh });
  expect([done.path, done.text]).toEqual(["/login", expect.stringContaining("tamarack.owner")]);
  expect((await portal.browser().get(link)).heading).toBe("This link no longer works");

  const inside = portal.browser();
  expect(await enterPassword(inside, { userId: "tamarack.owner" }, fresh)).toMatchObject({ path: "/", status: 200 });
  expect((await inside.get("/")).html).toContain("Tamarack Dental Group");
  expect((await inside.get("/settings/people")).text).toContain(owner.name);
  expect((await inside.get("/applications/new")).status).toBe(200);
});

test("an owner whose link is lost or too old gets another, and the one before is dead", async () => {
  const { id, owner } = await enroll(portal, { legalName: "Hornbeam Dental" });
  const browser = await logIn(portal, ada);
  await approve(await pageOf(browser, id));
  const lost = await linkTo(portal, owner.email, "/invitations/");
  portal.clock.advance({ days: 8 });
  expect((await portal.browser().get(lost)).heading).toBe("This link no longer works");

  const later = await logIn(portal, ada);
  const page = await pageOf(later, id);
  expect(page.text).toContain("is too old now");
  expect((await page.press("Send the link again")).text).toContain("Sent. The link before no longer works.");
  const link = await linkTo(portal, owner.email, "/invitations/");
  expect(link).not.toBe(lost);
  expect((await portal.browser().get(lost)).heading).toBe("This link no longer works");
  await (await portal.browser().get(link)).press("Set password", { "New password": fresh });
  const done = await pageOf(later, id);
  expect(done.buttons).not.toContain("Send the link again");
  expect((await later.post(`/admin/enrollments/${id}/owner-links`)).status).toBe(404);
});

test("a new practice offers no deferred interest, and has its locations, time zone and deposit account", async () => {
  const { id } = await enroll(portal, { legalName: "Alder Dental" });
  await approve(await pageOf(await logIn(portal, ada), id));
  const { practice_id, ...row } = await portal.db("enrollments").where({ id }).first();
  const practice = await portal.db("practices").where({ id: practice_id }).first();
  expect(practice).toMatchObject({
    name: "Alder Dental",
    state: "TX",
    time_zone: "America/Chicago",
    tax_id_last4: "4567",
  });
  const plans = (await portal.db("practice_plans").where({ practice_id })).map(({ plan_id }) => plan_id);
  expect(plans).toContain("standard");
  expect(plans.filter((plan) => plan.startsWith("deferred"))).toEqual([]);
  expect(await portal.db("locations").where({ practice_id })).toMatchObject([
    { name: "Cedar Grove Main", zip: "78701" },
  ]);
  const [account] = await portal.db("deposit_accounts").where({ practice_id });
  expect(account).toMatchObject({ routing_number: "111000025", last4: "6789", ended_at: null });
  expect(portal.parts.vault.open(account.number_sealed, `deposit account ${account.id}`)).toBe("000123456789");
  expect([row.tax_id_sealed, row.account_sealed]).toEqual([null, null]);
});

test("two practices of one name get two User IDs, and the reviewer hears of one tax ID twice", async () => {
  const browser = await logIn(portal, ada);
  const first = await enroll(portal, { legalName: "Willow Eye Care", taxId: "83-1112223" });
  await approve(await pageOf(browser, first.id));
  const second = await enroll(portal, { legalName: "Willow Eye Care", taxId: "83-1112223" });
  const page = await pageOf(browser, second.id);
  expect(page.text).toContain("The same tax ID stands elsewhere Willow Eye Care, a practice");
  await approve(page);
  const owners = await portal.db("users").where("user_id", "like", "willow%").orderBy("user_id").select("user_id");
  expect(owners.map(({ user_id }) => user_id)).toEqual(["willow-eye-care.owner", "willow.owner"]);
});

test("two administrators at once decide once: one practice, one owner, one mail", async () => {
  const eve = await addPerson(portal, { name: "Eve Ellis", role: "administrator", practice: null });
  const { id, owner } = await enroll(portal, { legalName: "Juneberry Dental" });
  const pages = [await pageOf(await logIn(portal, ada), id), await pageOf(await logIn(portal, eve), id)];
  const answers = await Promise.all([...pages, ...pages].map(approve));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect(await portal.db("practices").where({ name: "Juneberry Dental" })).toHaveLength(1);
  expect(await portal.db("users").where({ email: owner.email })).toHaveLength(1);
  expect(await portal.db("audit_events").where({ subject_id: id, action: "enrollment approved" })).toHaveLength(1);
  expect(
    (await portal.messages()).filter((one) => one.to === owner.email && one.subject.startsWith("Welcome")),
  ).toHaveLength(1);
});

test("who declines while another approves: the first decides, the second is told", async () => {
  const eve = await addPerson(portal, { name: "Eve Ellis", role: "administrator", practice: null });
  const { id } = await enroll(portal);
  const [adas, eves] = [await pageOf(await logIn(portal, ada), id), await pageOf(await logIn(portal, eve), id)];
  await approve(adas);
  const late = await eves.press("Decline practice", { Reason: "No license was found." });
  expect([late.status, late.errors.join()]).toEqual([422, expect.stringContaining("has approved it in the meantime")]);
  expect(await portal.db("enrollments").where({ id }).first("state", "reason")).toEqual({
    state: "approved",
    reason: null,
  });
});

test("a question goes out with a link that opens the form again; the answer comes back to the reviewer", async () => {
  const { id, owner } = await enroll(portal, { legalName: "Sorrel Dental" });
  const browser = await logIn(portal, ada);
  const asked = await (await pageOf(browser, id)).press("Send question", { Question: "Which license number is it?" });
  expect(asked.text).toContain("Which license number is it?");
  expect(asked.buttons).not.toContain("Approve practice");
  const link = await linkTo(portal, owner.email, "/enroll/resume/");
  const review = await (await portal.browser().get(link)).press("Go on");
  expect([review.path, review.text]).toEqual([
    "/enroll/review",
    expect.stringContaining("Which license number is it?"),
  ]);
  const silent = await review.press("Send registration", signed(owner.name));
  expect([silent.status, silent.errorAt("Your answer")]).toEqual([422, "Answer what we asked"]);
  const sent = await review.press("Send registration", { ...signed(owner.name), "Your answer": "TX-12345" });
  expect(sent.path).toBe("/enroll/sent");
  const again = await pageOf(browser, id);
  expect(again.text).toContain("TX-12345");
  expect(again.buttons).toContain("Approve practice");
});

test("a question is asked once, however often it is sent", async () => {
  const { id, owner } = await enroll(portal);
  const page = await pageOf(await logIn(portal, ada), id);
  const question = { Question: "Who owns the practice?" };
  await Promise.all([1, 2, 3].map(() => page.press("Send question", question)));
  expect(await portal.db("enrollment_questions").where({ enrollment_id: id })).toHaveLength(1);
  expect(
    (await portal.messages()).filter((one) => one.to === owner.email && one.subject.startsWith("A question")),
  ).toHaveLength(1);
});

test("declined: the applicant reads why, and no practice is there", async () => {
  const { id, owner, browser: applicant } = await enroll(portal, { legalName: "Bramble Dental" });
  const browser = await logIn(portal, ada);
  expect((await (await pageOf(browser, id)).press("Decline practice")).errorAt("Reason")).toContain("Write the reason");
  await (await pageOf(browser, id)).press("Decline practice", { Reason: "The license has lapsed." });
  expect((await portal.messages()).find(({ to }) => to === owner.email)?.text).toContain("The license has lapsed.");
  expect((await applicant.get("/enroll/sent")).text).toContain("The license has lapsed.");
  expect(await portal.db("practices").where({ name: "Bramble Dental" })).toEqual([]);
  expect(await portal.db("users").where({ email: owner.email })).toEqual([]);
});

test("what nobody has sent is no business of the reviewers, and cannot be approved", async () => {
  const browser = strangerTo(portal);
  await (await browser.get("/enroll")).press("Begin", { "Owner’s e-mail": "early@example.com" });
  const { id } = await portal.db("enrollments").where({ email: "early@example.com" }).first("id");
  const desk = await logIn(portal, ada);
  for (const act of ["approval", "decline"]) {
    const page = await desk.post(`/admin/enrollments/${id}/${act}`, { checked: "yes", reason: "No" });
    expect([act, page.status]).toEqual([act, 404]);
  }
});

test("nobody but administrators sees or decides registrations: Bob, Bea, Alice, Mallory, Sam", async () => {
  const { id } = await enroll(portal, { legalName: "Thistle Dental" });
  const { alice, bob, bea } = await foundPractice(portal);
  const { mallory } = await foundMallorys(portal);
  for (const person of [alice, bob, bea, mallory, await hireSam(portal)]) {
    const browser = await logIn(portal, person);
    const pages = [await browser.get("/admin/enrollments"), await pageOf(browser, id)];
    for (const act of ["approval", "decline", "questions", "owner-links"])
      pages.push(await browser.post(`/admin/enrollments/${id}/${act}`, { checked: "yes" }));
    expect([person.role, ...pages.map(({ status }) => status)]).toEqual([person.role, ...pages.map(() => 403)]);
    expect(pages.map(({ html }) => html).join()).not.toContain("Thistle");
  }
});

test("after seven days the link to set the password is dead", async () => {
  const { id, owner } = await enroll(portal);
  await approve(await pageOf(await logIn(portal, ada), id));
  const link = await linkTo(portal, owner.email, "/invitations/");
  portal.clock.advance({ days: 7, seconds: 1 });
  expect((await portal.browser().get(link)).heading).toBe("This link no longer works");
  const posted = await portal.browser().post(link, { newPassword: fresh });
  expect(posted.heading).toBe("This link no longer works");
});

test("once the owner has chosen a password by “forgot password”, the first link sets none past the second factor", async () => {
  const { id, owner } = await enroll(portal);
  await approve(await pageOf(await logIn(portal, ada), id));
  const link = await linkTo(portal, owner.email, "/invitations/");
  const { user_id } = await portal.db("users").where({ email: owner.email }).first("user_id");
  const stranger = strangerTo(portal);
  await (await stranger.get("/recover")).press("Send", {
    "What did you forget?": "Password",
    "E-mail": owner.email,
    "User ID": user_id,
  });
  const recovery = await stranger.get(await linkTo(portal, owner.email, "/recover/password/"));
  await recovery.press(recovery.buttons.find((name) => name !== "Back") ?? "", { "New password": fresh });
  expect((await portal.browser().get(link)).heading).toBe("This link no longer works");
});

test("five who set a password by one link at once: one does", async () => {
  const { id, owner } = await enroll(portal, { legalName: "Yarrow Dental" });
  await approve(await pageOf(await logIn(portal, ada), id));
  const page = await portal.browser().get(await linkTo(portal, owner.email, "/invitations/"));
  const pages = await Promise.all(
    [1, 2, 3, 4, 5].map((n) => page.press("Set password", { "New password": `${fresh} ${n}` })),
  );
  expect(pages.filter(({ path }) => path === "/login")).toHaveLength(1);
});
