import { z } from "zod";
import { parseDate } from "../lib/dates.ts";
import { maskNumbers } from "../lib/mask-numbers.ts";
import { parseCents } from "../lib/money.ts";
import { Declined, notFound, Refused } from "./errors.ts";

const noKey = "That form did not come from a page of the portal. Open it again from its page.";

/** What was typed, to be shown again when the form is declined. Passwords and SSNs are never put back into a page. */
export type Typed = Record<string, string>;

/** The single-valued texts of a submitted form; repeated fields and nested names count as not typed. */
export function typedIn(body: unknown): Typed {
  const texts = Object.entries(body ?? {}).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  return Object.fromEntries(texts);
}

/**
 * Checks a submitted form against its schema and returns the values.
 * @throws Declined with the first sentence for each field, in the order of the form
 */
export function readForm<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const parsed = schema.safeParse(typedIn(body));
  if (parsed.success) return parsed.data;
  const errors: Record<string, string> = {};
  for (const issue of parsed.error.issues) errors[issue.path.join(".") || "form"] ??= issue.message;
  throw new Declined(errors);
}

// Line breaks and invisible characters in a name or subject would let one person write another's letter. The two marks
// that words of right-to-left scripts are typed with may stay: unlike an override they turn no other letter around.
const invisible = /[\r\n\t[\p{Cf}--[\u200e\u200f]]]/v;

/** A password, exactly as it was typed; how long it may be is for `checkPassword` to say. */
export const typedPassword = (sentence: string) =>
  z.string({ error: sentence }).min(1, { error: sentence }).max(1000, { error: "Use 128 characters or fewer." });

/** A line of text that must be filled in. */
export const line = (sentence: string, most = 100) =>
  z
    .string({ error: sentence })
    .trim()
    .min(1, { error: sentence })
    .max(most, { error: `Use ${most} characters or fewer` })
    .refine((text) => !invisible.test(text), { error: "Leave out line breaks and invisible characters" });

/** Why somebody of the program does a thing. It is kept for good, so what looks like an SSN or a card number is masked. */
export const auditedReason = line("Enter the reason: it stands in the audit log", 200).transform(
  (text) => maskNumbers(text).text,
);

/** A name that may stay empty: as `line` where there is one. */
export const optionalName = (most = 100) =>
  optionalLine(most).refine((text) => !invisible.test(text), {
    error: "Leave out line breaks and invisible characters",
  });

/** A line that may stay empty, which reads as an empty text. */
export const optionalLine = (most = 100) =>
  z
    .string()
    .trim()
    .max(most, { error: `Use ${most} characters or fewer` })
    .default("");

/** A box that has to be ticked. */
export const ticked = (sentence: string) => z.literal("yes", { error: sentence });

/** Digits, whatever stands between them. */
export const digits = (sentence: string, pattern: RegExp) =>
  z
    .string({ error: sentence })
    .transform((text) => text.replace(/[\s().+-]/g, ""))
    .pipe(z.string().regex(pattern, { error: sentence }));

/** A telephone number of ten digits. */
export const phoneNumber = (sentence: string) =>
  digits(sentence, /^1?\d{10}$/).transform((number) => number.slice(-10));

/** An e-mail address. */
export const emailAddress = (sentence: string) =>
  z
    .string({ error: sentence })
    .trim()
    .min(1, { error: sentence })
    .pipe(z.email({ error: "Enter an e-mail address like name@example.com" }).max(254));

/** Dollars as typed, to cents. */
export const amount = (sentence: string) =>
  z.string({ error: sentence }).transform((text, context) => {
    const cents = parseCents(text);
    if (cents !== null) return cents;
    const error = text.trim() ? "Enter an amount in dollars and cents, like 1,200.00" : sentence;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });

/** The same, left empty where there is none: null. */
export const optionalAmount = z
  .string()
  .optional()
  .transform((text, context) => {
    const cents = text?.trim() ? parseCents(text) : null;
    if (cents === null && text?.trim())
      context.addIssue({ code: "custom", message: "Enter an amount in dollars and cents, like 1,200.00" });
    return cents;
  });

/** A date as typed (`11/23/2026` or `2026-11-23`), to ISO. */
export const date = (sentence: string, noDate = "Enter the date as month, day and four-digit year, like 03/12/1984") =>
  z.string({ error: sentence }).transform((text, context) => {
    const iso = parseDate(text);
    if (iso !== null) return iso;
    const error = text.trim() ? noDate : sentence;
    context.addIssue({ code: "custom", message: error });
    return z.NEVER;
  });

/** One of a list of choices. */
export const choice = <const Value extends string>(values: readonly Value[], sentence: string) =>
  z.enum(values, { error: sentence });

/** An id from an address; what is no id is not there. */
export function uuidIn(text: unknown): string {
  if (typeof text === "string" && isUuid(text)) return text.toLowerCase();
  throw notFound();
}

/**
 * The key of a submitted form.
 * @throws Refused 400 when there is none: no form of ours comes without
 */
export function keyIn(body: unknown): string {
  const { key } = typedIn(body);
  if (key !== undefined && isUuid(key)) return key.toLowerCase();
  throw new Refused(400, noKey);
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
