import { expect, test } from "vitest";
import { forgetAbandoned } from "../../src/enrolment/forget-abandoned.ts";
import type { Browser, Filling, Page } from "../support/browser.ts";
import { openPortal } from "../support/portal.ts";
import { answers, begin, enroll, fillIn, linkTo, signed, someOwner, strangerTo } from "./support.ts";

const portal = await openPortal({ env: { TRUSTED_PROXIES: "1" } });
const stranger = () => strangerTo(portal);

test("a practice registers itself, page by page, from the log-in page to a reference number", async () => {
  const owner = someOwner();
  const browser = stranger();
  const start = await (await browser.get("/login")).click("Register your practice");
  expect(start).toMatchObject({ status: 200, heading: "Register your practice" });
  const review = await fillIn(browser, owner);
  expect(review).toMatchObject({ path: "/enroll/review", heading: "Review and send" });
  expect(review.fact("Tax ID")).toBe("ending in 4567");
  expect(review.fact("Deposit account")).toContain("ending in 6789");
  expect(review.fact("Phone")).toBe("(512) 555-0170");
  const sent = await review.press("Send registration", signed(owner.name));
  expect(sent).toMatchObject({ path: "/enroll/sent", heading: "We have your registration" });
  const [reference] = /EN-[A-Z2-9]{4}-[A-Z2-9]{4}/.exec(sent.text) ?? [];
  const mail = (await portal.messages()).find(({ to }) => to === owner.email);
  expect(mail?.text).toContain(reference);
  expect(await portal.db("enrollments").where({ reference }).first()).toMatchObject({
    state: "waiting",
    signature: owner.name,
  });
});

test("tax ID and account number are nowhere to be read: not in a page, a mail, the table or the log", async () => {
  const { browser, owner } = await enroll(portal, { taxId: "83-7654329" });
  const row = await portal.db("enrollments").where({ email: owner.email }).first();
  const mails = (await portal.messages()).map(({ text }) => text).join();
  const page = (await browser.get("/enroll/sent")).html;
  for (const secret of ["837654329", "83-7654329", "000123456789"]) {
    for (const place of [JSON.stringify(row), mails, page, portal.logged()]) expect(place).not.toContain(secret);
  }
  expect(row.tax_id_sealed.toString("latin1")).not.toContain("837654329");
});

test("back and forth loses nothing, right or not yet", async () => {
  const browser = stranger();
  const first = await begin(browser, someOwner().email);
  const second = await first.press("Continue", answers.practice);
  const back = await second.press("Back", { "Kind of care": "Dentistry" });
  expect(back.path).toBe("/enroll/practice");
  expect(back.valueOf("Legal name")).toBe(answers.practice["Legal name"]);
  const half = await back.press("Finish later", { Phone: "512" });
  expect(half.heading).toBe("All of it is kept");
  expect((await browser.get("/enroll/practice")).valueOf("Phone")).toBe("512");
  expect((await browser.get("/enroll/care")).valueOf("Kind of care")).toBe("Dentistry");
});

/** What the script of a page sends when a field of it was filled in and left. */
const leaveField = (browser: Browser, page: Page, filling: Filling) => {
  const { action, fields } = page.sending("Finish later", filling);
  const typed = fields.filter(([name]) => name !== "go");
  return browser.ask("POST", `${action}?keep`, { fields: typed, headers: { "HX-Request": "true" } });
};

test("a field is kept as soon as it is left, without the page being sent", async () => {
  const browser = stranger();
  const page = await begin(browser, someOwner().email);
  const { fields } = page.sending("Continue", { "Legal name": "Half a na" });
  const answer = await browser.ask("POST", "/enroll/practice?keep", { fields, headers: { "HX-Request": "true" } });
  expect(answer.status).toBe(204);
  expect((await browser.get("/enroll/practice")).valueOf("Legal name")).toBe("Half a na");
});

