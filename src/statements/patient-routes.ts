import { type Response, Router } from "express";
import { birthdayGate } from "../identity/birthday-gate.ts";
import type { Clock } from "../platform/clock.ts";
import type { Db } from "../platform/db.ts";
import { declinedOrThrow } from "../platform/errors.ts";
import { typedIn } from "../platform/forms.ts";
import { goTo } from "../platform/view.ts";
import { composeStatement, type Program } from "./compose.ts";
import { composeFigures } from "./compose-figures.ts";
import { explainStatement } from "./explain-statement.ts";
import { findStatement } from "./find-statement.ts";
import { findLetter, openLetter } from "./open-letter.ts";
import { figuresPath, languageIn, sendPdf } from "./routes.ts";
import { wordsIn } from "./words.ts";

/** The patient's own way to a statement: the link in the letter, and their date of birth. No account, no password. */
export function patientStatementRoutes({ db, clock, program }: { db: Db; clock: Clock; program: Program }): Router {
  const router = Router();

  const gate = birthdayGate({ clock }, { name: "openedStatement", minutes: 15 });
  const askBirthday = (res: Response, token: string, given: Parameters<typeof gate.ask>[2] = {}) =>
    gate.ask(res, { heading: ["Your statement", "Su estado de cuenta"], action: `/my-statement/${token}` }, given);

  router.get("/my-statement/:token", async (req, res) => {
    const { token } = req.params;
    const letter = await findLetter({ db, clock }, token);
    if (!gate.isOpen(req, token)) {
      return askBirthday(res, token);
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
    if (!gate.isOpen(req, token)) return res.redirect(303, `/my-statement/${token}`);
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
    if (!gate.isOpen(req, token)) return res.redirect(303, `/my-statement/${token}`);
    const facts = await findStatement(db, letter.accountId, letter.number);
    await sendPdf(res, facts, { program, language: languageIn(req.query) });
  });

  router.post("/my-statement/:token", async (req, res) => {
    const { token } = req.params;
    try {
      const bornOn = gate.readBirthday(req.body);
      await openLetter({ db, clock }, { bornOn, token, address: req.ip ?? "" });
    } catch (error) {
      return askBirthday(res, token, { typed: typedIn(req.body), errors: declinedOrThrow(error) });
    }
    await gate.open(req, token);
    goTo(res, `/my-statement/${token}`);
  });

  return router;
}
