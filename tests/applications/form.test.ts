import { expect, test } from "vitest";
import { filledApplication } from "../support/applications.ts";
import type { Filling, Page } from "../support/browser.ts";
import { foundMallorys, foundPractice, logIn } from "../support/people.ts";
import { openPortal } from "../support/portal.ts";

const portal = await openPortal(); // it is the 23rd of November 2026

const practice = await foundPractice(portal, { locations: ["Main Street", "Harbor"] });

test("an empty form names everything that is missing, beside its field and in a list at the top", async () => {
  const page = await submit({}, {});
  expect(page.status).toBe(422);
  expect(page.title).toMatch(/^Error: /);
  expect(page.errors).toEqual([
    "Enter the first name",
    "Enter the last name",
    "Enter the date of birth",
    "Enter the nine digits of the Social Security number",
    "Enter the street address",
    "Enter the city",
    "Choose the state",
    "Enter a ZIP code of five digits",
    "Choose how the patient lives",
    "Enter the monthly housing cost, or 0",
    "Enter a mobile phone number of ten digits",
    "Enter the patient’s e-mail address",
    "Enter the annual income",
    "Choose where the income comes from",
    "The patient has to agree to the credit report being asked for",
    "The patient has to agree to receive everything by e-mail",
    "The patient has to have seen the rates and fees",
  ]);
  for (const link of page.root.querySelectorAll(".errors a")) {
    expect(page.root.querySelector(link.getAttribute("href") ?? "none")).not.toBeNull();
  }
});

test.each([
  ["Date of birth", "11/24/2008", "An applicant has to be 18 or older"],
  ["Date of birth", "12/31/2020", "An applicant has to be 18 or older"],
  ["Date of birth", "11/24/2026", "Check the year of birth"],
  ["Date of birth", "01/01/1900", "Check the year of birth"],
  ["Date of birth", "02/30/1985", "Enter the date as month, day and four-digit year, like 03/12/1984"],
  ["Date of birth", "9 April 1985", "Enter the date as month, day and four-digit year, like 03/12/1984"],
  ["Social Security number", "987-65-432", "Enter the nine digits of the Social Security number"],
  ["Social Security number", "987-65-43211", "Enter the nine digits of the Social Security number"],
  ["ZIP code", "7870", "Enter a ZIP code of five digits"],
  ["Mobile phone", "555-0100", "Enter a mobile phone number of ten digits"],
  ["E-mail", "nora.example.com", "Enter an e-mail address like name@example.com"],
  ["Annual income", "lots", "Enter an amount in dollars and cents, like 1,200.00"],
  ["Annual income", "0", "Enter the annual income"],
  ["Annual income", "-5", "Enter an amount in dollars and cents, like 1,200.00"],
  ["First name", "x".repeat(61), "Use 60 characters or fewer"],
])("%s “%s” is declined: %s", async (label, typed, sentence) => {
  const page = await submit({ [label]: typed });
  expect(page.status).toBe(422);
  expect(page.errorAt(label)).toBe(sentence);
  expect(page.errors).toEqual([sentence]);
});

test("someone who turns 18 today may apply", async () => {
  expect((await submit({ "Date of birth": "11/23/2008" })).heading).toBe("Approved for $2,500.00");
});

test.each([
  ["Date of birth", "1985-04-09"],
  ["Date of birth", "4/9/1985"],
  ["Social Security number", "987654321"],
  ["Social Security number", "987 65 4321"],
  ["ZIP code", "78704-1234"],
  ["Mobile phone", "+1 (512) 555-0177"],
  ["Annual income", "$52,000"],
  ["Monthly housing cost", "0"],
])("%s may be typed as “%s”", async (label, typed) => {
  expect((await submit({ [label]: typed })).heading).toMatch(/^Approved/);
});