test("what is not whole yet holds nobody back who leaves, and is kept, but for half a number", async () => {
  const browser = stranger();
  await begin(browser, someOwner().email);
  const half = await (await browser.get("/enroll/tax-id")).press("Finish later", { "Tax ID": "83-76" });
  expect([half.heading, half.text]).toEqual(["All of it is kept", expect.stringContaining("typed again")]);

  const { "Routing number": routing, "Name on the account": holder, "Account number": number } = answers.account;
  const account = { "Name on the account": holder, "Routing number": routing, "Account number": number };
  for (const button of ["Finish later", "Back"]) {
    const left = await (await browser.get("/enroll/deposit-account")).press(button, account);
    expect(left.path).toBe(button === "Back" ? "/enroll/tax-id" : "/enroll/kept");
    const again = await browser.get("/enroll/deposit-account");
    expect([again.valueOf("Name on the account"), again.valueOf("Routing number")]).toEqual([holder, routing]);
  }
  await (await browser.get("/enroll/deposit-account")).press("Finish later", { "Routing number": number });
  const kept = await portal.db("enrollments").select();
  expect(JSON.stringify(kept)).not.toContain(number);

  const whole = await (await browser.get("/enroll/deposit-account")).press("Continue", answers.account);
  expect(whole.path).toBe("/enroll/locations/new");
});

test("a change of bank or tax ID that is half typed is told when one leaves and on the review, until it is done", async () => {
  const owner = someOwner();
  const browser = stranger();
  expect((await fillIn(browser, owner)).text).not.toContain("Not finished");
  const kept = await (await browser.get("/enroll/deposit-account")).press("Finish later", {
    "Routing number": "021000021",
    "Account number": "00098",
  });
  expect(kept.text).toContain("has to be typed again");
  const review = await kept.click("Go on");
  expect(review.fact("Deposit account")).toContain("ending in 6789");
  const half = await review.click("The change of the deposit account: the one ending in 6789 is sent");
  expect(half.valueOf("Routing number")).toBe("021000021");
  const number = { "Account number": "000987654321", "The same number once more": "000987654321" };
  const changed = await half.press("Continue", number);
  expect([changed.path, changed.fact("Deposit account")]).toEqual([
    "/enroll/review",
    expect.stringContaining("ending in 4321"),
  ]);
  expect(changed.text).not.toContain("Not finished");

  const halfId = await (await browser.get("/enroll/tax-id")).press("Finish later", { "Tax ID": "83-76" });
  expect(halfId.text).toContain("has to be typed again");
  const told = await halfId.click("Go on");
  const taxId = await told.click("The change of the tax ID: the one ending in 4567 is sent");
  const stays = await taxId.press("Continue");
  expect([stays.fact("Tax ID"), stays.text]).toEqual(["ending in 4567", expect.not.stringContaining("Not finished")]);
  await (await browser.get("/enroll/tax-id?review")).press("Continue", { "Tax ID": "83-76" });
  expect((await browser.get("/enroll/review")).text).toContain("The change of the tax ID");
  const whole = await (await browser.get("/enroll/tax-id?review")).press("Continue", { "Tax ID": "83-7654329" });
  expect([whole.fact("Tax ID"), whole.text]).toEqual(["ending in 4329", expect.not.stringContaining("Not finished")]);
  expect((await browser.get("/enroll/kept")).text).not.toContain("typed again");
  expect((await whole.press("Send registration", signed(owner.name))).path).toBe("/enroll/sent");
  expect(await portal.db("enrollments").where({ email: owner.email }).first()).toMatchObject({
    routing_number: "021000021",
    account_last4: "4321",
    tax_id_last4: "4329",
  });
});

test("a change of bank that is typed back to what is kept is no change any more", async () => {
  const browser = stranger();
  await fillIn(browser, someOwner());
  const account = () => browser.get("/enroll/deposit-account");
  for (const back of ["Finish later", "Back", "Continue", "a field left"]) {
    await (await account()).press("Finish later", { "Routing number": "021000021" });
    expect((await browser.get("/enroll/review")).text).toContain("The change of the deposit account");
    const same = { "Routing number": answers.account["Routing number"] };
    if (back === "a field left") await leaveField(browser, await account(), same);
    else await (await account()).press(back, same);
    const review = await browser.get("/enroll/review");
    expect([back, review.text.includes("Not finished")]).toEqual([back, false]);
    expect((await account()).valueOf("Routing number")).toBe(answers.account["Routing number"]);
  }
});

