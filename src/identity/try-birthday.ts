import type { Knex } from "knex";
import { Declined, Refused } from "../platform/errors.ts";

/**
 * Takes one of five tries at a date of birth before it is looked at, in one statement, and gives all back when it was
 * right: a thousand guesses at once are still five.
 *
 * @param given.row the row that counts `tries_left` · `isRight` whether the date is the patient's · `tell` writes down
 *   what came of it · `tooMany` the sentence when no try is left
 * @throws Declined for another date; Refused 403 once five were wrong
 */
export async function tryBirthday(given: {
  row: () => Knex.QueryBuilder;
  isRight: () => Promise<boolean>;
  tell: (isRight: boolean) => Promise<void>;
  tooMany: string;
}): Promise<void> {
  const [taken] = await given.row().where("tries_left", ">", 0).decrement("tries_left", 1).returning("tries_left");
  if (!taken) throw new Refused(403, given.tooMany);
  const isRight = await given.isRight();
  await given.tell(isRight);
  if (isRight) return void (await given.row().update({ tries_left: 5 }));
  const left = taken.tries_left;
  const tries = left === 1 ? "You have one more try." : `You have ${left} more tries.`;
  const intentos = left === 1 ? "Le queda un intento." : `Le quedan ${left} intentos.`;
  const [wrong, errada] = ["That is not the date of birth we have.", "Esa no es la fecha de nacimiento que tenemos."];
  throw new Declined({
    bornOn: left === 0 ? `${wrong} / ${errada}` : `${wrong} ${tries} / ${errada} ${intentos}`,
  });
}
