import { randomUUIDv7 } from "node:crypto";
import { addDays, addMonths, type IsoDate } from "../../src/lib/calendar.ts";
import { courses } from "../../src/training/courses.ts";
import type { Page } from "../support/browser.ts";
import type { TestPerson } from "../support/people.ts";
import type { Portal } from "../support/portal.ts";

/** Gives a person a certificate, earned so many days ago. @returns its last day */
export async function certify(portal: Portal, { id }: TestPerson, course: string, daysAgo = 0): Promise<IsoDate> {
  const earnedOn = addDays(portal.clock.today(), -daysAgo);
  const validUntil = addMonths(earnedOn, 24);
  const row = { id: randomUUIDv7(), user_id: id, course, right_answers: 10 };
  await portal.db("certificates").insert({ ...row, earned_on: earnedOn, valid_until: validUntil });
  return validUntil;
}

/** Answers the ten questions of a page, so many of them wrongly. */
export function answer(page: Page, slug: string, wrong = 0): Promise<Page> {
  const questions = courses.find((course) => course.slug === slug)?.questions ?? [];
  const filling = Object.fromEntries(
    questions.map(({ text, answers }, i) => {
      const at = answers.findIndex(({ right }) => right === i >= wrong);
      return [`${i + 1}. ${text}`, String(at)];
    }),
  );
  return page.press("Send the answers", filling);
}