test("a number is kept when a button is pressed: one that was left and emptied again is not", async () => {
  const owner = someOwner();
  const browser = stranger();
  const row = () => portal.db("enrollments").where({ email: owner.email }).first();
  await begin(browser, owner.email);
  await leaveField(browser, await browser.get("/enroll/tax-id"), { "Tax ID": "219-09-9999" });
  const page = await browser.get("/enroll/tax-id");
  expect([page.text.includes("9999"), (await row()).tax_id_sealed]).toEqual([false, null]);
  expect((await page.press("Continue", { "Tax ID": "" })).errorAt("Tax ID")).toBe(
    "Enter the nine digits of the tax ID",
  );
  const { "Account number": number, "The same number once more": again, ...rest } = answers.account;
  await leaveField(browser, await browser.get("/enroll/deposit-account"), answers.account);
  const account = await browser.get("/enroll/deposit-account");
  expect([account.valueOf("Routing number"), (await row()).account_sealed]).toEqual(["111000025", null]);
  expect((await account.press("Continue", rest)).errorAt("Account number")).toContain("Enter the account number");
});

test("the kept number left in its field once more is no change; another one is, and the kept one stands", async () => {
  const browser = stranger();
  await fillIn(browser, someOwner());
  const pages = { taxId: () => browser.get("/enroll/tax-id"), account: () => browser.get("/enroll/deposit-account") };
  await leaveField(browser, await pages.taxId(), answers.taxId);
  await leaveField(browser, await pages.account(), answers.account);
  expect((await browser.get("/enroll/review")).text).not.toContain("Not finished");

  await leaveField(browser, await pages.taxId(), { "Tax ID": "123-45-6780" });
  const other = { "Account number": "000987654321", "The same number once more": "000987654321" };
  await leaveField(browser, await pages.account(), other);
  const review = await browser.get("/enroll/review");
  expect([review.fact("Tax ID"), review.fact("Deposit account")]).toEqual([
    "ending in 4567",
    expect.stringContaining("ending in 6789"),
  ]);
  for (const what of ["tax ID", "deposit account"]) expect(review.text).toContain(`The change of the ${what}`);
  await leaveField(browser, await pages.taxId(), { "Tax ID": "" });
  await leaveField(browser, await pages.account(), {});
  expect((await browser.get("/enroll/review")).text).not.toContain("Not finished");
});

test("half a location is kept too, new or being changed; Cancel forgets it", async () => {
  const browser = stranger();
  await fillIn(browser, someOwner());
  const form = await (await browser.get("/enroll/locations")).click("Add another location");
  const { fields } = form.sending("Save location", { "Street address": "7 Hal" });
  const action = `${form.sending("Save location").action}?keep`;
  expect((await browser.ask("POST", action, { fields, headers: { "HX-Request": "true" } })).status).toBe(204);
  const again = await (await browser.get("/enroll/locations")).click("Go on with the location that you began");
  expect(again.valueOf("Street address")).toBe("7 Hal");
  expect((await again.press("Finish later", { City: "Waco" })).heading).toBe("All of it is kept");
  const third = await browser.get("/enroll/locations/new");
  expect([third.valueOf("Street address"), third.valueOf("City")]).toEqual(["7 Hal", "Waco"]);
  const list = await third.press("Save location", { ...answers.location, "Name of the location": "Cedar Grove East" });
  expect([list.path, list.links.includes("Add another location")]).toEqual(["/enroll/locations", true]);

  await (await list.click("Change Cedar Grove East")).press("Finish later", { City: "" });
  const change = await (await browser.get("/enroll/locations")).click("Change Cedar Grove East");
  expect(change.valueOf("City")).toBe("");
  const cancelled = await change.press("Cancel");
  expect([cancelled.path, cancelled.text]).toEqual(["/enroll/locations", expect.stringContaining("Cedar Grove East")]);
  expect((await cancelled.click("Change Cedar Grove East")).valueOf("City")).toBe("Austin");
});

