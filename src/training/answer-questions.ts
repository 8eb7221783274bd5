import type { PracticeViewer } from "../identity/viewer.ts";
import { addMonths } from "../lib/calendar.ts";
import { audit } from "../platform/audit.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { Declined } from "../platform/errors.ts";
import type { Typed } from "../platform/forms.ts";
import { type Course, passMark } from "./courses.ts";

/** A certificate is good for two years. */
const monthsGood = 24;

/**
 * Marks the answers to a course's questions; with eight right ones the person has a certificate. The same form sent
 * twice makes one.
 * @param given.typed the number of the chosen answer by the name of the question, from 0
 * @returns the names of the questions that were answered wrongly
 * @throws Declined beside each question that has no answer, or, below eight, beside each that is wrong, with the reason
 */
export async function answerQuestions(
  { db, clock }: { db: Db; clock: Clock },
  viewer: PracticeViewer,
  given: { id: string; course: Course; typed: Typed },
): Promise<string[]> {
  const { id, course, typed } = given;
  const chosen = course.questions.map((question) => ({
    question,
    answer: /^\d$/.test(typed[question.name] ?? "") ? question.answers[Number(typed[question.name])] : undefined,
  }));
  const missing = chosen.filter(({ answer }) => !answer);
  if (missing.length) {
    throw new Declined(
      Object.fromEntries(missing.map(({ question }) => [question.name, `Choose an answer: ${question.text}`])),
    );
  }
  const wrong = chosen.filter(({ answer }) => !answer?.right).map(({ question }) => question);
  const right = course.questions.length - wrong.length;
  if (right < passMark)
    throw new Declined(Object.fromEntries(wrong.map(({ name, why }) => [name, `Not right. ${why}`])));

  await db.transaction(async (trx) => {
    const earnedOn = clock.today();
    const made = await trx("certificates")
      .insert({
        id,
        user_id: viewer.id,
        course: course.slug,
        right_answers: right,
        earned_on: earnedOn,
        valid_until: addMonths(earnedOn, monthsGood),
      })
      .onConflict("id")
      .ignore()
      .returning("id");
    if (made.length === 0) return;
    await audit(trx, viewer.actor, {
      at: clock.now(),
      action: "course passed",
      subjectId: viewer.id,
      details: { course: course.slug, right },
    });
  });
  return wrong.map(({ name }) => name);
}
