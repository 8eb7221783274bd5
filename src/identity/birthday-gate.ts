import type { Request, Response } from "express";
import type { Knex } from "knex";
import { z } from "zod";
import type { IsoDate } from "../lib/dates.ts";
import type { Clock } from "../platform/clock.ts";
import { Declined, Refused } from "../platform/errors.ts";
import { date, readForm, type Typed } from "../platform/forms.ts";
import { linkTokenHash } from "../platform/link-tokens.ts";
import { newSession } from "./web-session.ts";

const bornForm = z.object({
  bornOn: date(
    "Enter your date of birth / Escriba su fecha de nacimiento",
    "Enter month, day and four-digit year, like 03/12/1984 / Escriba mes, día y año de cuatro cifras, como 03/12/1984",
  ),
});

/**
 * What a link in a letter shows stays closed until the patient has said their date of birth; then it is open in that
 * browser for a while. No account, no password.
 */
export function birthdayGate(
  { clock }: { clock: Clock },
  { name, minutes }: { name: "openedStatement" | "openedApplication"; minutes: number },
) {
  const linkOf = (token: string) => linkTokenHash(token).toString("hex");
  return {
    isOpen({ session }: Request, token: string): boolean {
      const { link, until } = session[name] ?? {};
      return link === linkOf(token) && until !== undefined && clock.now().toISOString() < until;
    },

    async open(req: Request, token: string): Promise<void> {
      const until = new Date(clock.now().getTime() + minutes * 60_000).toISOString();
      const { loginId } = req.session;
      await newSession(req, { ...(loginId && { loginId }), [name]: { link: linkOf(token), until } });
    },

    /** @throws Declined when no date was typed */
    readBirthday: (body: unknown): IsoDate => readForm(bornForm, body).bornOn,

    /** The page that asks, in both languages. */
    ask(
      res: Response,
      page: { heading: [english: string, spanish: string]; action: string },
      given: { typed?: Typed; errors?: Record<string, string> } = {},
    ): void {
      const { heading, action } = page;
      const shown = { page: { title: heading.join(" / "), forPatient: true }, heading, action };
      res.locals.show("born", { typed: {}, ...shown, ...given });
    },
  };
}

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