test("a location that was begun outlasts whatever happens to another: a field left, Save, Cancel, Finish later", async () => {
  const browser = stranger();
  await fillIn(browser, someOwner());
  const begun = await (await browser.get("/enroll/locations")).click("Add another location");
  await begun.press("Finish later", { "Name of the location": "Cedar Grove East", "Street address": "7 Hal" });
  const goOn = "Go on with the location that you began: Cedar Grove East";
  const east = async () => (await (await browser.get("/enroll/locations")).click(goOn)).valueOf("Street address");
  const main = async () => (await browser.get("/enroll/locations")).click("Change Cedar Grove Main");

  expect((await leaveField(browser, await main(), { City: "" })).status).toBe(204);
  expect([await east(), (await main()).valueOf("City")]).toEqual(["7 Hal", ""]);
  await (await main()).press("Cancel");
  expect([await east(), (await main()).valueOf("City")]).toEqual(["7 Hal", "Austin"]);
  await (await main()).press("Finish later", { City: "" });
  expect([await east(), (await main()).valueOf("City")]).toEqual(["7 Hal", ""]);
  await (await main()).press("Save location", { City: "Round Rock" });
  expect([await east(), (await main()).valueOf("City")]).toEqual(["7 Hal", "Round Rock"]);
  expect((await browser.get("/enroll/locations")).links).not.toContain("Add another location");

  await (await (await browser.get("/enroll/locations")).click(goOn)).press("Cancel");
  expect((await browser.get("/enroll/locations")).links).toContain("Add another location");
});

test("a whole location is in the registration by Finish later too; one only begun is named on the review, and is not sent", async () => {
  const owner = someOwner();
  const browser = stranger();
  await fillIn(browser, owner);
  const east = { ...answers.location, "Name of the location": "Cedar Grove East" };
  const kept = await (await browser.get("/enroll/locations/new")).press("Finish later", east);
  const whole = await kept.click("Go on");
  expect([whole.path, whole.fact("Location 2")]).toEqual([
    "/enroll/review",
    expect.stringContaining("Cedar Grove East, 5 Cedar St"),
  ]);
  expect(whole.text).not.toContain("Not finished");

  await (await browser.get("/enroll/locations/new")).press("Finish later", { "Name of the location": "Cedar West" });
  await (await (await browser.get("/enroll/locations")).click("Change Cedar Grove Main")).press("Finish later", {
    City: "",
  });
  const review = await browser.get("/enroll/review");
  expect(review.text).toContain("Not finished, and not in what you send");
  const begun = await review.click("The location that you began: Cedar West");
  expect([begun.heading, begun.valueOf("Name of the location")]).toEqual(["Add a location", "Cedar West"]);
  const change = await review.click("The change of the location Cedar Grove Main");
  expect([change.heading, change.valueOf("City")]).toEqual(["Change a location", ""]);

  expect((await review.press("Send registration", signed(owner.name))).path).toBe("/enroll/sent");
  const { answers: sent } = await portal.db("enrollments").where({ email: owner.email }).first("answers");
  expect(sent.locations.map(({ name, city }: { name: string; city: string }) => [name, city])).toEqual([
    ["Cedar Grove Main", "Austin"],
    ["Cedar Grove East", "Austin"],
  ]);
});

test("from the review each part can be changed, and one comes back to the review", async () => {
  const browser = stranger();
  await fillIn(browser, someOwner());
  const form = await browser.get("/enroll/practice?review");
  const review = await form.press("Continue", { "Name that patients know": "The Grove" });
  expect(review.path).toBe("/enroll/review");
  expect(review.fact("Known as")).toBe("The Grove");
  const kept = await (await browser.get("/enroll/tax-id?review")).press("Continue");
  expect([kept.path, kept.fact("Tax ID")]).toEqual(["/enroll/review", "ending in 4567"]);
  const account = await (await browser.get("/enroll/deposit-account?review")).press("Continue");
  expect(account.fact("Deposit account")).toContain("6789");
});

test("each page says beside the field what is wrong with it", async () => {
  const browser = stranger();
  const practice = await begin(browser, someOwner().email);
  expect((await practice.press("Continue")).errorAt("Legal name")).toContain("Enter the legal name");
  await (await browser.get("/enroll/practice")).press("Continue", answers.practice);
  const taxId = await (await browser.get("/enroll/tax-id")).press("Continue", { "Tax ID": "12-34567" });
  expect([taxId.status, taxId.errorAt("Tax ID")]).toEqual([422, "Enter the nine digits of the tax ID"]);
  const form = await browser.get("/enroll/deposit-account");
  const wrongSum = await form.press("Continue", { ...answers.account, "Routing number": "111000026" });
  expect(wrongSum.errorAt("Routing number")).toContain("no bank’s routing number");
  expect(wrongSum.html).not.toContain("000123456789");
  const differ = await (await browser.get("/enroll/deposit-account")).press("Continue", {
    ...answers.account,
    "The same number once more": "000123456780",
  });
  expect(differ.errorAt("The same number once more")).toContain("differ");
  expect(await portal.db("enrollments").where({ routing_number: "111000026" })).toEqual([]);
});

