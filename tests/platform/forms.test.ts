import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Declined } from "../../src/platform/errors.ts";
import * as forms from "../../src/platform/forms.ts";

const form = z.object({
  name: forms.line("Enter a name", 10),
  note: forms.optionalLine(5),
  amount: forms.amount("Enter an amount"),
  day: forms.date("Enter a day"),
  size: forms.choice(["small", "large"], "Choose a size"),
});
const right = { name: " Nora ", amount: "$1,200", day: "1/5/2026", size: "small" };

test("a form that is right is read into values", () => {
  expect(forms.readForm(form, right)).toEqual({
    name: "Nora",
    note: "",
    amount: 120_000,
    day: "2026-01-05",
    size: "small",
  });
});

test.each([
  ["name", "  ", "Enter a name"],
  ["name", "12345678901", "Use 10 characters or fewer"],
  ["note", "123456", "Use 5 characters or fewer"],
  ["amount", "", "Enter an amount"],
  ["amount", "x", "Enter an amount in dollars and cents, like 1,200.00"],
  ["day", " ", "Enter a day"],
  ["day", "2026-02-30", "Enter the date as month, day and four-digit year, like 03/12/1984"],
  ["size", "huge", "Choose a size"],
])("%s “%s” is declined with its sentence", (field, value, sentence) => {
  expect(errorsOf({ ...right, [field]: value })).toEqual({ [field]: sentence });
});

describe("what no page of ours sends counts as not typed:", () => {
  const missing = { name: "Enter a name", amount: "Enter an amount", day: "Enter a day", size: "Choose a size" };
  test.each([
    ["no body", undefined],
    ["nothing", null],
    ["a text", "name=Nora"],
    ["a list", [right]],
    ["fields sent twice", { name: ["Nora", "Bea"], amount: ["1", "2"], day: ["1/5/2026"], size: ["small", "large"] }],
    [
      "nested names",
      { "name[first]": "Nora", "amount[0]": "1", day: { from: "1/5/2026" }, size: { toString: "small" } },
    ],
    ["numbers and truths", { name: 1, amount: 1200, day: true, size: 0 }],
    ["another object's heritage", Object.create({ name: "Nora", amount: "1", day: "1/5/2026", size: "small" })],
  ])("%s", (_words, body) => {
    expect(errorsOf(body)).toEqual(missing);
  });
});

test("a field named like something every object has is only a field", () => {
  const body = JSON.parse('{"__proto__": "x", "constructor": "y", "name": "Nora"}');
  expect(forms.typedIn(body).name).toBe("Nora");
  expect(forms.typedIn({}).constructor).not.toBe("y");
});

test("a name that may stay empty has no line breaks and nothing invisible in it, for letters are headed by it", () => {
  const form = z.object({ name: forms.optionalName(80) });
  expect(forms.readForm(form, {})).toEqual({ name: "" });
  expect(forms.readForm(form, { name: " Juniper Dental " })).toEqual({ name: "Juniper Dental" });
  for (const name of ["Juniper\r\nBcc: x@example.com", "Juniper\u202Elatned", "Juniper\tDental"])
    expect(() => forms.readForm(form, { name })).toThrow("Leave out line breaks");
});

test("what is right beside what is wrong is not declined", () => {
  expect(errorsOf({ ...right, amount: "x", size: "huge" })).toEqual({
    amount: "Enter an amount in dollars and cents, like 1,200.00",
    size: "Choose a size",
  });
});

test.each(["0198F0D2-0000-7000-8000-00000000000A", "0198f0d2-0000-7000-8000-00000000000a"])("%s is an id", (text) => {
  expect(forms.uuidIn(text)).toBe("0198f0d2-0000-7000-8000-00000000000a");
});

test.each([
  "",
  "1",
  "0198f0d2-0000-7000-8000-00000000000",
  "0198f0d2-0000-7000-8000-00000000000a'",
  "{0198f0d2-0000-7000-8000-00000000000a}",
  undefined,
  ["0198f0d2-0000-7000-8000-00000000000a"],
])("%s is no id, and so is not there", (text) => {
  expect(() => forms.uuidIn(text)).toThrow(expect.objectContaining({ status: 404 }));
});

function errorsOf(body: unknown): Record<string, string> {
  try {
    forms.readForm(form, body);
  } catch (error) {
    if (error instanceof Declined) return error.errors;
    throw error;
  }
  return {};
}
