import { z } from "zod";
import { isRoutingNumber } from "../lib/routing-number.ts";
import { states } from "../lib/states.ts";
import { timeZones } from "../lib/time-zones.ts";
import { Declined } from "../platform/errors.ts";
import * as forms from "../platform/forms.ts";
import { kindsOfCare } from "../practices/kinds-of-care.ts";

/** The pages of the form, in order. */
export const steps = [
  { path: "practice", title: "Your practice" },
  { path: "care", title: "Care and state" },
  { path: "tax-id", title: "Tax ID" },
  { path: "deposit-account", title: "Deposit account" },
  { path: "locations", title: "Locations" },
  { path: "owner", title: "Owner" },
  { path: "review", title: "Review and send" },
] as const;
export type StepPath = (typeof steps)[number]["path"];

const phone = forms.phoneNumber("Enter a phone number of ten digits");

/** The steps that are kept as they are typed, finished or not. */
export const typedSteps = {
  practice: z.object({
    legalName: forms.line("Enter the legal name of the practice", 120),
    knownAs: forms.optionalName(80),
    phone,
  }),
  care: z.object({
    specialty: forms.choice(kindsOfCare, "Choose the kind of care"),
    state: forms.choice(states, "Choose the state"),
    timeZone: forms
      .choice(["", ...timeZones.map(({ value }) => value)] as const, "Choose a time zone of the list")
      .default(""),
  }),
  owner: z.object({
    name: forms.line("Enter the owner’s full name", 80),
    mobile: forms.phoneNumber("Enter a mobile phone number of ten digits"),
    email: forms.emailAddress("Enter the owner’s e-mail address"),
  }),
};
export type TypedStep = keyof typeof typedSteps;

/** One place where patients are seen. */
export const locationForm = z.object({
  name: forms.line("Enter a name for this location", 80),
  street: forms.line("Enter the street address", 100),
  city: forms.line("Enter the city", 60),
  state: forms.choice(states, "Choose the state"),
  zip: forms.digits("Enter a ZIP code of five digits", /^\d{5}(\d{4})?$/),
  phone,
});
export const mostLocations = 50;

export const taxIdForm = z.object({
  taxId: forms
    .digits("Enter the nine digits of the tax ID", /^\d{9}$/)
    .refine((id) => !/^(\d)\1+$/.test(id), { error: "That is no tax ID. Look at a letter of the tax office." }),
});

const accountNumber = forms.digits("Enter the account number: 4 to 17 digits", /^\d{4,17}$/);

/** Where deposits go. The account number is typed twice, for a deposit to a stranger does not come back by itself. */
export const depositForm = z
  .object({
    holder: forms.line("Enter the name on the account", 120),
    kind: forms.choice(["checking", "savings"], "Choose the kind of account"),
    routingNumber: forms
      .digits("Enter the nine digits of the routing number", /^\d{9}$/)
      .refine(isRoutingNumber, { error: "That is no bank’s routing number. Check each digit on a check." }),
    accountNumber,
    accountAgain: z.string().default(""),
  })
  .refine((form) => form.accountAgain.replace(/[\s-]/g, "") === form.accountNumber, {
    path: ["accountAgain"],
    error: "The two account numbers differ. Type both again.",
  });
export type DepositForm = z.output<typeof depositForm>;

/** What is agreed to when the form is sent; a change of the words is a new version. */
export const agreement = {
  version: "2026-11",
  boxes: [
    {
      name: "agreeTrue",
      text: "I may sign for this practice, and what stands above is true.",
      missing: "Say that you may sign and that all of this is true",
    },
    {
      name: "agreeDeposits",
      text: "The program may pay deposits into the account above, and take back from it what was paid by mistake.",
      missing: "Allow deposits to the account",
    },
    {
      name: "agreeElectronic",
      text: "My typed name is my signature, and I take notices about this by e-mail.",
      missing: "Agree to sign here, or call us to enroll on paper",
    },
  ],
} as const;

/**
 * The signature under the form: all boxes, and the owner's name as it was given.
 * @throws Declined with a sentence for each that is missing
 */
export function checkSignature(typed: forms.Typed, ownerName: string): string {
  const errors: Record<string, string> = {};
  for (const { name, missing } of agreement.boxes) if (typed[name] !== "yes") errors[name] = missing;
  const bare = (text: string) => text.trim().replace(/\s+/g, " ").toLowerCase();
  const signature = typed.signature?.trim() ?? "";
  if (!signature) errors.signature = "Type your name to sign";
  else if (bare(signature) !== bare(ownerName))
    errors.signature = `Type the owner’s name as it stands above: ${ownerName}`;
  if (Object.keys(errors).length) throw new Declined(errors);
  return signature;
}