test("more than one location; each can be changed and removed", async () => {
  const browser = stranger();
  await fillIn(browser, someOwner());
  const form = await (await browser.get("/enroll/locations")).click("Add another location");
  const two = await form.press("Save location", { ...answers.location, "Name of the location": "Cedar Grove East" });
  expect(two.text).toContain("Cedar Grove Main");
  expect(two.text).toContain("Cedar Grove East");
  const changed = await (await two.click("Change Cedar Grove East")).press("Save location", { City: "Round Rock" });
  expect(changed.text).toContain("Round Rock, TX");
  const one = await changed.press("Remove Cedar Grove Main");
  expect(one.text).not.toContain("Cedar Grove Main");
});

test("nothing is sent that is not whole, signed and agreed to", async () => {
  const owner = someOwner();
  const browser = stranger();
  await begin(browser, owner.email);
  const early = await (await browser.get("/enroll/review")).press("Send registration", signed(owner.name));
  expect([early.status, early.errors.join()]).toEqual([422, expect.stringContaining("Something is missing still")]);
  const review = await fillIn(stranger(), owner);
  const unsigned = await review.press("Send registration", { Signature: "Somebody Else" });
  expect(unsigned.status).toBe(422);
  expect(unsigned.errorAt("Signature")).toContain(owner.name);
  expect(unsigned.errors).toHaveLength(4);
});

test("pressing send twice, and five times at once, sends once", async () => {
  const owner = someOwner();
  const browser = stranger();
  const review = await fillIn(browser, owner);
  const pages = await Promise.all([1, 2, 3, 4, 5].map(() => review.press("Send registration", signed(owner.name))));
  expect(pages.map(({ path }) => path)).toEqual(Array(5).fill("/enroll/sent"));
  const { id } = await portal.db("enrollments").where({ email: owner.email }).first("id");
  expect(await portal.db("audit_events").where({ subject_id: id, action: "enrollment sent" })).toHaveLength(1);
});

test("what was sent cannot be changed any more", async () => {
  const { browser, id } = await enroll(portal);
  expect((await browser.get("/enroll/practice")).path).toBe("/enroll/sent");
  await browser.post("/enroll/practice", { legalName: "Another" });
  const row = await portal.db("enrollments").where({ id }).first("answers");
  expect(row.answers.practice.legalName).toBe(answers.practice["Legal name"]);
});

// Coming back

test("the mailed link leads back, from another browser; opening it does nothing, and it works until a newer one", async () => {
  const owner = someOwner();
  await (await begin(stranger(), owner.email)).press("Continue", answers.practice);
  const link = await linkTo(portal, owner.email, "/enroll/resume/");
  const elsewhere = stranger();
  for (const _ of [1, 2, 3]) expect((await elsewhere.get(link)).buttons).toContain("Go on");
  expect((await elsewhere.get("/enroll/practice")).path).toBe("/enroll");
  const page = await (await elsewhere.get(link)).press("Go on");
  expect(page.path).toBe("/enroll/care");
  expect((await elsewhere.get("/enroll/practice")).valueOf("Legal name")).toBe(answers.practice["Legal name"]);

  await (await stranger().get("/enroll/resume")).press("Send link", { "Owner’s e-mail": owner.email.toUpperCase() });
  const newer = await linkTo(portal, owner.email, "/enroll/resume/");
  expect(newer).not.toBe(link);
  expect((await stranger().get(link)).heading).toBe("This link no longer works");
  expect((await stranger().get(newer)).buttons).toContain("Go on");
});

test("a link is not kept as it is, and not in the log", async () => {
  const owner = someOwner();
  await begin(stranger(), owner.email);
  const link = await linkTo(portal, owner.email, "/enroll/resume/");
  await stranger().get(link);
  const token = link.split("/").at(-1) ?? "";
  expect(token.length).toBeGreaterThan(40);
  expect(JSON.stringify(await portal.db("enrollment_links").select())).not.toContain(token);
  expect(portal.logged()).not.toContain(token);
});

