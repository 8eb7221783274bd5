import type { Request, Response } from "express";
import { z } from "zod";
import type { IsoDate } from "../lib/dates.ts";
import type { Clock } from "../platform/clock.ts";
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
