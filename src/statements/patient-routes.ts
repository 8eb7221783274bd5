import { type Request, type Response, Router } from "express";
import { z } from "zod";
import { newSession } from "../identity/web-session.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { date, readForm, type Typed, typedIn } from "../platform/forms.ts";
import { linkTokenHash } from "../platform/link-tokens.ts";
import { goTo } from "../platform/view.ts";
import { composeStatement, type Program } from "./compose.ts";
import { composeFigures } from "./compose-figures.ts";
import { explainStatement } from "./explain-statement.ts";
import { findStatement } from "./find-statement.ts";
import { findLetter, openLetter } from "./open-letter.ts";
import { figuresPath, languageIn, sendPdf } from "./routes.ts";
import { wordsIn } from "./words.ts";

const bornForm = z.object({
  bornOn: date(
    "Enter your date of birth / Escriba su fecha de nacimiento",
    "Enter month, day and four-digit year, like 03/12/1984 / Escriba mes, día y año de cuatro cifras, como 03/12/1984",
  ),
});
const openMs = 15 * 60_000;

/** The patient's own way to a statement: the link in the letter, and their date of birth. No account, no password. */
export function patientStatementRoutes({ db, clock, program }: { db: Db; clock: Clock; program: Program }): Router {
  const router = Router();

  const isOpen = ({ session }: Request, token: string): boolean => {
    const { link, until } = session.openedStatement ?? {};
    return link === linkTokenHash(token).toString("hex") && until !== undefined && clock.now().toISOString() < until;
  };

  const showBorn = (res: Response, token: string, given: { typed?: Typed; errors?: Record<string, string> }) => {
    const page = { title: "Your statement / Su estado de cuenta", forPatient: true };
    const data = { heading: ["Your statement", "Su estado de cuenta"], action: `/my-statement/${token}` };
    res.locals.show("born", { page, typed: {}, ...data, ...given });
  };

  router.get("/my-statement/:token", async (req, res) => {
    const { token } = req.params;
    const letter = await findLetter({ db, clock }, token);
    if (!isOpen(req, token)) {
      return showBorn(res, token, {});
    }
    const facts = await findStatement(db, letter.accountId, letter.number);
    const asked = languageIn(req.query);
    const statement = composeStatement(facts, program, asked ?? facts.language);
    const [path, page] = [`/my-statement/${token}`, { title: statement.title, wide: true, forPatient: true }];
    res.locals.show("statements/my-statement", {
      lang: statement.language,
      page,
      statement,
      path,
      figures: figuresPath(path, asked),
    });
  });

  router.get("/my-statement/:token/figures", async (req, res) => {
    const { token } = req.params;
    const letter = await findLetter({ db, clock }, token);
    if (!isOpen(req, token)) return res.redirect(303, `/my-statement/${token}`);
    const facts = await findStatement(db, letter.accountId, letter.number);
    const asked = languageIn(req.query);
    const explained = composeFigures(facts, await explainStatement(db, facts), asked ?? facts.language);
    const href = `/my-statement/${token}${asked ? `?language=${asked}` : ""}`;
    const back = { href, label: wordsIn[explained.language].title };
    const page = { title: explained.title, back, wide: true, forPatient: true };
    res.locals.show("statements/figures", { lang: explained.language, page, explained });
  });

  router.get("/my-statement/:token/pdf", async (req, res) => {
    const { token } = req.params;
    const letter = await findLetter({ db, clock }, token);
    if (!isOpen(req, token)) return res.redirect(303, `/my-statement/${token}`);
    const facts = await findStatement(db, letter.accountId, letter.number);
    await sendPdf(res, facts, { program, language: languageIn(req.query) });
  });

  router.post("/my-statement/:token", async (req, res) => {
    const { token } = req.params;
    try {
      await openLetter({ db, clock }, { ...readForm(bornForm, req.body), token, address: req.ip ?? "" });
    } catch (error) {
      const errors = declinedOrThrow(error);
      return showBorn(res, token, { typed: typedIn(req.body), errors });
    }
    const until = new Date(clock.now().getTime() + openMs).toISOString();
    const { loginId } = req.session;
    await newSession(req, {
      ...(loginId && { loginId }),
      openedStatement: { link: linkTokenHash(token).toString("hex"), until },
    });
    goTo(res, `/my-statement/${token}`);
  });

  return router;
}