test("asking for a link says the same of an address that nobody gave, and mails nothing", async () => {
  const answer = async (email: string) =>
    (await stranger().get("/enroll/resume")).press("Send link", { "Owner’s e-mail": email });
  const owner = someOwner();
  await begin(stranger(), owner.email);
  const [known, unknown] = [await answer(owner.email), await answer("nobody@example.com")];
  expect(unknown.text).toBe(known.text);
  expect((await portal.messages()).filter(({ to }) => to === "nobody@example.com")).toEqual([]);
});

test("one address is not flooded: five links an hour", async () => {
  const owner = someOwner();
  await begin(stranger(), owner.email);
  for (let times = 0; times < 8; times += 1)
    await (await stranger().get("/enroll/resume")).press("Send link", { "Owner’s e-mail": owner.email });
  expect((await portal.messages()).filter(({ to }) => to === owner.email)).toHaveLength(5);
});

test("a new e-mail address of the owner gets a link of its own, and the old link is dead", async () => {
  const [typo, owner] = [someOwner(), someOwner()];
  const browser = stranger();
  await fillIn(browser, typo);
  const old = await linkTo(portal, typo.email, "/enroll/resume/");
  await (await browser.get("/enroll/owner?review")).press("Continue", { "E-mail": owner.email });
  expect((await stranger().get(old)).heading).toBe("This link no longer works");
  expect((await stranger().get(await linkTo(portal, owner.email, "/enroll/resume/"))).buttons).toContain("Go on");
});

// Others

test("nobody sees another's registration, by its id, its key or a made-up link", async () => {
  const owner = someOwner();
  await fillIn(stranger(), owner);
  const { id } = await portal.db("enrollments").where({ email: owner.email }).first("id");
  const mallory = stranger();
  await begin(mallory, someOwner().email);
  for (const path of [`/enroll/${id}`, `/enroll/resume/${id}`, "/enroll/review", `/enroll/review?id=${id}`]) {
    const page = await mallory.get(path);
    expect([path, page.html.includes("Cedar Grove")]).toEqual([path, false]);
  }
  portal.clock.advance({ minutes: 2 });
  const stolen = await mallory.post("/enroll", { key: id, email: owner.email });
  expect(stolen.status).toBe(409);
  expect((await mallory.get("/enroll/review")).html).not.toContain("Cedar Grove");
});

test("pressing Begin twice begins once, with one mail", async () => {
  const owner = someOwner();
  const start = await stranger().get("/enroll");
  for (const _ of [1, 2])
    expect((await start.press("Begin", { "Owner’s e-mail": owner.email })).path).toBe("/enroll/practice");
  expect(await portal.db("enrollments").where({ email: owner.email })).toHaveLength(1);
  expect((await portal.messages()).filter(({ to }) => to === owner.email)).toHaveLength(1);
});

test("one address begins ten within the hour, and is then told to wait", async () => {
  const flood = portal.browser({ headers: { "X-Forwarded-For": "203.0.113.77" } });
  const statuses: number[] = [];
  for (let times = 0; times < 11; times += 1) statuses.push((await begin(flood, `flood${times}@example.com`)).status);
  expect(statuses.slice(0, 10)).toEqual(Array(10).fill(200));
  expect(statuses[10]).toBe(429);
});

test("a shared computer forgets the registration when it is left", async () => {
  const browser = stranger();
  const page = await begin(browser, someOwner().email);
  const kept = await page.press("Finish later");
  await kept.press("This is a shared computer");
  expect((await browser.get("/enroll/practice")).path).toBe("/enroll");
});

test("what nobody went on with for sixty days is forgotten; what was sent is not", async () => {
  const [idle, sent] = [someOwner(), await enroll(portal)];
  await fillIn(stranger(), idle);
  await forgetAbandoned(portal);
  expect(await portal.db("enrollments").where({ email: idle.email })).toHaveLength(1);
  portal.clock.advance({ days: 61 });
  await forgetAbandoned(portal);
  expect(await portal.db("enrollments").where({ email: idle.email })).toEqual([]);
  expect(await portal.db("enrollments").where({ id: sent.id })).toHaveLength(1);
});
