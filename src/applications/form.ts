import { z } from "zod";
import { yearsBetween } from "../lib/dates.ts";
import { states } from "../lib/states.ts";
import { amount, choice, date, digits, emailAddress, line, phoneNumber, ticked } from "../platform/forms.ts";
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

/** A name stands at the head of letters: no place for an address or an amount. */
const name = (sentence: string) =>
  line(sentence, 60).refine((text) => !/:\/\/|www\.|\d{3}|[@$\u2028\u2029]/i.test(text), {
    error: "Enter a name, without addresses and amounts",
  });

/** The form of an application, checked as of a day: an applicant is 18 or older. */
export function applicationForm(today: string) {
  return z.object({
    location: z.uuid({ error: "Choose one of your locations" }),
    firstName: name("Enter the first name"),
    lastName: name("Enter the last name"),
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
    mobile: phoneNumber("Enter a mobile phone number of ten digits"),
    email: emailAddress("Enter the patient’s e-mail address"),
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
