import { z } from "zod";
import { yearsBetween } from "../lib/dates.ts";
import { states } from "../lib/states.ts";
import { amount, choice, date, line } from "../platform/forms.ts";
import { consents } from "./consents.ts";

export const housings = ["Own", "Rent", "Live with family", "Other"] as const;
export const incomeSources = [
  "Employment",
  "Self-employment",
  "Retirement",
  "Benefits",
  "Investments",
  "Other",
] as const;

const digits = (sentence: string, pattern: RegExp) =>
  z
    .string({ error: sentence })
    .transform((text) => text.replace(/[\s().+-]/g, ""))
    .pipe(z.string().regex(pattern, { error: sentence }));

const ticked = (missing: string) => z.literal("yes", { error: missing });

/** The form of an application, checked as of a day: an applicant is 18 or older. */
export function applicationForm(today: string) {
  return z.object({
    location: z.uuid({ error: "Choose one of your locations" }),
    firstName: line("Enter the first name", 60),
    lastName: line("Enter the last name", 60),
    dateOfBirth: date("Enter the date of birth")
      .refine((born) => born <= today && yearsBetween(born, today) < 120, { error: "Check the year of birth" })
      .refine((born) => yearsBetween(born, today) >= 18, { error: "An applicant has to be 18 or older" }),
    ssn: digits("Enter the nine digits of the Social Security number", /^\d{9}$/),
    street: line("Enter the street address", 100),
    city: line("Enter the city", 60),
    state: choice(states, "Choose the state"),
    zip: digits("Enter a ZIP code of five digits", /^\d{5}(\d{4})?$/),
    housing: choice(housings, "Choose how the patient lives"),
    housingCost: amount("Enter the monthly housing cost, or 0"),
    mobile: digits("Enter a mobile phone number of ten digits", /^1?\d{10}$/).transform((number) => number.slice(-10)),
    email: z
      .string({ error: "Enter the patient’s e-mail address" })
      .trim()
      .pipe(z.email({ error: "Enter an e-mail address like name@example.com" }).max(254)),
    income: amount("Enter the annual income").refine((cents) => cents > 0, { error: "Enter the annual income" }),
    incomeSource: choice(incomeSources, "Choose where the income comes from"),
    ...(Object.fromEntries(consents.map(({ id, missing }) => [id, ticked(missing)])) as Record<
      (typeof consents)[number]["id"],
      ReturnType<typeof ticked>
    >),
  });
}

/** A checked form, and the key under which it was sent. */
export type ApplicationForm = z.output<ReturnType<typeof applicationForm>> & { key: string };
