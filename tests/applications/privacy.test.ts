import { expect, test } from "vitest";
import { apply, filledApplication } from "../support/applications.ts";
import { approval, scriptedBureau } from "../support/bureau.ts";
import { charge, foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const bureau = scriptedBureau();
const portal = await openPortal({ bureau, env: { LOG_LEVEL: "trace" } });

// Numbers that appear nowhere else, in every way that they could be written.
const ssn = /931-?28-?4716/;
const income = /\b73,?519\b|7351946/;
const housingCost = /\b1,?847\b|184733/;
const secrets = [ssn, income, housingCost];
const typed = {
  "Social Security number": "931-28-4716",
  "Annual income": "$73,519.46",
  "Monthly housing cost": "1,847.33",
};

test("the bureau is told SSN, income and housing cost, and what it is asked about", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  await apply(bob, { ...typed, "First name": "Wanda", "Last name": "Asked", "Date of birth": "1/2/1960" });
  expect(bureau.asked.at(-1)).toMatchObject({
    firstName: "Wanda",
    lastName: "Asked",
    bornOn: "1960-01-02",
    ssn: "931284716",
    annualIncomeCents: 7_351_946,
    monthlyHousingCents: 184_733,
  });
});

test("no page shows SSN, income or housing cost once the form was sent", async () => {
  const practice = await foundPractice(portal);
  const bob = await logIn(portal, practice.bob);
  bureau.answers(approval(500_000));
  const approved = await apply(bob, { ...typed, "Last name": "Unseen" });
  bureau.answers({ outcome: "declined", reasons: ["No credit file"] });
  const declined = await apply(bob, { ...typed, "Last name": "Unseen" });
  bureau.answers({ outcome: "pending", missing: "Something" });
  const pending = await apply(bob, { ...typed, "Last name": "Unseen" });
  const accountPath = approved.href("See the account");
  const receipt = await charge(bob, { path: accountPath }, { Amount: "300" });
  const alice = await logIn(portal, practice.alice);
  const pages = [approved, declined, pending, receipt];
  for (const path of [
    "/",
    "/applications",
    accountPath,
    "/accounts?q=unseen",
    "/accounts?q=4716",
    "/transactions",
    "/reports/sales",
    "/reports/sales.csv",
    approved.path,
    declined.path,
    "/dev/outbox",
  ]) {
    pages.push(await alice.get(path));
  }
  for (const { path, status, html, headers } of pages) {
    expect([path, status]).toEqual([path, 200]);
    for (const secret of secrets) expect([path, secret.test(html + JSON.stringify(headers))]).toEqual([path, false]);
  }
  expect(approved.fact("Social Security number")).toBe("ending 4716");
});

test("a form with a mistake in it comes back without the SSN, whatever was wrong", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  const form = await bob.get("/applications/new");
  for (const mistake of [
    { City: "" },
    { "Date of birth": "1/1/2020" },
    { "Social Security number": "931-28-4716-9" },
  ]) {
    const page = await form.press("Submit application", { ...filledApplication(), ...typed, ...mistake });
    expect(page.status).toBe(422);
    expect(page.html).not.toMatch(ssn);
  }
});

test("the database holds none of them in clear, in no table and no column", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  bureau.answers(approval(500_000));
  await apply(bob, { ...typed, "Last name": "Dumped" });
  const { rows: tables } = await portal.db.raw(
    "select table_name as name from information_schema.tables where table_schema = 'public'",
  );
  let found = 0;
  for (const { name } of tables) {
    const { rows } = await portal.db.raw("select t::text as row, row_to_json(t)::text as json from ?? t", [name]);
    found += rows.length;
    for (const { row, json } of rows) {
      // Bytes are shown as hexadecimal digits; what is sought in them is text.
      const readable = `${row} ${json}`.replaceAll(/\\+x([0-9a-f]+)/g, (_, hex) =>
        Buffer.from(hex, "hex").toString("latin1"),
      );
      for (const secret of secrets) expect([name, secret.test(readable)]).toEqual([name, false]);
    }
  }
  expect(found).toBeGreaterThan(30);
  expect(await portal.db("applications").where({ last_name: "Dumped" }).first("ssn_last4")).toEqual({
    ssn_last4: "4716",
  });
});

test("neither the audit log nor a message nor the server's log holds them", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  bureau.answers(new Error("the bureau is down"));
  await apply(bob, { ...typed, "Last name": "Logged" });
  const told = JSON.stringify([await portal.db("audit_events"), await portal.messages(), portal.logged()]);
  expect(told).toContain("application submitted");
  expect(told).toContain("no decision yet");
  for (const secret of secrets) expect(told).not.toMatch(secret);
});

test("when the database fails in the middle of it, the log does not tell who applied", async () => {
  const bob = await logIn(portal, (await foundPractice(portal)).bob);
  await portal.db.raw("alter table applications add constraint planted check (first_name <> 'Xanthippe')");
  try {
    const page = await apply(bob, {
      ...typed,
      "First name": "Xanthippe",
      "E-mail": "xanthippe@patient.example",
      "Street address": "77 Telltale Row",
    });
    expect(page.status).toBe(500);
    expect(page.html).not.toMatch(/planted|insert into|node_modules|\.ts\b/);
  } finally {
    await portal.db.raw("alter table applications drop constraint planted");
  }
  const failed = portal
    .logged()
    .split("\n")
    .filter((line) => line.includes("planted"));
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.join()).not.toMatch(/xanthippe|telltale/i);
  for (const secret of secrets) expect(failed.join()).not.toMatch(secret);
});