test("after a mistake everything typed is still there, and the SSN is not", async () => {
  const typed = {
    ...filledApplication({
      City: "",
      "Mobile phone": "+1 (512) 555-0188",
      Housing: "Own",
      State: "NM",
      Location: "Harbor",
    }),
  };
  const page = await submit(typed, {});
  expect(page.errors).toEqual(["Enter the city"]);
  for (const label of [
    "First name",
    "Last name",
    "Date of birth",
    "Street address",
    "State",
    "ZIP code",
    "Housing",
    "Monthly housing cost",
    "Mobile phone",
    "E-mail",
    "Annual income",
    "Income source",
  ]) {
    expect([label, page.valueOf(label)]).toEqual([label, typed[label]]);
  }
  expect(page.valueOf("The patient agrees that their credit report")).toBe("yes");
  expect(page.valueOf("Social Security number")).toBe("");
  expect(page.html).not.toMatch(/987-?65-?4321/);
  const again = await page.press("Submit application", { City: "Austin", "Social Security number": "987-65-4321" });
  expect(again.heading).toBe("Approved for $2,500.00");
});

test("words that look like markup are shown as words", async () => {
  const page = await submit({ "First name": `<script>alert("x")</script>`, City: "" });
  expect(page.html).not.toContain("<script>alert");
  expect(page.valueOf("First name")).toBe(`<script>alert("x")</script>`);
  const decided = await submit({ "First name": `<i>N'"ora</i>` });
  expect(decided.html).not.toContain("<i>N");
  expect(decided.text).toContain(`<i>N'"ora</i>`);
});

test("a location of another practice is declined", async () => {
  const mallorys = await foundMallorys(portal);
  const bob = await logIn(portal, practice.bob);
  const form = (await bob.get("/applications/new")).sending("Submit application", filledApplication());
  const fields = form.fields.map(([name, value]): [string, string] => [
    name,
    name === "location" ? (mallorys.locations[0]?.id ?? "") : value,
  ]);
  const page = await bob.send({ ...form, fields });
  expect(page.status).toBe(422);
  expect(page.errors).toEqual(["Choose one of your locations"]);
});

test.each([
  ["housing", "A castle", 422],
  ["state", "ZZ", 422],
  ["incomeSource", "Luck", 422],
  ["consentTerms", "no", 422],
  ["key", "not-a-key", 400],
])("what the form does not offer is refused: %s %s", async (field, value, status) => {
  const bob = await logIn(portal, practice.bob);
  const form = (await bob.get("/applications/new")).sending("Submit application", filledApplication());
  const fields = form.fields.map(([name, given]): [string, string] => [name, name === field ? value : given]);
  expect((await bob.send({ ...form, fields })).status).toBe(status);
});

test("an application of another practice is not there", async () => {
  const sent = await submit({});
  expect(sent.status).toBe(200);
  const mallory = await logIn(portal, (await foundMallorys(portal)).mallory);
  const page = await mallory.get(sent.path);
  expect(page.status).toBe(404);
  expect(page.html).not.toContain("Quill");
  expect((await mallory.get("/applications")).html).not.toContain("Quill");
  expect((await mallory.get(`/applications?before=${sent.path.split("/").at(-1)}`)).html).not.toContain("Quill");
});

test("the list shows each application with its state, and one state alone where that is asked", async () => {
  const clinic = await foundPractice(portal);
  const bob = await logIn(portal, clinic.bob);
  for (const ssn of ["987-65-4320", "987-65-4323", "987-65-4325"]) {
    portal.clock.advance({ minutes: 1 });
    await bob.send(
      (await bob.get("/applications/new")).sending(
        "Submit application",
        filledApplication({ "Social Security number": ssn }),
      ),
    );
  }
  const all = await bob.get("/applications");
  expect(all.rows().map((row) => row[1])).toEqual(["Pending", "Declined", "Approved"]);
  const approved = await all.press("Show", { Status: "Approved" });
  expect(approved.rows().map((row) => [row[1], row.at(-1)])).toEqual([["Approved", "$8,000.00"]]);
});

/** Bob fills the form in, by default with nothing wrong in it, and submits it. */
async function submit(filling: Filling, rest: Filling = filledApplication()): Promise<Page> {
  const bob = await logIn(portal, practice.bob);
  const form = await bob.get("/applications/new");
  return form.press("Submit application", { ...rest, ...filling });
}
