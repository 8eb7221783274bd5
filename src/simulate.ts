/**
 * `npm run --silent simulate -- scenario.json` (or `-` for standard input): the credit engine alone.
 * Prints JSON; for a scenario that is wrong, what is wrong with the path of the field on standard error, and exits 2.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { planIds } from "./credit/plans.ts";
import { type Scenario, ScenarioRefused, simulate } from "./credit/simulation.ts";
import { addMonths, isIsoDate } from "./lib/calendar.ts";

/** What is wrong, a line each. */
class BadScenario extends Error {}

const decimal = (what: string, example: string) =>
  z
    .string(`${what} is text with two decimals, like "${example}"`)
    .regex(/^\d{1,9}(\.\d{1,2})?$/, { error: `not ${what}, like "${example}"`, abort: true });
const amount = decimal("an amount", "1200.00").transform((text) => Math.round(Number(text) * 100));
const rate = decimal("a rate", "32.99")
  .refine((text) => Number(text) <= 999.99, "too high")
  .transform((text) => Number(text).toFixed(2));
const date = z.string("a date is text, like 2026-01-31").refine(isIsoDate, "not a date, like 2026-01-31");
const id = z.string("an id is text").min(1, "an id may not be empty");
const plan = z.enum(planIds, "no such plan");

const event = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ date, type: z.literal("sale"), id, plan, amount }),
    z.strictObject({ date, type: z.literal("payment"), id, amount }),
    z.strictObject({ date, type: z.literal("refund"), id, sale: id, amount }),
  ],
  "an event is a sale, a payment or a refund",
);

const scenario = z
  .strictObject({
    opened: date,
    cycleDay: z.int("a cycle day is a whole number").min(1, "1 to 28").max(28, "1 to 28"),
    standardApr: rate,
    limit: amount,
    events: z.array(event),
    until: date,
  })
  .superRefine(({ opened, until, events }, context) => {
    const wrong =
      until < opened ? "before the opening" : until > addMonths(opened, 1200) ? "over a hundred years on" : null;
    if (wrong) context.addIssue({ code: "custom", path: ["until"], message: wrong });
    const seen = new Set<string>();
    for (const [index, { type, id: eventId }] of events.entries()) {
      const key = `${type} ${eventId}`;
      if (seen.has(key)) {
        context.addIssue({
          code: "custom",
          path: ["events", index, "id"],
          message: `another ${type} has this id`,
        });
      }
      seen.add(key);
    }
  });

/** The answer to a scenario, as the command prints it. @throws BadScenario */
export function answer(json: string): string {
  try {
    return JSON.stringify(simulate(readScenario(json)), null, 2);
  } catch (error) {
    throw error instanceof ScenarioRefused ? new BadScenario(`${error.path}: ${error.message}`) : error;
  }
}

function readScenario(json: string): Scenario {
  const parsed = scenario.safeParse(orBad("scenario", () => JSON.parse(json)));
  if (!parsed.success) throw new BadScenario(parsed.error.issues.flatMap(linesOf).join("\n"));
  const { opened, limit, events, ...rest } = parsed.data;
  return {
    ...rest,
    openedOn: opened,
    limitCents: limit,
    events: events.map(({ amount: amountCents, ...each }) => ({ ...each, amountCents })),
  };
}

/** What is read, or its error as one that the scenario's author can mend. */
function orBad<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new BadScenario(`${what}: ${error instanceof Error ? error.message : "cannot be read"}`);
  }
}

/** One line for each field: an unknown field is named by its own path, not by that of the object it stands in. */
function linesOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${pathText([...issue.path, key])}: no such field`);
  }
  return [`${pathText(issue.path)}: ${issue.message}`];
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return text.replace(/^\./, "") || "scenario";
}

function main(file: string | undefined): void {
  try {
    if (file === undefined) throw new BadScenario("usage: npm run --silent simulate -- scenario.json");
    const json = orBad(file, () => readFileSync(file === "-" ? 0 : file, "utf8"));
    process.stdout.write(`${answer(json)}\n`);
  } catch (error) {
    if (!(error instanceof BadScenario)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}

if (import.meta.main) main(process.argv[2]);
